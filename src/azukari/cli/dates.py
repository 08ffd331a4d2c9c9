"""Days and instants as people in Japan type them."""

from __future__ import annotations

import datetime as dt

from azukari.cli.output import JST
from azukari.errors import BadInput


def end_of(option: str, day: str) -> int:
    """The last instant of a day in Japan, ms UTC."""
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        raise BadInput(option, "a day such as 2023-03-31 is expected") from None
    end = dt.datetime.combine(date, dt.time(23, 59, 59), JST)
    return int(end.timestamp() * 1000)


def moment(option: str, text: str) -> int:
    """An instant in Japan, ms UTC."""
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(option, "an instant such as 2022-06-21T18:30 is expected") from None
    aware = at if at.tzinfo is not None else at.replace(tzinfo=JST)
    return int(aware.timestamp() * 1000)
