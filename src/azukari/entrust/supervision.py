"""Supervision: what the city planned and did to check a processor, and what is late.

A check is a visit, a review of logs or a sample of carriers, of one agreement.  Which carriers a
sample looks at follows from chance alone, so that nobody picks the good ones.  What counts as the
day of a check is when it was recorded, not when somebody says it was.

Pure: values in, values out.  What the office writes down is the desk's (`desk.supervise`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from azukari.entrust.sheet import Link, Name
from azukari.seal.documents import Agreement, Terms

MOST_CARRIERS: Final = 1_000  # in one sample


class Kind(StrEnum):
    """How a processor is looked at."""

    VISIT = "visit"
    LOG = "log"
    SAMPLE = "sample"


class State(StrEnum):
    """Where something with a due day stands."""

    PLANNED = "planned"
    LATE = "late"  # its day is past and nothing is recorded
    DONE = "done"
    DONE_LATE = "done_late"  # recorded, after its day


@dataclass(frozen=True)
class FollowUp:
    """What somebody has to put right by a day; another person closes it."""

    id: str
    who: str  # the person who is to do it
    due_at: int
    what: str | None  # None: the text was erased
    closed_at: int | None = None
    closed_by: str = ""
    evidence: str = ""  # SHA-256 of the file that shows it, hex
    note: str | None = None

    def state(self, at: int) -> State:
        return _state(self.due_at, self.closed_at, at)


@dataclass(frozen=True)
class Check:
    """One check of a processor, planned or done."""

    id: str
    agreement: str
    kind: Kind
    carriers: int  # how many a sample draws; 0: it is none
    planned_by: str
    planned_at: int
    due_at: int
    drawn_at: int | None = None
    drawn: tuple[str, ...] = ()
    among: int = 0  # of how many carriers they were drawn
    done_at: int | None = None  # when it was recorded
    done_on: int | None = None  # when it took place, as the person says
    done_by: str = ""
    looked: tuple[str, ...] = ()  # carriers and persons
    entries: tuple[int, int] | None = None  # of the office's ledger, both ends included
    findings: str | None = None  # None: not done, or the text was erased
    follow_ups: tuple[FollowUp, ...] = ()

    def state(self, at: int) -> State:
        return _state(self.due_at, self.done_at, at)


@dataclass(frozen=True)
class Trained:
    """Until when somebody of the processor holds a pass of every course; 0: of one they do not."""

    person: Name
    until: int


@dataclass(frozen=True)
class Reviewed:
    """An access review of the agreement, by the ledger."""

    at: int
    by: str


@dataclass(frozen=True)
class Record:
    """What the city did to supervise one processor: one value for page and terminal."""

    agreement: Agreement
    processor: Name
    chain: tuple[Link, ...]  # from the city down
    terms: Terms | None  # what every link allows; none where the chain is broken
    in_force: bool
    checks: tuple[Check, ...]  # by the day they are or were due
    trained: tuple[Trained, ...]
    reviews: tuple[Reviewed, ...]
    counts: Mapping[str, int]  # orders, carriers, alarms, losses under it
    people: Mapping[str, Name]  # everybody who is named
    labels: Mapping[str, str]  # carrier -> the label people know it by
    at: int

    @property
    def late(self) -> int:
        """How many checks and follow-ups are overdue."""
        found = [check.state(self.at) for check in self.checks]
        found += [one.state(self.at) for check in self.checks for one in check.follow_ups]
        return found.count(State.LATE)


def sample(carriers: Collection[str], act: str, most: int) -> tuple[str, ...]:
    """The carriers that a draw looks at; all of them where there are fewer.

    Chance comes from the act's id alone: 16 random bytes.  Whoever has the ledger and the list of
    carriers draws the same again.
    """
    return tuple(sorted(set(carriers), key=lambda carrier: _chance(act, carrier))[:most])


def beneath(agreement: str, links: Iterable[Agreement]) -> list[Agreement]:
    """An agreement and every one that hangs on it."""
    known = list(links)
    return list(_walk(agreement, known, set()))


def _walk(root: str, links: list[Agreement], seen: set[str]) -> Iterator[Agreement]:
    for link in links:
        if link.id == root and link.id not in seen:
            seen.add(link.id)
            yield link
            for child in links:
                if child.parent == root:
                    yield from _walk(child.id, links, seen)


def _chance(act: str, carrier: str) -> bytes:
    return hashlib.sha256(f"azukari/sample/1\0{act}\0{carrier}".encode()).digest()


def _state(due_at: int, done_at: int | None, at: int) -> State:
    if done_at is None:
        return State.LATE if at > due_at else State.PLANNED
    return State.DONE_LATE if done_at > due_at else State.DONE
