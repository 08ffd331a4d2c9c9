"""The page's tables of what was told by itself and of the papers, each in its template alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from azukari.rehearse.page import render
from azukari.rehearse.spans import JST
from azukari.rehearse.story import Incident, Paper, Story, Told

AT = datetime(2022, 6, 21, 20, 35, tzinfo=JST)
RESULT: dict[str, Any] = {
    "residents": 2000,
    "seed": 1,
    "setup": "one machine, no witness",
    "steps": [],
    "attacks": [],
    "promises": {},
    "figures": {},
}


def page(told: tuple[Told, ...] = (), papers: tuple[Paper, ...] = ()) -> str:
    incident = Incident(AT, AT, AT, AT, AT, None)
    story = Story("架空市", (), incident, (), 0, 0, (), (), AT, told=told, papers=papers)
    return render(RESULT, story)


def test_a_paper_that_nobody_could_print_says_so_and_leads_to_its_data() -> None:
    shown = page(papers=(Paper("事案の現状", "", "papers/brief.json", 2),))

    assert 'href="papers/brief.json"' in shown
    assert "印刷の部品がないため" in shown
    assert ".pdf" not in shown


def test_a_round_that_told_nobody_says_none() -> None:
    shown = page(told=(Told(AT, (), "", (), 0),))

    assert 'data-label="何を">なし<' in shown
    assert 'data-label="誰に"><span>なし<' in shown


@pytest.mark.parametrize("heading", ["ひとりでに鳴った警報 <", "書いたもの <"])
def test_without_anything_to_tell_there_is_no_table(heading: str) -> None:
    both = page((Told(AT, (), "", (), 0),), (Paper("事案の現状", "", "papers/brief.json", 2),))

    assert f"<h2>{heading}" in both
    assert f"<h2>{heading}" not in page()
