"""Receipts: what devices state of their journals, taken in when a medium comes back.

A receipt is believed as *the device's statement* and only as far as it continues the chain the city
knows.  What it destroyed counts for its own device: nobody speaks for another's keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import msgspec
from sqlalchemy import Connection, select

from azukari.carrier import life
from azukari.carrier.receipt import Chain, accept, contradicts
from azukari.desk import people
from azukari.desk.office import Office, new_act
from azukari.errors import Conflict, NotFound
from azukari.keys.client import GrantAsk
from azukari.ledger.entry import counts
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, parse, unbase64
from azukari.shelf.book import Draft
from azukari.shelf.journal import Record
from azukari.vault import records, schema


def take_receipt(office: Office, envelope: bytes, lines: Sequence[bytes]) -> doc.Receipt:
    """Take in a device's statement with its journal; one entry for the batch.

    The same receipt again changes nothing.  Raises `Conflict` where it does not continue the chain
    the city knows, and what it says is not believed.  A device that signed two histories was rolled
    back, copied, or lies: it is suspended for good before that is raised.
    """
    receipt = read_receipt(office, envelope)
    _must_be_one_history(office, receipt, envelope, lines)
    act = new_act()
    with office.act() as tx:
        if _taken(tx, envelope):
            return receipt
        known = chain(tx, receipt.device)
        after = accept(receipt, lines, known)
        _must_tell_of(receipt, lines)
        carrier = records.carrier(tx, receipt.carrier)
        row = {"device": receipt.device, "length": after.length, "head": after.head}
        if known == Chain():
            tx.execute(schema.chain.insert().values(row))
        else:
            mine = schema.chain.c.device == receipt.device
            tx.execute(schema.chain.update().where(mine).values(row))
        tx.execute(
            schema.receipt.insert().values(
                device=receipt.device,
                carrier=carrier.id,
                at=receipt.at,
                envelope=envelope,
                records=b"\n".join(lines),
            )
        )
        refs = (carrier.id, receipt.device)
        detail = {"head": receipt.head, "first": receipt.first, "length": receipt.length}
        n = counts(records=len(lines), answered=receipt.answered)
        drafts = [Draft(act, "journal.taken_in", office.city, refs, n=n, detail=detail)]
        if receipt.one_time_keys_destroyed:
            said = {"one_time_keys": receipt.one_time_keys_destroyed}
            drafts.append(Draft(act, "carrier.erased", office.city, refs, detail=said))
            _note_erased(tx, carrier.id, life.State(carrier.state))
        _settle(tx, receipt, office.now())
        office.write(tx, *drafts)
    return receipt


def _must_be_one_history(
    office: Office, receipt: doc.Receipt, envelope: bytes, lines: Sequence[bytes]
) -> None:
    with office.act() as tx:
        forked = not _taken(tx, envelope) and contradicts(
            receipt, lines, _stated(tx, receipt.device)
        )
    if not forked:
        return
    if receipt.device not in people.withdrawn(office):
        people.suspend_device(office, receipt.device, office.city)
    raise Conflict("the device signed two histories of its journal: it is suspended")


def _stated(tx: Connection, device: str) -> list[bytes]:
    """Every record of a device, from 0 on, as its receipts brought them."""
    rows = schema.receipt.c
    mine = select(rows.records).where(rows.device == device).order_by(rows.n)
    return [line for told in tx.execute(mine).scalars() for line in told.split(b"\n") if line]


def chain(tx: Connection, device: str) -> Chain:
    """How far the city knows a device's chain."""
    rows = schema.chain
    row = tx.execute(select(rows).where(rows.c.device == device)).one_or_none()
    return Chain() if row is None else Chain(row.length, row.head)


def chain_of(office: Office, device: str) -> Chain:
    """The same, in a transaction of its own."""
    with office.act() as tx:
        return chain(tx, device)


def receipts_of(office: Office, carrier: str) -> list[doc.Receipt]:
    """What devices stated about a carrier."""
    with office.act() as tx:
        return _receipts(tx, carrier)


def is_taken(office: Office, envelope: bytes) -> bool:
    """Was this very receipt taken in before?"""
    with office.act() as tx:
        return _taken(tx, envelope)


def destroyed(receipts: Sequence[doc.Receipt]) -> set[tuple[str, str]]:
    """Device and one-time key of every destruction that the device itself stated."""
    return {(one.device, key) for one in receipts for key in one.one_time_keys_destroyed}


def read_receipt(office: Office, envelope: bytes) -> doc.Receipt:
    """The receipt, signed by the very device it names."""
    claimed = doc.unverified(envelope, doc.Receipt)
    with office.act() as tx:
        kept = records.document(tx, claimed.device)
    if doc.word_of(kept) is not doc.Device:
        raise NotFound("the office knows no such device")
    device = doc.unverified(kept, doc.Device)
    key = PublicKey.load(Use.RECEIPT, unbase64(device.public))
    signed = doc.read(envelope, doc.Receipt, lambda k: key if k == key.id else None)
    found: doc.Receipt = signed.document
    return found


def _taken(tx: Connection, envelope: bytes) -> bool:
    rows = schema.receipt.c
    return tx.execute(select(rows.n).where(rows.envelope == envelope)).first() is not None


def _must_tell_of(receipt: doc.Receipt, lines: Sequence[bytes]) -> None:
    """The journal's lines are records, in their order, and as many answers as were claimed."""
    told = [parse(line, Record) for line in lines]
    if [record.seq for record in told] != list(range(receipt.first, receipt.length)):
        raise Conflict("the device's records are not in their order")
    if receipt.answered != sum(record.kind == "enquiry" for record in told):
        raise Conflict("the device claims another number of answers than its records show")


def _note_erased(tx: Connection, carrier: str, state: life.State) -> None:
    """A carrier is erased once every one-time key that could open it is destroyed."""
    rows = schema.grant
    mine = (rows.c.carrier == carrier) & (rows.c.state != "refused")
    asked = [
        msgspec.json.decode(ask, type=GrantAsk).opening
        for ask in tx.execute(select(rows.c.ask).where(mine)).scalars()
    ]
    out = {(opening.device, opening.one_time_key) for opening in asked}
    if out <= destroyed(_receipts(tx, carrier)):
        # Lost, or on its way back: then it stays what it is.
        with suppress(Conflict):
            records.change_carrier(tx, carrier, state=life.after(state, life.Act.ERASE))


def _settle(tx: Connection, receipt: doc.Receipt, now: int) -> None:
    """The journal is here for every grant of this device, and a key is erased where it says so."""
    rows = schema.grant
    mine = (rows.c.carrier == receipt.carrier) & (rows.c.state == "issued")
    for row in tx.execute(select(rows).where(mine)).all():
        opening = msgspec.json.decode(row.ask, type=GrantAsk).opening
        if opening.device != receipt.device:
            continue
        if receipt.at >= opening.not_before:
            records.settle(tx, row.act, now, "receipts")
        if opening.one_time_key in receipt.one_time_keys_destroyed:
            records.settle(tx, row.act, now, "receipts", "erase")


def _receipts(tx: Connection, carrier: str) -> list[doc.Receipt]:
    rows = schema.receipt
    found = tx.execute(select(rows.c.envelope).where(rows.c.carrier == carrier)).scalars()
    return [doc.unverified(envelope, doc.Receipt) for envelope in found]
