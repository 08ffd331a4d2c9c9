"""Dates in Japanese eras as registers write them, including the days nobody knows.

``S63.01.07``, ``H元.05.09``, ``S22.03.不詳``, ``S22.00.00``, ``不詳``.  A date is a range of days;
a known day is a range of one.  Years before Meiji 6 (1873) followed another calendar and are
refused; whether a day lies in the future is not asked here.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final

# First and last day.  30 July 1912 and 25 December 1926 are written in both eras: the imperial
# orders of those days made the new era begin on the day itself.
ERAS: Final = {
    "M": (date(1873, 1, 1), date(1912, 7, 30), 1867),
    "T": (date(1912, 7, 30), date(1926, 12, 25), 1911),
    "S": (date(1926, 12, 25), date(1989, 1, 7), 1925),
    "H": (date(1989, 1, 8), date(2019, 4, 30), 1988),
    "R": (date(2019, 5, 1), date(2099, 12, 31), 2018),
}
UNKNOWN: Final = "不詳"
_DATE: Final = re.compile(
    r"([MTSHR])(元|[0-9]{1,2})\.([0-9]{1,2}|不詳)\.([0-9]{1,2}|不詳)", re.ASCII
)
# What old systems write where they have no date.
_SENTINEL: Final = re.compile(r"(?:9999|0000)(?:([./-]?)[0-9]{2}\1[0-9]{2})?", re.ASCII)


@dataclass(frozen=True)
class Days:
    """The earliest and the latest day a written date can be; both None where nothing is known."""

    first: date | None
    last: date | None


NOTHING_KNOWN: Final = Days(None, None)


def days(written: str) -> Days | None:
    """The days that a written date can be, or None where no calendar has such a day."""
    if written in ("", UNKNOWN) or _SENTINEL.fullmatch(written):
        return NOTHING_KNOWN
    found = _DATE.fullmatch(written)
    if found is None:
        return None
    begins, ends, before = ERAS[found[1]]
    year = 1 if found[2] == "元" else int(found[2])
    month = 0 if found[3] == UNKNOWN else int(found[3])
    day = 0 if found[4] == UNKNOWN else int(found[4])
    if year == 0 or month > 12 or (month == 0 and day != 0):
        return None
    year += before
    last_day = calendar.monthrange(year, month or 12)[1]
    if day > last_day:
        return None
    first = max(date(year, month or 1, day or 1), begins)
    last = min(date(year, month or 12, day or last_day), ends)
    return Days(first, last) if first <= last else None
