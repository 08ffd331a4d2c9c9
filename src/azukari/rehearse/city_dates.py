"""Days and how a city's register writes them: eras, first years, unknown days.

Days are counted from 1970-01-01.  Only what the invented city needs; reading is the intake's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import numpy as np

from azukari.rehearse.city_plan import Ints

UNKNOWN: Final = "不詳"
_EPOCH: Final = date(1970, 1, 1)
_YEARS: Final = range(1900, 2024)
_ERAS: Final = (  # first day, letter, year before the first
    (date(2019, 5, 1), "R", 2018),
    (date(1989, 1, 8), "H", 1988),
    (date(1926, 12, 25), "S", 1925),
    (date(1912, 7, 30), "T", 1911),
    (date(1868, 1, 25), "M", 1867),
)


def day(year: int, month: int, of_month: int) -> int:
    """A date as a count of days."""
    return (date(year, month, of_month) - _EPOCH).days


def era_texts() -> list[str]:
    """Every way a date of these years can be written, for ``era_index`` to point into.

    Days first, then months whose day is unknown, then years of which no more is known, then
    nothing; all of it twice, the second time with 元 for the first year of an era.
    """
    return [*_texts("01"), *_texts("元")]


def era_index(days: Ints, known: Ints, second: Ints) -> Ints:
    """Where in ``era_texts`` a date stands.

    Args:
        known: 0 the day, 1 the month, 2 the year, 3 nothing.
        second: 1 for the second spelling (元; 不詳 where the first leaves the cell empty), or 0.
    """
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    month += (1970 - _YEARS.start) * 12
    count_days = day(_YEARS.stop, 1, 1) - day(_YEARS.start, 1, 1)
    count_months = len(_YEARS) * 12
    years = count_days + count_months + month // 12
    nothing = np.full_like(days, count_days + count_months + len(_YEARS))
    starts = [days - day(_YEARS.start, 1, 1), count_days + month, years, nothing]
    index: Ints = np.choose(known, starts) + second * (nothing + 1)
    return index


def _texts(first_year: str) -> Iterator[str]:
    at, end = date(_YEARS.start, 1, 1), date(_YEARS.stop, 1, 1)
    while at < end:
        yield f"{_era_year(at, first_year)}.{at.month:02}.{at.day:02}"
        at += timedelta(days=1)
    for year in _YEARS:
        for month in range(1, 13):
            yield f"{_era_year(date(year, month, 1), first_year)}.{month:02}.{UNKNOWN}"
    for year in _YEARS:
        yield f"{_era_year(date(year, 1, 1), first_year)}.{UNKNOWN}.{UNKNOWN}"
    yield "" if first_year == "01" else UNKNOWN


def _era_year(at: date, first_year: str) -> str:
    letter, before = next((letter, before) for first, letter, before in _ERAS if at >= first)
    year = at.year - before
    return letter + (first_year if year == 1 else f"{year:02}")
