"""What can be late: the kinds of due times in words, how fast it climbs, and what can wait.

Pure: instants in, instants out.  Which rows are due stands in the office's records, whose they are
is the desk's to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

_MINUTE: Final = 60_000
_MINUTES: Final = 24 * 60  # of a day
_DAY: Final = _MINUTES * _MINUTE
_JAPAN: Final = dt.timezone(dt.timedelta(hours=9))
Rung = Literal["owner", "officer", "city", "next"]
#: The rungs that no answer of another party leaves out.
OF_CITY: Final[frozenset[Rung]] = frozenset({"city", "next"})


@dataclass(frozen=True)
class Kind:
    """One kind of due time.

    ``loud``: a loss may be behind it, or the law sets it: quiet hours hold nothing of it back.
    ``own``: whoever owes it may answer its alarm; nobody alone answers for a carrier they hold.
    ``ahead_ms``: so long before it is due the first are told.
    """

    ja: str
    en: str
    loud: bool
    own: bool = True
    ahead_ms: int = 0


#: What is due, by the word that stands in the records; behind a slash may stand which one.
KINDS: Final[Mapping[str, Kind]] = {
    "receive": Kind("封緘物が受け取られていません", "a carrier was not received", True, False),
    "return": Kind("封緘物が市に戻っていません", "a carrier was not returned", True, False),
    "erase": Kind(
        "端末で消去した証しが届いていません",
        "nothing proves that a device erased its key",
        False,
        False,
    ),
    "receipts": Kind(
        "端末の受付簿が届いていません", "a device's journal was not brought", False, False
    ),
    "unused": Kind(
        "承認された持出許可が使われないまま期限を過ぎました",
        "an approved order ran out unused",
        False,
    ),
    # Told of at once; nobody who had it answers for it alone.
    "loss": Kind("紛失が申告されました", "a loss was declared", True, False, ahead_ms=1),
    "duty": Kind("法令上の期限です", "a deadline of law", True, ahead_ms=_DAY),
    "review": Kind("扱う人の点検が済んでいません", "an access review was not closed", False),
    "supervision": Kind(
        "委託先の監督が記録されていません", "a check of a processor was not recorded", False
    ),
    "follow-up": Kind("是正が確かめられていません", "a follow-up was not closed", False),
    "task": Kind("事故対応の作業が済んでいません", "a task of an incident was not done", True),
    "measure": Kind("再発防止策が済んでいません", "a measure was not closed", False),
    "ledger": Kind(
        "台帳が、すでに示した記録と合いません",
        "a ledger does not reach what was shown of it",
        True,
    ),
    "clock": Kind("時計が疑わしい状態です", "a clock is suspect", True),
}
#: A kind nobody has words for yet is told of as loudly as a loss.
OTHER: Final = Kind("期限を過ぎています", "something is late", True)

RUNGS: Final[Mapping[Rung, tuple[str, str]]] = {
    "owner": ("本人", "whoever owes it"),
    "officer": ("所属先の責任者", "the officers of their party"),
    "city": ("市の責任者", "the city's officers"),
    "next": ("市の承認者", "everybody who approves at the city"),
}


def kind_of(what: str) -> Kind:
    """The kind of a due row."""
    return KINDS.get(what.partition("/")[0], OTHER)


@dataclass(frozen=True)
class Quiet:
    """The hours in which what can wait is not sent: minutes of the day in Japan, from and to."""

    begins: int
    ends: int

    @classmethod
    def of(cls, text: str) -> Quiet:
        """From a setting such as ``22:00-07:00``, whose form was checked."""
        begins, ends = (int(t[:2]) * 60 + int(t[3:]) for t in text.split("-"))
        return cls(begins, ends)

    def over_at(self, at: int) -> int:
        """The instant itself, or the end of the quiet hours it lies in."""
        local = dt.datetime.fromtimestamp(at / 1000, _JAPAN)
        minute = local.hour * 60 + local.minute
        into = (minute - self.begins) % _MINUTES
        length = (self.ends - self.begins) % _MINUTES
        if into >= length:
            return at
        return at - at % _MINUTE + (length - into) * _MINUTE


@dataclass(frozen=True)
class Plan:
    """How an alarm climbs: so long from each rung to the next; the last holds for those above."""

    steps_ms: tuple[int, ...] = (60 * _MINUTE, 60 * _MINUTE, 120 * _MINUTE)
    quiet: Quiet | None = None

    def heard_at(self, kind: Kind, now: int) -> int:
        """When those who are told now hear of it."""
        return now if kind.loud or self.quiet is None else self.quiet.over_at(now)

    def after(self, level: int, heard_at: int) -> int:
        """When the rung above ``level`` is told, if nobody answers."""
        return heard_at + self.steps_ms[min(level, len(self.steps_ms) - 1)]
