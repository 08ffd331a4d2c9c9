"""What the promises are worth after this night: checks that could have failed in this very run.

A promise is *kept* only if every check of it passed here; *not yet* where this version does not
check it whole.  With one machine and no witness, promises 2 and 4 are kept against outsiders: who
administers that machine could have done otherwise.
"""

from __future__ import annotations

import base64
import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from azukari.carrier.exposure import State
from azukari.desk import audit, enquire
from azukari.desk import device as devices
from azukari.desk import order as orders
from azukari.errors import AzukariError, NotFound
from azukari.ledger.audit import verify_export
from azukari.ledger.entry import Entry
from azukari.personal import Kind
from azukari.rehearse.attempts import OPENED, Attack, Hands
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.night import ENQUIRIES, Night
from azukari.rehearse.search import Values, search_files
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, peek, unbase64
from azukari.seal.grant import open_subject
from azukari.vault import records

SHOWN: Final = frozenset({1, 2, 4, 6, 7, 9, 10, 12})
AGAINST_OUTSIDERS: Final = frozenset({2, 4})
PROMISES: Final = range(1, 16)
ENVELOPE_FIELDS: Final = {"carrier", "label", "pages", "parts", "suite", "v"}
PART_FIELDS: Final = {"bytes", "commit", "head", "id", "sha256"}

#: Every act of the night and how often at least it must stand in a ledger.
EXPECTED_OFFICE: Final = {
    "party.added": 4,
    "person.enrolled": 13,
    "training.passed": 13,
    "agreement.signed": 2,
    "device.enrolled": 1,
    "roll.taken_in": 1,
    "benefit.determined": 1,
    "order.requested": 1,
    "order.approved": 2,
    "carrier.sealed": 2,
    "carrier.handed_over": 4,
    "carrier.received": 2,
    "grant.asked": 1,
    "grant.issued": 1,
    "alarm.raised": 2,
    "carrier.lost": 1,
    "incident.opened": 1,
    "journal.taken_in": 1,
    "carrier.erased": 1,
    "carrier.found": 2,
    "carrier.inspected": 2,
}
EXPECTED_KEYS: Final = {
    "key.created": 4,
    "key.released.roll": 4,
    "key.released.seal": 2,
    "key.bound": 2,
    "key.released": 1,
    "carrier.revoked": 1,
}


@dataclass
class Checks:
    """What was checked, promise by promise."""

    done: dict[int, list[tuple[str, bool]]] = field(default_factory=dict)

    def add(self, promise: int, name: str, held: object) -> None:
        self.done.setdefault(promise, []).append((name, bool(held)))

    def states(self) -> dict[str, dict[str, Any]]:
        """The promises as ``result.json`` holds them."""
        return {str(number): self._state(number) for number in PROMISES}

    def broken(self) -> list[str]:
        return [
            f"promise {number}: {name}"
            for number, checks in sorted(self.done.items())
            for name, held in checks
            if not held
        ]

    def _state(self, number: int) -> dict[str, Any]:
        checks = self.done.get(number, [])
        state = "kept against outsiders" if number in AGAINST_OUTSIDERS else "kept"
        if not all(held for _, held in checks):
            state = "broken"
        elif number not in SHOWN or not checks:
            state = "not yet"
        return {"state": state, "checked_by": [name for name, _ in checks]}


@dataclass(frozen=True)
class Ledgers:
    """Both ledgers, as they were verified from their exported files."""

    office: list[Entry]
    keys: list[Entry]


def read_export(folder: Path) -> list[Entry]:
    """The entries of an exported ledger, from its files alone."""

    def files(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except OSError:
            raise NotFound(f"{path} is not in the export") from None

    return verify_export(files, (folder / "vkey").read_text("utf-8").strip())


def finder_learns_nothing(checks: Checks, night: Night, attacks: Sequence[Attack]) -> None:
    """Promise 1."""
    outcome = {attack.name: attack.outcome for attack in attacks}
    for name in (
        "search every file for any value of the register",
        "parse every file as Parquet",
        "parse every file as zip",
        "row count guessed from sizes",
    ):
        checks.add(1, name, outcome.get(name) == "refused")
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
        audit.never_released(ledgers.keys, backup),
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


def nothing_without_an_order(
    checks: Checks, night: Night, ledgers: Ledgers, attacks: Sequence[Attack]
) -> None:
    """Promise 4."""
    office = night.house.office
    people = {p.id: p for p in orders.people_of(office)}
    signed = []
    with office.act() as tx:
        envelopes = records.documents(tx, doc.Approval, about=night.order.id)
    for envelope in envelopes:
        approver = people[doc.unverified(envelope, doc.Approval).approver]
        key = PublicKey.load(Use.PERSON, unbase64(approver.public))
        read = doc.read(envelope, doc.Approval, {key.id: key}.get).document
        if read.order_sha256 == doc.digest(night.order):
            signed.append(approver.id)
    checks.add(
        4,
        "two approvers' own signatures over the order's hash",
        len(set(signed)) == 2 and night.order.requester not in signed,
    )
    places = {e.type: i for i, e in reversed(list(enumerate(ledgers.office)))}
    approvals = [i for i, e in enumerate(ledgers.office) if e.type == "order.approved"]
    checks.add(
        4,
        "requested, approved twice, then sealed, in that order",
        places["order.requested"] < approvals[0] < approvals[1] < places["carrier.sealed"],
    )
    for name in (
        "approver approves own order",
        "--as without the key",
        "forged approval sent by the office",
        "a third carrier under the order",
        "envelope of another order bound twice",
    ):
        held = any(a.name == name and a.outcome == "refused" for a in attacks)
        checks.add(4, name, held)


def revoked_first(
    checks: Checks, night: Night, ledgers: Ledgers, attacks: Sequence[Attack]
) -> None:
    """Promise 6."""
    checks.add(6, "no release after a revocation", not audit.order_of_revocations(ledgers.keys))
    revoked = next(e for e in ledgers.keys if e.type == "carrier.revoked")
    lost = next(e for e in ledgers.office if e.type == "carrier.lost")
    opened = next(e for e in ledgers.office if e.type == "incident.opened")
    both = {carrier.carrier for carrier in night.sealed}
    checks.add(6, "one revocation names both carriers of the bag", set(revoked.refs) == both)
    seen = opened.other is not None and opened.other.size > ledgers.keys.index(revoked)
    checks.add(6, "the loss was recorded after its revocation", seen and revoked.act == lost.act)
    for name in ("new grant after revocation", "same act asked after revocation"):
        held = any(a.name == name and a.outcome == "refused" for a in attacks)
        checks.add(6, name, held)


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
    impact = night.response.impact
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


def no_value_anywhere(checks: Checks, values: Values, places: Sequence[Path]) -> int:
    """Promise 9; returns how many plants the search found before it was believed."""
    planted = 0
    try:
        planted = values.self_test()
        checks.add(9, f"{planted} planted values were found", planted > 0)
    except NotFound:
        checks.add(9, "planted values were found", False)
    for place in places:
        no_value_in(checks, values, place)
    return planted


def no_value_in(checks: Checks, values: Values, place: Path) -> None:
    """Promise 9, of one file or one folder with the names in it."""
    hits = search_files(place, values) if place.is_dir() else _file(place, values)
    checks.add(9, f"no value in {place.name}", not hits)


def no_value_in_a_name(checks: Checks, values: Values, out: Path) -> None:
    """Promise 9, of every file's and folder's name; the invented export is the city's own."""
    paths = [path for path in out.rglob("*") if (out / "city") not in path.parents]
    hits = [path for path in paths if values.search_name(path.name)]
    checks.add(9, f"no value in {len(paths)} names of files and folders", paths and not hits)


def nobody_by_default(checks: Checks, night: Night) -> None:
    """Promise 10."""
    answers, reasons = night.decided.households, night.decided.reasons
    households = sum(answers.values())
    known = {"eligible", "not_eligible", "undecided"}
    checks.add(10, "every answer is one of three", set(answers) <= known)
    checks.add(10, "every household has a reason", sum(reasons.values()) == households)
    if night.invented is not None:
        planned = night.invented.cases
        checks.add(10, "no household is missing", households == night.invented.households)
        same = answers.get("eligible", 0) == planned["eligible"]
        checks.add(10, "as many eligible as the invented city planned", same)
        same = reasons.get("only_dependants", 0) == planned["only_dependants"]
        checks.add(10, "as many only-dependants as planned", same)


def journalled_first(checks: Checks, night: Night, hands: Hands) -> None:
    """Promise 12."""
    receipt: doc.Receipt = night.known["receipt"]
    said, calls = night.known["said"], night.known["calls"]
    checks.add(12, "as many records as answers", receipt.answered == len(said) == ENQUIRIES)
    wrong = sum(call.expected != answer for call, answer in zip(calls, said, strict=True))
    checks.add(12, "every answer is the one worked out row by row", wrong == 0)
    kinds = {call.why for call in calls}
    same = {answer for c, answer in zip(calls, said, strict=True) if c.why != "found"}
    checks.add(
        12,
        "not found and suppressed are one answer",
        "unknown" in kinds and same == {"supervisor"},
    )
    checks.add(12, "what cannot be journalled is not answered", _unwritten(night, hands))
    checks.add(12, "the city can open the subjects", _subjects(night))


def all_is_there(checks: Checks, ledgers: Ledgers) -> list[str]:
    """Every act of the night stands in a ledger; what is missing, by name."""
    office = Counter(e.type for e in ledgers.office)
    keys = Counter(e.type for e in ledgers.keys)
    missing = [
        f"{name} {kind}: {found[kind]} of {number}"
        for name, found, expected in (
            ("office", office, EXPECTED_OFFICE),
            ("keys", keys, EXPECTED_KEYS),
        )
        for kind, number in expected.items()
        if found[kind] < number
    ]
    checks.add(8, "every act of the night is in a ledger", not missing)
    findings = [*audit.pair(ledgers.office, ledgers.keys), *audit.unknown(*_both(ledgers))]
    checks.add(8, "the two ledgers pair act by act", not findings)
    return [*missing, *(finding.what for finding in findings)]


def attacks_held(attacks: Sequence[Attack]) -> list[str]:
    return [f"attack opened: {attack.name}" for attack in attacks if attack.outcome == OPENED]


def _both(ledgers: Ledgers) -> tuple[list[Entry], list[Entry]]:
    return ledgers.office, ledgers.keys


def _file(place: Path, values: Values) -> Sequence[object]:
    data = place.read_bytes()
    return [*values.search(data, limit=1), *values.search_fields(data, place.name, limit=1)]


def _unwritten(night: Night, hands: Hands) -> bool:
    """A device whose journal cannot be written must not answer."""
    clock = StoryClock("2022-06-21 19:50")
    device = devices.open_device(hands.device(), clock.now)
    hand = night.house.cast.signer("operator")
    opened = enquire.open_carrier(device, hands.carrier().root, night.grant, hand)
    device.journal.close()  # as if the disk had gone away
    try:
        opened.answer([night.known["calls"][0].enquiry])
    except (AzukariError, OSError):
        return True
    return False


def _subjects(night: Night) -> bool:
    """The city opens the sealed subjects of the journal: one for each known caller."""
    path = night.house.device_home / "journal.jsonl"
    lines = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    key = night.house.office.journal_key
    found = [
        open_subject(unbase64(line["subject"]), key, line["grant"])
        for line in lines
        if line["kind"] == "enquiry"
    ]
    known = sum(call.why == "found" for call in night.known["calls"])
    return bool(sum(position >= 0 for position in found) == known)
