"""The GDPR's 72 hours: two bounds, the plain one to plan on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadSettings
from azukari.incident.deadlines import in_hours
from azukari.incident.duty import Duty, Facts, Tri, match
from azukari.incident.pack import Role, load

ZONE = "Europe/Brussels"
BRUSSELS = ZoneInfo(ZONE)
HOURS = dt.timedelta(hours=72)
SECONDS = 189_000_000  # six years
MOMENTS = st.integers(0, SECONDS).map(
    lambda s: dt.datetime(2022, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)
)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    "knew, first, last, why",
    [
        (
            "2022-06-22T08:45",
            "2022-06-25T08:45",
            "2022-06-25T09:00",
            "Thursday and Friday lie in it",
        ),
        ("2022-06-22T09:00", "2022-06-25T09:00", "2022-06-25T10:00", "the ninth hour has begun"),
        (
            "2022-06-23T14:20",
            "2022-06-26T14:20",
            "2022-06-28T00:00",
            "only Friday is whole; Monday",
        ),
        ("2022-06-24T14:20", "2022-06-27T14:20", "2022-06-29T00:00", "Monday, Tuesday"),
        ("2022-06-25T14:20", "2022-06-28T14:20", "2022-06-29T00:00", "Monday, Tuesday"),
        ("2022-06-26T23:30", "2022-06-29T23:30", "2022-06-30T00:00", "a period from midnight"),
        (
            "2022-03-25T10:10",
            "2022-03-28T11:10",
            "2022-03-30T00:00",
            "an hour is skipped: 72 stay 72",
        ),
        ("2022-10-28T10:10", "2022-10-31T09:10", "2022-11-02T00:00", "an hour comes twice"),
    ],
)
def test_seventy_two_hours(knew: str, first: str, last: str, why: str) -> None:
    found = in_hours(at(knew), 72, ZONE)

    assert (at(first), at(last)) == (found.first_at, found.last_at), why


@given(MOMENTS)
@settings(deadline=None)
def test_the_first_bound_is_never_later_than_the_minute(knew: dt.datetime) -> None:
    """Nobody is told a later time to plan on than the article itself names."""
    found = in_hours(knew, 72, ZONE)

    assert knew + HOURS == found.first_at
    assert found.first_at < found.last_at <= knew + dt.timedelta(days=5, hours=1)
    assert found.first_on == found.first_at.date()
    assert not found.calendar_known


def test_fewer_than_two_days_hold_no_working_days() -> None:
    found = in_hours(at("2022-06-25T14:20"), 24, ZONE)

    assert at("2022-06-26T15:00") == found.last_at


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(BadSettings, match="zone"):
        in_hours(at("2022-06-25T14:20").replace(tzinfo=None), 72, ZONE)


def duties(role: Role = "organ", **facts: bool | int | None) -> dict[str, Duty]:
    known = replace(Facts(role, at("2022-06-22T08:45"), 5_000), **facts)  # type: ignore[arg-type]  # names above
    found = match(known, (load("gdpr"),), dt.date(2022, 6, 22))
    return {duty.id.removeprefix("gdpr."): duty for duty in found}


@pytest.mark.parametrize(
    "applies, risk, expected",
    [
        (True, True, Tri.MET),
        (True, None, Tri.NOT_KNOWN),
        (True, False, Tri.NOT_MET),
        (None, True, Tri.NOT_KNOWN),
        (False, True, Tri.NOT_MET),
    ],
)
def test_the_notice_to_the_authority(
    applies: bool | None, risk: bool | None, expected: Tri
) -> None:
    assert expected is duties(gdpr=applies, risk=risk)["report.72h"].state


def test_persons_are_told_of_a_high_risk_only() -> None:
    assert Tri.MET is duties(gdpr=True, risk=True, high_risk=True)["notify.persons"].state
    assert Tri.NOT_MET is duties(gdpr=True, risk=True, high_risk=False)["notify.persons"].state


def test_a_breach_is_recorded_whatever_the_risk() -> None:
    assert Tri.MET is duties(gdpr=True, risk=False)["record"].state


def test_a_processor_tells_its_controller_and_has_no_hours() -> None:
    found = duties("processor", gdpr=True)

    assert ["notify.controller"] == list(found)
    assert found["notify.controller"].due is None


def test_the_alarm_is_the_first_instant() -> None:
    duty = duties(gdpr=True, risk=True)["report.72h"]

    assert at("2022-06-25T08:45") == duty.due_at
    assert dt.date(2022, 6, 25) == duty.due_on
    assert "hours" == duty.due_note
