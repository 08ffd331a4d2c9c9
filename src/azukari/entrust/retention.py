"""How long a ledger's details are kept: the rules, what falls under one, and what holds it back.

A rule names types of entries and days.  Whatever no rule names is kept as long as the ledger: above
all what others need to recompute (`NEEDED`).  No law names these days; a city's own rule for its
records does, and ours are what it begins with.  ``docs/retention.md`` is this table in words.

Pure: entries and holds in, numbers and reasons out.  Whose hands they are, and what is open, is the
desk's to find out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from azukari.entrust.order import DAY_MS, QUIET_MS, TIED, tied
from azukari.ledger.entry import Entry
from azukari.seal.documents import Erasure, Person

Which = Literal["office", "keys"]
YEAR: Final = 366  # days: a period in years has never ended a day too early
MOST: Final = 2_000  # entries of one list
VALID_MS: Final = 7 * DAY_MS  # how long a list waits for its second hand

#: What is computed from its detail for good: impact, eight words, what a roll was, what was bound.
NEEDED: Final = frozenset(
    (
        *("carrier.sealed", "order.requested", "roll.taken_in", "benefit.determined"),
        *("key.bound", "key.shredded"),
        *("detail.requested", "detail.erased", "hold.placed", "hold.lifted"),
    )
)


@dataclass(frozen=True)
class Rule:
    """Details of these types are emptied once they are so many days old."""

    name: str
    ledger: Which
    types: tuple[str, ...]
    days: int
    source: str
    contacts: bool = False  # the addresses of persons who left so long ago go, too

    def __post_init__(self) -> None:
        if needed := NEEDED.intersection(self.types):
            raise ValueError(f"{self.name}: {', '.join(sorted(needed))} is needed for good")

    def newest(self, now: int) -> int:
        """The latest instant at which an entry may have been written to fall under it."""
        return now - self.days * DAY_MS


_OWN: Final = "the city's own rule for its records; no law names the days"
RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule
    for rule in (
        Rule(
            "notes",
            "office",
            (
                *("incident.noted", "incident.police", "task.added", "task.done"),
                *("duty.answered", "alarm.answered"),
                *("measure.done", "measure.reopened", "measure.closed"),
            ),
            5 * YEAR,
            _OWN,
        ),
        Rule(
            "people",
            "office",
            (
                *("person.left", "person.stated", "training.failed"),
                *("access.review_asked", "access.reviewed"),
            ),
            3 * YEAR,
            _OWN,
            contacts=True,
        ),
        Rule(
            "checks",
            "office",
            ("supervision.planned", "supervision.done", "supervision.followed_up"),
            5 * YEAR,
            _OWN,
        ),
        Rule(
            "refusals",
            "office",
            (
                *("order.refused", "order.withdrawn", "agreement.refused"),
                *("custody.refused", "grant.refused", "detail.refused"),
            ),
            YEAR,
            _OWN,
        ),
        Rule("key-refusals", "keys", ("key.refused",), YEAR, _OWN),
        Rule("key-releases", "keys", ("key.released",), 5 * YEAR, _OWN),
    )
}


@dataclass(frozen=True)
class Standing:
    """Something that holds details back.

    ``ids`` are what it is about, as they stand in entries; none: everything.
    """

    why: str  # a reason code
    about: str  # the incident, the carrier, the duty, the committee's hold
    ids: frozenset[str] | None

    def covers(self, entry: Entry) -> bool:
        return self.ids is None or entry.by in self.ids or not self.ids.isdisjoint(entry.refs)


@dataclass(frozen=True)
class Held:
    """One entry that must stay as it is, and what holds it."""

    entry: int
    why: str
    about: str


def falling(
    rule: Rule, entries: Iterable[tuple[int, Entry]], until: int, gone: Collection[int]
) -> list[int]:
    """The entries that fall under a rule, of those not younger than ``until`` nor empty already."""
    return [
        i
        for i, entry in entries
        if entry.type in rule.types
        and entry.commit is not None
        and entry.at <= until
        and i not in gone
    ]


def held(entries: Iterable[tuple[int, Entry]], standing: Collection[Standing]) -> list[Held]:
    """What holds each of these entries; an entry that several hold is there several times."""
    return [
        Held(i, one.why, one.about) for i, entry in entries for one in standing if one.covers(entry)
    ]


def left(
    entries: Iterable[tuple[int, Entry]], until: int, standing: Collection[Standing]
) -> frozenset[str]:
    """Whoever left until then and is not held: nobody need reach them any more."""
    gone = {
        ref
        for _, entry in entries
        if entry.type == "person.left" and entry.at <= until
        for ref in entry.refs
    }
    return frozenset(
        one for one in gone if not any(each.ids is None or one in each.ids for each in standing)
    )


def lines_digest(lines: Iterable[bytes]) -> str:
    """What an erasure says of the entries it names: another history has other lines."""
    found = hashlib.sha256()
    for line in lines:
        found.update(line + b"\n")
    return found.hexdigest()


def why_not(
    asked: Erasure, log: str, which: Which, lines: Mapping[int, bytes], at: int
) -> list[str]:
    """Why this list must not be erased from this ledger now, as far as the list itself says.

    Args:
        lines: the ledger's own lines, by number, of those that the list names.
    """
    rule = RULES.get(asked.rule)
    if asked.ledger != log or rule is None or rule.ledger != which:
        return ["erasure_of_another_ledger"]
    reasons = []
    if list(lines) != asked.entries or lines_digest(lines.values()) != asked.lines_sha256:
        reasons.append("erasure_of_another_list")
    if len(asked.entries) > MOST or (asked.contacts and not rule.contacts):
        reasons.append("erasure_not_by_its_rule")
    if asked.until > rule.newest(at):
        reasons.append("kept_by_its_rule")
    if not asked.at <= asked.expires_at <= asked.at + VALID_MS or at > asked.expires_at:
        reasons.append("erasure_expired")
    return reasons


def not_by_rule(asked: Erasure, entries: Iterable[tuple[int, Entry]]) -> bool:
    """Does the list name an entry that its rule does not, or a younger one?"""
    named = [(i, entry) for i, entry in entries]
    return falling(RULES[asked.rule], named, asked.until, ()) != [i for i, _ in named]


def why_not_two(
    one: Person | None, other: Person | None, city: str, gone: Collection[str], at: int
) -> list[str]:
    """Why these are not two persons who may do together what nobody may alone; empty: they are."""
    if one is None or other is None or one.id == other.id:
        return ["two_persons_needed"]
    both = (one, other)
    if any(person.party != city or person.id in gone for person in both):
        return ["two_persons_needed"]
    reasons = []
    if any(at < person.enrolled_at + QUIET_MS for person in both):
        reasons.append("approver_in_quiet_time")
    if tied(one, other, at):
        reasons.append(TIED)
    return reasons
