"""The checkpoint store: the newest signed head of each ledger, kept outside every HOME.

A program that was put back from a backup cannot know what it has forgotten; the store can.  At
start the program's own head is compared with the stored one, and after each act the new head is
stored before the act's result leaves.  The store only grows (compare and swap under a lock), is
never part of a backup, and holds nothing secret.  On the same disk as the ledger it notices a
backup of one HOME, not one of the whole disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    LedgerBehind,
    LedgerError,
    LedgerFork,
)
from azukari.ledger.checkpoint import Checkpoint, open_checkpoint, parse_vkey
from azukari.shelf import busy, files
from azukari.shelf.book import Book, Head
from azukari.shelf.database import transaction
from azukari.shelf.together import Settle

LOST: Final = "the checkpoint store holds no head of"
STORED: Final = "the checkpoint store was given {} entries by another program"
OWN: Final = "this program stored {} entries"
_LIMIT: Final = 1 << 14


class Store:
    """The stored head of one ledger; ``seen`` is its size as this program knows it."""

    def __init__(self, folder: Path, vkey: str) -> None:
        self._verifier = parse_vkey(vkey)
        self._path = folder / (self._verifier.name.replace("/", "_") + ".checkpoint")
        self.seen = 0
        self._own: Checkpoint | None = None  # what this program stored last

    @property
    def origin(self) -> str:
        return self._verifier.name

    def known(self) -> Checkpoint | None:
        """The stored head, its signature checked; None where the store holds none.

        A file that was torn is a store that was lost: `LedgerError`.
        """
        with files.own_errors(self._path.name):
            if not self._path.exists():
                return None
        note = files.read_small(self._path, _LIMIT)
        try:
            return open_checkpoint(note, self._verifier)
        except BadSignature:
            raise BadSignature(
                f"{self.origin}: the head in the checkpoint store is not signed by its key"
            ) from None
        except BadFormat:
            raise LedgerError(
                f"{self._path.name} in the checkpoint store is damaged: the store was lost;"
                " `azukari restore` begins it anew with a head that somebody else kept"
            ) from None

    def note(self) -> bytes | None:
        """The same as it was signed."""
        return None if self.known() is None else files.read_small(self._path, _LIMIT)

    def advance(
        self,
        head: Callable[[], bytes],
        root_at: Callable[[int], bytes],
        grown: tuple[Head, Head] | None = None,
    ) -> None:
        """Store the head that ``head`` signs, asked for under the lock; durable when it returns.

        Args:
            head: signs the head as it is durable.
            root_at: the root that this ledger had at a size.
            grown: from which head this program itself made which one; what lies between was added
                and is not looked at again.

        Raises:
            LedgerBehind: the stored head, or the one this program stored last, is longer: this
                ledger is an older copy, perhaps put in the place of the one that was open.
            LedgerFork: one of these is not the beginning of this ledger: somebody else writes
                under its name, such as a second instance on a copy of this home, or its rows were
                changed while this program ran.
            LedgerError: the store lost its head while this program ran.
        """
        with self._in_turn():
            known, note = self.known(), head()
            new = open_checkpoint(note, self._verifier)
            if known is None and self._own is not None:
                raise LedgerError(f"{LOST} {self.origin}, and held one while this program ran")
            # Not the stored one alone: whoever can change the rows may reach the store, too.
            for shown, by in ((self._own, OWN), (known, STORED)):
                if shown is None:
                    continue
                _must_not_be_behind(shown, new)
                begins = not shown.size or _grew(grown, shown, new)
                if not begins and root_at(shown.size) != shown.root:
                    raise LedgerFork(
                        f"{shown.origin}: {by.format(shown.size)},"
                        " and they are not the beginning of this ledger"
                    )
            if known != new:
                files.write_whole(self._path, note)
            self.seen, self._own = new.size, new

    def put_back(self, note: bytes) -> Checkpoint:
        """After the store was lost: begin it anew with a signed head that somebody else kept.

        It is worth what its keeper's word is worth.  A store that still has a head goes forward
        only.
        """
        with self._in_turn():
            new = open_checkpoint(note, self._verifier)
            try:
                known = self.known()
            except LedgerError:  # torn: whoever can tear it can take it away, too
                known = None
            if known is not None:
                _must_not_be_behind(known, new)
            files.write_whole(self._path, note)
            self.seen = new.size
        return new

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        files.folder(self._path.parent)
        with busy.in_turn(self._path.parent, "the checkpoint store"):
            yield


def opened(engine: Engine, book: Book, folder: Path | None) -> Store | None:
    """The store a program starts with, or None; see `compare`."""
    if folder is None:
        return None
    store = Store(folder, book.verifier())
    try:
        compare(engine, book, store)
    except AzukariError:
        engine.dispose()
        raise
    return store


def compare(engine: Engine, book: Book, store: Store) -> None:
    """Compare a program's head with the store, at start; the store follows where it was behind.

    Raises:
        LedgerBehind: entries are missing that were shown before.
        LedgerFork: what was shown before is not the beginning of this ledger.
        LedgerError: the store holds no head of a ledger that has entries: it was lost.
    """
    known = store.known()
    with transaction(engine) as tx:
        head = book.head(tx)
        if known is None and head.size:
            raise LedgerError(
                f"{LOST} {store.origin},"
                f" which has {head.size} entries: the store was lost, or it is another one"
            )
        if known is not None:
            _must_not_be_behind(known, Checkpoint(known.origin, head.size, head.root))
            if known.size and book.prove_growth(tx, known.size)[0] != known.root:
                raise LedgerFork(
                    f"{store.origin}: the {known.size} entries that the checkpoint store holds"
                    " are another history"
                )
    store.advance(partial(_signed, engine, book), partial(_root_at, engine, book))


def settling(engine: Engine, book: Book, store: Store | None) -> Settle | None:
    """What follows every commit: a head that is new is stored before any act's result leaves."""
    if store is None:
        return None

    def settle(tx: Connection) -> Callable[[], None] | None:
        if book.head(tx).size == store.seen:
            return None
        signed, root_at = partial(_signed, engine, book), partial(_root_at, engine, book)
        return partial(store.advance, signed, root_at, book.grown())

    return settle


def _grew(grown: tuple[Head, Head] | None, old: Checkpoint, new: Checkpoint) -> bool:
    """Is it the same head, or what this program itself made of the old one?"""
    return old == new or grown == (Head(old.size, old.root), Head(new.size, new.root))


def _signed(engine: Engine, book: Book) -> bytes:
    """The head as it is durable now: signing one that is rolled back would make a fork."""
    with transaction(engine) as tx:
        return book.checkpoint(tx)


def _root_at(engine: Engine, book: Book, size: int) -> bytes:
    with transaction(engine) as tx:
        return book.prove_growth(tx, size)[0]


def _must_not_be_behind(known: Checkpoint, new: Checkpoint) -> None:
    if new.size < known.size:
        raise LedgerBehind(
            f"{known.origin}: it has {new.size} entries, and {known.size} were shown before,"
            " says the checkpoint store"
        )
    if new.size == known.size and new.root != known.root:
        raise LedgerFork(
            f"{known.origin}: two histories of {known.size} entries,"
            " here and in the checkpoint store"
        )
