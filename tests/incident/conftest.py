"""The night's case as a value: two carriers in one bag, known on 22 June 2022."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from azukari.carrier.counterfoil import Counterfoil, FoilColumn, FoilPart, FoilTable, bitmap
from azukari.carrier.exposure import Release, states
from azukari.incident.case import Case, LostCarrier
from azukari.incident.duty import Facts, match
from azukari.incident.exemption import Revocation, evidence
from azukari.incident.impact import by_state, impact
from azukari.incident.pack import packs
from azukari.incident.rolls import OfRoll
from azukari.personal import Kind

JST = ZoneInfo("Asia/Tokyo")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2022-06-{text}").replace(tzinfo=JST)


def _foil(carrier: str, label: str, members: range) -> Counterfoil:
    columns = (
        FoilColumn("name", Kind.NAME, "members"),
        FoilColumn("answer", Kind.ANSWER, "answered"),
    )
    sets = {"members": bitmap(members), "answered": bitmap(members[5:])}
    table = FoilTable("households", 100, columns, sets, (3,))
    parts = tuple(
        FoilPart(f"{carrier}{i}", "households", one.name, (one.name,), ("clerk",), 65536, "a" * 64)
        for i, one in enumerate(columns)
    )
    return Counterfoil(
        1,
        carrier,
        label,
        "order",
        "roll",
        0,
        "answer enquiries",
        parts,
        (table,),
        "00",
        bitmap({0, 1, 2}),
        "b" * 64,
    )


@pytest.fixture
def case() -> Case:
    foils = [_foil("m", "C-7Q4M-2K", range(200)), _foil("b", "C-0001-9Z", range(150, 250))]
    end = int(at("21T20:00").timestamp() * 1000)
    releases = [Release("m", ("m0",), "open", "g", "d", end, travelled=False)]
    found = {
        (foil.carrier, part): one for foil in foils for part, one in states(foil, releases).items()
    }
    counted = impact(foils, households=[n // 2 for n in range(250)])
    facts = Facts("organ", at("22T15:45"), counted.total.persons, special_care=None)
    revoked = at("22T15:46")
    return Case(
        label="I-2022-01",
        party="架空市",
        known_at=at("22T15:45"),
        law_on=dt.date(2023, 4, 1),
        lost=tuple(
            LostCarrier(
                foil.carrier, foil.label, at("22T15:45"), at("21T22:30"), at("22T03:00"), revoked
            )
            for foil in foils
        ),
        states=found,
        rolls=(OfRoll(counted, by_state(foils, found)),),
        duties=match(facts, packs(), dt.date(2023, 4, 1)),
        evidence=evidence(found, {"m": Revocation(revoked), "b": Revocation(revoked, "file")}),
    )
