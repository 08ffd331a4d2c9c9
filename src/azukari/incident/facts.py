"""What one party knows of an incident, and the questions that only a person can answer.

An unknown fact never becomes a no: everything here is yes, no, or not known.  Which facts the law
asks for stands in the packs; nothing here knows an obligation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from azukari.incident.pack import Role, Scope
from azukari.personal import Kind


class Tri(StrEnum):
    """Met, not met, not known."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Facts:
    """What one party knows; ``None`` is *not known* everywhere.

    ``known_at`` is when this party knew, not when the loss happened: each link of the chain has
    a clock of its own.  ``told_entrustor_at`` is for a processor.  "Possibly" counts as yes in
    the law, so a fact is ``False`` only where somebody can say that it cannot be.  ``kinds`` are
    persons per kind, kept for the snapshot: no trigger is concluded from a kind, because what
    is special-care or can cause damage is a question for a person.  ``at_least``: further persons
    may be affected whom nobody has counted.  ``my_number_persons``: of how many the My Number is
    in it; ``gdpr``: does that Regulation reach the party at all.
    """

    role: Role
    known_at: dt.datetime
    persons: int | None
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    special_care: bool | None = None
    ordinance_special_care: bool | None = None
    property_damage: bool | None = None
    possibly_improper_purpose: bool | None = None
    told_entrustor_at: dt.datetime | None = None
    at_least: bool = False
    my_number: bool | None = None
    my_number_persons: int | None = None
    my_number_system: bool | None = None
    public_access: bool | None = None
    gdpr: bool | None = None
    risk: bool | None = None
    high_risk: bool | None = None


NUMBERS: Final = "my_number_persons"  # of how many persons the My Number was in it
#: Is every device that was given a key of a lost carrier where it belongs?  By whoever looked.
DEVICES: Final = "devices_accounted_for"
#: Every question that a person answers with yes or no, and the fact that holds the answer.
QUESTIONS: Final[Mapping[str, str]] = {
    "special_care": "special_care",
    "ordinance_special_care": "ordinance_special_care",
    "property_damage": "property_damage",
    "improper_purpose": "possibly_improper_purpose",
    "my_number": "my_number",
    "my_number_system": "my_number_system",
    "public_access": "public_access",
    "gdpr": "gdpr",
    "risk": "risk",
    "high_risk": "high_risk",
}


def answered(facts: Facts, answers: Mapping[str, bool | None]) -> Facts:
    """The facts with what people answered; a question that is not ours is left aside."""
    # The type of each is looked after by Facts; by name, because the answers come as data.
    fields: dict[str, Any] = {
        QUESTIONS[code]: answer for code, answer in answers.items() if code in QUESTIONS
    }
    return replace(facts, **fields)


def tri(fact: bool | None) -> Tri:
    """The word for a fact."""
    if fact is None:
        return Tri.NOT_KNOWN
    return Tri.MET if fact else Tri.NOT_MET


def fact(facts: Facts, code: str) -> bool | None:
    """The answer to a question, as far as it is known."""
    known: bool | None = getattr(facts, QUESTIONS[code])
    if known is None and code == "my_number" and facts.my_number_persons is not None:
        known = facts.my_number_persons > 0
    # Nobody affected: an open question is then a no. Else a loss of nothing would stay open.
    nobody = facts.persons == 0 and not facts.at_least
    return False if nobody and known is None else known


def applies(facts: Facts, scope: Scope) -> bool | None:
    """Does what the obligation is about hold at all?  Without a scope it does."""
    return fact(facts, scope) if scope else True


def more_than(facts: Facts, threshold: int, scope: Scope) -> bool | None:
    """Are more persons affected than the law's number?"""
    if scope == "my_number":
        return _more_numbers_than(facts, threshold)
    return _above(facts.persons, threshold, more=facts.at_least)


def _more_numbers_than(facts: Facts, threshold: int) -> bool | None:
    """Only those count whose My Number was in it, and nobody has more of them than persons."""
    if facts.my_number_persons is not None:
        return _above(facts.my_number_persons, threshold, more=facts.at_least)
    return False if _above(facts.persons, threshold, more=facts.at_least) is False else None


def _above(persons: int | None, threshold: int, *, more: bool) -> bool | None:
    if persons is None:
        return None
    # So many are known; whether there are more, nobody has counted.
    return True if persons > threshold else None if more else False
