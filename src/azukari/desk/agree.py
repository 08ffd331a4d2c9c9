"""Agreements at the office: offered, approved or refused, and ended.

An agreement carries three hands: an officer of the entrustor, an officer of the processor, and the
city's order key.  The city's own agreements start here; a link below is asked for by the entrustor
at its own site (entrusting.py) and holds once the city approves it.  A link may only narrow the one
above; what every link allows is asked anew at every act (`entrust`).
"""

from __future__ import annotations

from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.entrusting import link_under
from azukari.desk.office import Office, new_act
from azukari.entrust.enrolment import OFFICER
from azukari.errors import Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.shelf.book import Draft
from azukari.vault import records


def offer(
    office: Office,
    processor: str,
    terms: doc.Terms,
    hand: tuple[str, Signer],
    replaces: str = "",
) -> bytes:
    """The city's half of an agreement of its own: its officer's hand and the order key.

    Recorded nowhere until the processor's officer has signed too.
    """
    person, signer = hand
    _must_be_officer(office, person, signer)
    known = {one.id: one for one in agreements_of(office)}
    link = link_under(known, office.city, "", office.city, processor, terms, office.now(), replaces)
    return doc.start(link, signer, office.signers["order"])


def read_request(office: Office, half: bytes) -> doc.Signed:
    """What two parties ask the city to approve; both officers' signatures are verified."""
    known = {key.id: key for key in people.person_keys(office).values()}
    return doc.read_half(half, doc.Agreement, known.get)


def approve(office: Office, half: bytes, hand: tuple[str, Signer]) -> bytes:
    """The city approves a link below one of its own; the whole agreement, one entry.

    Refused where it widens the link above, or was refused before; the refusal is not an entry, for
    nobody of the city said no.
    """
    person, signer = hand
    _must_be_officer(office, person, signer)
    asked: doc.Agreement = read_request(office, half).document
    known = {one.id: one for one in agreements_of(office)}
    if asked.id in people.withdrawn(office):
        raise Refused("agreement", ("agreement_refused",))
    link_under(
        {key: one for key, one in known.items() if key != asked.id},
        office.city,
        asked.parent,
        asked.entrustor,
        asked.processor,
        asked.terms,
        asked.from_at,
        asked.replaces,
    )
    whole = doc.add_signature(half, office.signers["order"])
    orders.enrol(office, whole)
    return whole


def refuse(office: Office, half: bytes, hand: tuple[str, Signer], because: str) -> bytes:
    """The city says no to a link that was asked for, for good; one entry.

    Returns the city's status statement, which names it: another copy of the request cannot be
    approved by mistake later.
    """
    person, signer = hand
    _must_be_officer(office, person, signer)
    asked: doc.Agreement = read_request(office, half).document
    if asked.id in {one.id for one in agreements_of(office)}:
        raise Conflict("this agreement was approved before")
    if asked.id in people.withdrawn(office):
        raise Conflict("this agreement was refused before")
    detail = {"because": because, "sha256": doc.digest(asked)}
    refs = (asked.id, asked.entrustor, asked.processor)
    entry = Draft(new_act(), "agreement.refused", person, refs, detail=detail)
    return people.statement(office, revoked=[asked.id], entry=entry)


def suspend(office: Office, agreement: str) -> bytes:
    """An agreement, and everything below it, holds no more; one entry, the key service first."""
    if agreement not in {one.id for one in agreements_of(office)}:
        raise NotFound("the office knows no such agreement")
    if agreement in suspended(office):
        raise Conflict("this agreement is suspended already")
    word = doc.Suspension(id=new_id(), agreement=agreement, at=office.now())
    envelope = doc.issue(word, office.signers["order"])
    orders.enrol(office, envelope)
    return envelope


def agreements_of(office: Office) -> list[doc.Agreement]:
    """Every agreement that both parties signed and the city approved, oldest first."""
    with office.act() as tx:
        found = records.documents(tx, doc.Agreement)
    return [doc.unverified(envelope, doc.Agreement) for envelope in found]


def suspended(office: Office) -> set[str]:
    """The ids of agreements that were suspended."""
    with office.act() as tx:
        found = records.documents(tx, doc.Suspension)
    return {doc.unverified(envelope, doc.Suspension).agreement for envelope in found}


def _must_be_officer(office: Office, person: str, signer: Signer) -> None:
    orders.must_be(office, person, signer)
    known = orders.person_of(office, person)
    gone = person in people.withdrawn(office)
    if known.party != office.city or OFFICER not in known.roles or gone:
        raise Refused("agreement", ("officer_of_the_party_needed",))
