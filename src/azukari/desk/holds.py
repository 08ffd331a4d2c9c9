"""What holds details back: open incidents, carriers out, open duties, and who asked that all stays.

The first three follow from the records and end by themselves; a hold that a committee, a court or a
resident asks for is placed and lifted by two persons of the city, each time by both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection, select

from azukari.carrier.life import State
from azukari.desk import order as orders
from azukari.desk import people, tasks
from azukari.desk.office import Office, new_act
from azukari.entrust import retention
from azukari.entrust.retention import Standing
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.ledger.entry import decode
from azukari.names import new_id, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.shelf.book import Draft
from azukari.vault import records, schema

Hand = tuple[str, Signer]
INCIDENT: Final = "incident_open"
CARRIER: Final = "carrier_not_accounted_for"
DUTY: Final = "duty_open"
ASKED_FOR: Final = "held_by_request"
MOST: Final = 100  # ids of one hold
_ACCOUNTED: Final = (State.RETURNED, State.ABANDONED)
_RECURRING: Final = ("review", "supervision")  # due again and again: an open one is no open matter


def standing(tx: Connection) -> list[Standing]:
    """Everything that holds now, in the caller's transaction."""
    return [*_incidents(tx), *_carriers(tx), *_duties(tx), *_asked_for(tx)]


def place(office: Office, about: Sequence[str], because: str, one: Hand, other: Hand) -> doc.Hold:
    """From now on nothing about these is erased; empty: nothing at all.  One entry."""
    if len(about) > MOST or len(set(about)) != len(about):
        raise BadInput("hold", f"at most {MOST} ids, each once")
    for each in about:
        raw_id(each)
    must_be_two(office, one, other, "a hold")
    hold = doc.Hold(id=new_id(), about=list(about), because=tasks.written(because), at=office.now())
    _keep(office, hold, "hold.placed", (hold.id, other[0], *about), one, other)
    return hold


def lift(office: Office, hold: str, because: str, one: Hand, other: Hand) -> doc.Lift:
    """A hold holds no more; one entry."""
    must_be_two(office, one, other, "lifting a hold")
    if hold not in {found.id for found in holding(office)}:
        raise NotFound("nothing holds by that hold")
    word = doc.Lift(id=new_id(), hold=hold, because=tasks.written(because), at=office.now())
    _keep(office, word, "hold.lifted", (hold, word.id, other[0]), one, other, about=hold)
    return word


def holding(office: Office) -> list[doc.Hold]:
    """The holds that were placed and not lifted, oldest first."""
    with office.act() as tx:
        return _holding(tx)


def must_be_two(office: Office, one: Hand, other: Hand, what: str) -> None:
    """Two persons of the city, each by their own key, neither admitted by the other of late.

    Raises `Refused` with every reason, `BadSignature` where a key is another's.
    """
    for person, signer in (one, other):
        orders.must_be(office, person, signer)
    reasons = why_not_two(office, one[0], other[0])
    if reasons:
        raise Refused(what, reasons)


def why_not_two(office: Office, one: str, other: str) -> list[str]:
    """The same of two ids, as reason codes."""
    known = {person.id: person for person in orders.people_of(office)}
    gone = people.withdrawn(office)
    at = office.now()
    return retention.why_not_two(known.get(one), known.get(other), office.city, gone, at)


def _keep(
    office: Office,
    word: doc.Hold | doc.Lift,
    kind: str,
    refs: tuple[str, ...],
    one: Hand,
    other: Hand,
    about: str | None = None,
) -> None:
    envelope = doc.issue(word, one[1], other[1])
    detail = {"because": word.because, "sha256": doc.digest(word)}
    with office.act(permits=True) as tx:
        if about is not None and about not in {found.id for found in _holding(tx)}:
            raise Conflict("this hold was lifted before")
        records.keep_document(tx, word, envelope, about=about)
        refs = tuple(dict.fromkeys(refs))
        office.write(tx, Draft(new_act(), kind, one[0], refs, detail=detail))


def _holding(tx: Connection) -> list[doc.Hold]:
    lifted = {doc.unverified(one, doc.Lift).hold for one in records.documents(tx, doc.Lift)}
    placed = [doc.unverified(one, doc.Hold) for one in records.documents(tx, doc.Hold)]
    return [one for one in placed if one.id not in lifted]


def _asked_for(tx: Connection) -> list[Standing]:
    return [
        Standing(ASKED_FOR, one.id, frozenset(one.about) if one.about else None)
        for one in _holding(tx)
    ]


def _incidents(tx: Connection) -> list[Standing]:
    rows = schema.incident.c
    found = tx.execute(select(rows.id, rows.carriers).where(rows.state != "closed")).all()
    return [
        Standing(INCIDENT, row.id, _about(tx, row.carriers.split()) | {row.id}) for row in found
    ]


def _carriers(tx: Connection) -> list[Standing]:
    """A carrier is accounted for once it is back, was never whole, or its key is destroyed."""
    out = [row.id for row in records.carriers(tx) if row.state not in _ACCOUNTED]
    if not out:
        return []
    entries = (decode(line) for line in records.keys_entries(tx))
    gone = {ref for entry in entries if entry.type == "key.shredded" for ref in entry.refs}
    return [Standing(CARRIER, each, _about(tx, [each])) for each in out if each not in gone]


def _duties(tx: Connection) -> list[Standing]:
    """What somebody still owes, and what it is about."""
    due = schema.due.c
    owed = tx.execute(select(due.subject, due.what).where(due.done.is_(None))).all()
    measure, follow = schema.measure.c, schema.follow_up.c
    open_ = [
        *tx.execute(select(measure.id, measure.subject).where(measure.closed_at.is_(None))),
        *tx.execute(select(follow.id, follow.supervision).where(follow.closed_at.is_(None))),
    ]
    found = [Standing(DUTY, row[0], frozenset(row)) for row in open_]
    return found + [
        Standing(DUTY, row.subject, frozenset((row.subject,)))
        for row in owed
        if row.what.partition("/")[0] not in _RECURRING
    ]


def _about(tx: Connection, carriers: Collection[str]) -> frozenset[str]:
    """Carriers, their orders, and whom and what these name: what may be asked of a carrier."""
    ids = set(carriers)
    agreements = {
        link.id: link
        for link in (
            doc.unverified(one, doc.Agreement) for one in records.documents(tx, doc.Agreement)
        )
    }
    for carrier in carriers:
        row = records.find_carrier(tx, carrier)
        asked = None if row is None else records.find_document(tx, row.order_id)
        if asked is None:
            continue
        order = doc.unverified(asked, doc.Order)
        ids |= {order.id, order.holder, order.recipient, order.grant_by}
        ids |= {order.device, order.device_holder, order.requester}
        link = agreements.get(order.agreement)
        while link is not None and link.id not in ids:
            ids.add(link.id)
            link = agreements.get(link.parent)
    return frozenset(ids)
