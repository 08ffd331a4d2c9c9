"""After a loss, at the size of a city: count, match the duties, write and print every paper.

Two lost carriers that tell of every resident, one of whose keys were released.  The counterfoils
are values here: reading them from an office's records is in the rehearsal's own figures.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any, Final

import msgspec

from azukari.carrier.counterfoil import Counterfoil, FoilColumn, FoilPart, FoilTable, bitmap
from azukari.carrier.exposure import PartState, Release, states
from azukari.desk import papers
from azukari.incident.case import Case, LostCarrier
from azukari.incident.duty import Duty, Facts, match
from azukari.incident.exemption import Revocation, evidence
from azukari.incident.form import Form, without_blanks
from azukari.incident.impact import Impact, by_state, impact
from azukari.incident.pack import packs
from azukari.incident.release import Known, check
from azukari.incident.rolls import OfRoll
from azukari.incident.telling import Hand, Telling, Thing
from azukari.personal import Kind
from azukari.press import printing
from benches import Row, timed

JST: Final = dt.timezone(dt.timedelta(hours=9))
NOW: Final = dt.datetime(2022, 6, 22, 18, 0, tzinfo=JST)
KNEW: Final = NOW - dt.timedelta(hours=2)
LAW_ON: Final = dt.date(2023, 4, 1)
KINDS: Final = (Kind.NAME, Kind.KANA, Kind.BIRTH, Kind.ADDRESS, Kind.TAX, Kind.ACCOUNT, Kind.ANSWER)
GOAL: Final = "≤ 5 s"


def run(residents: int, repeat: int) -> list[Row]:
    """Everything; then what of it is counting, saying, looking at, and printing."""
    foils = [_foil("a", "C-7Q4M-2K", residents), _foil("b", "C-0001-9Z", residents)]
    printing.pdf("page", msgspec.to_builtins(_forms(_told(foils))[4]), "ja", NOW)
    turns = [_turn(foils) for _ in range(repeat)]
    work = f"loss of {len(foils)} carriers counted, duties matched, every paper drafted and printed"
    names = ("all of it", "count and match", "say", "look at what is public", "print")
    return [
        Row(work, name, tuple(turn[i] for turn in turns), goal=GOAL if i == 0 else "")
        for i, name in enumerate(names)
    ]


def _turn(foils: list[Counterfoil]) -> tuple[float, ...]:
    kept: list[Any] = []
    counting = timed(lambda: kept.append(_told(foils)))
    saying = timed(lambda: kept.append(_forms(kept[0])))
    looking = timed(lambda: _looked_at(kept[0], kept[1]))
    printed = timed(lambda: [_printed(one) for one in kept[1]])
    return (counting + saying + looking + printed, counting, saying, looking, printed)


def _told(foils: list[Counterfoil]) -> Telling:
    counted = impact(foils)
    release = Release("a", tuple(part.id for part in foils[0].parts), "open", "g", "d", 1)
    found = {
        (foil.carrier, part): one for foil in foils for part, one in states(foil, [release]).items()
    }
    case = _case(foils, counted, found, "架空市", KNEW)
    return Telling(
        case=case,
        city="架空市",
        call="架空市 00-0000-0000",
        as_of=NOW,
        last_held_at=KNEW,
        things=tuple(
            Thing(one.carrier, one.label, "usb", "M-0001", "給付", KNEW, (Hand("例示", KNEW),))
            for one in foils
        ),
        processor="例示受託",
        entrustor="架空市",
        processor_case=_case(foils, counted, found, "例示受託", KNEW),
    )


def _case(
    foils: list[Counterfoil],
    counted: Impact,
    found: dict[tuple[str, str], PartState],
    party: str,
    known_at: dt.datetime,
) -> Case:
    return Case(
        label="2022-01",
        party=party,
        known_at=known_at,
        law_on=LAW_ON,
        lost=tuple(LostCarrier(one.carrier, one.label, NOW, KNEW, KNEW, NOW) for one in foils),
        states=found,
        rolls=(OfRoll(counted, by_state(foils, found)),),
        duties=_duties(known_at, counted.total.persons),
        evidence=evidence(found, {one.carrier: Revocation(NOW) for one in foils}),
    )


def _duties(known_at: dt.datetime, persons: int) -> tuple[Duty, ...]:
    return match(Facts("organ", known_at, persons), packs(), LAW_ON)


def _forms(told: Telling) -> list[Form]:
    return [papers.form_of(told, kind, "ja") for kind in papers.KINDS]


def _looked_at(told: Telling, made: list[Form]) -> None:
    persons = frozenset(one.persons for one in told.case.rolls[0].impact.by_kind.values())
    known = Known(persons, frozenset(), never_released=False)
    for one in made:
        if one.kind in papers.PUBLIC:
            check(without_blanks(one), known)


def _printed(made: Form) -> bytes:
    return printing.pdf(made.template, msgspec.to_builtins(made), made.language, made.at)


@cache
def _foil(carrier: str, label: str, residents: int) -> Counterfoil:
    columns = tuple(FoilColumn(kind.value, kind, "members") for kind in KINDS)
    table = FoilTable("households", residents, columns, {"members": bitmap(range(residents))}, ())
    parts = tuple(
        FoilPart(f"{carrier}{i}", "households", one.name, (one.name,), ("clerk",), 65536, "a" * 64)
        for i, one in enumerate(columns)
    )
    hidden = bitmap(range(0, residents, 331))
    return Counterfoil(
        1, carrier, label, "order", "roll", 0, "給付", parts, (table,), "00", hidden, "b" * 64
    )
