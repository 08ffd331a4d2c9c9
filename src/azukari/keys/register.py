"""The key service's own records: documents, carriers, releases; its ledger stands beside them.

Rows only; what they mean is the keeper's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    func,
    select,
)

from azukari.errors import Conflict, NotFound
from azukari.shelf import book
from azukari.shelf.cells import held

metadata: Final = MetaData()
ledger: Final = book.tables(metadata)

document: Final = Table(
    "document",
    metadata,
    Column("n", Integer, primary_key=True),  # the order in which they were first believed
    Column("envelope", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),  # when it was first believed
)
carrier: Final = Table(
    "carrier",
    metadata,
    Column("id", String, primary_key=True),
    Column("act", String, nullable=False),
    Column("order_id", String),  # null: never travels
    Column("wrapped", LargeBinary),  # null after shredding
    Column("state", String, nullable=False),  # created, bound, revoked, shredded
    Column("bound", LargeBinary),  # what it was bound to, canonical JSON
    Column("envelope", String, unique=True),  # SHA-256; one envelope is one carrier's
    Column("revoked_by_act", String),  # the newest
)
release: Final = Table(
    "release",
    metadata,
    Column("act", String, primary_key=True),
    Column("carrier", String, nullable=False, index=True),
    Column("use", String, nullable=False),  # seal, open
    Column("at", BigInteger, nullable=False),
    Column("ask", LargeBinary, nullable=False),  # canonical JSON: a repeat must ask the same
    Column("grant", String),
    Column("one_time_key", String, unique=True),  # one key opens one grant
)
answer: Final = Table(  # acts that were refused; restorations and revocations that were done
    "answer",
    metadata,
    Column("act", String, primary_key=True),
    # create, seal, bind, open, restore, loss, and revoke/ with a carrier behind it
    Column("what", String, primary_key=True),
    Column("ask", LargeBinary, nullable=False),  # a repeat must ask the same
    Column("reasons", String, nullable=False),  # a space between; empty: it was done
)


def documents(tx: Connection, after: int = 0) -> list[tuple[int, bytes, int]]:
    """Believed documents with their numbers and when they were first believed, oldest first, from
    after a number on.
    """
    rows = select(document).where(document.c.n > after).order_by(document.c.n)
    return [(row.n, held(row.envelope, f"document {row.n}"), row.at) for row in tx.execute(rows)]


def keep_document(tx: Connection, envelope: bytes, at: int) -> int:
    """Keep a document, unless this very envelope is kept; its number."""
    mine = select(document.c.n).where(document.c.envelope == envelope)
    if tx.execute(mine).first() is None:
        tx.execute(document.insert().values(envelope=envelope, at=at))
    number: int = tx.execute(mine).scalar_one()
    return number


def never(tx: Connection, carrier_id: str, act: str) -> None:
    """Revoke a carrier before it is made: its id is used up."""
    values = {"id": carrier_id, "act": act, "state": "revoked", "revoked_by_act": act}
    tx.execute(carrier.insert().values(values))


def was_revoked(tx: Connection, act: str, carrier_id: str) -> bool:
    """Did this act revoke this carrier, whatever became of it since?"""
    row = find(tx, carrier_id)
    by_it = row is not None and row.revoked_by_act == act
    return by_it or answered(tx, act, f"revoke/{carrier_id}", b"") is not None


def note_revoked(tx: Connection, act: str, carrier_id: str) -> None:
    """From now on this act has revoked this carrier; safe to repeat."""
    what = f"revoke/{carrier_id}"
    if answered(tx, act, what, b"") is None:
        note_answer(tx, act, what, b"", ())


def find(tx: Connection, carrier_id: str) -> Row[Any] | None:
    """A carrier's row, or None."""
    return tx.execute(select(carrier).where(carrier.c.id == carrier_id)).one_or_none()


def must(tx: Connection, carrier_id: str) -> Row[Any]:
    """A carrier's row; `NotFound` where there is none."""
    row = find(tx, carrier_id)
    if row is None:
        raise NotFound("the key service knows no such carrier")
    return row


def change(tx: Connection, carrier_id: str, **values: object) -> None:
    tx.execute(carrier.update().where(carrier.c.id == carrier_id).values(**values))


def made(tx: Connection, order_id: str) -> int:
    """How many carriers an order has; only one whose sealing broke off does not count.

    A carrier that was bound once counts for good, its key destroyed or not.
    """
    broken_off = (carrier.c.state == "shredded") & carrier.c.bound.is_(None)
    mine = (carrier.c.order_id == order_id) & ~broken_off
    return tx.execute(select(func.count()).select_from(carrier).where(mine)).scalar_one()


def shredded(tx: Connection) -> list[str]:
    """Every carrier whose key is said to be destroyed."""
    mine = carrier.c.state == "shredded"
    return list(tx.execute(select(carrier.c.id).where(mine)).scalars())


def envelope_of_another(tx: Connection, carrier_id: str, envelope: str) -> bool:
    """Is another carrier bound to this envelope?"""
    mine = (carrier.c.envelope == envelope) & (carrier.c.id != carrier_id)
    return tx.execute(select(carrier.c.id).where(mine)).first() is not None


def answered(tx: Connection, act: str, what: str, ask: bytes) -> tuple[str, ...] | None:
    """The reasons an act was refused for (none: it was done); None where it was not asked yet.

    The same act with another question is a `Conflict`.
    """
    mine = (answer.c.act == act) & (answer.c.what == what)
    row = tx.execute(select(answer).where(mine)).one_or_none()
    if row is None:
        return None
    if row.ask != ask:
        raise Conflict("this act was asked before, with another question")
    return tuple(row.reasons.split())


def note_answer(tx: Connection, act: str, what: str, ask: bytes, reasons: Iterable[str]) -> None:
    """From now on this is the answer to that act."""
    values = {"act": act, "what": what, "ask": ask, "reasons": " ".join(reasons)}
    tx.execute(answer.insert().values(values))


def repeated(tx: Connection, act: str, ask: bytes) -> bool:
    """Was this act done?  The same act with another question is a `Conflict`."""
    known = tx.execute(select(release.c.ask).where(release.c.act == act)).scalar_one_or_none()
    if known is not None and known != ask:
        raise Conflict("this act was asked before, with another question")
    return known is not None


def released(
    tx: Connection,
    act: str,
    carrier_id: str,
    use: str,
    ask: bytes,
    at: int,
    grant: str | None = None,
    one_time_key: str | None = None,
) -> None:
    """Note a release."""
    tx.execute(
        release.insert().values(
            act=act,
            carrier=carrier_id,
            use=use,
            at=at,
            ask=ask,
            grant=grant,
            one_time_key=one_time_key,
        )
    )


def one_time_key_taken(tx: Connection, one_time_key: str, act: str) -> bool:
    """Did another act use this one-time key?"""
    mine = (release.c.one_time_key == one_time_key) & (release.c.act != act)
    return tx.execute(select(release.c.act).where(mine)).first() is not None


def releases(tx: Connection, carrier_id: str) -> list[dict[str, Any]]:
    """Every release of a carrier, oldest first, its question decoded."""
    rows = tx.execute(
        select(release).where(release.c.carrier == carrier_id).order_by(release.c.at)
    ).mappings()
    return [dict(row) | {"ask": msgspec.json.decode(row["ask"])} for row in rows]
