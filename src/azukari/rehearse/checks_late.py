"""Checks of what was noticed by itself: told rung by rung, and a clockwork that stopped.

Promise 5.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from azukari.incident.overdue import RUNGS
from azukari.rehearse.checks import Checks, Ledgers
from azukari.rehearse.lateness import ADDRESSES, ROUNDS
from azukari.rehearse.mending import Mended
from azukari.rehearse.night import Night
from azukari.rehearse.silence import Unsaid

#: Who is told of the evening's carriers: their holder, and who stands above, in order.
LADDER: Final = (
    ("engineer",),
    ("contractor_officer",),
    ("clerk", "officer", "deputy"),
    ("approver_1", "approver_2"),
)
#: What is late by itself where nobody says a word, each kind from its own step.
KINDS: Final = frozenset({"receive", "return", "erase", "receipts"})


def late_by_itself(checks: Checks, night: Night, ledgers: Ledgers) -> None:
    """Promise 5."""
    rounds, bag = night.known["rounds"], {carrier.carrier for carrier in night.sealed}
    checks.add(
        5,
        "both carriers raised the alarm before anybody declared anything",
        _first(ledgers, "carrier.lost") > _first(ledgers, "alarm.raised")
        and all({one.subject for one in each.raised} == bag for each in rounds),
    )
    told = [{one.rung for one in each.raised} for each in rounds]
    checks.add(
        5,
        "rung by rung: holder, their officer, the city, who approves",
        told == [{rung} for rung in RUNGS] and len(rounds) == len(ROUNDS),
    )
    mails = [sorted(each.to) for each in rounds]
    wanted = [sorted(ADDRESSES[name] for name in rung for _ in bag) for rung in LADDER]
    checks.add(5, "each rung was written to, and nobody else", mails == wanted)
    ids = [mail.message()["Message-ID"] for mail in night.known["mails"]]
    checks.add(5, "every message went once", ids and len(set(ids)) == len(ids))
    checks.add(5, "a second tick raises nothing", rounds and not any(each.again for each in rounds))
    _unsaid(checks, night.known["unsaid"])


def _unsaid(checks: Checks, found: Unsaid) -> None:
    """The evenings on copies."""
    checks.add(
        5,
        "without a word: not received, not returned, not erased, not reported",
        set(found.rungs) >= KINDS,
    )
    order = list(RUNGS)
    checks.add(
        5,
        "each of them climbed to the last rung, leaving none out",
        all(_climbed([order.index(rung) for rung in rungs]) for rungs in found.rungs.values()),
    )
    checks.add(
        5,
        "while the clockwork runs, a witness has nothing to say",
        found.shown and found.quiet == found.shown,
    )
    checks.add(
        5,
        "26 hours after it stopped, a witness raises the alarm",
        found.silent and not found.early,
    )


def what_failed_is_mended(checks: Checks, found: Mended) -> None:
    """Promise 5, of measures: they are due like everything else."""
    checks.add(
        5,
        "what failed opened measures, each with its owner and its day",
        found.found and all(one.owner and one.due_at > one.opened_at for one in found.found),
    )
    closed = next(one for one in found.found if one.id == found.closed)
    checks.add(
        5,
        "a measure is closed by another person than who did it",
        found.alone_refused
        and closed.done is not None
        and closed.checked is not None
        and closed.done.by != closed.checked.by,
    )
    left = {one.id for one in found.found if one.checked is None}
    checks.add(5, "a measure left overdue raises the alarm", left and found.overdue == left)


def _climbed(steps: list[int]) -> bool:
    """One by one upwards to the last; a row of the city's own, or of nobody, begins higher."""
    last = len(RUNGS) - 1
    return bool(steps) and steps[-1] == last and all(b == a + 1 for a, b in pairwise(steps))


def _first(ledgers: Ledgers, kind: str) -> int:
    """Where the first entry of a kind stands; behind all others where there is none."""
    found = (i for i, entry in enumerate(ledgers.office) if entry.type == kind)
    return next(found, len(ledgers.office))
