"""The page about columns and the code say the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from azukari.roll.checks import FLAGS, REASONS
from azukari.roll.columns import (
    ACCOUNTS_SCHEMA,
    FILES,
    REGISTER_SCHEMA,
    TAX_SCHEMA,
    Column,
)
from azukari.roll.eras import ERAS
from azukari.roll.fold import VARIANTS
from azukari.roll.select import COLUMNS, EXTRACT_SCHEMA

_PAGE = (Path(__file__).parents[2] / "docs" / "columns.md").read_text("utf-8")
_UNITS = {"yen": "yen", "persons": "persons", "era date": "day"}
_EXTRACT = "The extract for *answer eligibility enquiries*"


def _table(title: str) -> list[list[str]]:
    """The body of the first table under a heading."""
    lines = _PAGE.splitlines()
    at = next(number for number, line in enumerate(lines) if line.lstrip("#") == f" {title}")
    below = lines[at + 1 :]
    first = next(number for number, line in enumerate(below) if line.startswith("|"))
    rows = []
    for line in below[first + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _as_row(column: Column) -> list[str]:
    unit = _UNITS.get(column.type, "–")
    return [column.header, f"`{column.name}`", column.type, unit, column.kind, column.empty]


@pytest.mark.parametrize("file", list(FILES))
def test_every_column_of_the_export_is_on_the_page(file: str) -> None:
    assert _table(file) == [_as_row(column) for column in FILES[file]]


@pytest.mark.parametrize(
    "title, schema",
    [
        ("register, taken in", REGISTER_SCHEMA),
        ("tax, taken in", TAX_SCHEMA),
        ("accounts, taken in", ACCOUNTS_SCHEMA),
        (_EXTRACT, EXTRACT_SCHEMA),
    ],
)
def test_every_column_of_a_table_is_on_the_page(title: str, schema: pa.Schema) -> None:
    rows = _table(title)

    assert [row[:2] for row in rows] == [[f"`{field.name}`", str(field.type)] for field in schema]
    assert [row[3] != "–" for row in rows] == [field.nullable for field in schema]


def test_the_roles_of_the_extract_are_on_the_page() -> None:
    assert [(row[4], row[5]) for row in _table(_EXTRACT)] == [
        (column.kind, " ".join(sorted(column.roles))) for column in COLUMNS.values()
    ]


def test_every_reason_is_on_the_page() -> None:
    assert {row[0].strip("`"): row[1] for row in _table("Why a row is refused")} == REASONS


def test_every_flag_and_era_is_on_the_page() -> None:
    for word in FLAGS:
        assert f"*{word}*" in _PAGE
    for era, (begins, ends, before) in ERAS.items():
        for day in (begins, ends):
            assert f"{era}{day.year - before}.{day.month:02}.{day.day:02}" in _PAGE


def test_every_variant_is_on_the_page() -> None:
    assert {row[0]: row[1].replace(" ", "") for row in _table("Search forms")} == VARIANTS
