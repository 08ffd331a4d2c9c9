"""People, parties and devices: the city's half of their entries, and who no longer counts.

A person makes their key and states who pays them; two persons of the city admit them, with what
the party's officer said beside it.  A device brings its public keys in the same way.  Until the
city has signed, such an entry is half-signed and nobody believes it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from azukari.desk import order as orders
from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.entrust.order import DAY_MS
from azukari.errors import Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records

#: How old a half may be: a quiet time must not run before the city knows of somebody.
CITY_HALF_MS: Final = 3_600_000
HALF_MS: Final = 7 * DAY_MS


def add_party(office: Office, name: str, role: str) -> doc.Party:
    """Enrol a contractor or sub-contractor; one entry."""
    party = doc.Party(id=new_id(), name=name, role=role)
    orders.enrol(office, doc.issue(party, office.signers["enrol"]))
    return party


def parties_of(office: Office) -> list[doc.Party]:
    with office.act() as tx:
        found = records.documents(tx, doc.Party)
    return [doc.unverified(envelope, doc.Party) for envelope in found]


def devices_of(office: Office) -> list[doc.Device]:
    with office.act() as tx:
        found = records.documents(tx, doc.Device)
    return [doc.unverified(envelope, doc.Device) for envelope in found]


def read_person(half: bytes) -> doc.Person:
    """What a person's half says; signed by the very key it names."""
    claimed = doc.unverified(half, doc.Person)
    own = PublicKey.load(Use.PERSON, unbase64(claimed.public))
    return doc.read_half(half, doc.Person, {own.id: own}.get)


def read_device(half: bytes) -> doc.Device:
    """What a device's half says; signed by the very key it names."""
    claimed = doc.unverified(half, doc.Device)
    own = PublicKey.load(Use.RECEIPT, unbase64(claimed.public))
    return doc.read_half(half, doc.Device, {own.id: own}.get)


def admit(office: Office, half: bytes, employer: str, officers: Collection[str]) -> bytes:
    """Two persons of the city admit a person; the whole entry, one ledger entry.

    ``employer`` is the party that the party's own officer named, apart from the person: a
    difference stops the enrolment.  ``officers`` have shown their keys; they are the two whom the
    person's half names.
    """
    person = read_person(half)
    _party(office, person.party)
    reasons: list[str] = []
    if {person.party, person.states_employer} != {employer}:
        reasons.append("employer_disagrees")
    gone = withdrawn(office)
    of_the_city = {one.id for one in orders.people_of(office) if one.party == office.city}
    if len((set(officers) & of_the_city) - {person.id} - gone) < 2:
        reasons.append("two_persons_needed")
    if set(person.enrolled_by) != set(officers):
        reasons.append("enrolled_by_others")
    reasons += _why_too_old(office, person.enrolled_at, person.party == office.city)
    if reasons:
        raise Refused("enrolment", reasons)
    whole = doc.add_signature(half, office.signers["enrol"])
    orders.enrol(office, whole)
    return whole


def admit_device(office: Office, half: bytes, party: str) -> bytes:
    """The city admits a device of ``party``; the whole entry, one ledger entry."""
    device = read_device(half)
    _party(office, device.party)
    reasons: list[str] = []
    if device.party != party:
        reasons.append("device_of_another_party")
    reasons += _why_too_old(office, device.enrolled_at, city=False)
    if reasons:
        raise Refused("enrolment", reasons)
    whole = doc.add_signature(half, office.signers["enrol"])
    orders.enrol(office, whole)
    return whole


def refuse(office: Office, order: str, person: str, signer: Signer) -> bytes:
    """Refuse an order for good: an approver's no, or its requester's withdrawal; one entry.

    The key service learns it from the city's signed status statement and makes no key under it any
    more.  Returns that statement.
    """
    asked = orders.order_of(office, order)
    known = orders.person_of(office, person)
    if signer.public != PublicKey.load(Use.PERSON, unbase64(known.public)):
        raise Refused("refusing an order", ("person_unknown",))
    if known.party != office.city or not ("approver" in known.roles or person == asked.requester):
        raise Refused("refusing an order", ("approver_unknown",))
    word = statement(office, revoked=[asked.id])
    with office.act() as tx:
        kind = "order.withdrawn" if person == asked.requester else "order.refused"
        detail = {"reasons": ["order_withdrawn"]}
        office.write(tx, Draft(new_act(), kind, person, (asked.id, person), detail=detail))
    return word


def leave(office: Office, person: str, by: str) -> bytes:
    """Somebody no longer counts, for good; the key service first, then one entry."""
    orders.person_of(office, person)
    return _gone(office, person, "person.left", by)


def suspend_device(office: Office, device: str, by: str) -> bytes:
    """A device gets no grant any more, for good; the key service first, then one entry."""
    if device not in {known.id for known in devices_of(office)}:
        raise NotFound("the office knows no such device")
    return _gone(office, device, "device.suspended", by)


def statement(
    office: Office, *, left: Collection[str] = (), revoked: Collection[str] = ()
) -> bytes:
    """The city's signed word on who and what no longer counts, with everything it said before.

    The key service is told; a statement that says something new is kept.
    """
    with office.act() as tx:
        known = records.documents(tx, doc.Status)
        suspended = [
            doc.unverified(envelope, doc.Suspension).agreement
            for envelope in records.documents(tx, doc.Suspension)
        ]
    before = [doc.unverified(envelope, doc.Status) for envelope in known]
    now = office.now()
    word = doc.Status(
        id=new_id(),
        serial=max([now, *(one.serial + 1 for one in before)]),
        at=now,
        suspended=suspended,
        left=_with(left, [one.left for one in before]),
        revoked=_with(revoked, [one.revoked for one in before]),
    )
    envelope = doc.issue(word, office.signers["order"])
    office.keys.believe([envelope])
    if left or revoked:
        with office.act() as tx:
            records.keep_document(tx, word, envelope)
    return envelope


def withdrawn(office: Office) -> set[str]:
    """Every id that the city said no longer counts."""
    with office.act() as tx:
        known = records.documents(tx, doc.Status)
        gone = [
            doc.unverified(envelope, doc.Suspension).agreement
            for envelope in records.documents(tx, doc.Suspension)
        ]
    said = [doc.unverified(envelope, doc.Status) for envelope in known]
    return {*gone, *(one for word in said for one in (*word.left, *word.revoked))}


def _gone(office: Office, identifier: str, entry: str, by: str) -> bytes:
    if identifier in withdrawn(office):
        raise Conflict("the city said so before")
    left, revoked = ([identifier], []) if entry == "person.left" else ([], [identifier])
    word = statement(office, left=left, revoked=revoked)
    with office.act() as tx:
        office.write(tx, Draft(new_act(), entry, by, (identifier,)))
    return word


def _party(office: Office, party: str) -> doc.Party:
    for known in parties_of(office):
        if known.id == party:
            return known
    raise NotFound("the office knows no such party")


def _why_too_old(office: Office, at: int, city: bool) -> list[str]:
    oldest = office.now() - (CITY_HALF_MS if city else HALF_MS)
    return [] if oldest <= at <= office.now() + LATENESS_MS else ["half_too_old"]


def _with(new: Collection[str], before: Collection[list[str]]) -> list[str]:
    return sorted({*new, *(one for said in before for one in said)})
