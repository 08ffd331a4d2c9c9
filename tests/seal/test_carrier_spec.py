"""The specification and the code say the same: steps, uses, fields, signatures, errors."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from azukari import errors
from azukari.carrier import counterfoil, manifest
from azukari.personal import Kind
from azukari.seal import documents, envelope, grant, stream, trust
from azukari.seal.documents import SIGNED_BY, Document
from azukari.seal.envelope import Use
from azukari.shelf.journal import Record

SPEC = (Path(__file__).parents[2] / "docs" / "spec" / "carrier-v1.md").read_text(encoding="utf-8")
WORD = re.compile(r"`([^`]+)`")


def rows(after: str) -> list[list[str]]:
    """The cells of the first table after a heading or sentence, without its head."""
    lines = SPEC[SPEC.index(after) :].splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("|"))
    table: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return table
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def words(cells: list[list[str]], column: int = 0) -> set[str]:
    return {word for row in cells for word in WORD.findall(row[column])}


def outermost(text: str) -> str:
    """The text without what stands in brackets of any kind, brackets within brackets too."""
    depth, kept = 0, ""
    for letter in text:
        depth += letter in "([{"
        kept += letter if depth == 0 else ""
        depth -= letter in ")]}"
    return kept


def fields_of(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def test_the_table_of_size_steps_is_complete() -> None:
    cells = [cell for row in rows("The file of a step of") for cell in row]
    told = {
        1 << int(step.removeprefix("2^")): int(size.replace(",", ""))
        for step, size in zip(cells[::2], cells[1::2], strict=True)
    }

    assert told == {1 << power: stream.sealed_size(1 << power) for power in range(16, 32)}


def test_every_use_of_a_key_is_told() -> None:
    assert words(rows("## 4. Signing keys")) == {use.value for use in Use}


def test_every_document_tells_its_fields_and_signatures() -> None:
    told = {row[0].strip("`"): row for row in rows("## 10. Signed documents")}

    assert set(told) == {kind.__name__.lower() for kind in SIGNED_BY}
    for kind, uses in SIGNED_BY.items():
        _, fields, signed_by = told[kind.__name__.lower()]
        assert tuple(WORD.findall(signed_by)) == tuple(use.value for use in uses)
        assert set(WORD.findall(outermost(fields))) == fields_of(kind) - fields_of(Document)


@pytest.mark.parametrize(
    "inner",
    [documents.Terms, documents.OrderedTable, documents.OneTimeKey, documents.Reviewed],
)
def test_the_inner_fields_of_documents_are_told(inner: type[msgspec.Struct]) -> None:
    assert fields_of(inner) <= words(rows("## 10. Signed documents"), 1)


@pytest.mark.parametrize(
    ("after", "kinds"),
    [
        ("**envelope.json**", [manifest.Envelope]),
        ("**m.azs**", [manifest.Manifest]),
        ("## 8. Grant", [grant.SealedGrant]),
        ("Inside, canonical JSON", [grant.GrantBody]),
        ("## 9. Trust bundle", [trust.TrustBundle]),
        ("## 11. Journal", [Record]),
        ("## 12. Counterfoil", [counterfoil.Counterfoil]),
    ],
)
def test_every_format_tells_its_fields(after: str, kinds: list[type[msgspec.Struct]]) -> None:
    told = {word for word in words(rows(after)) if not word.startswith("parts[]")}

    assert told == set().union(*map(fields_of, kinds))


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        ("**m.azs**", manifest.ManifestPart),
        ("**m.azs**", manifest.Position),
        ("Inside, canonical JSON", grant.PartKey),
        ("## 9. Trust bundle", trust.TrustedKey),
        ("## 12. Counterfoil", counterfoil.FoilPart),
        ("## 12. Counterfoil", counterfoil.FoilTable),
        ("## 12. Counterfoil", counterfoil.FoilColumn),
    ],
)
def test_every_inner_field_is_told(after: str, kind: type[msgspec.Struct]) -> None:
    assert fields_of(kind) <= words(rows(after), 1)


def test_the_lines_of_an_envelope_are_told() -> None:
    told = {word.removeprefix("parts[].") for word in words(rows("**envelope.json**"))}

    assert fields_of(manifest.EnvelopePart) <= told


def test_every_error_a_reader_says_is_ours() -> None:
    told = {row[0] for row in rows("What goes wrong has a name")}

    assert told <= set(vars(errors))
    assert {"BadFormat", "BadSignature", "WrongKey", "Damaged"} <= told


def test_the_limits_are_the_code_s() -> None:
    told = {row[0]: row[1] for row in rows("| limit |")}

    assert told["content of one sealed part"] == "2^31 − 8 bytes"
    assert stream.size_step((1 << 31) - 8) == stream.LARGEST_STEP
    assert told["signed envelope, any kind"] == f"{envelope.MAX_BYTES:,} bytes"
    assert told["signatures under one envelope"] == str(envelope.MAX_SIGNATURES)
    assert told["counterfoil"] == f"{counterfoil.MAX_BYTES:,} bytes"
    assert any(f"{grant.QR_BYTES:,} bytes" in value for value in told.values())


def test_the_kinds_of_values_are_told() -> None:
    line = next(line for line in SPEC.splitlines() if line.startswith("`kind` is one of"))

    assert set(WORD.findall(line)) - {"kind"} == {kind.value for kind in Kind}


def test_every_name_that_separates_one_use_of_a_hash_from_another_is_told() -> None:
    for name in (
        "azukari/key/1",
        "azukari/part/1",
        "azukari/commit/1",
        "azukari/grant/1",
        "azukari/subject/1",
        "azukari/journal/1",
        "azukari/counterfoil/1",
        grant.SUITE,
        manifest.SUITE,
    ):
        assert name in SPEC
