"""A copy of a ledger that another program writes: it grows by what continues it, by nothing else.

The entries themselves are the proof: those that are new are hashed onto the right edge of the tree
that is kept here, and must lead to the head that was shown.  Nothing is signed here; whose head it
is, the caller has seen to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select

from azukari.errors import BadFormat, LedgerBehind, LedgerBroken, LedgerFork, NotFound
from azukari.ledger.tiles import Nodes
from azukari.ledger.tree import Frontier, consistency_proof, leaf_hash, root_at
from azukari.shelf.cells import Head, read_head
from azukari.shelf.pages import CHUNK, Pages, Trunk, check, insert_tiles, own_errors

_ONE: Final = 1  # the id of the one row of a head


class Copy:
    """The entries, tiles and head of somebody else's ledger, in the caller's transaction ``tx``."""

    def __init__(self, tables: Trunk) -> None:
        self._tables, self._pages = tables, Pages(tables)

    def head(self, tx: Connection) -> Head:
        """How far the copy goes, and its root."""
        self._adopt(tx)
        return self._pages.head(tx)

    def grow(self, tx: Connection, lines: Sequence[bytes], to: Head) -> None:
        """Add the entries that lead to the head ``to``; durable when the caller's transaction is.

        Raises:
            LedgerBehind: that head is shorter than the copy, or lines are missing.
            LedgerFork: they do not lead from the copy to that head; nothing was added.
        """
        size = self.head(tx).size
        if to.size < size:
            raise LedgerBehind(f"its ledger has {to.size} entries, and the copy has {size}")
        if len(lines) < to.size - size:
            raise LedgerBehind(f"{to.size} entries are signed, and fewer are shown")
        edge = self._edge(tx)
        leaves = [leaf_hash(line) for line in lines[: to.size - size]]
        edge.extend(leaves)
        if edge.root() != to.root:
            raise LedgerFork(f"the head of {to.size} entries does not continue the copy of {size}")
        with own_errors():
            self._add(tx, size, lines[: len(leaves)], leaves)
            self._put(tx, edge)

    def prove_growth(self, tx: Connection, old: int, size: int) -> tuple[bytes, list[bytes]]:
        """The root at ``old`` entries, and the proof that the tree of ``size`` continues it."""
        have = self.head(tx).size
        if not 0 <= old <= size <= have:
            raise NotFound(f"copy: heads of {old} and {size} entries were asked for of {have}")
        self._pages.forget()
        nodes = Nodes(size, lambda level, n, width: self._pages.tile(tx, level, n, width))
        return root_at(old, nodes), consistency_proof(old, size, nodes)

    def verify(self, tx: Connection, log: str) -> None:
        """Derive everything from the entries; ``LedgerBroken`` names the first difference."""
        self._adopt(tx)
        self._pages.forget()
        check(self._pages, tx, log)

    def _edge(self, tx: Connection) -> Frontier:
        row = tx.execute(self._pages.select_head).one_or_none()
        if row is None:
            return Frontier()
        head, frontier = read_head(row)
        try:
            edge = Frontier.from_bytes(frontier)
        except BadFormat:
            raise LedgerBroken("copy: its frontier is damaged") from None
        if (edge.size, edge.root()) != (head.size, head.root):
            raise LedgerBroken("copy: its frontier is not that of its root")
        return edge

    def _adopt(self, tx: Connection) -> None:
        """A copy from before it had a tree: make it once, from its entries."""
        with own_errors():
            if tx.execute(self._pages.select_head).one_or_none() is not None:
                return
            rows = self._tables.entry
            size = tx.execute(select(func.count()).select_from(rows)).scalar_one()
            edge = Frontier()
            for start in range(0, size, CHUNK):
                lines = self._pages.lines(tx, start, min(start + CHUNK, size))
                leaves = [leaf_hash(line) for line in lines]
                insert_tiles(self._pages, tx, start, start + len(leaves), leaves)
                edge.extend(leaves)
            if size:
                self._put(tx, edge)

    def _add(
        self, tx: Connection, size: int, lines: Sequence[bytes], leaves: Sequence[bytes]
    ) -> None:
        if lines:
            rows = [{"i": i, "body": line} for i, line in enumerate(lines, size)]
            tx.execute(self._tables.entry.insert(), rows)
            insert_tiles(self._pages, tx, size, size + len(lines), leaves)

    def _put(self, tx: Connection, edge: Frontier) -> None:
        head = self._tables.head
        values = {"size": edge.size, "root": edge.root(), "frontier": edge.to_bytes()}
        if tx.execute(head.update().where(head.c.id == _ONE).values(**values)).rowcount == 0:
            tx.execute(head.insert().values(id=_ONE, **values))
