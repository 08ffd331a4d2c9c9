"""The key service's own records: documents, carriers, releases; its ledger stands beside them.

Rows only; what they mean is the keeper's.
"""

from __future__ import annotations

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

metadata: Final = MetaData()
ledger: Final = book.tables(metadata)

document: Final = Table(
    "document",
    metadata,
    Column("n", Integer, primary_key=True),  # the order in which they were first believed
    Column("envelope", LargeBinary, nullable=False),
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
    Column("revoked_by_act", String),
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


def documents(tx: Connection) -> list[bytes]:
    """All believed documents, oldest first."""
    return list(tx.execute(select(document.c.envelope).order_by(document.c.n)).scalars())


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
    """How many carriers an order has; an abandoned one, its key destroyed, does not count."""
    mine = (carrier.c.order_id == order_id) & (carrier.c.state != "shredded")
    return tx.execute(select(func.count()).select_from(carrier).where(mine)).scalar_one()


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
