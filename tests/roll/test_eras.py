from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.roll.eras import ERAS, NOTHING_KNOWN, Days, days


@pytest.mark.parametrize(
    "written, day",
    [
        ("S63.01.07", date(1988, 1, 7)),
        ("S63.1.7", date(1988, 1, 7)),
        ("H元.05.09", date(1989, 5, 9)),
        ("H01.05.09", date(1989, 5, 9)),
        ("R03.04.01", date(2021, 4, 1)),
        ("T14.02.11", date(1925, 2, 11)),
        ("M45.07.30", date(1912, 7, 30)),
        ("T01.07.30", date(1912, 7, 30)),
        ("T15.12.25", date(1926, 12, 25)),
        ("S01.12.25", date(1926, 12, 25)),
        ("S64.01.07", date(1989, 1, 7)),
        ("H01.01.08", date(1989, 1, 8)),
        ("H31.04.30", date(2019, 4, 30)),
        ("R01.05.01", date(2019, 5, 1)),
        ("H12.02.29", date(2000, 2, 29)),
    ],
)
def test_a_known_day_is_one_day(written: str, day: date) -> None:
    assert Days(day, day) == days(written)


@pytest.mark.parametrize(
    "written, first, last",
    [
        ("S22.03.不詳", date(1947, 3, 1), date(1947, 3, 31)),
        ("S22.03.00", date(1947, 3, 1), date(1947, 3, 31)),
        ("S22.不詳.不詳", date(1947, 1, 1), date(1947, 12, 31)),
        ("S22.00.00", date(1947, 1, 1), date(1947, 12, 31)),
        ("S64.01.不詳", date(1989, 1, 1), date(1989, 1, 7)),
        ("S64.不詳.不詳", date(1989, 1, 1), date(1989, 1, 7)),
        ("H元.01.00", date(1989, 1, 8), date(1989, 1, 31)),
        ("H12.02.不詳", date(2000, 2, 1), date(2000, 2, 29)),
    ],
)
def test_an_unknown_day_is_every_day_it_can_be(written: str, first: date, last: date) -> None:
    assert Days(first, last) == days(written)


@pytest.mark.parametrize(
    "written", ["", "不詳", "9999.99.99", "00000000", "9999-12-31", "9999", "0000/00/00"]
)
def test_what_old_systems_write_for_nothing_is_nothing_known(written: str) -> None:
    assert days(written) == NOTHING_KNOWN


@pytest.mark.parametrize(
    "written",
    [
        "S65.01.01",
        "S64.01.08",
        "H01.01.07",
        "H31.05.01",
        "R01.04.30",
        "T15.12.26",
        "S01.12.24",
        "M45.07.31",
        "M05.01.01",
        "H11.02.29",
        "H02.02.30",
        "H02.13.01",
        "H02.04.31",
        "H00.04.01",
        "H02.00.15",
        "H02.不詳.15",
        "S64.02.不詳",
        "X01.01.01",
        "1988.01.07",
        "1988-01-07",
        "S63.01.07 ",
        "S63.01.07\n",
        "S63.01",
        "Ｓ63.01.07",
        "S６３.01.07",
        "s63.01.07",
    ],
)
def test_a_day_that_no_calendar_has_is_refused(written: str) -> None:
    assert days(written) is None


@given(st.sampled_from("TSHR"), st.dates(date(1912, 7, 30), date(2050, 12, 31)))
@settings(deadline=None)
def test_every_day_of_an_era_is_read_back(era: str, day: date) -> None:
    begins, ends, before = ERAS[era]
    written = f"{era}{day.year - before:02}.{day.month:02}.{day.day:02}"

    expected = Days(day, day) if begins <= day <= ends else None

    if day.year > before:
        assert expected == days(written)


@given(st.text())
@settings(deadline=None)
def test_any_text_is_a_range_or_nothing(text: str) -> None:
    found = days(text)

    if found is not None and found.first and found.last:
        assert found.first <= found.last


def test_eras_leave_no_day_between_them() -> None:
    spans = list(ERAS.values())

    for (_, ends, _), (begins, _, _) in pairwise(spans):
        assert begins - ends <= timedelta(days=1)
