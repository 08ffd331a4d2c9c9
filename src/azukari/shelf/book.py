"""A ledger in the database of the program that writes it, in the caller's transaction.

An entry becomes durable together with the act it tells of, or neither does.  The book begins and
commits no transaction, knows no clock and decides nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam

from azukari.errors import BadFormat, Conflict, LedgerBroken, NotFound
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.ledger.entry import (
    SALT_BYTES,
    Entry,
    decode,
    read_canonical,
)
from azukari.ledger.proof import Proof, encode_proof
from azukari.ledger.tiles import CHECKPOINT_PATH, Nodes
from azukari.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    root_at,
    verify_inclusion,
)
from azukari.shelf.cells import Head, read_head
from azukari.shelf.draft import Draft, Made, make
from azukari.shelf.pages import (
    Pages,
    Tables,
    check,
    details,
    erased,
    export,
    insert_tiles,
    opened,
    own_errors,
    tables,
)
from azukari.shelf.statement import Statement

__all__ = ["Book", "Draft", "Head", "Tables", "tables"]

_PATIENCE = 64  # entries of one instant read back at a time


class Book:
    """One ledger: its name, its signing key and its tables.

    Every method works inside the caller's transaction ``tx``.  A transaction that will append
    takes its write lock when it begins (``BEGIN IMMEDIATE`` on SQLite).
    """

    def __init__(self, origin: str, key: Ed25519PrivateKey, tables: Tables) -> None:
        self.origin = origin
        self._signer = Signer(origin, key)
        self._pages = Pages(tables)
        self._tables = tables
        self._newest = _Newest(EMPTY_ROOT, 0, frozenset())
        self._grown: tuple[Head, Head] | None = None
        self._lock_head = Statement(self._pages.select_head.with_for_update())
        head = tables.head.c
        # Compare and swap: where a database does not lock the row, the second writer finds none.
        self._swap_head = Statement(
            tables.head.update()
            .where(head.id == 1, head.size == bindparam("old"), head.root == bindparam("old_root"))
            .values(size=bindparam("new"), root=bindparam("new_root"), frontier=bindparam("edge"))
        )
        self._add_entry = Statement(tables.entry.insert(), ("i", "body"))
        self._add_detail = Statement(tables.detail.insert(), ("i", "salt", "body"))

    def append(self, tx: Connection, drafts: Sequence[Draft], *, at: int) -> list[Entry]:
        """Add entries together; durable when the caller's transaction is, and not before.

        ``at`` is milliseconds since 1970 UTC; where the last entry is later, its time is taken.
        Whether an act may go on with such a clock is for the caller to say: see ``last_at``.

        Raises:
            BadFormat: a draft is no entry; nothing was written.
            Conflict: somebody else appended meanwhile, or a draft repeats an entry of this instant.
        """
        if not drafts:
            return []
        with own_errors():
            head, frontier = self._begin(tx)
            newest = self._newest_of(tx, head)
            at = max(at, newest.at)
            lines = newest.lines if at == newest.at else frozenset[bytes]()
            made = self._make(drafts, at, lines)
            leaves = leaf_hashes(each.line for each in made)
            frontier.extend(leaves)
            self._insert(tx, head.size, made)
            insert_tiles(self._pages, tx, head.size, frontier.size, leaves)
            root = self._swap(tx, head, frontier)
        self._newest = _Newest(root, at, lines.union(each.line for each in made))
        return [each.entry for each in made]

    def take_back(self, tx: Connection, lines: Sequence[bytes], *, at: int) -> None:
        """Add entries this ledger once had, as they stood; their details are lost, and said so.

        Which lines, and that they lead to a head that was signed, the caller has seen to.
        """
        entries = [decode(line) for line in lines]
        with own_errors():
            head, frontier = self._begin(tx)
            leaves = leaf_hashes(lines)
            frontier.extend(leaves)
            made = [Made(e, line, b"", None) for e, line in zip(entries, lines, strict=True)]
            self._insert(tx, head.size, made)
            gone = [i for i, e in enumerate(entries, head.size) if e.commit is not None]
            if gone:
                lost = [{"i": i, "salt": None, "body": None, "erased": at} for i in gone]
                tx.execute(self._tables.detail.insert(), lost)
            insert_tiles(self._pages, tx, head.size, frontier.size, leaves)
            self._swap(tx, head, frontier)

    def head(self, tx: Connection) -> Head:
        """The size and root as this transaction sees them."""
        return self._pages.head(tx)

    def last_at(self, tx: Connection) -> int:
        """When the last entry was written, in milliseconds since 1970 UTC; 0 before the first."""
        return self._newest_of(tx, self.head(tx)).at

    def checkpoint(self, tx: Connection) -> bytes:
        """Sign the head as a note.

        Sign only what is durable: a transaction that is rolled back after its head was signed
        leaves two histories under one key.
        """
        return self._sign(self.head(tx))

    def grown(self) -> tuple[Head, Head] | None:
        """From which head this program made which one, append by append, since it was last asked.

        None where it appended nothing.  Whoever holds the rows can change them between two acts:
        then the first of the two is not the head that was durable last.
        """
        grown, self._grown = self._grown, None
        return grown

    def verifier(self) -> str:
        """The line of text with which others check this ledger's signatures."""
        return self._signer.verifier().vkey()

    def entries(self, tx: Connection, start: int, end: int) -> list[bytes]:
        """The lines of entries ``start`` to ``end - 1``; ``NotFound`` where there are fewer."""
        size = self.head(tx).size
        if not 0 <= start <= end <= size:
            raise NotFound(f"ledger: entries {start} to {end} were asked for, there are {size}")
        return self._pages.lines(tx, start, end)

    def opening(self, tx: Connection, i: int) -> tuple[bytes, bytes] | None:
        """Salt and canonical bytes of a detail, checked; ``None`` where the entry has none.

        Raises:
            NotFound: there is no such entry, or its detail was erased.
            LedgerBroken: the detail is missing, or not the one committed to.
        """
        entry = decode(self.entries(tx, i, i + 1)[0])
        if entry.commit is None:
            return None
        row = details(tx, self._tables.detail, i, i + 1).get(i)
        if row is not None and row.erased is not None:
            raise NotFound(f"entry {i}: its detail was erased")
        found = opened(entry, row)
        if found is None:
            raise LedgerBroken(f"entry {i}: its detail is not the one it commits to")
        return found

    def detail(self, tx: Connection, i: int) -> dict[str, Any] | None:
        """What an entry commits to, checked; ``None`` where it has none.  Raises as ``opening``."""
        found = self.opening(tx, i)
        if found is None:
            return None
        detail: dict[str, Any] = read_canonical(found[1])
        return detail

    def erase_detail(self, tx: Connection, i: int, *, at: int) -> None:
        """Empty the salt and the detail of an entry; the tree does not change.

        Who may, and whether a hold forbids it, the caller has decided before.
        """
        if self.opening(tx, i) is None:
            raise NotFound(f"entry {i}: it has no detail")
        table = self._tables.detail
        with own_errors():
            tx.execute(table.update().where(table.c.i == i).values(salt=None, body=None, erased=at))

    def erased(self, tx: Connection) -> dict[int, int]:
        """The entries whose detail is gone, each with when it went."""
        return erased(tx, self._tables.detail)

    def prove(self, tx: Connection, i: int) -> bytes:
        """A tlog-proof that entry ``i`` stands under the head, signed; see ``checkpoint``."""
        head = self.head(tx)
        if not 0 <= i < head.size:
            raise NotFound(f"ledger: entry {i} was asked for, there are {head.size}")
        [line] = self._pages.lines(tx, i, i + 1)
        try:
            path = self._path(tx, i, line, head)
        except LedgerBroken:  # perhaps only what was derived in a transaction now rolled back
            self._pages.forget()
            path = self._path(tx, i, line, head)
        return encode_proof(Proof(i, tuple(path), self._sign(head)))

    def prove_growth(self, tx: Connection, old: int) -> tuple[bytes, list[bytes]]:
        """The root at ``old`` entries, and the proof that the head continues it."""
        size = self.head(tx).size
        if not 0 <= old <= size:
            raise NotFound(f"ledger: a head of {old} entries was asked for, there are {size}")
        self._pages.forget()
        nodes = self._nodes(tx, size)
        return root_at(old, nodes), consistency_proof(old, size, nodes)

    def export(self, tx: Connection) -> Iterator[tuple[str, bytes]]:
        """Path and bytes of every file of an export, ``checkpoint`` last; details never leave."""
        self._pages.forget()  # what was derived may be of an act that was taken back
        yield from export(self._pages, tx, self.head(tx).size)
        yield CHECKPOINT_PATH, self.checkpoint(tx)

    def verify(self, tx: Connection) -> None:
        """Derive everything from the entries; ``LedgerBroken`` names the first difference."""
        self._pages.forget()
        check(self._pages, tx, self.origin, self._tables.detail)

    def _begin(self, tx: Connection) -> tuple[Head, Frontier]:
        """Lock the head, or write the first one."""
        row = self._lock_head.run(tx).fetchone()
        if row is None:
            empty = Frontier()
            tx.execute(
                self._tables.head.insert(),
                {"id": 1, "size": 0, "root": EMPTY_ROOT, "frontier": empty.to_bytes()},
            )
            return Head(0, EMPTY_ROOT), empty
        head, stored = read_head(row)
        try:
            frontier = Frontier.from_bytes(stored)
        except BadFormat:
            raise LedgerBroken("head: its frontier is damaged") from None
        if frontier.size != head.size or frontier.root() != head.root:
            raise LedgerBroken("head: its frontier is not that of its root")
        return head, frontier

    def _newest_of(self, tx: Connection, head: Head) -> _Newest:
        """The last instant and its entries, remembered under the root they stand in.

        A root says all about the history under it, so a transaction that was rolled back, or
        another program that appended, is noticed by the root being another.
        """
        if self._newest.root == head.root:
            return self._newest
        at, found, end = 0, set[bytes](), head.size
        while end > 0:
            start = max(0, end - _PATIENCE)
            for line in reversed(self._pages.lines(tx, start, end)):
                entry = decode(line)
                if found and entry.at != at:
                    return _Newest(head.root, at, frozenset(found))
                at = entry.at
                found.add(line)
            end = start
        return _Newest(head.root, at, frozenset(found))

    def _make(self, drafts: Sequence[Draft], at: int, seen: frozenset[bytes]) -> list[Made]:
        salts = secrets.token_bytes(SALT_BYTES * len(drafts))
        made = [
            make(draft, self.origin, at, salts[SALT_BYTES * k : SALT_BYTES * (k + 1)])
            for k, draft in enumerate(drafts)
        ]
        lines = {each.line for each in made}
        # A repeated line would be one act told twice; it can only be among those of one instant.
        if len(lines) != len(made) or not lines.isdisjoint(seen):
            raise Conflict("ledger: an entry repeats another of the same instant")
        return made

    def _insert(self, tx: Connection, first: int, made: Sequence[Made]) -> None:
        self._add_entry.run_all(
            tx, [{"i": i, "body": each.line} for i, each in enumerate(made, first)]
        )
        details = [
            {"i": i, "salt": each.salt, "body": each.detail}
            for i, each in enumerate(made, first)
            if each.detail is not None
        ]
        if details:
            self._add_detail.run_all(tx, details)

    def _swap(self, tx: Connection, head: Head, frontier: Frontier) -> bytes:
        root = frontier.root()
        values = {
            "old": head.size,
            "old_root": head.root,
            "new": frontier.size,
            "new_root": root,
            "edge": frontier.to_bytes(),
        }
        if self._swap_head.run(tx, values).rowcount != 1:
            raise Conflict("ledger: somebody else appended meanwhile")
        unbroken = self._grown is not None and self._grown[1] == head
        start = self._grown[0] if self._grown is not None and unbroken else head
        self._grown = start, Head(frontier.size, root)
        return root

    def _sign(self, head: Head) -> bytes:
        return sign_note(self._signer, Checkpoint(self.origin, head.size, head.root).text())

    def _path(self, tx: Connection, i: int, line: bytes, head: Head) -> list[bytes]:
        path = inclusion_proof(i, head.size, self._nodes(tx, head.size))
        verify_inclusion(leaf_hash(line), i, head.size, path, head.root)
        return path

    def _nodes(self, tx: Connection, size: int) -> Nodes:
        return Nodes(size, lambda level, n, width: self._pages.tile(tx, level, n, width))


@dataclass(frozen=True)
class _Newest:
    """The instant of the last entry under a root, and the lines written in it."""

    root: bytes
    at: int
    lines: frozenset[bytes]
