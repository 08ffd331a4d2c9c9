"""A report as a value: nine items, each with what is known and with named blanks for the rest.

Every statement says on what it rests.  What no record can tell (the cause, the measures, what was
published) is a blank that names who must fill it and why, and stays a blank until somebody has:
nothing is guessed.  ``paper`` turns the value into JSON and into a page to print.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from azukari.errors import Conflict, NotFound
from azukari.incident import pack
from azukari.incident.case import Case, Said, Statement
from azukari.incident.duty import Duty, Tri
from azukari.incident.exemption import Point
from azukari.incident.known import filed, statements

RULES_OF_2023: Final = dt.date(2023, 4, 1)  # since then cities stand under the Act


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
    known = dict(statements(case))
    if stage == "final":
        known[1] = (*known[1], *filed(case))
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
            statements.append(Statement(text.code, values, "person"))
        elif name == "measures" and known:
            continue  # what is on record fills it
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
