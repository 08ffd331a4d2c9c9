"""Movement orders at the office: requested by one person, approved by two others, or refused."""

from __future__ import annotations

from sqlalchemy import Connection

from azukari.desk import training
from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.entrust import order as orders
from azukari.entrust.moment import Moment
from azukari.errors import BadFormat, BadInput, BadSignature, Conflict, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records


def enrol(office: Office, *envelopes: bytes) -> None:
    """Keep parties, people, devices, agreements and passes, and tell the key service.

    The key service verifies each; what it refuses is not kept here either.  One entry each; safe
    to repeat, because a crash may have come between the two.
    """
    kinds = [doc.word_of(envelope) for envelope in envelopes]
    if not set(kinds) <= set(_ENTRY):
        raise BadFormat(
            "only parties, people, devices, their keys, agreements and passes are enrolled"
        )
    office.keys.believe(envelopes)
    for kind, envelope in zip(kinds, envelopes, strict=True):
        document = doc.unverified(envelope, kind)  # verified by the key service just now
        with office.act(permits=True) as tx:
            if records.has_document(tx, document.id, envelope):
                continue
            records.keep_document(tx, document, envelope)
            draft = Draft(new_act(), _ENTRY[kind], office.city, (document.id,))
            office.write(tx, draft)


def request(office: Office, order: doc.Order, requester: Signer) -> bytes:
    """Sign an order with the city's order key and the requester's own; one entry."""
    orders.check(order)
    must_be(office, order.requester, requester)
    envelope = doc.issue(order, office.signers["order"], requester)
    with office.act(permits=True) as tx:
        records.keep_document(tx, order, envelope)
        detail = {"sha256": doc.digest(order)}
        refs = (order.id, order.requester)
        office.write(tx, Draft(new_act(), "order.requested", order.requester, refs, detail=detail))
    return envelope


def approve(
    office: Office, order: str, approver: str, signer: Signer, *, shown: str | None = None
) -> bytes:
    """An approver's own signature over the order's hash; one entry.

    ``shown`` is the hash of what the approver saw: another order is not signed in its place.
    Refused where the approver is party to the order, enrolled the requester, or is known to
    nobody; the refusal is an entry too.
    """
    must_be(office, approver, signer)
    asked = order_of(office, order)
    if shown not in (None, doc.digest(asked)):
        raise Conflict("the order is not the one that was shown")
    at = office.now()
    approval = doc.Approval(
        id=new_id(),
        order=asked.id,
        order_sha256=doc.digest(asked),
        approver=approver,
        at=at,
        expires_at=asked.expires_at,
    )
    envelope = doc.issue(approval, signer)
    _keep_approval(office, asked, approval, envelope)
    return envelope


def take_approval(office: Office, envelope: bytes) -> doc.Approval:
    """Take in an approval that was signed elsewhere; one entry, refused as in `approve`."""
    claimed = doc.unverified(envelope, doc.Approval)
    known = PublicKey.load(Use.PERSON, unbase64(person_of(office, claimed.approver).public))
    doc.read(envelope, doc.Approval, {known.id: known}.get)
    if claimed.at > office.now() + LATENESS_MS:
        raise BadInput("approval", "it cannot lie ahead of now")
    _keep_approval(office, order_of(office, claimed.order), claimed, envelope)
    return claimed


def _keep_approval(
    office: Office, asked: doc.Order, approval: doc.Approval, envelope: bytes
) -> None:
    """Count it, then keep it or refuse it; either is an entry."""
    approver, order = approval.approver, asked.id
    people = {person.id: person for person in people_of(office)}
    given = approvals_of(office, order)
    counted, reasons = orders.counting(
        asked,
        [*given, approval],
        people,
        office.city,
        Moment(office.now()),
        training.holders(office, asked),
    )
    with office.act(permits=True) as tx:
        if approver not in counted:
            detail = {"reasons": reasons}
            refs = (order, approver)
            office.write(tx, Draft(new_act(), "order.refused", approver, refs, detail=detail))
        else:
            if approver in {a.approver for a in given}:
                raise Conflict("this person has approved this order already")
            records.keep_document(tx, approval, envelope, about=order)
            if not given:
                records.set_due(tx, order, "unused", asked.expires_at)
            refs = (order, approver)
            office.write(tx, Draft(new_act(), "order.approved", approver, refs))
    if approver not in counted:
        raise Refused("approval", reasons)


def order_of(office: Office, order: str) -> doc.Order:
    """An order of this office, by its id."""
    with office.act() as tx:
        return order_in(tx, order)


def order_in(tx: Connection, order: str) -> doc.Order:
    """The same, in the caller's transaction."""
    return doc.unverified(records.document(tx, order), doc.Order)


def approvals_of(office: Office, order: str) -> list[doc.Approval]:
    with office.act() as tx:
        found = records.documents(tx, doc.Approval, about=order)
    return [doc.unverified(envelope, doc.Approval) for envelope in found]


def people_of(office: Office) -> list[doc.Person]:
    with office.act() as tx:
        found = records.documents(tx, doc.Person)
    return [doc.unverified(envelope, doc.Person) for envelope in found]


def person_of(office: Office, person: str) -> doc.Person:
    with office.act() as tx:
        return doc.unverified(records.document(tx, person), doc.Person)


def evidence(office: Office, order: str) -> list[bytes]:
    """Everything the key service needs to believe before it makes a key under an order."""
    with office.act() as tx:
        given = records.documents(tx, doc.Approval, about=order)
        return [records.document(tx, order), *given]


def status(office: Office, serial: int, negative: list[str]) -> bytes:
    """The city's signed word on who no longer counts, for the key service."""
    with office.act() as tx:
        suspended = [
            doc.unverified(envelope, doc.Suspension).agreement
            for envelope in records.documents(tx, doc.Suspension)
        ]
    word = doc.Status(
        id=new_id(),
        serial=serial,
        at=office.now(),
        suspended=suspended,
        left=[],
        revoked=negative,
    )
    return doc.issue(word, office.signers["order"])


def must_be(office: Office, person: str, signer: Signer) -> None:
    """``--as PERSON`` says whose key is asked for; only that person's key will do."""
    known = PublicKey.load(Use.PERSON, unbase64(person_of(office, person).public))
    if signer.public != known:
        raise BadSignature("this is not the key of the person who is named")


_ENTRY = {
    doc.Party: "party.added",
    doc.Person: "person.enrolled",
    doc.Device: "device.enrolled",
    doc.OneTimeKeys: "device.more_keys",
    doc.Agreement: "agreement.signed",
    doc.Training: "training.passed",
    doc.Suspension: "agreement.suspended",
}
