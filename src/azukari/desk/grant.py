"""Grants at the office: asked, decided by the key service, issued; receipts taken in.

Two acts joined by one id: the asking is written here first, so that a crash leaves more recorded
than happened; `finish` repeats the question and the key service answers it once.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from azukari.carrier.manifest import envelope_hash
from azukari.carrier.receipt import START, Chain, accept
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.entrust.may import Opening
from azukari.errors import Refused
from azukari.keys.client import GrantAsk
from azukari.ledger.entry import counts
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.seal.grant import p256_der
from azukari.shelf.book import Draft
from azukari.vault import records, schema


def issue(
    office: Office,
    carrier: str,
    *,
    person: str,
    role: str,
    device: str,
    one_time_key: str,
    not_before: int,
    not_after: int,
    by: str,
    act: str | None = None,
) -> bytes:
    """Ask the key service for a grant; the document, or `Refused` with every reason."""
    act = act or new_act()
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    opening = Opening(
        orders.order_of(office, row.order_id),
        person,
        role,
        device,
        one_time_key,
        not_before,
        not_after,
    )
    known = chain_of(office, device)
    ask = GrantAsk(
        row.id,
        envelope_hash(row.envelope),
        opening,
        p256_der(office.journal_key.public_key()),
        known.length,
        known.head,
    )
    with office.act(permits=True) as tx:
        tx.execute(
            schema.grant.insert().values(
                act=act, carrier=row.id, ask=msgspec.json.encode(ask), by=by, state="asked"
            )
        )
        refs = tuple(dict.fromkeys((row.id, device, person)))
        office.write(tx, Draft(act, "grant.asked", by, refs))
    return finish(office, act)


def finish(office: Office, act: str) -> bytes:
    """The second half of a grant: ask, and record the answer; safe to repeat."""
    with office.act() as tx:
        row = tx.execute(select(schema.grant).where(schema.grant.c.act == act)).one()
    ask = msgspec.json.decode(row.ask, type=GrantAsk)
    try:
        document = office.keys.grant(act, row.by, ask)
    except Refused as refused:
        _answered(office, act, row.by, ask, state="refused", reasons=" ".join(refused.reasons))
        raise
    if row.state == "asked":
        _answered(office, act, row.by, ask, state="issued", document=document)
    return document


def chain_of(office: Office, device: str) -> Chain:
    """How far the city knows a device's chain."""
    rows = schema.chain
    with office.act() as tx:
        row = tx.execute(select(rows).where(rows.c.device == device)).one_or_none()
    return Chain() if row is None else Chain(row.length, row.head)


def take_receipt(office: Office, envelope: bytes, lines: Sequence[bytes]) -> doc.Receipt:
    """Take in a device's statement with its journal; one entry for the batch.

    Raises `Conflict` where it does not continue the chain the city knows: such a device is rolled
    back, copied, or lies, and what it says is not believed.
    """
    claimed = doc.unverified(envelope, doc.Receipt)
    with office.act() as tx:
        device = doc.unverified(records.document(tx, claimed.device), doc.Device)
    key = PublicKey.load(Use.RECEIPT, unbase64(device.public))
    signed = doc.read(envelope, doc.Receipt, lambda k: key if k == key.id else None)
    receipt: doc.Receipt = signed.document
    known = chain_of(office, receipt.device)
    chain = accept(receipt, lines, known)
    act = new_act()
    with office.act() as tx:
        row = {"device": receipt.device, "length": chain.length, "head": chain.head}
        if known == Chain(0, START):
            tx.execute(schema.chain.insert().values(row))
        else:
            mine = schema.chain.c.device == receipt.device
            tx.execute(schema.chain.update().where(mine).values(row))
        tx.execute(
            schema.receipt.insert().values(
                device=receipt.device,
                carrier=receipt.carrier,
                at=receipt.at,
                envelope=envelope,
                records=b"\n".join(lines),
            )
        )
        refs = (receipt.carrier, receipt.device)
        detail = {"head": receipt.head, "first": receipt.first, "length": receipt.length}
        n = counts(records=len(lines), answered=receipt.answered)
        drafts = [Draft(act, "journal.taken_in", office.city, refs, n=n, detail=detail)]
        if receipt.one_time_keys_destroyed:
            drafts.append(
                Draft(
                    act,
                    "carrier.erased",
                    office.city,
                    refs,
                    detail={"one_time_keys": receipt.one_time_keys_destroyed},
                )
            )
        office.write(tx, *drafts)
    return receipt


def receipts_of(office: Office, carrier: str) -> list[doc.Receipt]:
    """What devices stated about a carrier."""
    rows = schema.receipt
    with office.act() as tx:
        found = tx.execute(select(rows.c.envelope).where(rows.c.carrier == carrier)).scalars()
        return [doc.unverified(envelope, doc.Receipt) for envelope in found]


def _answered(
    office: Office,
    act: str,
    by: str,
    ask: GrantAsk,
    *,
    state: str,
    document: bytes | None = None,
    reasons: str | None = None,
) -> None:
    with office.act() as tx:
        mine = (schema.grant.c.act == act) & (schema.grant.c.state == "asked")
        changed = tx.execute(
            schema.grant.update()
            .where(mine)
            .values(state=state, document=document, reasons=reasons)
        )
        if not changed.rowcount:
            return
        detail = None if reasons is None else {"reasons": reasons.split()}
        other = office.keys_head(tx)
        office.write(
            tx, Draft(act, f"grant.{state}", by, (ask.carrier,), detail=detail, other=other)
        )
