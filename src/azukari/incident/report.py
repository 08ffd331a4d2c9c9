"""A report as a value: nine items, each with what is known and with named blanks for the rest.

Every statement says on what it rests.  What no record can tell (the cause, the measures, what was
published) is a blank that names who must fill it and why, and stays a blank until somebody has:
nothing is guessed.  ``paper`` turns the value into JSON and into a page to print.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from azukari.carrier.exposure import PartState, State
from azukari.errors import Conflict, NotFound
from azukari.incident import pack
from azukari.incident.duty import Duty, Tri
from azukari.incident.exemption import Point
from azukari.incident.impact import Count, Impact, Sensitivity
from azukari.incident.sentences import Value

RULES_OF_2023: Final = dt.date(2023, 4, 1)  # since then cities stand under the Act
Basis = Literal["counterfoil", "ledger", "record", "person", "design"]


@dataclass(frozen=True)
class LostCarrier:
    """One lost carrier and its course, as said or recorded; when it was lost, nobody knows.

    It was between ``last_held_at`` and ``noticed_at``, when its holder knew.
    ``restored_at``: two persons undid it as a false alarm; its keys may be released again.
    """

    carrier: str
    label: str
    declared_at: dt.datetime
    last_held_at: dt.datetime | None = None
    noticed_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    found_at: dt.datetime | None = None
    restored_at: dt.datetime | None = None

    @property
    def missing(self) -> bool:
        """Neither found nor undone as a false alarm."""
        return self.found_at is None and self.restored_at is None


@dataclass(frozen=True)
class Said:
    """What a person wrote into a blank, by the blank's name."""

    blank: str
    text: str
    by: str
    at: dt.datetime


@dataclass(frozen=True)
class Case:
    """All that a draft is made from; ``states`` and ``persons_by_state`` as of the same moment."""

    label: str
    party: str
    known_at: dt.datetime
    law_on: dt.date
    lost: tuple[LostCarrier, ...]
    impact: Impact
    states: Mapping[tuple[str, str], PartState]
    persons_by_state: Mapping[State, Count]
    duties: tuple[Duty, ...]
    evidence: tuple[Point, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One sentence by its code, its values, and on what it rests."""

    code: str
    values: tuple[tuple[str, Value], ...]
    basis: Basis


@dataclass(frozen=True)
class Blank:
    """What is missing, who must fill it, and why no record can."""

    name: str
    who_must_fill: str
    why: str


@dataclass(frozen=True)
class Item:
    """One of the nine items."""

    number: int
    name_ja: str
    name_en: str
    statements: tuple[Statement, ...]
    blanks: tuple[Blank, ...]


@dataclass(frozen=True)
class Report:
    """A draft, as a value."""

    stage: str
    incident: str
    party: str
    drafted_at: dt.datetime
    law_on: dt.date
    law_sentence: str
    items: tuple[Item, ...]
    duties: tuple[Duty, ...]
    evidence: tuple[Point, ...]

    @property
    def blanks(self) -> tuple[Blank, ...]:
        """Every blank that is still open, in order."""
        return tuple(blank for item in self.items for blank in item.blanks)


# Which blanks an item has until somebody fills them, and who that is.
BLANKS: Final[Mapping[int, tuple[tuple[str, str], ...]]] = {
    1: (("circumstances", "holder_officer"),),
    2: (
        ("special_care", "data_officer"),
        ("property_damage", "data_officer"),
        ("my_number", "data_officer"),
    ),
    4: (("cause", "lead"), ("improper_purpose", "lead")),
    5: (("damage_seen", "data_officer"),),
    6: (("persons_told", "data_officer"),),
    7: (("publication", "press_officer"),),
    8: (("measures", "lead"),),
    9: (("police_number", "holder_officer"), ("other_matters", "lead")),
}

# Blanks that stand only while the answer to a trigger is not known.
_QUESTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "special_care": ("special_care", "ordinance_special_care"),
    "property_damage": ("property_damage",),
    "improper_purpose": ("improper_purpose",),
    "my_number": ("my_number_system", "public_access"),
}


def draft(case: Case, stage: Literal["prompt", "final"], now: dt.datetime) -> Report:
    """The nine items from what is recorded and from what people said, with named blanks.

    Raises:
        NotFound: somebody filled a blank that no item has.
        Conflict: two texts stand for one blank.
    """
    said = _by_blank(case.said)
    known = {1: _outline(case), 2: _kinds(case), 3: _persons(case), 5: _damage(case)}
    return Report(
        stage=stage,
        incident=case.label,
        party=case.party,
        drafted_at=now,
        law_on=case.law_on,
        law_sentence="law.since" if case.law_on == RULES_OF_2023 else "law.on",
        items=tuple(
            _item(one, known.get(one.number, ()), said, case.duties) for one in pack.items()
        ),
        duties=case.duties,
        evidence=case.evidence,
    )


def _item(
    one: pack.ReportItem,
    known: Sequence[Statement],
    said: Mapping[str, Said],
    duties: Sequence[Duty],
) -> Item:
    statements, blanks = list(known), []
    for name, who in BLANKS.get(one.number, ()):
        if name in said:
            text = said[name]
            values = (("text", text.text), ("by", text.by), ("at", text.at))
            statements.append(Statement("said", values, "person"))
        elif name not in _QUESTIONS or _is_open(name, duties):
            blanks.append(Blank(name, who, f"why.{name}"))
    return Item(one.number, one.name_ja, one.name_en, tuple(statements), tuple(blanks))


def _is_open(name: str, duties: Sequence[Duty]) -> bool:
    return any(
        trigger.found is Tri.NOT_KNOWN
        for duty in duties
        if duty.in_force and duty.applies is not Tri.NOT_MET
        for trigger in duty.triggers
        if trigger.code in _QUESTIONS[name]
    )


def _by_blank(said: Sequence[Said]) -> dict[str, Said]:
    names = {name for blanks in BLANKS.values() for name, _ in blanks}
    found: dict[str, Said] = {}
    for one in said:
        if one.blank not in names:
            raise NotFound("a report has no blank of that name")
        if one.blank in found:
            raise Conflict(f"blank {one.blank}: two texts stand for it")
        found[one.blank] = one
    return found


def _outline(case: Case) -> tuple[Statement, ...]:
    labels = "、".join(one.label for one in case.lost)
    found = [
        Statement("outline.lost", (("carriers", len(case.lost)), ("labels", labels)), "record"),
        Statement("outline.known", (("party", case.party), ("at", case.known_at)), "record"),
    ]
    for one in case.lost:
        label: tuple[str, Value] = ("label", one.label)
        revoked = "outline.revoked" if one.restored_at is None else "outline.revoked_once"
        course: tuple[tuple[str, dt.datetime | None, Basis], ...] = (
            ("outline.held", one.last_held_at, "person"),
            ("outline.noticed", one.noticed_at, "person"),
            ("outline.declared", one.declared_at, "ledger"),
            (revoked, one.revoked_at, "ledger"),
            ("outline.found", one.found_at, "record"),
            ("outline.restored", one.restored_at, "ledger"),
        )
        told = [(code, at, basis) for code, at, basis in course if at is not None]
        found += [Statement(code, (label, ("at", at)), basis) for code, at, basis in told]
        if one.revoked_at is None:
            found.append(Statement("outline.not_revoked", (label,), "ledger"))
    return tuple(found)


def _kinds(case: Case) -> tuple[Statement, ...]:
    found = [
        Statement("kinds.one", (("kind", f"kind.{kind.value}"), *_of(count)), "counterfoil")
        for kind, count in case.impact.by_kind.items()
    ]
    special = case.impact.by_sensitivity.get(Sensitivity.SPECIAL_CARE)
    if special is not None:
        found.append(Statement("kinds.special_care", _of(special), "counterfoil"))
    for one in case.impact.by_carrier:
        if one.not_counted:
            files = (("label", one.label), ("files", one.not_counted))
            found.append(Statement("kinds.not_known", files, "counterfoil"))
    return (*found, Statement("kinds.sealed", (), "design"))


def _persons(case: Case) -> tuple[Statement, ...]:
    impact = case.impact
    total = "persons.at_least" if impact.not_counted else "persons.total"
    found = []
    # Nobody counted is not a number: where there are files only, no 0 is said.
    if impact.total.persons or not impact.not_counted:
        found.append(Statement(total, _of(impact.total), "counterfoil"))
    if impact.households is not None:
        households = (("households", impact.households),)
        found.append(Statement("persons.households", households, "counterfoil"))
    for one in impact.by_carrier:
        if one.not_counted:
            files = (("label", one.label), ("files", one.not_counted))
            found.append(Statement("persons.not_counted", files, "counterfoil"))
        if one.not_counted and not one.rows:
            continue
        numbers = (("persons", one.total.persons), ("only_here", one.only_here.persons))
        found.append(Statement("persons.carrier", (("label", one.label), *numbers), "counterfoil"))
    if len(impact.by_carrier) > 1 and not impact.not_counted:
        every = (("persons", impact.on_every_carrier.persons),)
        found.append(Statement("persons.every", every, "counterfoil"))
    return tuple(found)


def _damage(case: Case) -> tuple[Statement, ...]:
    """What can have been read: persons by state, parts by state and word, windows still open."""
    found = [
        Statement("state.count", (("state", f"state.{state.value}"), *_of(count)), "counterfoil")
        for state, count in case.persons_by_state.items()
        if count.persons
    ]
    for lost in case.lost:
        own = [state for (carrier, _), state in case.states.items() if carrier == lost.carrier]
        for code, number in sorted(Counter(state.sentence_code for state in own).items()):
            values = (("label", lost.label), ("parts", number), ("state", code))
            basis: Basis = "ledger" if code.endswith(".ledger") else "record"
            found.append(Statement("state.part", values, basis))
        until = [state.open_until for state in own if state.open_until is not None]
        if until:
            at = dt.datetime.fromtimestamp(max(until) / 1000, tz=dt.UTC)
            values_at = (("label", lost.label), ("at", at))
            found.append(Statement("state.open_until", values_at, "ledger"))
    return tuple(found)


def _of(count: Count) -> tuple[tuple[str, Value], tuple[str, Value]]:
    return ("persons", count.persons), ("suppressed", count.suppressed)
