"""Backups of the office and of its key service, and what a restored one must learn again.

Three files, each with a passphrase of its own or sealed to the recovery key: the office's home,
the key service's home without its wrapping keys, and the wrapping keys.  They are kept apart,
because a wrapping key in an old copy is a key that was never destroyed.  The checkpoint store is
part of none: it is there to notice that one of them was put back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select

from azukari.carrier.life import State
from azukari.desk.office import Office
from azukari.errors import BadFormat, BadSignature, Conflict, LedgerFork, Refused
from azukari.keys.client import GrantAsk
from azukari.keys.keeper import Keeper
from azukari.ledger.audit import verify_export
from azukari.ledger.entry import encode
from azukari.seal import documents as doc
from azukari.shelf import backup, busy
from azukari.shelf.database import transaction
from azukari.shelf.wrapped import Passphrase, Recovery
from azukari.vault import records, schema

Lock = Passphrase | Recovery

#: Never part of a backup: locks, and what SQLite keeps beside a database while it runs.
_BESIDE: Final = (busy.MARK, "office.db", "keys.db")
#: What the office tells its key service again, negative facts first.
_AGAIN: Final = (
    doc.Suspension,
    doc.Party,
    doc.Person,
    doc.Device,
    doc.OneTimeKeys,
    doc.Agreement,
    doc.Training,
    doc.Order,
    doc.Approval,
    doc.Employment,  # last: who was another's since has signed what they signed
)
_STATES: Final = {
    "carrier.sealed": State.SEALED,
    "carrier.sent": State.TRAVELLING,
    "carrier.handed_over": State.TRAVELLING,
    "carrier.received": State.RECEIVED,
    "carrier.erased": State.ERASED,
    "carrier.returned": State.RETURNED,
    "carrier.lost": State.LOST,
    "carrier.found": State.FOUND,
    "carrier.abandoned": State.ABANDONED,
}


@dataclass(frozen=True)
class TakenBack:
    """What the office learnt from an export."""

    entries: int
    carriers: int  # whose state was set
    without_record: int  # entries about carriers that no record is left of


def back_up_office(home: Path, target: Path, lock: Lock, at: int) -> backup.Index:
    """The office's whole home, as it stands in one instant; durable when it returns."""
    # The database first: what it names is in the files already, and is never changed there.
    with backup.snapshot(home / "office.db") as (copy, size):
        found = [("office.db", copy), *_below(home)]
        return backup.write(target, "office", found, lock, size=size, at=at)


def back_up_keys(home: Path, target: Path, lock: Lock, at: int) -> backup.Index:
    """The key service's home but for its wrapping keys: by itself it opens nothing."""
    with backup.snapshot(home / "keys.db") as (copy, size):
        rest = [(path, file) for path, file in _below(home) if not path.startswith("wrapping/")]
        return backup.write(target, "keys", [("keys.db", copy), *rest], lock, size=size, at=at)


def back_up_wrapping(home: Path, target: Path, lock: Lock, at: int) -> backup.Index:
    """The wrapping keys alone: what is destroyed after this is destroyed here too only if this
    file is.
    """
    return backup.write(target, "wrapping", _below(home / "wrapping"), lock, size=0, at=at)


def believe_again(office: Office, keeper: Keeper) -> int:
    """Tell a restored key service every document; how many it believes.

    What it refuses now it would refuse from anybody: a person who has left approves nothing.
    """
    with office.act() as tx:
        given = [one for word in _AGAIN for one in records.documents(tx, word)]
    believed = 0
    for envelope in given:
        try:
            keeper.believe([envelope])
        except (BadSignature, BadFormat, Conflict, Refused):
            continue
        believed += 1
    return believed


def copy_of_keys(office: Office) -> tuple[list[bytes], dict[str, GrantAsk]]:
    """The office's copy of the keys' entries, and what it asked for in its grants."""
    with office.act() as tx:
        rows = tx.execute(select(schema.grant.c.act, schema.grant.c.ask)).all()
        lines = records.keys_entries(tx)
    return lines, {row.act: msgspec.json.decode(row.ask, type=GrantAsk) for row in rows}


def take_back(office: Office, read: Callable[[str], bytes]) -> TakenBack:
    """Bring the office's missing entries back from an export that somebody kept.

    The office is open without its checkpoint store, which is compared at the next start.  Records
    that were made since the backup are lost; the entries say that they were there.
    """
    vkey = office.book.verifier()
    entries = verify_export(read, vkey)
    lines = [encode(entry) for entry in entries]
    with transaction(office.engine) as tx:
        own = office.book.head(tx).size
        common = min(own, len(lines))
        if office.book.entries(tx, 0, common) != lines[:common]:
            raise LedgerFork("the export is not the continuation of this ledger")
        known = {row.id for row in records.carriers(tx)}
        changed, unknown = set(), 0
        for entry in entries[own:]:
            if entry.type not in _STATES:
                continue
            for carrier in entry.refs:
                if carrier in known:
                    records.change_carrier(tx, carrier, state=_STATES[entry.type])
                    changed.add(carrier)
            unknown += not known.intersection(entry.refs)
        if lines[own:]:
            office.book.take_back(tx, lines[own:], at=office.now())
    return TakenBack(len(lines[own:]), len(changed), unknown)


def _below(home: Path) -> list[tuple[str, Path]]:
    """Every regular file of a home, by its path below it."""
    found = []
    for file in sorted(home.rglob("*")):
        path = file.relative_to(home).as_posix()
        hidden = any(part.startswith(".") for part in path.split("/"))
        beside = path.startswith(_BESIDE)
        if file.is_file() and not file.is_symlink() and not hidden and not beside:
            found.append((path, file))
    return found
