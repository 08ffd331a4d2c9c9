"""The office's rows about witnesses: who they are, and the newest head each cosigned.

Every function works in the caller's transaction; what a cosignature is worth is decided elsewhere.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from azukari.errors import Conflict, NotFound
from azukari.vault import schema


def add(tx: Connection, vkey: str, name: str, url: str, own: bool, by: str, at: int) -> None:
    """One witness more; a second one under a key or a name is a `Conflict`."""
    rows = schema.witness.c
    known = select(rows.vkey).where((rows.vkey == vkey) | (rows.name == name))
    if tx.execute(known).first() is not None:
        raise Conflict("a witness with this name is known already")
    tx.execute(
        schema.witness.insert().values(
            vkey=vkey, name=name, url=url, own=int(own), by=by, added_at=at
        )
    )


def remove(tx: Connection, name: str) -> Row[Any]:
    """One witness fewer; what it cosigned stays.  `NotFound` where nobody is known by the name."""
    found = witness(tx, name)
    tx.execute(schema.witness.delete().where(schema.witness.c.vkey == found.vkey))
    return found


def witnesses(tx: Connection) -> list[Row[Any]]:
    """Every witness, oldest first."""
    rows = schema.witness
    return list(tx.execute(select(rows).order_by(rows.c.added_at, rows.c.name)))


def witness(tx: Connection, name: str) -> Row[Any]:
    found = tx.execute(select(schema.witness).where(schema.witness.c.name == name)).one_or_none()
    if found is None:
        raise NotFound("the office knows no such witness")
    return found


def heads(tx: Connection, log: str) -> list[Row[Any]]:
    """What each witness cosigned of one ledger, and what is being asked, longest first."""
    rows = schema.cosigned
    question = select(rows).where(rows.c.log == log).order_by(rows.c.size.desc(), rows.c.vkey)
    return list(tx.execute(question))


def newest_ms(tx: Connection) -> int:
    """When the newest cosignature that is kept was given, in ms UTC; 0 before the first."""
    found = tx.execute(select(func.max(schema.cosigned.c.at_s))).scalar_one()
    return 1000 * (found or 0)


def asked(tx: Connection, log: str, vkey: str, note: bytes) -> None:
    """A request is out; only the newest one is waited for."""
    rows = schema.cosigned
    mine = (rows.c.log == log) & (rows.c.vkey == vkey)
    if tx.execute(rows.update().where(mine).values(asked=note)).rowcount == 0:
        tx.execute(rows.insert().values(log=log, vkey=vkey, size=0, at_s=0, asked=note))


def answered(
    tx: Connection, log: str, vkey: str, size: int, at_s: int, note: bytes, line: str
) -> None:
    """A cosignature came for what was asked; it is kept in the place of the one before."""
    rows = schema.cosigned
    mine = (rows.c.log == log) & (rows.c.vkey == vkey)
    tx.execute(rows.update().where(mine).values(size=size, at_s=at_s, note=note, line=line))
