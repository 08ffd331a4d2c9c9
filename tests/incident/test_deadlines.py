"""Counting days: day 1 is the day of knowing, weekends count, a last day off moves forward."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadSettings
from azukari.incident.deadlines import (
    deadline,
    end_of,
    is_working_day,
    next_working_day,
    nth_day,
)
from azukari.incident.pack import holidays

JST = ZoneInfo("Asia/Tokyo")
CALENDAR = holidays()
DAYS = st.dates(CALENDAR.from_on, CALENDAR.to_on)


def known(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=JST)


def test_the_day_of_knowing_is_day_one() -> None:
    assert dt.date(2022, 6, 22) == nth_day(dt.date(2022, 6, 22), 1)
    assert dt.date(2022, 6, 26) == nth_day(dt.date(2022, 6, 22), 5)


def test_the_night_of_the_story() -> None:
    """Known on Wednesday 22 June 2022: prompt on 24 to 26 June, final on 21 July."""
    knew = known("2022-06-22T15:45")
    prompt = deadline(knew, (3, 5), CALENDAR, rolls_forward=False)
    final = deadline(knew, (30, 30), CALENDAR, rolls_forward=True)

    assert (dt.date(2022, 6, 24), dt.date(2022, 6, 26)) == (prompt.first_on, prompt.last_on)
    assert (dt.date(2022, 7, 21), dt.date(2022, 7, 21)) == (final.first_on, final.last_on)
    assert known("2022-07-22T00:00") == final.last_at


@pytest.mark.parametrize(
    "knew, days, expected, why",
    [
        ("2022-06-01T09:00", 30, "2022-06-30", "a Thursday"),
        ("2022-06-03T09:00", 30, "2022-07-04", "day 30 is a Saturday"),
        ("2022-06-04T09:00", 30, "2022-07-04", "day 30 is a Sunday"),
        ("2022-06-05T09:00", 30, "2022-07-04", "day 30 is that Monday"),
        ("2022-06-19T09:00", 30, "2022-07-19", "day 30 is Marine Day, a Monday"),
        ("2022-06-17T09:00", 30, "2022-07-19", "Saturday, Sunday, then Marine Day"),
        ("2022-11-29T09:00", 30, "2022-12-28", "the last open day of the year"),
        ("2022-11-30T09:00", 30, "2023-01-04", "29 December is closed"),
        ("2022-12-05T09:00", 30, "2023-01-04", "3 January is closed"),
        ("2022-12-06T09:00", 30, "2023-01-04", "4 January is open"),
        ("2023-11-30T09:00", 30, "2024-01-04", "29 December 2023 is a Friday, and closed"),
        ("2024-04-04T09:00", 30, "2024-05-07", "from Constitution Day over the substitute day"),
        ("2026-08-21T09:00", 30, "2026-09-24", "three holidays in a row in September 2026"),
        ("2022-06-22T09:00", 60, "2022-08-22", "day 60 is a Saturday"),
        ("2022-10-30T09:00", 60, "2022-12-28", "day 60 is the last open day of the year"),
        ("2022-10-31T09:00", 60, "2023-01-04", "day 60 is 29 December"),
        ("2022-11-05T09:00", 60, "2023-01-04", "day 60 is 3 January"),
        ("2022-11-06T09:00", 60, "2023-01-04", "day 60 is 4 January"),
        ("2024-01-31T09:00", 30, "2024-02-29", "a leap day counts"),
    ],
)
def test_a_last_day_off_becomes_the_next_working_day(
    knew: str, days: int, expected: str, why: str
) -> None:
    found = deadline(known(knew), (days, days), CALENDAR, rolls_forward=True)

    assert dt.date.fromisoformat(expected) == found.last_on, why


def test_a_prompt_report_does_not_wait_for_monday() -> None:
    found = deadline(known("2022-06-22T09:00"), (3, 5), CALENDAR, rolls_forward=False)

    assert found.last_on.weekday() == 6


def test_the_day_is_counted_where_the_authority_is() -> None:
    """15:30 UTC is half past midnight of the next day in Tokyo."""
    knew = dt.datetime(2022, 6, 21, 15, 30, tzinfo=dt.UTC)

    found = deadline(knew, (1, 1), CALENDAR, rolls_forward=False)

    assert dt.date(2022, 6, 22) == found.first_on


def test_an_instant_without_a_zone_is_refused() -> None:
    naive = known("2022-06-22T09:00").replace(tzinfo=None)

    with pytest.raises(BadSettings, match="zone"):
        deadline(naive, (3, 5), CALENDAR, rolls_forward=False)


def test_outside_the_table_of_holidays_the_deadline_says_so_and_errs_early() -> None:
    found = deadline(known("2028-01-01T09:00"), (10, 10), CALENDAR, rolls_forward=True)

    assert not found.calendar_known
    assert dt.date(2028, 1, 10) == found.first_on  # Coming of Age Day, which we do not know of


def test_a_day_is_over_at_the_next_midnight() -> None:
    assert known("2022-07-22T00:00") == end_of(dt.date(2022, 7, 21), "Asia/Tokyo")


@given(DAYS)
@settings(deadline=None)
def test_the_next_working_day_is_a_working_day_and_the_first_one(day: dt.date) -> None:
    found = next_working_day(day, CALENDAR)
    between = [day + dt.timedelta(n) for n in range((found - day).days)]

    assert is_working_day(found, CALENDAR)
    assert not any(is_working_day(one, CALENDAR) for one in between)


def test_the_table_agrees_with_the_rules_of_the_act() -> None:
    """Recomputed: fixed days, Happy Mondays, equinoxes by formula, substitutes, sandwiched days."""
    for year in range(2022, 2028):
        expected = {day.isoformat() for day in _by_rule(year)}
        shipped = {day for day in CALENDAR.days if day.startswith(str(year))}

        assert expected == shipped


def _by_rule(year: int) -> set[dt.date]:
    def monday(month: int, nth: int) -> dt.date:
        first = dt.date(year, month, 1)
        return first + dt.timedelta((-first.weekday()) % 7 + 7 * (nth - 1))

    def equinox(base: float) -> int:
        return int(base + 0.242194 * (year - 1980)) - (year - 1980) // 4

    fixed = [(1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23)]
    days = {dt.date(year, month, day) for month, day in fixed}
    days |= {monday(1, 2), monday(7, 3), monday(9, 3), monday(10, 2)}
    days |= {dt.date(year, 3, equinox(20.8431)), dt.date(year, 9, equinox(23.2488))}
    one = dt.timedelta(1)
    extra = {day + one for day in days if day + 2 * one in days and day + one not in days}
    for day in sorted(days):
        if day.weekday() == 6:
            while day in days:
                day += one
            extra.add(day)
    return days | extra
