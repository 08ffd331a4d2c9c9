"""Enquiries: journalled before answered; not found and suppressed are one answer."""

from __future__ import annotations

import base64
import errno
import os
from datetime import date
from typing import Any

import pytest

from azukari.desk.enquire import NOBODY, SUPERVISOR, Enquiry
from azukari.errors import Refused, Unreachable
from azukari.rehearse.callers import callers
from azukari.seal.grant import open_subject

STRANGER = Enquiry("不在　一郎", date(1950, 1, 1), "6600000")


def answers(city: Any) -> Any:
    from azukari.desk.take_in import open_table

    return open_table(city.office, city.determination, "households", city.person("officer"))


def test_enquiry_is_journalled_before_it_is_answered(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = at_six.opened()
    synced: list[int] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        synced.append(handle)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)

    said = opened.answer([STRANGER])

    assert [SUPERVISOR] == said
    assert [opened._device.journal._handle] == synced
    assert ["opened", "enquiry"] == [r.kind for r in opened._device.journal.records()]


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_journal_that_cannot_be_written_answers_nothing(
    at_six: Any, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    opened = at_six.opened()
    found: list[str] = []
    monkeypatch.setattr(os, broken, full)

    with pytest.raises(Unreachable, match="journal"):
        found += opened.answer([STRANGER])

    assert [] == found


def test_every_caller_is_told_what_the_roll_says(at_six: Any) -> None:
    calls = callers(at_six.open_roll(), answers(at_six), 120, 3)
    opened = at_six.opened()

    said = opened.answer([call.enquiry for call in calls])

    assert [call.expected for call in calls] == said
    assert {"found", "unknown"} <= {call.why for call in calls}
    assert len(calls) == sum(r.kind == "enquiry" for r in opened._device.journal.records())


def test_not_found_and_suppressed_are_one_answer(at_six: Any) -> None:
    register = at_six.open_roll().register.to_pylist()
    hidden = {row["household"] for row in register if row["suppressed"]}
    assert hidden, "the invented city has suppressed residents"
    guarded = [
        Enquiry(row["name"], row["birth_from"], row["postal_code"])
        for row in register
        if row["household"] in hidden
        and row["birth_from"] is not None
        and row["birth_from"] == row["birth_to"]
        and row["postal_code"]
    ]
    opened = at_six.opened()

    said = opened.answer([STRANGER, *guarded])

    assert {SUPERVISOR} == set(said)


def test_the_journal_does_not_tell_found_from_suppressed_or_unknown(at_six: Any) -> None:
    """The subject is sealed to the city and of one length; the line shows nothing else."""
    calls = callers(at_six.open_roll(), answers(at_six), 60, 5)
    opened = at_six.opened()
    opened.answer([call.enquiry for call in calls])

    records = [r for r in opened._device.journal.records() if r.kind == "enquiry"]

    assert 1 == len({len(record.subject) for record in records})
    assert 1 == len({(record.carrier, record.grant) for record in records})
    positions = [
        open_subject(base64.b64decode(r.subject), at_six.office.journal_key, opened.grant.grant)
        for r in records
    ]
    assert [call.expected == SUPERVISOR for call in calls] == [p == NOBODY for p in positions]


def test_a_caller_who_says_no_postal_code_is_nobody(at_six: Any) -> None:
    """A household with a suppressed member has none on the carrier; that must not match."""
    row = next(r for r in at_six.open_roll().register.to_pylist() if r["birth_from"])
    opened = at_six.opened()

    nothing: Any = None
    said = opened.answer([Enquiry(row["name"], row["birth_from"], code) for code in ("", nothing)])

    assert [SUPERVISOR] * 2 == said


def test_two_households_that_fit_are_one_too_many(at_six: Any) -> None:
    opened = at_six.opened()
    opened._postal[0] = opened._postal[1] = "6600001"
    from azukari.desk import enquire

    key = f"同名{enquire._BETWEEN}1950-01-01"
    opened._rows[key] = (0, 1)

    assert [SUPERVISOR] == opened.answer([Enquiry("同名", date(1950, 1, 1), "6600001")])


def test_after_the_window_nothing_is_answered_and_the_key_is_gone(at_six: Any) -> None:
    """What was read stays in memory; the reader stops, and nothing can be read again."""
    opened = at_six.opened()
    at_six.clock.set("2022-06-21 20:30")

    with pytest.raises(Refused, match="window_outside_order"):
        opened.answer([STRANGER])

    assert not opened._device.one_time_key(at_six.one_time_keys[0]).exists()
    assert "erased" == opened._device.journal.records()[-1].kind


def test_an_enquiry_does_not_print_whom_it_is_about() -> None:
    assert "不在" not in repr(STRANGER)
    assert "不在" not in f"{[STRANGER]}"


def test_of_nobody_asked_nothing_is_written(at_six: Any) -> None:
    opened = at_six.opened()

    assert [] == opened.answer([])

    assert 1 == opened._device.journal.chain.length
