"""Checks of what lay in the bag: what a finder learns, which keys left, what was stopped, whom it
concerns.

Promises 1, 2, 6 and 7.
"""

from __future__ import annotations

import base64
import csv
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from azukari.carrier.exposure import State
from azukari.desk.released import releases_of
from azukari.incident.readers import Keeper, readers
from azukari.ledger import acts
from azukari.personal import Kind
from azukari.rehearse.attempts import Attack
from azukari.rehearse.cast import PARTIES
from azukari.rehearse.checks import EXPECTED_OFFICE, Checks, Ledgers
from azukari.rehearse.clock import ms
from azukari.rehearse.night import RETURN_BY, Night
from azukari.rehearse.race import RACE
from azukari.seal.envelope import peek

ENVELOPE_FIELDS: Final = {"carrier", "label", "pages", "parts", "suite", "v"}
PART_FIELDS: Final = {"bytes", "commit", "head", "id", "sha256"}


def finder_learns_nothing(checks: Checks, night: Night, attacks: Sequence[Attack]) -> None:
    """Promise 1."""
    checks.refused(
        1,
        attacks,
        "search every file for any value of the register",
        "parse every file as Parquet",
        "parse every file as zip",
        "row count guessed from sizes",
    )
    pages = [msgspec.json.decode(peek(carrier.envelope)[1]) for carrier in night.sealed]
    plain = all(
        set(page) == ENVELOPE_FIELDS and all(set(part) == PART_FIELDS for part in page["parts"])
        for page in pages
    )
    checks.add(1, "the envelope holds the promised fields and no other", plain)
    words = [*EXPECTED_OFFICE, "households", "operator", "supervisor", night.order.purpose]
    outside = b"".join(
        path.read_bytes()
        for root in night.bag
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".azs"
    )
    outside += b"".join(base64.b64encode(peek(c.envelope)[1]) for c in night.sealed)
    outside += b"".join(peek(carrier.envelope)[1] for carrier in night.sealed)
    found = [word for word in words if word.encode() in outside]
    checks.add(1, "no purpose, table or role stands outside the seal", not found)
    sizes = {
        carrier.carrier: {p["bytes"] for p in page["parts"] if p["id"] != "m"}
        for carrier, page in zip(night.sealed, pages, strict=True)
    }
    checks.add(1, "parts of one table have one size", all(len(s) == 1 for s in sizes.values()))


def keys_are_accounted_for(checks: Checks, night: Night, ledgers: Ledgers) -> None:
    """Promise 2."""
    released = [e for e in ledgers.keys if e.type == "key.released"]
    backup = night.sealed[1].carrier
    checks.add(
        2,
        "the backup was never released, by the complete entries past its revocation",
        acts.fate(ledgers.keys, backup).never_released(len(ledgers.keys)),
    )
    rows = {r["grant"] for c in night.sealed for r in night.house.keeper.releases(c.carrier)}
    entries = {ref for e in released for ref in e.refs}
    checks.add(2, "every release row has its entry", {r for r in rows if r} <= entries)
    outer = msgspec.json.decode(peek(night.grant)[1])
    checks.add(2, "the grant in hand has its entry", outer["grant"] in entries)
    first = {e.act: i for i, e in reversed(list(enumerate(ledgers.keys)))}
    asked = next(e for e in ledgers.office if e.type == "grant.issued")
    checks.add(
        2,
        "the release stands in the keys' ledger at the instant of the grant, not after it",
        asked.act in first and ledgers.keys[first[asked.act]].at <= asked.at,
    )
    states = night.response.states
    parts = {(foil.carrier, part.id) for foil in night.response.foils for part in foil.parts}
    checks.add(
        2,
        "each part is in one of the five states",
        set(states) == parts and all(s.state in set(State) for s in states.values()),
    )
    never = {key for key, s in states.items() if s.state is State.NEVER_RELEASED}
    opened = {key for key in states if key not in never}
    operator = {
        (foil.carrier, part.id)
        for foil in night.response.foils
        for part in foil.parts
        if foil.carrier == night.main.carrier and "operator" in part.roles
    }
    checks.add(2, "only what the operator's role may see was released", opened == operator)


def revoked_first(
    checks: Checks, night: Night, ledgers: Ledgers, attacks: Sequence[Attack]
) -> None:
    """Promise 6."""
    checks.add(6, "no release after a revocation", not acts.order_of_revocations(ledgers.keys))
    revoked = next(e for e in ledgers.keys if e.type == "carrier.revoked")
    lost = next(e for e in ledgers.office if e.type == "carrier.lost")
    opened = next(e for e in ledgers.office if e.type == "incident.opened")
    both = {carrier.carrier for carrier in night.sealed}
    checks.add(6, "one revocation names both carriers of the bag", set(revoked.refs) == both)
    seen = opened.other is not None and opened.other.size > ledgers.keys.index(revoked)
    checks.add(6, "the loss was recorded after its revocation", seen and revoked.act == lost.act)
    checks.refused(6, attacks, "new grant after revocation", "same act asked after revocation")
    checks.refused(6, attacks, RACE)


def counted_exactly(checks: Checks, night: Night) -> None:
    """Promise 7: count again from the city's files, by a plain reader that shares no code."""
    source = night.export or night.out / "city"
    encoding = night.taken.report.files["register"].encoding
    refused = {r.line for r in night.taken.report.refusals if r.file == "register"}
    persons, hidden = Counter[str](), set()
    with (source / "register.csv").open(encoding=encoding, newline="") as file:
        reader = csv.DictReader(file)
        line = reader.line_num + 1
        for row in reader:
            if line not in refused:
                persons[row["世帯番号"]] += 1
                if row["支援措置"] == "1":
                    hidden.add(row["世帯番号"])
            line = reader.line_num + 1
    everybody = persons.total()
    answered = sum(n for household, n in persons.items() if household not in hidden)
    impact = night.response.rolls[0].impact
    checks.add(7, "persons equal the rows of the register", impact.total.persons == everybody)
    kinds = {kind: count.persons for kind, count in impact.by_kind.items()}
    checks.add(7, "names of everybody", kinds[Kind.NAME] == kinds[Kind.BIRTH] == everybody)
    checks.add(
        7,
        "answers and postal codes of all but suppressed households",
        kinds[Kind.ANSWER] == kinds[Kind.POSTAL] == answered,
    )
    one = impact.by_carrier[0].total.persons
    checks.add(
        7,
        "two carriers with the same persons count them once",
        len(impact.by_carrier) == 2 and impact.total.persons == one,
    )
    rows = {c.rows for c in impact.by_carrier}
    checks.add(7, "canaries are not counted", rows == {len(persons)})
    checks.add(7, "households of the register, each once", impact.households == len(persons))
    union = impact.on_every_carrier.persons == everybody
    checks.add(
        7,
        "of two carriers with the same persons none is on one alone",
        union and not any(carrier.only_here.persons for carrier in impact.by_carrier),
    )
    _possible_readers(checks, night, everybody)


def _possible_readers(checks: Checks, night: Night, everybody: int) -> None:
    """Of the carriers' keys one device was given any: where, of whom, until when."""
    office, response = night.house.office, night.response
    releases = [
        release
        for foil in response.foils
        for release in releases_of(office, foil, response.declared, True)
    ]
    centre = Keeper(night.house.cast.parties["centre"], PARTIES["centre"][0])
    found = readers(response.foils, releases, {night.house.device: centre})
    told = [
        (one.carrier, one.device, one.keeper, one.until, one.persons.persons, one.ended)
        for one in found
    ]
    wanted = (night.main.carrier, night.house.device, centre, ms(RETURN_BY), everybody, True)
    checks.add(7, "one device can have read it, where, of whom and until when", told == [wanted])
