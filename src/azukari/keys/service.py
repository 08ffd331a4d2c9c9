"""The key service's home: made once, opened with its passphrase, or locked without.

    HOME/root.key      the root key under the passphrase
    HOME/wrapping/     one key-encryption key per carrier; apart from the database and its backups
    HOME/keys.db       documents, carriers, releases, the ledger; or a PostgreSQL server has them
    HOME/log.key       signs the ledger's head       HOME/grant.key   signs grants, and nothing else
    HOME/answer.key    signs answers to an office on another host; only where there is one
    HOME/pinned.json   the city's id and keys, as they were at set-up

It runs inside the office's process, or on a host of its own behind door.py; the keeper does not
know the difference.  On a host of its own the city's keys are pinned later, once, by `pin`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from azukari.errors import Conflict, NotFound
from azukari.keys import register
from azukari.keys.backends import FileBackend
from azukari.keys.client import GrantAsk
from azukari.keys.keeper import Keeper
from azukari.keys.offer import City, offer
from azukari.keys.policy import Pinned
from azukari.keys.replay import Replayed, replay
from azukari.seal.envelope import PublicKey, SigningKey, Use, base64_of, canonical, parse, unbase64
from azukari.shelf import files, keyring
from azukari.shelf.book import Book
from azukari.shelf.checkpoints import Store
from azukari.shelf.database import open_database, transaction

FILE: Final = "keys.db"  # the records, where they are in no server's database


class _Pinned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    city: str
    origin: str
    enrol: str
    order: str
    founders: list[str]
    ask: str | msgspec.UnsetType = msgspec.UNSET  # of an office on another host


def create_keys(home: Path, passphrase: bytes, pinned: Pinned, origin: str) -> None:
    """Make a key service beside its office; durable when it returns."""
    _create(home, passphrase)
    files.write_new(home / "pinned.json", _page(pinned, origin, msgspec.UNSET))


def create_apart(home: Path, passphrase: bytes, origin: str, database: str = "") -> bytes:
    """Make a key service on a host of its own, which believes no city yet; durable.

    Returns its offer: what the office is set up with.  ``database``: an empty one on a PostgreSQL
    server, for the records; else they are a file in the home.
    """
    if database:
        open_database(database, register.metadata, new=True).dispose()
    _create(home, passphrase)
    answer = keyring.new_signing_key(home / "answer.key", Use.ANSWER)
    log = keyring.signing_key(home / "log.key", Use.LOG_KEYS)
    vkey = Book(origin, log.private, register.ledger).verifier()
    return offer(origin, vkey, answer, keyring.signing_key(home / "grant.key", Use.GRANT))


def pin(home: Path, origin: str, city: City) -> None:
    """Believe a city's keys from now on, for ever; safe to repeat.  Others are a `Conflict`."""
    pinned = Pinned(city.city, city.enrol, city.order, city.founders)
    page = _page(pinned, origin, _text(city.ask))
    if not (home / "pinned.json").exists():
        files.write_new(home / "pinned.json", page)
    elif files.read_small(home / "pinned.json", 1 << 14) != page:
        raise Conflict("this key service has pinned a city's keys already")


def answer_key(home: Path) -> SigningKey:
    """What a key service on a host of its own signs its answers with."""
    if not (home / "answer.key").is_file():
        raise NotFound("this key service runs in its office's process and answers no other host")
    return keyring.signing_key(home / "answer.key", Use.ANSWER)


def asked_by(home: Path) -> PublicKey:
    """The pinned key of the office that asks from another host."""
    ask = _pinned(home).ask
    if isinstance(ask, msgspec.UnsetType):
        raise NotFound("this key service has pinned no office on another host")
    return PublicKey.load(Use.ASK, unbase64(ask))


def open_keys(
    home: Path,
    passphrase: bytes | None,
    now: Callable[[], int],
    store: Path | None = None,
    *,
    wait: bool = True,
    database: str = "",
) -> Keeper:
    """Open a key service; without its passphrase it is locked: it revokes and answers, no more.

    Behind the head in its checkpoint store it is not opened at all: `LedgerBehind`.  ``wait``: an
    act waits until its head is in the store.
    """
    page = _pinned(home)
    pinned = Pinned(
        page.city,
        PublicKey.load(Use.ENROL, unbase64(page.enrol)),
        PublicKey.load(Use.ORDER, unbase64(page.order)),
        tuple(PublicKey.load(Use.PERSON, unbase64(key)) for key in page.founders),
    )
    return Keeper(
        database or home / FILE,
        pinned,
        keyring.signing_key(home / "log.key", Use.LOG_KEYS),
        keyring.signing_key(home / "grant.key", Use.GRANT),
        None if passphrase is None else FileBackend.open(home, passphrase),
        page.origin,
        now,
        store,
        wait=wait,
    )


def bring_back(
    home: Path,
    copy: Sequence[bytes],
    asks: Mapping[str, GrantAsk],
    store: Path | None,
    at: int,
    database: str = "",
) -> Replayed:
    """After a backup was put back: learn again what the office's copy of the entries says.

    One transaction; nothing is learnt where the copy does not reach what was shown before.  Works
    without the passphrase.
    """
    page = _pinned(home)
    log = keyring.signing_key(home / "log.key", Use.LOG_KEYS)
    book = Book(page.origin, log.private, register.ledger)
    shown = Store(store, book.verifier()).known() if store else None
    engine = open_database(database or home / FILE, register.metadata)
    try:
        with transaction(engine) as tx:
            return replay(tx, book, copy, asks, shown, at)
    finally:
        engine.dispose()


def grant_key(home: Path) -> PublicKey:
    """The public key that grants are signed with."""
    return keyring.signing_key(home / "grant.key", Use.GRANT).public


def _create(home: Path, passphrase: bytes) -> None:
    FileBackend.create(home, passphrase)
    keyring.new_signing_key(home / "log.key", Use.LOG_KEYS)
    keyring.new_signing_key(home / "grant.key", Use.GRANT)


def _pinned(home: Path) -> _Pinned:
    if not (home / "pinned.json").is_file():
        raise NotFound("this key service has pinned no city's keys yet")
    return parse(files.read_small(home / "pinned.json", 1 << 14), _Pinned)


def _page(pinned: Pinned, origin: str, ask: str | msgspec.UnsetType) -> bytes:
    enrol, order = _text(pinned.enrol), _text(pinned.order)
    founders = [_text(key) for key in pinned.founders]
    return canonical(_Pinned(pinned.city, origin, enrol, order, founders, ask))


def _text(key: PublicKey) -> str:
    return base64_of(key.der)
