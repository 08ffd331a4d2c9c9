"""Grants at the office: asked, decided by the key service, issued.

Two acts joined by one id: the asking is written here first, so that a crash leaves more recorded
than happened; `finish` repeats the question and the key service answers it once.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from azukari.carrier.manifest import envelope_hash
from azukari.desk import order as orders
from azukari.desk.loss import PENDING
from azukari.desk.office import Office, new_act
from azukari.desk.receipts import chain, chain_of, receipts_of, take_receipt
from azukari.entrust.may import Opening
from azukari.errors import Conflict, NotFound, Refused
from azukari.keys.client import GrantAsk
from azukari.seal.grant import p256_der
from azukari.shelf.book import Draft
from azukari.vault import records, schema

PROOF_MS: Final = 12 * 3_600_000

__all__ = ["chain_of", "finish", "issue", "receipts_of", "take_receipt"]


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
    """Ask the key service for a grant; the document, or `Refused` with every reason.

    The same ``act`` again asks the same question and gets the same answer; another one is a
    `Conflict`.
    """
    act = act or new_act()
    with office.act() as tx:
        row = records.carrier(tx, carrier)
        known = chain(tx, device)
    if row.envelope is None:
        raise Conflict("this carrier was never sealed")
    _revoke_what_is_lost(office, row.id)
    opening = Opening(
        orders.order_of(office, row.order_id),
        person,
        role,
        device,
        one_time_key,
        not_before,
        not_after,
    )
    ask = GrantAsk(
        row.id,
        envelope_hash(row.envelope),
        opening,
        p256_der(office.journal_key.public_key()),
        known.length,
        known.head,
    )
    question = msgspec.json.encode(ask)
    with office.act(permits=True) as tx:
        before = _row(tx, act)
        if before is not None and bytes(before.ask) != question:
            raise Conflict("this act was asked before, with another question")
        if before is None:
            tx.execute(
                schema.grant.insert().values(
                    act=act, carrier=row.id, ask=question, by=by, state="asked"
                )
            )
            refs = tuple(dict.fromkeys((row.id, device, person)))
            office.write(tx, Draft(act, "grant.asked", by, refs))
    return finish(office, act)


def finish(office: Office, act: str) -> bytes:
    """The second half of a grant: ask, and record the answer; safe to repeat."""
    with office.act() as tx:
        row = _row(tx, act)
    if row is None:
        raise NotFound("the office knows no such grant")
    if row.state == "refused":
        raise Refused("grant", row.reasons.split())
    ask = msgspec.json.decode(row.ask, type=GrantAsk)
    try:
        document = office.keys.grant(act, row.by, ask)
    except Refused as refused:
        _answered(office, act, row.by, ask, state="refused", reasons=" ".join(refused.reasons))
        raise
    if row.state == "asked":
        _answered(office, act, row.by, ask, state="issued", document=document)
    return document


def _row(tx: Connection, act: str) -> Row[Any] | None:
    return tx.execute(select(schema.grant).where(schema.grant.c.act == act)).one_or_none()


def _revoke_what_is_lost(office: Office, carrier: str) -> None:
    """A loss whose revocation is still owed comes first: no key for what is known to be lost."""
    rows = schema.incident
    with office.act() as tx:
        pending = tx.execute(select(rows).where(rows.c.state == PENDING)).all()
    for row in pending:
        carriers = row.carriers.split()
        if carrier in carriers:
            office.keys.revoke(row.act, office.city, carriers, None)


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
        if state == "issued":
            # What was let out is accounted for some hours after it must be back.
            back = orders.order_in(tx, records.carrier(tx, ask.carrier).order_id).return_by
            by_then = max(ask.opening.not_after, back) + PROOF_MS
            records.set_due(tx, act, "erase", by_then)
            records.set_due(tx, act, "receipts", by_then)
        detail = None if reasons is None else {"reasons": reasons.split()}
        other = office.keys_head(tx)
        office.write(
            tx, Draft(act, f"grant.{state}", by, (ask.carrier,), detail=detail, other=other)
        )
