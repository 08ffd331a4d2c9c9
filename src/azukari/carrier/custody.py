"""Custody: who had a carrier when, from the documents both hands signed.

Pure: a fold over hand-overs.  What is late is asked with ``now``; nothing here knows a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from azukari.errors import Conflict
from azukari.seal.documents import HandOver


@dataclass(frozen=True)
class Hold:
    """Someone has a carrier from one instant to another (None: still)."""

    holder: str
    from_at: int
    to_at: int | None
    due_at: int


def line(hand_overs: Sequence[HandOver]) -> tuple[Hold, ...]:
    """The line from hand to hand, oldest first.

    Each giver must be the last taker and no step may lie before the one it follows.
    """
    holds: list[Hold] = []
    for step in hand_overs:
        if holds:
            last = holds[-1]
            if last.holder != step.giver:
                raise Conflict("a carrier is given by someone who does not hold it")
            if step.at < last.from_at:
                raise Conflict("a hand-over lies before the one it follows")
            holds[-1] = Hold(last.holder, last.from_at, step.at, last.due_at)
        holds.append(Hold(step.taker, step.at, None, step.due_at))
    return tuple(holds)


def late(hand_overs: Sequence[HandOver], now: int) -> bool:
    """Has the last holder's time passed?"""
    return bool(hand_overs) and hand_overs[-1].step != "return" and now > hand_overs[-1].due_at
