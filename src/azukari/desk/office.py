"""The office: its home, records, ledger, signing keys and the key service it asks.

A procedure of the desk takes an office, decides, records and obeys.  An act is one transaction
here; where the key service acts too, both write one random act id.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine

from azukari.errors import ClockBehind, LedgerBehind, LedgerFork
from azukari.keys.client import Keys
from azukari.ledger.entry import Entry, OtherHead
from azukari.names import new_id
from azukari.seal.envelope import PublicKey, SigningKey, Use, base64_of, canonical, parse, unbase64
from azukari.shelf import checkpoints, files, keyring
from azukari.shelf.book import Book, Draft, Head
from azukari.shelf.copy import Copy
from azukari.shelf.database import open_database
from azukari.shelf.together import Together
from azukari.vault import alarms as rows
from azukari.vault import cosigned, records, schema

FILE: Final = "office.db"  # the records, where they are in no server's database
LATENESS_MS: Final = 120_000
#: Under which names it is remembered that somebody was shown more than is here, and how.
STANDING: Final = "standing/"
BEHIND, FORK = "LedgerBehind", "LedgerFork"
REVIEW_DAYS: Final = 92
KEYS: Final = {
    "enrol": Use.ENROL,
    "order": Use.ORDER,
    "carrier": Use.CARRIER,
    "log": Use.LOG_OFFICE,
}


@dataclass(frozen=True)
class Office:
    """An open office; close it when the program ends."""

    home: Path
    city: str  # the id of the city as a party
    call: str  # whom a finder calls
    engine: Engine
    book: Book
    keys: Keys
    signers: dict[str, SigningKey]
    counterfoil_key: bytes
    journal_key: ec.EllipticCurvePrivateKey
    now: Callable[[], int]
    acts: Together  # on the engine; what the checkpoint store holds follows each commit
    founders: tuple[PublicKey, ...] = ()  # person keys of the city's first officers
    store: checkpoints.Store | None = None  # None: nobody would notice an older copy
    copy: Copy = field(default_factory=lambda: Copy(schema.keys_ledger))  # of the keys' ledger
    review_days: int = REVIEW_DAYS  # how often who may come near the data is reviewed
    enquiries: str = ""  # whom residents call after a loss; empty: not decided yet

    @contextmanager
    def act(self, *, permits: bool = False, wait: bool = True) -> Iterator[Connection]:
        """One transaction.

        ``permits``: the act lets something out, so the clock must be right, and nobody may have
        been shown more of a ledger than is here.
        ``wait``: False passes over what the checkpoint store says once it is durable.
        """
        with self.acts.act(wait=wait) as tx:
            if permits:
                self.must_stand(tx)
                if self.now() < self.newest_at(tx) - LATENESS_MS:
                    raise ClockBehind("the office's clock stands behind what is signed already")
            yield tx

    def newest_at(self, tx: Connection) -> int:
        """The last instant that is written down or cosigned here, in ms UTC."""
        return max(self.book.last_at(tx), cosigned.newest_ms(tx))

    def must_stand(self, tx: Connection) -> None:
        """Raise what a comparison found (desk/standing.py) as long as it stands."""
        for said in rows.marks(tx, STANDING).values():
            kind, _, fact = said.partition("|")
            raise LedgerFork(fact) if kind == FORK else LedgerBehind(fact)

    def write(self, tx: Connection, *drafts: Draft) -> list[Entry]:
        """Append entries in the caller's transaction."""
        return self.book.append(tx, drafts, at=self.now())

    def keys_head(self, tx: Connection) -> OtherHead:
        """Copy what is new in the keys' ledger and say how far it goes."""
        head = self.keys.head()  # first: what is written since is for the next time
        self.take_keys(tx, Head(head.size, bytes.fromhex(head.root)))
        return head

    def take_keys(self, tx: Connection, head: Head) -> None:
        """Copy the keys' entries up to a head of theirs, which they must lead to from this copy.

        Raises:
            LedgerBehind: the key service shows less than it showed before.
            LedgerFork: it shows another history; the first entry that differs is named.
        """
        start = self.copy.head(tx).size
        new = self.keys.entries(start) if head.size > start else []
        try:
            self.copy.grow(tx, new, head)
        except LedgerBehind as error:
            raise LedgerBehind(
                f"the keys' ledger is shorter than the office's copy of it: {error}"
            ) from None
        except LedgerFork:
            raise LedgerFork(self._where_keys_differ(tx)) from None

    def follow_keys(self) -> None:
        """Copy what is new in the keys' ledger: from this copy a restored key service learns what
        it has forgotten.
        """
        with self.act() as tx:
            self.keys_head(tx)

    def _where_keys_differ(self, tx: Connection) -> str:
        theirs = self.keys.entries(0)
        for i, line in enumerate(records.keys_entries(tx)):
            if theirs[i : i + 1] != [line]:
                return f"the keys' ledger differs from the office's copy, first at entry {i}"
        return "the keys' head is not that of the entries it shows"

    def export(self) -> Iterator[tuple[str, bytes]]:
        """The office's ledger as a static folder."""
        with self.act() as tx:
            yield from list(self.book.export(tx))

    def close(self) -> None:
        self.engine.dispose()


class _Founders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: list[str]  # SubjectPublicKeyInfo, base64


def create_office(home: Path, founders: Sequence[PublicKey], database: str = "") -> None:
    """Make the keys and the empty records of a new office; durable when it returns.

    ``founders`` are the person keys of its first officers, who admit each other.  ``database``: an
    empty one on a PostgreSQL server, for the records; else they are a file in the home.
    """
    files.folder(home / "keys")
    open_database(database or home / FILE, schema.metadata, new=True).dispose()
    for name, use in KEYS.items():
        keyring.new_signing_key(home / "keys" / f"{name}.key", use)
    keyring.new_one_time_key(home / "keys" / "journal.key")
    files.write_new(home / "keys" / "counterfoil.key", os.urandom(32))
    page = _Founders([base64_of(key.der) for key in founders])
    files.write_new(home / "keys" / "founders.json", canonical(page))


def open_office(
    home: Path,
    *,
    city: str,
    call: str,
    origin: str,
    keys: Keys,
    now: Callable[[], int],
    store: Path | None = None,
    review_days: int = REVIEW_DAYS,
    enquiries: str = "",
    database: str = "",
) -> Office:
    """Open an office that exists; behind the head in its checkpoint store, `LedgerBehind`."""
    signers = {
        name: keyring.signing_key(home / "keys" / f"{name}.key", use) for name, use in KEYS.items()
    }
    page = parse(files.read_small(home / "keys" / "founders.json", 1 << 14), _Founders)
    founders = tuple(PublicKey.load(Use.PERSON, unbase64(key)) for key in page.keys)
    # An empty database made in passing would look like an office to which nothing ever happened.
    engine = open_database(database or home / FILE, schema.metadata, new=False)
    book = Book(origin, signers["log"].private, schema.ledger)
    kept = checkpoints.opened(engine, book, store)
    return Office(
        home=home,
        city=city,
        call=call,
        engine=engine,
        book=book,
        keys=keys,
        signers=signers,
        counterfoil_key=files.read_small(home / "keys" / "counterfoil.key", 32),
        journal_key=keyring.one_time_key(home / "keys" / "journal.key"),
        now=now,
        acts=Together(engine, checkpoints.settling(engine, book, kept)),
        founders=founders,
        store=kept,
        review_days=review_days,
        enquiries=enquiries,
    )


def new_act() -> str:
    """A fresh act id."""
    return new_id(secrets.token_bytes(16))
