"""Agreements at the office: the city's half, the processor's half, and the end of one.

An agreement is signed by the city and by an officer of its processor, mostly on two machines.
It may only narrow the one above; what every link allows is asked anew at every act (`entrust`).
"""

from __future__ import annotations

from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.entrust import agreement as agreements
from azukari.errors import Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.vault import records


def start(office: Office, parent: str, processor: str, terms: doc.Terms) -> bytes:
    """The city's half of an agreement; recorded nowhere until the processor's half is under it.

    Refused where the chain up to the city would not hold: a link that widens is none.
    """
    known = {one.id: one for one in agreements_of(office)}
    if parent and parent not in known:
        raise NotFound("the office knows no such agreement")
    entrustor = known[parent].processor if parent else office.city
    link = doc.Agreement(
        id=new_id(),
        parent=parent,
        entrustor=entrustor,
        processor=processor,
        terms=terms,
        from_at=office.now(),
    )
    links = agreements.chain(link.id, {**known, link.id: link})
    if agreements.broken(links, office.city):
        raise Refused("agreement", ("agreement_widens",))
    return doc.start(link, office.signers["order"])


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
    """Every agreement that both sides signed, oldest first."""
    with office.act() as tx:
        found = records.documents(tx, doc.Agreement)
    return [doc.unverified(envelope, doc.Agreement) for envelope in found]


def suspended(office: Office) -> set[str]:
    """The ids of agreements that were suspended."""
    with office.act() as tx:
        found = records.documents(tx, doc.Suspension)
    return {doc.unverified(envelope, doc.Suspension).agreement for envelope in found}
