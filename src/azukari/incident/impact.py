"""Who is affected: counted from the counterfoils, exactly, nobody twice, never from memory.

Persons are ordinals of one roll in bitmaps, so every number here is the size of a set.  Rows are
never counted as persons, a household's row counts its members, and canaries, which are in no
set, are not counted at all.  It is not a list of names: the office reads those from the roll,
with the bitmap of this result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, reduce
from operator import and_, or_
from types import MappingProxyType
from typing import Final, TypeVar

import pyarrow as pa

from azukari.carrier import homes
from azukari.carrier.counterfoil import NOT_KNOWN, Counterfoil, FoilTable, as_int, persons_of
from azukari.carrier.exposure import PartState, State, rank
from azukari.errors import Conflict
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
    """So many persons, how many of these are suppressed residents (支援措置), their households.

    ``households`` is ``None`` where no counterfoil says who lives together: not counted rather
    than guessed.
    """

    persons: int
    suppressed: int
    households: int | None = None


@dataclass(frozen=True)
class TableImpact:
    """One table over all lost carriers: its persons, by kind and by class."""

    table: str
    total: Count
    by_kind: Mapping[Kind, Count]
    by_sensitivity: Mapping[Sensitivity, Count]
    not_counted: int = 0


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

    ``households`` are those of ``total``.  ``members`` is the set itself, a bitmap over the
    ordinals of ``roll``.  Where ``not_counted`` is more than zero, all numbers here are of those
    who are known, and so many files tell about persons whom nobody counted.
    """

    roll: str
    total: Count
    by_kind: Mapping[Kind, Count]
    by_sensitivity: Mapping[Sensitivity, Count]
    by_table: tuple[TableImpact, ...]
    by_carrier: tuple[CarrierImpact, ...]
    on_every_carrier: Count
    members: int = field(repr=False)
    not_counted: int = 0

    @property
    def households(self) -> int | None:
        """How many households, each once."""
        return self.total.households


Counting = Callable[[int], Count]


def impact(
    foils: Sequence[Counterfoil],
    *,
    households: Sequence[int] | None = None,
    special_care: frozenset[Kind] = frozenset(),
) -> Impact:
    """Count the persons on some carriers of one roll, each once.

    Args:
        foils: one counterfoil per lost carrier, at least one; the same one twice counts once.
        households: the household of every ordinal of the roll, as any whole number; without it,
            what the counterfoils kept of who lives together.
        special_care: kinds that this city calls special-care data.

    Raises:
        Conflict: the carriers are of different rolls, whose ordinals mean different persons, or
            two different counterfoils claim to be of one carrier, or know other households.
    """
    foils = _each_once(foils)
    count = counting(foils, households)
    by_foil = [_kinds(foil.tables) for foil in foils]
    members = [_union(kinds.values()) for kinds in by_foil]
    everyone, kinds_of_all = _union(members), _merged(by_foil)
    return Impact(
        roll=next((foil.roll for foil in foils if foil.roll), ""),
        total=count(everyone),
        by_kind=_counts(kinds_of_all, count),
        by_sensitivity=_counts(_classes(kinds_of_all, special_care), count),
        by_table=_tables(foils, special_care, count),
        by_carrier=tuple(
            CarrierImpact(
                carrier=foil.carrier,
                label=foil.label,
                total=count(own),
                only_here=count(own & ~_union(members[:i] + members[i + 1 :])),
                by_kind=_counts(kinds, count),
                rows=sum(t.rows - len(t.canaries) for t in foil.tables if not t.not_counted),
                not_counted=foil.not_counted,
            )
            for i, (foil, kinds, own) in enumerate(zip(foils, by_foil, members, strict=True))
        ),
        on_every_carrier=count(reduce(and_, members)),
        members=everyone,
        not_counted=sum(foil.not_counted for foil in foils),
    )


def by_state(
    foils: Sequence[Counterfoil], states: Mapping[tuple[str, str], PartState]
) -> dict[State, Count]:
    """How many persons have their worst part in each of the five states; nobody in two.

    ``states`` is keyed by carrier and part id; a part that is missing there is refused, because
    leaving it out would make the numbers kinder than the facts.  A household whose members are in
    two states stands in both, so households here add up to more than there are.
    """
    foils = _each_once(foils)
    count, reached = counting(foils), dict.fromkeys(State, 0)
    for foil in foils:
        for part in foil.parts:
            if (foil.carrier, part.id) not in states:
                raise Conflict(f"carrier {foil.label}: the state of part {part.id} is not given")
            reached[states[foil.carrier, part.id].state] |= persons_of(foil, part)
    counted, found = 0, dict.fromkeys(State, count(0))
    for state in sorted(State, key=rank, reverse=True):
        found[state] = count(reached[state] & ~counted)
        counted |= reached[state]
    return found


def counting(foils: Sequence[Counterfoil], households: Sequence[int] | None = None) -> Counting:
    """How sets of persons of these carriers are counted: suppressed apart, and by household.

    Columns share sets, and of a city one set is half a million bits: each is counted once.
    """
    hidden = _union(as_int(foil.suppressed) for foil in foils)
    first = _first_members(foils) if households is None else pa.array(households)

    @cache
    def count(persons: int) -> Count:
        living = None if first is None else homes.count(first, persons)
        return Count(persons.bit_count(), (persons & hidden).bit_count(), living)

    return count


def _first_members(foils: Sequence[Counterfoil]) -> pa.Array | None:
    """Who lives together, where any of the carriers kept it."""
    kept = {foil.households for foil in foils if foil.households}
    if len(kept) > 1:
        raise Conflict("the carriers are of one roll and know other households")
    # One roll has one answer: what a carrier did not keep, another has.
    return homes.decode(kept.pop()) if kept else None


def _tables(
    foils: Sequence[Counterfoil], special_care: frozenset[Kind], count: Counting
) -> tuple[TableImpact, ...]:
    """Each table once, whatever number of carriers it was on, in the order they have it."""
    named: dict[str, list[FoilTable]] = {}
    for foil in foils:
        for table in foil.tables:
            named.setdefault(table.name, []).append(table)
    found = []
    for name, tables in named.items():
        kinds = _kinds(tables)
        found.append(
            TableImpact(
                table=name,
                total=count(_union(kinds.values())),
                by_kind=_counts(kinds, count),
                by_sensitivity=_counts(_classes(kinds, special_care), count),
                not_counted=sum(table.rows for table in tables if table.not_counted),
            )
        )
    return tuple(found)


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


def _kinds(tables: Iterable[FoilTable]) -> dict[Kind, int]:
    """Per kind of data the set of persons about whom these tables tell it."""
    found: dict[Kind, int] = {}
    for table in tables:
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


def _counts(sets: Mapping[_Class, int], count: Counting) -> dict[_Class, Count]:
    """Counts in the order of the enumeration, so that every page shows the same order."""
    order = list(type(next(iter(sets)))) if sets else []
    return {of: count(sets[of]) for of in order if of in sets}


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)
