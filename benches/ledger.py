"""The ledger beside what it cannot be faster than, and beside a library of others.

Appending in one transaction beside a raw ``fdatasync`` of the same bytes to a file on the same
disk; verifying an export anew beside pymerkle building the tree of the same lines.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import pymerkle
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, MetaData

from azukari.errors import NotFound
from azukari.ledger.audit import verify_export, verify_tree
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.names import id_of
from azukari.shelf.book import Book, Draft, tables
from azukari.shelf.database import open_database, transaction
from azukari.shelf.together import Together
from benches import Row, side_by_side

BATCHES: Final = (1, 256, 1024)
WRITERS: Final = (16, 64)
ACTS: Final = 2_000
SHORT: Final = 50  # single appends in one measurement
VERIFIED: Final = 50_000
PER_TRANSACTION: Final = 1000
GOALS: Final = {1: "≤ 1.5 fsync", 256: "≥ 50,000 entries/s", 1024: "≥ 50,000 entries/s"}


def run(residents: int, repeat: int) -> list[Row]:  # noqa: ARG001  entries, not residents
    """Rows for every size of batch, then for verifying."""
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        path = Path(folder)
        return [*append(path, repeat), *many(path, repeat), *verify(path, repeat)]


class Store:
    """A ledger in a database of its own, and its next entries."""

    def __init__(self, path: Path) -> None:
        metadata = MetaData()
        self.book = Book("example.invalid/bench", Ed25519PrivateKey.generate(), tables(metadata))
        self.engine: Engine = open_database(path, metadata)
        self._numbers = count()

    def add(self, size: int) -> None:
        """One transaction; durable when it returns."""
        numbers = [next(self._numbers) for _ in range(size)]
        drafts = [self._draft(number) for number in numbers]
        with transaction(self.engine) as tx:
            self.book.append(tx, drafts, at=1_655_800_000_000 + numbers[0])

    def act(self, together: Together) -> None:
        """One act of one entry, in whatever commit its turn falls into."""
        with together.act() as tx:
            number = next(self._numbers)
            self.book.append(tx, [self._draft(number)], at=1_655_800_000_000 + number)

    def _draft(self, number: int) -> Draft:
        name = id_of(number.to_bytes(16, "big"))
        return Draft(name, "key.released", id_of(bytes(16)), (name,), n={"rows": 1000 + number})


def append(folder: Path, repeat: int) -> list[Row]:
    rows = []
    for size in BATCHES:
        store, plain = Store(folder / f"{size}.db"), folder / f"{size}.raw"
        turns = SHORT if size == 1 else 1
        line = bytes(300 * size)

        def ours(store: Store = store, size: int = size, turns: int = turns) -> None:
            for _ in range(turns):
                store.add(size)

        with plain.open("wb", 0) as file:

            def theirs(line: bytes = line, turns: int = turns, handle: int = file.fileno()) -> None:
                for _ in range(turns):
                    os.write(handle, line)
                    os.fdatasync(handle)

            ours_s, theirs_s = side_by_side(max(repeat, 9), ours, theirs)
        store.engine.dispose()
        work = f"ledger: {turns} appends of one entry" if size == 1 else f"ledger: append {size:,}"
        rate = f"SQLite, one transaction each: {size * turns / median(ours_s):,.0f} entries/s"
        rows.append(Row(work, rate, ours_s, "write and fdatasync", theirs_s, GOALS[size]))
    return rows


def many(folder: Path, repeat: int) -> list[Row]:
    """Acts of one entry from many threads of one program, beside the same acts one by one."""
    rows = []
    for writers in WRITERS:
        store, alone = Store(folder / f"many{writers}.db"), Store(folder / f"alone{writers}.db")
        together = Together(store.engine)

        def ours(store: Store = store, together: Together = together, n: int = writers) -> None:
            with ThreadPoolExecutor(n) as pool:
                list(pool.map(lambda _: store.act(together), range(ACTS)))

        def theirs(alone: Store = alone) -> None:
            for _ in range(ACTS):
                alone.add(1)

        ours_s, theirs_s = side_by_side(repeat, ours, theirs)
        store.engine.dispose()
        alone.engine.dispose()
        rate = f"{writers} threads, committed together: {ACTS / median(ours_s):,.0f} entries/s"
        work = f"ledger: {ACTS:,} acts of one entry"
        rows.append(Row(work, rate, ours_s, "one thread, a transaction each", theirs_s))
    return rows


def verify(folder: Path, repeat: int) -> list[Row]:
    store = Store(folder / "long.db")
    for _ in range(VERIFIED // PER_TRANSACTION):
        store.add(PER_TRANSACTION)
    with transaction(store.engine) as tx:
        files, vkey = dict(store.book.export(tx)), store.book.verifier()
        lines = store.book.entries(tx, 0, VERIFIED)
    store.engine.dispose()

    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound("no such file")
        return files[path]

    checkpoint = open_checkpoint(files["checkpoint"], parse_vkey(vkey))
    checks: dict[str, Callable[[], object]] = {
        "every entry, tile and the signature": lambda: verify_export(read, vkey),
        "tiles and root alone": lambda: verify_tree(read, checkpoint),
    }
    if theirs(lines) != checkpoint.root:
        raise SystemExit("benches: ledger: ours and pymerkle disagree about the root")
    rows = []
    for name, check in checks.items():
        ours_s, theirs_s = side_by_side(repeat, check, lambda: theirs(lines))
        told = f"{name}: {VERIFIED / median(ours_s):,.0f} entries/s"
        work = f"ledger: verify {VERIFIED:,} entries"
        against = f"pymerkle {pymerkle.__version__}, the root alone"
        rows.append(Row(work, told, ours_s, against, theirs_s, "≥ 300,000 entries/s"))
    return rows


def theirs(lines: list[bytes]) -> bytes:
    """The root of those lines as pymerkle sees it."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    root: bytes = tree.get_state()
    return root
