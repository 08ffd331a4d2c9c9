"""What stands in a cell of a ledger's rows, looked at before it is believed to be what it should.

SQLite keeps in a column whatever somebody put there: a number where bytes belong would end in an
error of Python's own, or in as many zero bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from azukari.errors import LedgerBroken


@dataclass(frozen=True)
class Head:
    """How long the ledger is and its root."""

    size: int
    root: bytes


def held(value: object, what: str) -> bytes:
    """The bytes of a cell; SQLite keeps in a column whatever somebody put there."""
    if not isinstance(value, bytes):
        raise LedgerBroken(f"{what}: its row holds no bytes")
    return value


def read_head(row: Sequence[object]) -> tuple[Head, bytes]:
    """The head and its frontier, from a row of `Pages.select_head`."""
    size, root, frontier = row
    if not isinstance(size, int) or size < 0:
        raise LedgerBroken("head: its size is no number of entries")
    return Head(size, held(root, "head")), held(frontier, "head")
