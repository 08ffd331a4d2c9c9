"""The key service's home: made once, opened with its passphrase, or locked without.

    HOME/root.key      the root key under the passphrase
    HOME/wrapping/     one key-encryption key per carrier; apart from the database and its backups
    HOME/keys.db       documents, carriers, releases, the ledger
    HOME/log.key       signs the ledger's head       HOME/grant.key   signs grants, and nothing else
    HOME/pinned.json   the city's id and keys, as they were at set-up

Here it runs inside the office's process; the keeper does not know the difference.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from azukari.keys import register
from azukari.keys.backends import FileBackend
from azukari.keys.client import GrantAsk
from azukari.keys.keeper import Keeper
from azukari.keys.policy import Pinned
from azukari.keys.replay import Replayed, replay
from azukari.seal.envelope import PublicKey, Use, canonical, parse, unbase64
from azukari.shelf import files, keyring
from azukari.shelf.book import Book
from azukari.shelf.checkpoints import Store
from azukari.shelf.database import open_database, transaction


class _Pinned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    city: str
    origin: str
    enrol: str
    order: str


def create_keys(home: Path, passphrase: bytes, pinned: Pinned, origin: str) -> None:
    """Make a key service; durable when it returns."""
    FileBackend.create(home, passphrase)
    keyring.new_signing_key(home / "log.key", Use.LOG_KEYS)
    keyring.new_signing_key(home / "grant.key", Use.GRANT)
    page = _Pinned(
        pinned.city,
        origin,
        base64.b64encode(pinned.enrol.der).decode(),
        base64.b64encode(pinned.order.der).decode(),
    )
    files.write_new(home / "pinned.json", canonical(page))


def open_keys(
    home: Path, passphrase: bytes | None, now: Callable[[], int], store: Path | None = None
) -> Keeper:
    """Open a key service; without its passphrase it is locked: it revokes and answers, no more.

    Behind the head in its checkpoint store it is not opened at all: `LedgerBehind`.
    """
    page = parse(files.read_small(home / "pinned.json", 1 << 14), _Pinned)
    pinned = Pinned(
        page.city,
        PublicKey.load(Use.ENROL, unbase64(page.enrol)),
        PublicKey.load(Use.ORDER, unbase64(page.order)),
    )
    return Keeper(
        home,
        pinned,
        keyring.signing_key(home / "log.key", Use.LOG_KEYS),
        keyring.signing_key(home / "grant.key", Use.GRANT),
        None if passphrase is None else FileBackend.open(home, passphrase),
        page.origin,
        now,
        store,
    )


def bring_back(
    home: Path,
    copy: Sequence[bytes],
    asks: Mapping[str, GrantAsk],
    store: Path | None,
    at: int,
) -> Replayed:
    """After a backup was put back: learn again what the office's copy of the entries says.

    One transaction; nothing is learnt where the copy does not reach what was shown before.  Works
    without the passphrase.
    """
    page = parse(files.read_small(home / "pinned.json", 1 << 14), _Pinned)
    log = keyring.signing_key(home / "log.key", Use.LOG_KEYS)
    book = Book(page.origin, log.private, register.ledger)
    shown = Store(store, book.verifier()).known() if store else None
    engine = open_database(home / "keys.db", register.metadata)
    try:
        with transaction(engine) as tx:
            return replay(tx, book, copy, asks, shown, at)
    finally:
        engine.dispose()


def grant_key(home: Path) -> PublicKey:
    """The public key that grants are signed with."""
    return keyring.signing_key(home / "grant.key", Use.GRANT).public
