"""What an administrator does by hand: rows, files, and histories made anew and signed.

Nothing here goes through our programs: an attack that these would refuse must still be possible.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec.structs import replace
from tests.hostile.machine import WHICH, Machine

from azukari.desk.witnesses import Which
from azukari.ledger.acts import roots_at
from azukari.ledger.checkpoint import Checkpoint, sign_note
from azukari.ledger.entry import Entry, decode, encode
from azukari.ledger.tiles import Tower
from azukari.ledger.tree import leaf_hash, root_of

Lines = list[bytes]


@contextmanager
def rows(path: Path) -> Iterator[sqlite3.Connection]:
    """A database opened by hand; what is done in it is durable afterwards."""
    with closing(sqlite3.connect(path)) as db:
        yield db
        db.commit()


def lines(machine: Machine, which: Which, prefix: str = "") -> Lines:
    """The entries that stand in a ledger's rows."""
    path = machine.database("office" if prefix else which)
    with rows(path) as db:
        return [body for (body,) in db.execute(f"SELECT body FROM {prefix}entry ORDER BY i")]


def number_of(machine: Machine, which: Which, kind: str) -> int:
    """The first entry of a type."""
    found = [decode(line).type for line in lines(machine, which)]
    return found.index(kind)


def remake(path: Path, made: Sequence[bytes], prefix: str = "") -> None:
    """Entries, tiles and head made anew, so that every row agrees with every other."""
    tower = Tower()
    with rows(path) as db:
        for table in ("entry", "tile"):
            db.execute(f"DELETE FROM {prefix}{table}")
        db.executemany(f"INSERT INTO {prefix}entry VALUES (?, ?)", enumerate(made))
        full = tower.extend([leaf_hash(line) for line in made])
        db.executemany(f"INSERT INTO {prefix}tile VALUES (?, ?, ?)", full)
        edge = tower.frontier()
        values = (len(made), edge.root(), edge.to_bytes())
        db.execute(f"UPDATE {prefix}head SET size = ?, root = ?, frontier = ?", values)
        if not prefix:
            db.execute("DELETE FROM detail WHERE i >= ?", (len(made),))


def sign_into_store(machine: Machine, which: Which) -> None:
    """The head as it is now, signed with the stolen key, in the place of the stored one."""
    note = signed(machine, which, lines(machine, which))
    (machine.store / f"azukari.example_kakuu_{which}.checkpoint").write_bytes(note)


def signed(machine: Machine, which: Which, made: Sequence[bytes]) -> bytes:
    key = machine.stolen(which)
    root = root_of([leaf_hash(line) for line in made])
    return sign_note(key, Checkpoint(key.name, len(made), root).text())


def second_history(machine: Machine, which: Which, change: Callable[[Lines], Lines]) -> None:
    """Another past of both ledgers, in which everything agrees: rows, copy, quotations, store."""
    made = {each: lines(machine, each) for each in WHICH}
    made[which] = change(made[which])
    made["office"] = [_quoting(line, made["keys"]) for line in made["office"]]
    for each in WHICH:
        remake(machine.database(each), made[each])
        sign_into_store(machine, each)
    remake(machine.database("office"), made["keys"], "keys_")


def _quoting(line: bytes, keys: Sequence[bytes]) -> bytes:
    """An entry of the office's with the head of the keys' ledger that it would have had now."""
    entry = decode(line)
    if entry.other is None:
        return line
    leaves = [leaf_hash(one) for one in keys]
    size = min(entry.other.size, len(leaves))
    root = roots_at(leaves, [size])[size].hex()
    return encode(replace(entry, other=replace(entry.other, root=root, size=size)))


def changed(line: bytes, **values: object) -> bytes:
    """An entry that says something else; its detail, if it has one, is left as it is."""
    entry: Entry = replace(decode(line), **values)
    return encode(entry)
