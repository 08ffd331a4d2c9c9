"""What a key service that was put back from a backup must learn again, from the office's copy of
its entries, before it serves anything: revocations and destroyed keys above all.

An entry says that something happened, not all of it: its detail is lost with the database.  So
whatever would need the detail is closed: a carrier that was made or bound since the backup is
never opened again, and a release counts with the widest meaning that the office cannot narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from azukari.errors import LedgerBehind, LedgerFork
from azukari.keys import judge, register
from azukari.keys.client import GrantAsk
from azukari.ledger.checkpoint import Checkpoint
from azukari.ledger.entry import MAX_NUMBER, Entry, decode
from azukari.seal.envelope import canonical
from azukari.shelf.book import Book


@dataclass(frozen=True)
class Replayed:
    """What was learnt again."""

    entries: int = 0
    revoked: tuple[str, ...] = ()
    shredded: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()  # made or bound since the backup: never opened again


def replay(
    tx: Connection,
    book: Book,
    copy: Sequence[bytes],
    asks: Mapping[str, GrantAsk],
    shown: Checkpoint | None,
    at: int,
) -> Replayed:
    """Take back the entries that are missing, and what they say; all in the caller's transaction.

    Args:
        copy: the office's copy of all entries from 0.
        asks: what the office asked for in its grants, by act; believed only in that it narrows
            a release and uses up a one-time key.
        shown: the head in the checkpoint store; the copy must reach it.

    Raises:
        LedgerFork: the copy and this ledger, or the copy and the stored head, differ.
        LedgerBehind: the copy ends before the stored head.
    """
    own = book.head(tx).size
    common = min(own, len(copy))
    if book.entries(tx, 0, common) != list(copy[:common]):
        raise LedgerFork("the office's copy is not the beginning of this ledger")
    missing = [decode(line) for line in copy[own:]]
    if any(entry.log != book.origin for entry in missing):
        raise LedgerFork("the office's copy is of another ledger")
    done: dict[str, list[str]] = {"revoked": [], "shredded": [], "closed": []}
    for entry in missing:
        _learn(tx, entry, asks, done)
    if missing:
        book.take_back(tx, copy[own:], at=at)
    _must_reach(tx, book, shown)
    learnt = {name: tuple(dict.fromkeys(found)) for name, found in done.items()}
    return Replayed(len(missing), **learnt)


def _must_reach(tx: Connection, book: Book, shown: Checkpoint | None) -> None:
    if shown is None or not shown.size:
        return
    size = book.head(tx).size
    if size < shown.size:
        raise LedgerBehind(
            f"{book.origin}: with the office's copy it has {size} entries,"
            f" and {shown.size} were shown before"
        )
    if book.prove_growth(tx, shown.size)[0] != shown.root:
        raise LedgerFork(f"{book.origin}: the office's copy is not what was shown before")


def _learn(
    tx: Connection, entry: Entry, asks: Mapping[str, GrantAsk], done: dict[str, list[str]]
) -> None:
    if entry.type == "carrier.revoked":
        for carrier in entry.refs:
            _revoke(tx, carrier, entry.act)
            register.note_revoked(tx, entry.act, carrier)
            done["revoked"].append(carrier)
        return
    if not entry.refs:
        return
    carrier = entry.refs[0]
    row = register.find(tx, carrier)
    if entry.type == "key.created" and row is None:
        register.never(tx, carrier, entry.act)
        done["closed"].append(carrier)
    elif entry.type == "key.bound" and row is not None and row.bound is None:
        # To what, only the lost detail said; bound anew it could be bound to something else.
        _revoke(tx, carrier, entry.act)
        register.change(tx, carrier, wrapped=None)
        done["closed"].append(carrier)
    elif entry.type == "key.shredded":
        _revoke(tx, carrier, entry.act)
        # The file with its wrapping key, if one came back too, goes at the next unlocked start.
        register.change(tx, carrier, state="shredded", wrapped=None)
        done["shredded"].append(carrier)
    elif entry.type == "carrier.restored" and row is not None:
        _restore(tx, carrier, entry.act, row)
    elif entry.type.startswith("key.released"):
        _release(tx, entry, carrier, asks.get(entry.act))


def _revoke(tx: Connection, carrier: str, act: str) -> None:
    row = register.find(tx, carrier)
    if row is None:
        register.never(tx, carrier, act)
    elif row.state == "shredded":
        register.change(tx, carrier, revoked_by_act=act)
    else:
        register.change(tx, carrier, state="revoked", revoked_by_act=act)


def _restore(tx: Connection, carrier: str, act: str, row: Any) -> None:
    if row.state != "revoked" or row.wrapped is None:
        return
    state = "created" if row.bound is None else "bound"
    register.change(tx, carrier, state=state, revoked_by_act=None)
    register.note_answer(tx, act, "restore", canonical({"carrier": carrier}), ())


def _release(tx: Connection, entry: Entry, carrier: str, ask: GrantAsk | None) -> None:
    if entry.type != "key.released":
        asked = canonical({"carrier": carrier, "use": "seal"})
        if not register.repeated(tx, entry.act, asked):
            register.released(tx, entry.act, carrier, "seal", asked, entry.at)
        return
    grant, device, person = (*entry.refs[1:4], "", "", "")[:3]
    if ask is not None and ask.carrier == carrier and ask.opening.device == device:
        key: str | None = ask.opening.one_time_key
        asked = judge.spelled(ask)
        taken = register.one_time_key_taken(tx, key or "", entry.act)
        key = None if taken else key
    else:
        # No role: it counts for every part.  No end: the window is open for ever.
        opening = {"device": device, "not_after": MAX_NUMBER, "person": person, "role": ""}
        key, asked = None, msgspec.json.encode({"opening": opening}, order="sorted")
    register.released(tx, entry.act, carrier, "open", asked, entry.at, grant, key)
