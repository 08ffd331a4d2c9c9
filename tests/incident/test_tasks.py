"""The checklist ships whole, in two languages, and a wrong one is refused."""

from __future__ import annotations

import pytest

from azukari.errors import BadSettings
from azukari.incident import tasks

ONE = """
id = "x"
date_read = 2026-11-22
source = "here"
[[task]]
code = "search"
owner = "lead"
hours = 2
ja = "探す"
en = "search"
"""


def test_every_task_is_said_in_both_languages_to_an_owner() -> None:
    for one in tasks.load():
        assert not one.ja.isascii()
        assert one.en.isascii()
        assert all(tasks.OWNERS[one.owner])
        assert one.ja == tasks.text(one.code, "ja")


def test_they_stand_in_the_order_in_which_they_fall_due() -> None:
    hours = [one.hours for one in tasks.load()]

    assert sorted(hours) == hours


def test_hours_run_from_the_recording() -> None:
    (one,) = tasks.parse(ONE.encode(), "x")

    assert 1_000 + 2 * 3_600_000 == one.due_at(1_000)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        ONE.replace("hours = 2", "hours = 0"),
        ONE.replace('"lead"', '"nobody"'),
        ONE + "more = 1\n",
        ONE + ONE[ONE.index("[[task]]") :],
        ONE.replace('"search"', '"Search"', 1),
    ],
)
def test_a_wrong_checklist_is_refused(raw: str) -> None:
    with pytest.raises(BadSettings):
        tasks.parse(raw.encode(), "x")


def test_a_code_that_is_not_listed_says_nothing() -> None:
    assert "" == tasks.text("nothing", "ja")


def test_a_checklist_that_does_not_ship() -> None:
    with pytest.raises(BadSettings):
        tasks.load("tasks-nothing")
