"""Packs are data: read strictly, complete in their sources, and each on the page about law."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from azukari.errors import BadSettings
from azukari.incident.pack import ASKED_FOR, PACKS, holidays, items, load, packs, parse

LAW = Path(__file__).parents[2] / "docs" / "law.md"
SHIPPED = Path(__file__).parents[2] / "src" / "azukari" / "incident" / "packs"


def organ() -> str:
    return (SHIPPED / "appi-organ.toml").read_text(encoding="utf-8")


def test_all_packs_are_read() -> None:
    assert tuple(pack.id for pack in packs()) == PACKS


def test_no_pack_lies_in_the_folder_unread() -> None:
    data = {"appi-items", "techniques", "holidays-jp", "tasks-loss", "measures"}
    known = {*PACKS, *ASKED_FOR, *data}

    assert known == {path.stem for path in SHIPPED.glob("*.toml")}


@pytest.mark.parametrize("name", (*PACKS, *ASKED_FOR))
def test_every_obligation_says_where_from_and_how_sure(name: str) -> None:
    for one in load(name).obligation:
        assert one.id.startswith(f"{name}.")
        assert one.source
        assert one.article
        assert one.counting
        assert one.date_read >= dt.date(2026, 11, 1)


@pytest.mark.parametrize("name", (*PACKS, *ASKED_FOR))
def test_every_obligation_is_on_the_page_about_law_with_its_certainty(name: str) -> None:
    lines = LAW.read_text(encoding="utf-8").splitlines()

    for one in load(name).obligation:
        rows = [line for line in lines if f"`{one.id}`" in line]
        assert rows, one.id
        assert f"| {one.certainty}" in rows[0], one.id
        assert one.article in rows[0], one.id
        assert f"`packs/{name}.toml`" in rows[0], one.id


def test_the_nine_items_and_the_five_that_go_to_persons() -> None:
    assert list(range(1, 10)) == [item.number for item in items()]
    assert [item.number for item in items() if item.to_persons] == [1, 2, 4, 5, 9]


def test_the_notice_to_persons_holds_the_five_items() -> None:
    notices = [o for pack in packs() for o in pack.obligation if o.act == "notify_persons"]

    assert len(notices) == 4
    assert all(one.items == (1, 2, 4, 5, 9) for one in notices)


def test_the_holidays_cover_whole_years() -> None:
    assert (dt.date(2022, 1, 1), dt.date(2027, 12, 31)) == (holidays().from_on, holidays().to_on)


@pytest.mark.parametrize(
    "old, new",
    [
        ('stage = "prompt"', 'stage = "whenever"'),
        ('stage = "prompt"', 'stage = "prompt"\nurgency = 3'),
        ("days = [3, 5]", "days = [5, 3]"),
        ("days = [3, 5]", "days = [0, 5]"),
        ("days = [30, 30]\n", ""),
        ("more_than = 100\n", ""),
        ('id = "appi-organ.report.final"', 'id = "appi-organ.report.prompt"'),
        ("rolls_forward = false", 'rolls_forward = false\nreleased_by = "appi-organ.nothing"'),
        ('certainty = "S"', 'certainty = "certain"'),
        ('who = ["organ"]', "who = []"),
        ("days = [3, 5]", "days = [3, 5]\nhours = 72"),
        ("days = [3, 5]\nrolls_forward = false", "rolls_forward = true"),
        ("in_force_from = 2023-04-01", "in_force_from = 2023-04-01\nin_force_to = 2023-03-31"),
        ('holidays = "holidays-jp"', 'holidays = ""'),
        ("days = [3, 5]", 'days = [3, 5]\nscope = "hipaa"'),
        ('id = "appi-organ"', 'id = "appi-organ'),
    ],
)
def test_an_unknown_or_impossible_line_is_refused(old: str, new: str) -> None:
    text = organ()
    assert old in text

    with pytest.raises(BadSettings):
        parse(text.replace(old, new, 1).encode(), "appi-organ")


def test_an_obligation_is_law_from_its_first_day_to_its_last() -> None:
    lines = "in_force_from = 2023-04-01", "in_force_to = 2024-03-31"
    text = organ().replace(lines[0], "\n".join(lines), 1)
    one = parse(text.encode(), "appi-organ").obligation[0]
    days = ("2023-03-31", "2023-04-01", "2024-03-31", "2024-04-01")

    assert [False, True, True, False] == [one.in_force(dt.date.fromisoformat(d)) for d in days]


def test_a_pack_that_does_not_ship_is_refused() -> None:
    with pytest.raises(BadSettings, match="ships"):
        load("hipaa")
