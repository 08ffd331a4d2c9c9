"""Who is affected: counted from the counterfoils, exactly, nobody twice, never from memory.

Persons are ordinals of one roll in bitmaps, so every number here is the size of a set.  Rows are
never counted as persons, a household's row counts its members, and canaries, which are in no
set, are not counted at all.  It is not a list of names: the office reads those from the roll,
with the bitmap of this result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import and_, or_
from types import MappingProxyType
from typing import Final, TypeVar

from azukari.carrier.counterfoil import NOT_KNOWN, Counterfoil, as_int, ordinals, persons_of
from azukari.carrier.exposure import PartState, State, rank
from azukari.errors import BadFormat, Conflict
from azukari.personal import Kind


class Sensitivity(StrEnum):
    """Classes of kinds, mildest first.  A city may call further kinds special-care."""

    PSEUDONYM = "pseudonym"  # means something only at the office
    IDENTITY = "identity"
    LOCATION = "location"
    MEANS = "means"  # taxes, assistance, and what a programme decided from them
    ACCOUNT = "account"
    PROTECTION = "protection"  # that somebody's address must not be told
    SPECIAL_CARE = "special_care"


_Class = TypeVar("_Class", bound=StrEnum)
CLASSES: Final[Mapping[Kind, Sensitivity]] = MappingProxyType(
    {
        Kind.REFERENCE: Sensitivity.PSEUDONYM,
        Kind.NUMBER: Sensitivity.IDENTITY,
        Kind.NAME: Sensitivity.IDENTITY,
        Kind.KANA: Sensitivity.IDENTITY,
        Kind.BIRTH: Sensitivity.IDENTITY,
        Kind.SEX: Sensitivity.IDENTITY,
        Kind.FAMILY: Sensitivity.IDENTITY,
        Kind.SINCE: Sensitivity.IDENTITY,
        Kind.POSTAL: Sensitivity.LOCATION,
        Kind.ADDRESS: Sensitivity.LOCATION,
        Kind.TAX: Sensitivity.MEANS,
        Kind.ASSISTANCE: Sensitivity.MEANS,
        Kind.ANSWER: Sensitivity.MEANS,
        Kind.ACCOUNT: Sensitivity.ACCOUNT,
        Kind.SUPPRESSION: Sensitivity.PROTECTION,
        # Whose it is was never counted; until somebody has looked, it may be the worst.
        Kind.FILE: Sensitivity.SPECIAL_CARE,
    }
)


@dataclass(frozen=True)
class Count:
    """So many persons, and how many of these are suppressed residents (支援措置)."""

    persons: int
    suppressed: int


@dataclass(frozen=True)
class CarrierImpact:
    """One carrier: its persons, those that are on no other of the lost carriers, its rows.

    ``rows`` are real rows over all tables, canaries left out; they are not persons.  Of
    ``not_counted`` files, which are in no number here, nobody knows whom they tell about.
    """

    carrier: str
    label: str
    total: Count
    only_here: Count
    by_kind: Mapping[Kind, Count]
    rows: int
    not_counted: int = 0


@dataclass(frozen=True)
class Impact:
    """All lost carriers together.

    ``households`` is ``None`` where no household of the roll was handed in: not counted rather
    than guessed.  ``members`` is the set itself, a bitmap over the ordinals of ``roll``.  Where
    ``not_counted`` is more than zero, all numbers here are of those who are known, and so many
    files tell about persons whom nobody counted.
    """

    roll: str
    total: Count
    by_kind: Mapping[Kind, Count]
    by_sensitivity: Mapping[Sensitivity, Count]
    by_carrier: tuple[CarrierImpact, ...]
    on_every_carrier: Count
    households: int | None
    members: int = field(repr=False)
    not_counted: int = 0


def impact(
    foils: Sequence[Counterfoil],
    *,
    households: Sequence[int] | None = None,
    special_care: frozenset[Kind] = frozenset(),
) -> Impact:
    """Count the persons on some carriers of one roll, each once.

    Args:
        foils: one counterfoil per lost carrier, at least one; the same one twice counts once.
        households: the household of every ordinal of the roll, as any whole number.
        special_care: kinds that this city calls special-care data.

    Raises:
        Conflict: the carriers are of different rolls, whose ordinals mean different persons, or
            two different counterfoils claim to be of one carrier.
    """
    foils = _each_once(foils)
    hidden = 0
    for foil in foils:
        hidden |= as_int(foil.suppressed)
    by_foil = [_kinds(foil) for foil in foils]
    members = [_union(kinds.values()) for kinds in by_foil]
    everyone = _union(members)
    return Impact(
        roll=next((foil.roll for foil in foils if foil.roll), ""),
        total=_count(everyone, hidden),
        by_kind=_counts(_merged(by_foil), hidden),
        by_sensitivity=_counts(_classes(_merged(by_foil), special_care), hidden),
        by_carrier=tuple(
            CarrierImpact(
                carrier=foil.carrier,
                label=foil.label,
                total=_count(own, hidden),
                only_here=_count(own & ~_union(members[:i] + members[i + 1 :]), hidden),
                by_kind=_counts(kinds, hidden),
                rows=sum(t.rows - len(t.canaries) for t in foil.tables if not t.not_counted),
                not_counted=foil.not_counted,
            )
            for i, (foil, kinds, own) in enumerate(zip(foils, by_foil, members, strict=True))
        ),
        on_every_carrier=_count(reduce(and_, members), hidden),
        households=None if households is None else _households(everyone, households),
        members=everyone,
        not_counted=sum(foil.not_counted for foil in foils),
    )


def by_state(
    foils: Sequence[Counterfoil], states: Mapping[tuple[str, str], PartState]
) -> dict[State, Count]:
    """How many persons have their worst part in each of the five states; nobody in two.

    ``states`` is keyed by carrier and part id; a part that is missing there is refused, because
    leaving it out would make the numbers kinder than the facts.
    """
    foils = _each_once(foils)
    hidden, reached = 0, dict.fromkeys(State, 0)
    for foil in foils:
        hidden |= as_int(foil.suppressed)
        for part in foil.parts:
            if (foil.carrier, part.id) not in states:
                raise Conflict(f"carrier {foil.label}: the state of part {part.id} is not given")
            reached[states[foil.carrier, part.id].state] |= persons_of(foil, part)
    counted, found = 0, dict.fromkeys(State, Count(0, 0))
    for state in sorted(State, key=rank, reverse=True):
        found[state] = _count(reached[state] & ~counted, hidden)
        counted |= reached[state]
    return found


def _each_once(foils: Sequence[Counterfoil]) -> list[Counterfoil]:
    once: dict[str, Counterfoil] = {}
    for foil in foils:
        if once.setdefault(foil.carrier, foil) != foil:
            raise Conflict(f"carrier {foil.label}: two different counterfoils")
    if not once:
        raise Conflict("there is no counterfoil to count from")
    if len({foil.roll for foil in once.values() if foil.roll}) > 1:
        raise Conflict("the carriers are of different rolls: count each roll by itself")
    return list(once.values())


def _kinds(foil: Counterfoil) -> dict[Kind, int]:
    """Per kind of data the set of persons about whom the carrier tells it."""
    found: dict[Kind, int] = {}
    for table in foil.tables:
        for column in table.columns:
            if column.persons == NOT_KNOWN:
                continue
            persons = as_int(table.sets[column.persons])
            found[column.kind] = found.get(column.kind, 0) | persons
    return found


def _merged(by_foil: Sequence[Mapping[Kind, int]]) -> dict[Kind, int]:
    found: dict[Kind, int] = {}
    for kinds in by_foil:
        for kind, persons in kinds.items():
            found[kind] = found.get(kind, 0) | persons
    return found


def _classes(kinds: Mapping[Kind, int], special_care: frozenset[Kind]) -> dict[Sensitivity, int]:
    found: dict[Sensitivity, int] = {}
    for kind, persons in kinds.items():
        of = Sensitivity.SPECIAL_CARE if kind in special_care else CLASSES[kind]
        found[of] = found.get(of, 0) | persons
    return found


def _counts(sets: Mapping[_Class, int], hidden: int) -> dict[_Class, Count]:
    """Counts in the order of the enumeration, so that every page shows the same order."""
    order = list(type(next(iter(sets)))) if sets else []
    return {of: _count(sets[of], hidden) for of in order if of in sets}


def _count(persons: int, hidden: int) -> Count:
    return Count(persons.bit_count(), (persons & hidden).bit_count())


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def _households(persons: int, households: Sequence[int]) -> int:
    if persons.bit_length() > len(households):
        raise BadFormat("the roll has fewer households than the counterfoil has persons")
    return len({households[ordinal] for ordinal in ordinals(persons)})
