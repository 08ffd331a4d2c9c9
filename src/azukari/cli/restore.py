"""``azukari restore``: bring something back, and learn what it has forgotten before it serves.

What is brought back is seen from what is given: a backup, an exported ledger, or a signed head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from azukari import settings
from azukari.cli import keys as ceremonies
from azukari.cli import keys_site, seat, speech
from azukari.cli.call import FOLDER, Call, reads, secret
from azukari.cli.output import aligned, show
from azukari.desk import backup as desk
from azukari.desk.office import Office, open_office
from azukari.errors import AzukariError, BadInput, BadSettings, NotFound
from azukari.keys import ceremony, service
from azukari.keys.keeper import Keeper
from azukari.keys.replay import Replayed
from azukari.ledger.audit import verify_export
from azukari.ledger.entry import encode
from azukari.shelf import backup, files
from azukari.shelf.checkpoints import Store
from azukari.shelf.wrapped import Passphrase, Recovery


@click.command("restore", epilog="Example: azukari restore /media/safe/office-0621.backup")
@click.argument("source", metavar="FILE|DIR", type=FOLDER)
@click.option("--backup-fd", type=int, metavar="N", help="Read the backup's passphrase from here.")
@click.option("--sheet-fd", type=int, metavar="N", help="The sheet's four rows, by line.")
@reads
def command(call: Call, source: Path, backup_fd: int | None, sheet_fd: int | None) -> None:
    """Bring back a backup, the entries of an exported ledger, or a lost checkpoint store.

    A backup goes where its home was, which must be empty: the office first, then the keys, then
    the wrapping keys.  Whatever was shown since is missing then, and both programs refuse to serve
    until it is brought back: the keys learn it from the office's copy, on a host of their own from
    its export; either from an exported ledger (DIR).  A signed head that somebody kept begins a
    lost checkpoint store anew.
    """
    if source.is_dir():
        value = _entries(call, source)
    elif _is_backup(source):
        value = _home(call, source, backup_fd, sheet_fd)
    else:
        value = _head(call, source)
    value |= _standing(call)
    show(call, value, aligned((name.replace("_", " "), found) for name, found in value.items()))


def _is_backup(source: Path) -> bool:
    with files.own_errors(source.name), source.open("rb") as file:
        return file.read(1) == b"{"


def _home(call: Call, source: Path, fd: int | None, sheet_fd: int | None) -> dict[str, Any]:
    header = backup.header_of(source)
    if header.key.n:
        without = BadInput("--backup-fd", "no terminal to ask for the backup's passphrase at")
        lock: Passphrase | Recovery = Passphrase(secret(fd, "passphrase of the backup", without))
    else:
        held = header.key.ceremony
        private = ceremony.recovery_key(ceremonies.rows(sheet_fd, "the sheet"), held)
        lock = Recovery(b"", held, private)
    # A key service on a host of its own brings its settings back with the rest.
    own = header.kind == "office" or not (call.home / settings.FILE).exists()
    into = call.home if own else seat.keys_home(call)
    index = backup.restore(source, lock, into / "wrapping" if header.kind == "wrapping" else into)
    value: dict[str, Any] = {"restored": header.kind, "files": len(index.files)}
    if header.kind == "keys" and _is_office(call):
        value |= _learn(call)
    return value


def _learn(call: Call, export: list[bytes] | None = None) -> dict[str, Any]:
    """The keys learn what they have forgotten: from the office's copy, or from an export."""
    store = _store(call)
    with _opened(call) as (office, _):
        copy, asks = desk.copy_of_keys(office)
    copy = copy if export is None else export
    learnt = service.bring_back(seat.keys_home(call), copy, asks, store, call.now())
    with _opened(call) as (office, keeper):
        believed = desk.believe_again(office, keeper)
    return _learnt(learnt) | {"documents": believed}


def _learnt(learnt: Replayed) -> dict[str, Any]:
    return {
        "entries_brought_back": learnt.entries,
        "revoked_again": len(learnt.revoked),
        "destroyed_again": len(learnt.shredded),
        "closed_for_good": len(learnt.closed),
    }


def _entries(call: Call, folder: Path) -> dict[str, Any]:
    def read(path: str) -> bytes:
        if not (folder / path).is_file():
            raise NotFound(f"{path}: it is missing")
        return (folder / path).read_bytes()

    if _is_keys(call):
        return _entries_at_keys(call, read)
    with _opened(call) as (office, keeper):
        keys = _origin(read("checkpoint")) != office.book.origin
        lines = [encode(e) for e in verify_export(read, keeper.verifier)] if keys else []
        back = None if keys else desk.take_back(office, read)
    if back is None:
        return _learn(call, lines)
    return {
        "entries_brought_back": back.entries,
        "carriers_set": back.carriers,
        "entries_without_a_record": back.without_record,
    }


def _entries_at_keys(call: Call, read: Callable[[str], bytes]) -> dict[str, Any]:
    """On a host of its own the office's copy comes as an export; what it asked for does not."""
    lines = [encode(entry) for entry in verify_export(read, _vkey(call))]
    database = settings.load(call.home).database
    return _learnt(service.bring_back(call.home, lines, {}, _store(call), call.now(), database))


def _vkey(call: Call) -> str:
    database = settings.load(call.home).database
    keeper = service.open_keys(call.home, None, call.now, database=database)
    keeper.close()
    return keeper.verifier


def _is_keys(call: Call) -> bool:
    return settings.load(call.home).site == "keys"


def _is_office(call: Call) -> bool:
    """Was the office brought back before?"""
    return (call.home / settings.FILE).exists() and settings.load(call.home).site == "office"


def _head(call: Call, file: Path) -> dict[str, Any]:
    note, store = files.read_small(file, 1 << 14), _store(call)
    if store is None:
        raise BadSettings("checkpoint_store: this home names none")
    origin = _origin(note)
    if _is_keys(call):
        known = [_vkey(call)]
    else:
        with _opened(call) as (office, keeper):
            known = [office.book.verifier(), keeper.verifier]
    vkeys = {vkey.split("+")[0]: vkey for vkey in known}
    if origin not in vkeys:
        raise BadInput(file.name, "it is no signed head of a ledger of this office")
    found = Store(store, vkeys[origin]).put_back(note)
    return {"store_begins_at": found.size}


def _origin(note: bytes) -> str:
    return note.split(b"\n", 1)[0].decode("utf-8", "replace")


def _standing(call: Call) -> dict[str, Any]:
    """Open both as every command does: do they serve again?"""
    try:
        if _is_keys(call):
            keys_site.open_here(call, locked=True).close()
            return {"serving": "yes"}
        with seat.both(call) as (office, keeper), office.act() as tx:
            return {"office": office.book.head(tx).size, "keys": keeper.head().size}
    except AzukariError as error:
        speech.say(f"not serving yet: {error}")
        return {"serving": "no"}


def _store(call: Call) -> Path | None:
    return settings.checkpoint_store(call.home, settings.load(call.home))


@contextmanager
def _opened(call: Call) -> Iterator[tuple[Office, Keeper]]:
    """Both programs without their checkpoint store, which is compared afterwards."""
    found = settings.load(call.home)
    keeper = service.open_keys(seat.keys_home(call), None, call.now)
    try:
        office = open_office(
            call.home,
            city=found.city,
            call=found.call,
            origin=found.origin,
            keys=keeper,
            now=call.now,
            database=found.database,
        )
        try:
            yield office, keeper
        finally:
            office.close()
    finally:
        keeper.close()
