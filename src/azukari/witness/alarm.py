"""What a witness raises by itself: a ledger that fell silent, and one that quarrels with its past.

A function of what is remembered and of now; the program that runs it every hour says it aloud.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from azukari.witness.memory import Memory

SILENCE_MS: Final = 26 * 3_600_000  # a heartbeat a day, and two hours for the way
LATENESS_MS: Final = 120_000


class What(StrEnum):
    """What is wrong, the worst first."""

    FORKED = "forked"  # a second history was shown, signed
    UNPROVEN = "unproven"  # a signed head came without proof that it continues what was cosigned
    SILENT = "silent"  # nothing new came for 26 hours
    CLOCK = "clock"  # our own clock stands behind what we signed: silence cannot be told


@dataclass(frozen=True)
class Alarm:
    """One thing to be looked at by a person."""

    log: str  # the ledger's name; empty for the witness itself
    what: What
    since: int  # ms UTC


def alarms(memory: Memory, now: int) -> list[Alarm]:
    """Everything wrong at an instant, the worst first."""
    found: list[Alarm] = []
    newest = max((memory.newest_at, *(known.added_at for known in memory.logs)))
    if now < newest - LATENESS_MS:
        found.append(Alarm("", What.CLOCK, newest))
    for known in memory.logs:
        name = known.log.name
        # Not when it was last cosigned: an old head can be brought again for ever.
        # Nor when it was added, once it grew: a clock that was ahead that day would buy silence.
        last = known.grown_at or known.added_at
        if known.forked_at:
            found.append(Alarm(name, What.FORKED, known.forked_at))
        if known.unproven_at:
            found.append(Alarm(name, What.UNPROVEN, known.unproven_at))
        if known.heartbeat and now - last > SILENCE_MS:
            found.append(Alarm(name, What.SILENT, last))
    order = list(What)
    return sorted(found, key=lambda alarm: order.index(alarm.what))
