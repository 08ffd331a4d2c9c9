"""What somebody said of a loss, and which act of the key service it belongs to.

Not here: revoking and recording, which is loss.py's.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import select

from azukari.desk.office import Office
from azukari.errors import AzukariError
from azukari.ledger.entry import Entry, decode
from azukari.vault import records, schema

_TURNS = ("carrier.revoked", "carrier.restored")
_TURN = b'"type":"carrier.re'  # how each of them stands in a line


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody said of a loss; instants in ms UTC, claimed."""

    by: str
    known_at: int  # when the holder knew
    last_held_at: int
    lost_before: int
    in_the_bag: bool | None  # a device or a paper with a grant was with it; None: not known


def unsaid(entry: Entry) -> Declared:
    """A loss of which nothing is known but that its keys were revoked."""
    at = entry.at if entry.happened is None else entry.happened
    return Declared(by=entry.by, known_at=at, last_held_at=at, lost_before=at, in_the_bag=None)


def begun(office: Office, ids: tuple[str, ...]) -> str | None:
    """The act in which these very carriers were revoked, if nobody has said yet how they were lost.

    A program that died between the two stores leaves such an act; said again, it is the same loss.
    Looked for and not waited for: whatever fails here, the carriers are revoked in a new act.
    """
    try:
        with office.act() as tx:
            office.keys_head(tx)
            # Years of entries stand there: only what may turn a carrier is read as an entry.
            turns = [line for line in records.keys_entries(tx) if _TURN in line]
            newest = _newest(map(decode, turns), frozenset(ids))
            if newest is None or newest.type != "carrier.revoked" or set(newest.refs) != set(ids):
                return None
            rows = schema.incident.c
            said = select(rows.declared).where(rows.act == newest.act)
            found = tx.execute(said).scalar_one_or_none()
            if found is not None:
                same = msgspec.json.decode(found, type=Declared) == unsaid(newest)
                return newest.act if same else None
            own = office.book.entries(tx, 0, office.book.head(tx).size)
            return None if any(decode(line).act == newest.act for line in own) else newest.act
    except AzukariError:
        return None


def _newest(entries: Iterable[Entry], ids: frozenset[str]) -> Entry | None:
    """What any of these carriers came to last: what was restored since is lost anew."""
    found = None
    for entry in entries:
        if entry.type in _TURNS and not ids.isdisjoint(entry.refs):
            found = entry
    return found
