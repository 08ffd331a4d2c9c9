"""The office's rows of media, and of the carriers on them; each in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from azukari.carrier.life import State
from azukari.vault import schema

#: A carrier in one of these states lies on no medium any more, as far as the office knows.
_OFF: frozenset[State] = frozenset({State.ABANDONED, State.RETURNED})
_MAY_BE_CLOSED: frozenset[State] = frozenset({State.LOST, State.FOUND})


def media(tx: Connection) -> Sequence[Row[Any]]:
    """Every medium that was ever registered, by tag."""
    return tx.execute(select(schema.medium).order_by(schema.medium.c.tag)).all()


def medium(tx: Connection, tag: str) -> Row[Any] | None:
    """A medium by its asset tag, whose letters may be small."""
    rows = schema.medium
    return tx.execute(select(rows).where(rows.c.tag == tag.upper())).one_or_none()


def by_serial(tx: Connection, serial: str) -> Row[Any] | None:
    """The medium in use that has this serial."""
    rows = schema.medium
    mine = (rows.c.serial == serial) & rows.c.retired_at.is_(None)
    return tx.execute(select(rows).where(mine)).one_or_none()


def carriers_on(tx: Connection, tag: str) -> Sequence[Row[Any]]:
    """Every carrier ever begun on a medium, the newest first."""
    rows = schema.carrier
    mine = rows.c.tag == tag.upper()
    return tx.execute(select(rows).where(mine).order_by(rows.c.begun_at.desc())).all()


def carriers_at(tx: Connection, place: str) -> Sequence[Row[Any]]:
    """Every carrier ever begun in a folder of this machine, the newest first."""
    rows = schema.carrier
    mine = rows.c.medium == place
    return tx.execute(select(rows).where(mine).order_by(rows.c.begun_at.desc())).all()


def occupied(tx: Connection, tag: str) -> Row[Any] | None:
    """The carrier that a medium still carries: not abandoned, not returned, not lost and closed."""
    closed = _closed(tx)
    for row in carriers_on(tx, tag):
        if row.state in _OFF or (row.state in _MAY_BE_CLOSED and row.id in closed):
            continue
        return row
    return None


def _closed(tx: Connection) -> set[str]:
    """Carriers all of whose incidents are closed."""
    rows = schema.incident
    found = tx.execute(select(rows.c.carriers, rows.c.state)).all()
    told = {carrier for row in found for carrier in row.carriers.split()}
    still = {carrier for row in found if row.state != "closed" for carrier in row.carriers.split()}
    return told - still
