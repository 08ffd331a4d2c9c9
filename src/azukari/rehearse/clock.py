"""The clock of the story: it stands where the night puts it.  Durations are measured elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Final

JST: Final = dt.timezone(dt.timedelta(hours=9), "JST")


def ms(text: str) -> int:
    """An instant in Japan, ``2022-06-21 17:00``, as ms UTC."""
    at = dt.datetime.fromisoformat(text).replace(tzinfo=JST)
    return int(at.timestamp() * 1000)


class StoryClock:
    """Hands out the story's instant; never the machine's."""

    def __init__(self, text: str) -> None:
        self.at = ms(text)

    def set(self, text: str) -> None:
        self.at = ms(text)

    def now(self) -> int:
        return self.at

    def when(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self.at / 1000, JST)
