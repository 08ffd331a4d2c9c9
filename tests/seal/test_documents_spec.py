"""The page of signed documents says what the code asks for, and its examples are the vectors."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from azukari.seal.documents import SIGNED_BY, Document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spec" / "documents-v1.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}
KINDS = sorted(SIGNED_BY, key=lambda kind: kind.__name__)


def rows(section: str) -> dict[str, str]:
    """The fields of a section and their types."""
    found = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)
    return {name: kind.strip() for name, kind in found}


def plain(kind: str) -> str:
    """The word of the page for a type of the code."""
    words = {
        "str": {"text", "id", "id or empty"},
        "list[str]": {"list of text", "list of id"},
        "list[int]": {"list of count"},
        "int": {"count", "instant"},
        "bool": {"true or false"},
    }
    return next((code for code, page in words.items() if kind in page), "")


def test_every_document_has_a_section_and_there_is_no_other() -> None:
    assert {kind.__name__.lower() for kind in KINDS} == set(SECTIONS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_section_names_every_field_with_its_type(kind: type[Document]) -> None:
    told = rows(SECTIONS[kind.__name__.lower()])
    fields = [f for f in msgspec.structs.fields(kind) if f.name not in ("v", "id")]

    assert [field.name for field in fields] == list(told)
    for field in fields:
        inner = msgspec.inspect.type_info(field.type)
        names = {
            msgspec.inspect.StrType: "str",
            msgspec.inspect.IntType: "int",
            msgspec.inspect.BoolType: "bool",
        }
        code = names.get(type(inner), "")
        if isinstance(inner, msgspec.inspect.ListType):
            item = names.get(type(inner.item_type), "")
            code = f"list[{item}]" if item in ("str", "int") else ""
        assert code == plain(told[field.name]), field.name


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_section_says_who_signs(kind: type[Document]) -> None:
    [line] = re.findall(r"^Signed by: (.*?)[.;]", SECTIONS[kind.__name__.lower()], re.MULTILINE)

    assert [str(use.value) for use in SIGNED_BY[kind]] == re.findall(r"`([a-z]+)`", line)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_example_is_the_vector(kind: type[Document]) -> None:
    word = kind.__name__.lower()
    [example] = re.findall(r"^```json\n(.*?)\n```", SECTIONS[word], re.MULTILINE | re.DOTALL)
    vectors = json.loads((ROOT / "tests/vectors/seal/papers.json").read_text(encoding="utf-8"))
    right = [one for one in vectors if one["word"] == word and one["expect"] == "ok"]

    assert right[-1]["body"] == json.loads(example)
