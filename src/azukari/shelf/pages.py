"""The rows of a ledger as they are read: entries, tiles, the head and the details.

Nothing is written here and nothing decided; ``book`` writes.  Everything happens in the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from azukari.errors import BadFormat, Conflict, LedgerBroken, LedgerError, Unreachable
from azukari.ledger.audit import Profile, first_difference
from azukari.ledger.entry import SALT_BYTES, Entry, commitment, read_canonical
from azukari.ledger.tiles import (
    WIDTH,
    Tower,
    bundle_path,
    bundles_of,
    encode_bundle,
    split_tile,
    tile_path,
    tiles_of,
)
from azukari.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash, root_of
from azukari.shelf.cells import Head, held, read_head
from azukari.shelf.statement import failed

CHUNK: Final = 16 * WIDTH  # entries held at a time while all of them are read


@dataclass(frozen=True)
class Trunk:
    """The three tables that a ledger, or a copy of one, is made of."""

    entry: Table
    tile: Table
    head: Table


@dataclass(frozen=True)
class Tables(Trunk):
    """The four tables of one ledger, in its program's own database."""

    detail: Table


@dataclass(frozen=True)
class Kept:
    """A detail as it lies in its row; salt and body are null once it was erased."""

    salt: bytes | None
    body: bytes | None
    erased: int | None


def tables(metadata: MetaData) -> Tables:
    """Name the tables of a ledger; creating them is the caller's."""
    of = trunk(metadata)
    detail = Table(
        "detail",
        metadata,
        _key("i"),
        Column("salt", LargeBinary),
        Column("body", LargeBinary),
        Column("erased", BigInteger),
    )
    return Tables(of.entry, of.tile, of.head, detail)


def trunk(metadata: MetaData, prefix: str = "") -> Trunk:
    """Name the tables of a ledger that has no details of its own here."""
    return Trunk(
        entry=Table(
            f"{prefix}entry", metadata, _key("i"), Column("body", LargeBinary, nullable=False)
        ),
        tile=Table(
            f"{prefix}tile",
            metadata,
            _key("level"),
            _key("n"),
            Column("hashes", LargeBinary, nullable=False),
        ),
        head=Table(
            f"{prefix}head",
            metadata,
            _key("id"),
            Column("size", BigInteger, nullable=False),
            Column("root", LargeBinary, nullable=False),
            Column("frontier", LargeBinary, nullable=False),
        ),
    )


def _key(name: str) -> Column[int]:
    # SQLite makes a row's own number the key only of a column it calls INTEGER.
    number = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, number, primary_key=True, autoincrement=False)


@contextmanager
def own_errors() -> Iterator[None]:
    """Let no exception of the database library out: its messages quote rows."""
    try:
        yield
    except IntegrityError:
        raise Conflict("ledger: somebody else appended meanwhile") from None
    except SQLAlchemyError as wrong:
        if isinstance(wrong, DBAPIError) and wrong.connection_invalidated:
            raise Unreachable("ledger: the database went away") from None
        if isinstance(wrong, DBAPIError) and wrong.orig is not None:
            raise failed(wrong.orig, operational=isinstance(wrong, OperationalError)) from None
        raise LedgerError(f"ledger: the database failed with {type(wrong).__name__}") from None


class Pages:
    """Reads one ledger's tables; ``tx`` is always the caller's transaction."""

    def __init__(self, tables: Trunk) -> None:
        self.tables = tables
        head, entry, tile = tables.head.c, tables.entry.c, tables.tile.c
        start: BindParameter[int] = bindparam("start")
        end: BindParameter[int] = bindparam("end")
        self.select_head = select(head.size, head.root, head.frontier).where(head.id == 1)
        self._entries = (
            select(entry.i, entry.body).where(entry.i >= start, entry.i < end).order_by(entry.i)
        )
        self._tiles = (
            select(tile.n, tile.hashes)
            .where(tile.level == bindparam("level"), tile.n >= start, tile.n < end)
            .order_by(tile.n)
        )
        self._roots: dict[tuple[int, int], bytes] = {}

    def head(self, tx: Connection) -> Head:
        """The head; of size 0 before the first entry."""
        with own_errors():
            row = tx.execute(self.select_head).one_or_none()
        return Head(0, EMPTY_ROOT) if row is None else read_head(row)[0]

    def lines(self, tx: Connection, start: int, end: int) -> list[bytes]:
        """Entries ``start`` to ``end - 1``; raises ``LedgerBroken`` where one is missing."""
        with own_errors():
            rows = tx.execute(self._entries, {"start": start, "end": end}).all()
        for i, row in enumerate(rows, start):
            if row.i != i:
                raise LedgerBroken(f"entry {i}: it is missing")
        if len(rows) != end - start:
            raise LedgerBroken(f"entry {start + len(rows)}: it is missing")
        return [held(row.body, f"entry {row.i}") for row in rows]

    def hashes(self, tx: Connection, level: int, start: int, end: int) -> list[bytes]:
        """Hashes ``start`` to ``end - 1`` of a row of tiles, derived from what lies below."""
        if start >= end:
            return []
        if level == 0:
            return [leaf_hash(line) for line in self.lines(tx, start, end)]
        below, roots = level - 1, self._roots
        missing = [n for n in range(start, end) if (below, n) not in roots]
        if missing:
            for n, hashes in self._full_tiles(tx, below, missing[0], missing[-1] + 1):
                roots[below, n] = root_of(split_tile(hashes))
        return [roots[below, n] for n in range(start, end)]

    def tile(self, tx: Connection, level: int, n: int, width: int) -> bytes:
        """A tile's first ``width`` hashes: stored where it is full, derived where it is not."""
        if width == WIDTH:
            return next(self._full_tiles(tx, level, n, n + 1))[1]
        return b"".join(self.hashes(tx, level, n * WIDTH, n * WIDTH + width))

    def forget(self) -> None:
        """Drop what was derived: an appending transaction may be rolled back."""
        self._roots.clear()

    def _full_tiles(
        self, tx: Connection, level: int, start: int, end: int
    ) -> Iterator[tuple[int, bytes]]:
        with own_errors():
            rows = tx.execute(self._tiles, {"level": level, "start": start, "end": end}).all()
        if [row.n for row in rows] != list(range(start, end)):
            raise LedgerBroken(f"tile {level}/{start}: it, or one soon after it, is missing")
        for row in rows:
            hashes = held(row.hashes, f"tile {level}/{row.n}")
            if len(hashes) != 32 * WIDTH:
                raise LedgerBroken(f"tile {level}/{row.n}: its length is not that of a full tile")
            yield row.n, hashes


def erased(tx: Connection, table: Table) -> dict[int, int]:
    """The entries whose detail was erased or lost, and when."""
    row = table.c
    with own_errors():
        rows = tx.execute(select(row.i, row.erased).where(row.erased.is_not(None)))
        return {row.i: row.erased for row in rows}


def details(tx: Connection, table: Table, start: int, end: int) -> dict[int, Kept]:
    """The details that belong to entries ``start`` to ``end - 1``, by entry."""
    rows = table.c
    question = select(rows.i, rows.salt, rows.body, rows.erased)
    with own_errors():
        found = tx.execute(question.where(rows.i >= start, rows.i < end)).all()
    return {row.i: Kept(row.salt, row.body, row.erased) for row in found}


def insert_tiles(pages: Pages, tx: Connection, old: int, new: int, leaves: Sequence[bytes]) -> None:
    """Write the tiles that became full from ``old`` to ``new`` entries, from the leaves upward."""
    level, hashes = 0, list(leaves)
    while old // WIDTH != new // WIDTH:
        first = old // WIDTH
        if level:  # what was derived may come from a transaction that was rolled back
            pages.forget()
        row = pages.hashes(tx, level, first * WIDTH, old) + hashes
        full = [row[at : at + WIDTH] for at in range(0, len(row) - WIDTH + 1, WIDTH)]
        tx.execute(
            pages.tables.tile.insert(),
            [
                {"level": level, "n": n, "hashes": b"".join(tile)}
                for n, tile in enumerate(full, first)
            ],
        )
        hashes = [root_of(tile) for tile in full]
        level, old, new = level + 1, old // WIDTH, new // WIDTH


def export(pages: Pages, tx: Connection, size: int) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every bundle and tile of the first ``size`` entries; never a detail."""
    for n, width in bundles_of(size):
        yield bundle_path(n, width), encode_bundle(pages.lines(tx, n * WIDTH, n * WIDTH + width))
    for level, n, width in tiles_of(size):
        yield tile_path(level, n, width), pages.tile(tx, level, n, width)


def check(pages: Pages, tx: Connection, log: str, detail: Table | None = None) -> None:
    """Derive everything from the entries again; raises ``LedgerBroken`` at the first difference.

    ``detail``: the details of this ledger; a copy of another's has none.
    """
    head, tower, profile = pages.head(tx), Tower(), Profile(log)
    tiles = 0
    for start in range(0, head.size, CHUNK):
        end = min(start + CHUNK, head.size)
        lines = pages.lines(tx, start, end)
        entries = profile.check(lines)
        if detail is not None:
            _check_details(tx, detail, start, entries)
        for level, n, hashes in tower.extend([leaf_hash(line) for line in lines]):
            stored = pages.tile(tx, level, n, WIDTH)
            if stored != hashes:
                raise LedgerBroken(
                    f"tile {level}/{n}: {first_difference(stored, hashes, level, n)}"
                )
            tiles += 1
    frontier = tower.frontier()
    if frontier.root() != head.root:
        raise LedgerBroken(f"head: its root is not that of its {head.size} entries")
    _check_nothing_else(pages, tx, head, frontier, tiles)
    if detail is not None:
        _check_no_later_detail(tx, detail, head.size)


def opened(entry: Entry, kept: Kept | None) -> tuple[bytes, bytes] | None:
    """Salt and canonical bytes, if they are the ones the entry commits to."""
    if kept is None or not isinstance(kept.salt, bytes) or not isinstance(kept.body, bytes):
        return None
    if len(kept.salt) != SALT_BYTES:
        return None
    try:
        read_canonical(kept.body)
    except BadFormat:
        return None
    if entry.commit != commitment(kept.salt, entry.log, entry.act, entry.type, kept.body):
        return None
    return kept.salt, kept.body


def _check_details(tx: Connection, table: Table, start: int, entries: Sequence[Entry]) -> None:
    rows = details(tx, table, start, start + len(entries))
    for i, entry in enumerate(entries, start):
        row = rows.get(i)
        if entry.commit is None:
            if row is not None:
                raise LedgerBroken(f"entry {i}: a detail that it does not commit to")
        elif row is None:
            raise LedgerBroken(f"entry {i}: its detail is missing")
        elif row.erased is not None:
            if row.salt is not None or row.body is not None:
                raise LedgerBroken(f"entry {i}: its detail is said to be erased and is not")
        elif opened(entry, row) is None:
            raise LedgerBroken(f"entry {i}: its detail is not the one it commits to")


def _check_nothing_else(
    pages: Pages, tx: Connection, head: Head, frontier: Frontier, tiles: int
) -> None:
    """The head's own bytes, and no row that the head does not know of."""
    table = pages.tables
    with own_errors():
        row = tx.execute(pages.select_head).one_or_none()
        counted = {
            name: tx.execute(select(func.count()).select_from(each)).scalar_one()
            for name, each in (("entry", table.entry), ("tile", table.tile))
        }
    if row is not None and read_head(row)[1] != frontier.to_bytes():
        raise LedgerBroken("head: its frontier is not that of its entries")
    if counted["entry"] != head.size:
        raise LedgerBroken(f"entry {head.size}: it stands after the end of the ledger")
    if counted["tile"] != tiles:
        raise LedgerBroken("tile: one stands after the end of the ledger")


def _check_no_later_detail(tx: Connection, table: Table, size: int) -> None:
    question = select(func.count()).select_from(table).where(table.c.i >= size)
    with own_errors():
        late = tx.execute(question).scalar_one()
    if late:
        raise LedgerBroken("detail: one stands after the end of the ledger")
