"""Counting days as the Commission counts them: a pure function of an instant and a calendar.

The day of knowing is day 1 and weekends count.  Where the obligation says so, a last day on a
weekend, a national holiday or 29 December to 3 January becomes the next working day.  Hours are
counted twice, plainly and as the European Union counts its periods, and both are told.  The
sources and how sure we are of them stand in ``docs/law.md``.

It is not a scheduler: the clock that watches these days is elsewhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from azukari.errors import BadSettings
from azukari.incident.pack import Days, HolidayTable

ONE_DAY = dt.timedelta(days=1)
ONE_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Deadline:
    """The days by which something is due.

    Both bounds are last days, included; they are equal where the law names one day.  Plan on
    ``first_on``: it is the bound that is safe.  ``calendar_known`` is false when a bound lies
    outside the table of holidays: then only weekends and the year's end were looked at, which
    gives a day that is too early rather than one too late.  ``exact`` are the two instants where
    the law counts hours; the days are then those on which these instants lie.
    """

    first_on: dt.date
    last_on: dt.date
    zone: str
    calendar_known: bool = True
    exact: tuple[dt.datetime, dt.datetime] | None = None

    @property
    def first_at(self) -> dt.datetime:
        """The instant to plan on: at which ``first_on`` is over, or the first of the exact two."""
        return self.exact[0] if self.exact else end_of(self.first_on, self.zone)

    @property
    def last_at(self) -> dt.datetime:
        """The instant at which ``last_on`` is over, or the second of the exact two."""
        return self.exact[1] if self.exact else end_of(self.last_on, self.zone)


def deadline(
    known_at: dt.datetime, days: Days, calendar: HolidayTable, *, rolls_forward: bool
) -> Deadline:
    """The deadline that so many days after knowing make; ``known_at`` has a zone."""
    known_on = day_of(known_at, calendar.zone)
    bounds = [nth_day(known_on, number) for number in days]
    if rolls_forward:
        bounds = [next_working_day(day, calendar) for day in bounds]
    known = not rolls_forward or all(calendar.from_on <= day <= calendar.to_on for day in bounds)
    return Deadline(bounds[0], bounds[1], calendar.zone, known)


def in_hours(known_at: dt.datetime, hours: int, zone: str) -> Deadline:
    """The deadline that so many hours after knowing make; ``known_at`` has a zone.

    First: plainly so many hours, which no reading of the law calls late.  Last: as Regulation
    (EEC, Euratom) No 1182/71, article 3 lets one count.  The hour of knowing is left out (1), the
    period ends with its last hour (2)(a), weekends count (3), and two days or more hold at least
    two working days (5), taken here as whole ones.  A Member State's holidays are not known.
    """
    day_of(known_at, zone)
    there = known_at.astimezone(ZoneInfo(zone))
    from_at = there.replace(minute=0, second=0, microsecond=0) + ONE_HOUR
    # In UTC: an hour that the clocks skip or repeat in between is not one more or fewer.
    first, last = (_later(start, hours, zone) for start in (there, from_at))
    if hours >= 48:
        day = from_at.date() if from_at.time() == dt.time.min else from_at.date() + ONE_DAY
        whole = [n for n in (day + i * ONE_DAY for i in range(4)) if n.weekday() < 5]
        last = max(last, end_of(whole[1], zone))
    return Deadline(first.date(), last.date(), zone, calendar_known=False, exact=(first, last))


def _later(start: dt.datetime, hours: int, zone: str) -> dt.datetime:
    return (start.astimezone(dt.UTC) + hours * ONE_HOUR).astimezone(ZoneInfo(zone))


def day_of(instant: dt.datetime, zone: str) -> dt.date:
    """The calendar day of an instant in a zone; an instant without a zone is refused."""
    if instant.utcoffset() is None:
        raise BadSettings("an instant needs a zone")
    return instant.astimezone(ZoneInfo(zone)).date()


def end_of(day: dt.date, zone: str) -> dt.datetime:
    """The instant at which a day is over: midnight of the next, in that zone."""
    return dt.datetime.combine(day + ONE_DAY, dt.time.min, tzinfo=ZoneInfo(zone))


def nth_day(known_on: dt.date, number: int) -> dt.date:
    """Day ``number``, where the day of knowing is day 1."""
    return known_on + (number - 1) * ONE_DAY


def is_working_day(day: dt.date, calendar: HolidayTable) -> bool:
    """Whether the authority is open; a day outside the table is judged without its holidays."""
    month_day = day.strftime("%m-%d")
    closed = month_day >= calendar.closed_from or month_day <= calendar.closed_to
    return day.weekday() < 5 and not closed and day.isoformat() not in calendar.days


def next_working_day(day: dt.date, calendar: HolidayTable) -> dt.date:
    """The day itself if the authority is open, else the next on which it is."""
    while not is_working_day(day, calendar):
        day += ONE_DAY
    return day
