"""People, parties and devices: the city's hands under their entries, and who no longer counts.

A person makes their key and states who pays them; an officer of their party vouches, saying it
apart from them (enrol.py); two persons of the city admit them, each with their own key.  A device
brings its public keys in the same way.  Until everybody has signed, nobody believes such an entry.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from azukari.desk import order as orders
from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.entrust import enrolment
from azukari.entrust.order import DAY_MS
from azukari.errors import BadFormat, BadInput, BadSignature, Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records

#: How old a half may be: a quiet time must not run before the city knows of somebody.
CITY_HALF_MS: Final = 3_600_000
HALF_MS: Final = 7 * DAY_MS
#: Why somebody no longer counts, as the detail of their leaving says it.
BECAUSE: Final = ("left", "key-lost", "employer-changed")


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


def admit(
    office: Office, half: bytes, employer: str, hands: Collection[tuple[str, Signer]]
) -> bytes:
    """A person's or device's entry with more hands of the city under it.

    ``hands`` are the ids and keys of whoever is here, of those whom the half names.  Once everybody
    signed, the city's enrol key is set under it, and it is kept with one ledger entry; until then
    it is returned half-signed, for the next hand, and recorded nowhere.

    ``employer`` is the party that an officer of the city names who vouches for a party's first
    officer, or for one of the city's own, apart from what the person said: a difference stops the
    enrolment.  Empty where the party's own officer vouched.
    """
    signed = read_entry(office, half)
    entry = signed.document
    _party(office, entry.party)
    reasons: list[str] = []
    here, before = {one for one, _ in hands}, set(signed_by(office, signed))
    if (employer or entry.vouched_by in here) and employer != entry.party:
        reasons.append("employer_disagrees")
    if not here <= doc.admitting(entry):
        reasons.append("enrolled_by_others")
    if entry.vouched_by not in here | before:
        reasons.append("officer_of_the_party_needed")  # first: the city adds its hands to that
    reasons += enrolment.why_not(
        entry, _known(office), withdrawn(office), office.city, _founders(office)
    )
    reasons += _why_too_old(office, entry.enrolled_at, entry.party == office.city)
    if reasons:
        raise Refused("enrolment", tuple(dict.fromkeys(reasons)))
    envelope = half
    for person, signer in hands:
        orders.must_be(office, person, signer)
        envelope = doc.add_signature(envelope, signer)
    if doc.admitting(entry) - here - before:
        return envelope
    whole = doc.add_signature(envelope, office.signers["enrol"])
    orders.enrol(office, whole)
    return whole


def read_entry(office: Office, half: bytes) -> doc.Signed:
    """The half of a person's or device's entry; signed by the very key it names."""
    kind = doc.word_of(half)
    if not issubclass(kind, doc.Person | doc.Device):
        raise BadFormat("expected is the entry of a person or a device")
    claimed: doc.Person | doc.Device = doc.unverified(half, kind)
    use = Use.PERSON if kind is doc.Person else Use.RECEIPT
    own = PublicKey.load(use, unbase64(claimed.public))
    keys = {own.id: own, **_keys(office)}
    signed = doc.read_half(half, kind, keys.get)
    if own.id not in {key.id for key in signed.keys}:
        raise BadSignature("an entry is not signed with the key it names")
    return signed


def signed_by(office: Office, signed: doc.Signed) -> list[str]:
    """The persons whose keys stand under a document so far."""
    owners = {key.id: person for person, key in person_keys(office).items()}
    return [owners[key.id] for key in signed.keys if key.id in owners]


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
    kind = "order.withdrawn" if person == asked.requester else "order.refused"
    detail = {"reasons": ["order_withdrawn"]}
    entry = Draft(new_act(), kind, person, (asked.id, person), detail=detail)
    return statement(office, revoked=[asked.id], entry=entry)


def leave(office: Office, person: str, by: str, because: str = "left") -> bytes:
    """Somebody no longer counts, for good; the key service first, then one entry.

    ``because``: one of `BECAUSE`; it stands in the detail.  Their devices are left as they are: a
    device is its party's, and others may open with it.
    """
    if because not in BECAUSE:
        raise BadInput("because", f"one of {', '.join(BECAUSE)} is expected")
    orders.person_of(office, person)
    return _gone(office, person, "person.left", by, {"because": because})


def suspend_device(office: Office, device: str, by: str) -> bytes:
    """A device gets no grant any more, for good; the key service first, then one entry."""
    if device not in {known.id for known in devices_of(office)}:
        raise NotFound("the office knows no such device")
    return _gone(office, device, "device.suspended", by)


def statement(
    office: Office,
    *,
    left: Collection[str] = (),
    revoked: Collection[str] = (),
    entry: Draft | None = None,
) -> bytes:
    """The city's signed word on who and what no longer counts, with everything it said before.

    The key service is told; then a statement that says something new is kept, and ``entry`` with it
    in one transaction: whoever is cut off in between says it again, and loses no entry.
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
            if entry is not None:
                office.write(tx, entry)
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


def _gone(
    office: Office, identifier: str, entry: str, by: str, detail: dict[str, str] | None = None
) -> bytes:
    if identifier in withdrawn(office):
        raise Conflict("the city said so before")
    left, revoked = ([identifier], []) if entry == "person.left" else ([], [identifier])
    draft = Draft(new_act(), entry, by, (identifier,), detail=detail)
    return statement(office, left=left, revoked=revoked, entry=draft)


def _known(office: Office) -> dict[str, doc.Person]:
    return {person.id: person for person in orders.people_of(office)}


def person_keys(office: Office) -> dict[str, PublicKey]:
    """The key of everybody enrolled, by person."""
    return {
        person.id: PublicKey.load(Use.PERSON, unbase64(person.public))
        for person in orders.people_of(office)
    }


def _keys(office: Office) -> dict[str, PublicKey]:
    return {key.id: key for key in person_keys(office).values()}


def _founders(office: Office) -> set[str]:
    first = {key.id for key in office.founders}
    return {person for person, key in person_keys(office).items() if key.id in first}


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
