"""The ledger in its database: append, prove, export, verify, and what a rolled back act leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData, create_engine, event, func, select

from azukari.errors import (
    BadFormat,
    Conflict,
    LedgerBroken,
    LedgerError,
    NotFound,
)
from azukari.ledger.audit import verify_export
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.entry import OtherHead, decode
from azukari.ledger.proof import verify_proof
from azukari.ledger.tree import EMPTY_ROOT, verify_consistency
from azukari.names import id_of
from azukari.shelf.book import Book, Draft, Head, Tables, tables

ORIGIN = "ledger.kakuu.example/office"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def an_id(number: int) -> str:
    return id_of(number.to_bytes(16, "big"))


def draft(i: int, **more: Any) -> Draft:
    return Draft(an_id(i), "roll.taken_in", an_id(1), **more)


def drafts(start: int, end: int) -> list[Draft]:
    return [draft(i) for i in range(start, end)]


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://", hide_parameters=True)

    # The driver must not begin transactions by itself, or savepoints would be lost.
    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def rows(tx: Connection) -> Tables:
    metadata = MetaData()
    made = tables(metadata)
    metadata.create_all(tx)
    return made


@pytest.fixture
def book(rows: Tables) -> Book:
    return Book(ORIGIN, KEY, rows)


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    return read


@pytest.mark.parametrize("sizes", [(), (1,), (3, 252, 1, 1), (256, 256), (300, 700), (255, 258)])
def test_what_was_appended_verifies_here_and_from_its_export(
    book: Book, tx: Connection, sizes: tuple[int, ...]
) -> None:
    total = 0
    for size in sizes:
        book.append(tx, drafts(total, total + size), at=1_000 + total)
        total += size

    files = dict(book.export(tx))

    book.verify(tx)
    assert list(files)[-1] == "checkpoint"
    assert total == len(verify_export(reader(files), book.verifier()))


def test_the_third_level_of_tiles_is_written(book: Book, tx: Connection) -> None:
    undone = tx.begin_nested()
    book.append(tx, drafts(100_000, 100_300), at=0)
    book.prove(tx, 299)  # what this derives must not reach the tiles written below
    undone.rollback()

    for start in range(0, 65_536 + 300, 8_229):
        book.append(tx, drafts(start, start + 8_229), at=start)

    book.verify(tx)
    files = dict(book.export(tx))

    assert {"tile/1/000", "tile/2/000.p/1"} <= files.keys()
    assert len(verify_export(reader(files), book.verifier())) == 9 * 8_229
    verify_proof(book.prove(tx, 7), book.entries(tx, 7, 8)[0], parse_vkey(book.verifier()))


def test_an_entry_says_what_its_draft_said(book: Book, tx: Connection) -> None:
    other = OtherHead(origin="ledger.kakuu.example/keys", root="ab" * 32, size=3)
    full = draft(2, refs=(an_id(3),), n={"rows": 10}, happened=900, detail={"名": 1}, other=other)

    [entry] = book.append(tx, [full], at=1_000)

    assert (full.act, full.type, full.by, full.refs, full.n) == (
        entry.act,
        entry.type,
        entry.by,
        entry.refs,
        entry.n,
    )
    assert (1_000, 900, other, ORIGIN) == (entry.at, entry.happened, entry.other, entry.log)
    assert entry == decode(book.entries(tx, 0, 1)[0])


def test_an_empty_ledger_has_a_head(book: Book, tx: Connection) -> None:
    assert Head(0, EMPTY_ROOT) == book.head(tx)
    assert book.last_at(tx) == 0
    assert book.append(tx, [], at=5) == []
    assert open_checkpoint(book.checkpoint(tx), parse_vkey(book.verifier())).size == 0


def test_an_act_rolled_back_leaves_nothing(book: Book, rows: Tables, tx: Connection) -> None:
    book.append(tx, drafts(0, 10), at=1_000)
    before = book.head(tx)

    undone = tx.begin_nested()
    book.append(tx, [draft(i, detail={"row": i}) for i in range(10, 600)], at=2_000)
    book.prove(tx, 300)
    undone.rollback()

    assert (before, 1_000) == (book.head(tx), book.last_at(tx))
    assert tx.execute(select(func.count()).select_from(rows.tile)).scalar_one() == 0
    assert tx.execute(select(func.count()).select_from(rows.detail)).scalar_one() == 0
    book.append(tx, drafts(700, 1_400), at=1_500)
    book.verify(tx)
    verify_proof(book.prove(tx, 300), book.entries(tx, 300, 301)[0], parse_vkey(book.verifier()))


def test_what_was_derived_in_an_act_rolled_back_is_not_believed(
    book: Book, rows: Tables, tx: Connection
) -> None:
    """Another program may append in between: this one must notice by the head alone."""
    undone = tx.begin_nested()
    book.append(tx, drafts(0, 600), at=1_000)
    book.prove(tx, 599)
    undone.rollback()
    Book(ORIGIN, KEY, rows).append(tx, drafts(1_000, 1_600), at=1_000)

    proof = book.prove(tx, 599)

    verify_proof(proof, book.entries(tx, 599, 600)[0], parse_vkey(book.verifier()))
    assert book.last_at(tx) == 1_000


def test_time_never_goes_back(book: Book, tx: Connection) -> None:
    book.append(tx, [draft(0)], at=2_000)

    [entry] = book.append(tx, [draft(1)], at=1_000)

    assert 2_000 == entry.at == book.last_at(tx)
    book.verify(tx)


def test_an_entry_told_twice_is_refused(book: Book, rows: Tables, tx: Connection) -> None:
    book.append(tx, drafts(0, 200), at=1_000)

    for teller in (book, Book(ORIGIN, KEY, rows)):
        with pytest.raises(Conflict, match="repeats"):
            teller.append(tx, [draft(3)], at=1_000)
        with pytest.raises(Conflict, match="repeats"):
            teller.append(tx, [draft(500), draft(500)], at=2_000)
    assert book.head(tx).size == 200
    book.append(tx, [draft(3)], at=1_001)


def test_a_draft_that_is_no_entry_is_refused_and_nothing_is_written(
    book: Book, tx: Connection
) -> None:
    book.append(tx, [draft(0)], at=1_000)
    before = book.head(tx)

    for wrong in (
        draft(1, n={"rows": 9}),
        draft(1, refs=("架空 太郎",)),
        draft(1, detail={"share": 0.5}),
        Draft(an_id(1), "記", an_id(1), detail={}),
    ):
        with pytest.raises(BadFormat) as refused:
            book.append(tx, [draft(2), wrong], at=2_000)
        assert "架空" not in str(refused.value)

    assert before == book.head(tx)
    book.verify(tx)


def test_a_detail_is_kept_beside_and_never_exported(book: Book, tx: Connection) -> None:
    planted = "架空 太郎"
    book.append(tx, [draft(0, detail={"name": planted}), draft(1)], at=1_000)

    assert {"name": planted} == book.detail(tx, 0)
    assert book.detail(tx, 1) is None
    for raw in dict(book.export(tx)).values():
        assert planted.encode("utf-8") not in raw


def test_equal_details_do_not_look_equal(book: Book, tx: Connection) -> None:
    """Without a salt of its own each entry would let a reader guess what stands in it."""
    one, other = book.append(tx, [draft(0, detail={"a": 1}), draft(0, detail={"a": 1})], at=1_000)

    assert one.commit != other.commit


def test_an_erased_detail_is_gone_and_the_tree_stays(book: Book, tx: Connection) -> None:
    book.append(tx, [draft(0, detail={"name": "架空 太郎"}), draft(1)], at=1_000)
    before = book.head(tx)

    book.erase_detail(tx, 0, at=5_000)

    assert before == book.head(tx)
    book.verify(tx)
    with pytest.raises(NotFound, match="entry 0: its detail was erased"):
        book.detail(tx, 0)
    with pytest.raises(NotFound, match="erased"):
        book.erase_detail(tx, 0, at=6_000)
    with pytest.raises(NotFound, match="no detail"):
        book.erase_detail(tx, 1, at=6_000)


@pytest.mark.parametrize("start, end", [(0, 3), (-1, 1), (2, 1), (3, 3)])
def test_entries_that_are_not_there_are_not_found(
    book: Book, tx: Connection, start: int, end: int
) -> None:
    book.append(tx, drafts(0, 2), at=1_000)

    with pytest.raises(NotFound):
        book.entries(tx, start, end)
    with pytest.raises(NotFound, match="there are 2"):
        book.prove(tx, 2)


def test_every_entry_can_be_proved(book: Book, tx: Connection) -> None:
    book.append(tx, drafts(0, 530), at=1_000)

    for i in range(0, 530, 13):
        line = book.entries(tx, i, i + 1)[0]
        index, checkpoint = verify_proof(book.prove(tx, i), line, parse_vkey(book.verifier()))
        assert (i, 530) == (index, checkpoint.size)


def test_growth_can_be_proved(book: Book, tx: Connection) -> None:
    heads = []
    for start in range(0, 900, 90):
        heads.append(book.head(tx))
        book.append(tx, drafts(start, start + 90), at=start)
    now = book.head(tx)

    for head in heads:
        root, proof = book.prove_growth(tx, head.size)
        assert root == head.root
        verify_consistency(head.size, head.root, now.size, now.root, proof)
    with pytest.raises(NotFound):
        book.prove_growth(tx, 901)


def test_a_spoiled_detail_is_not_shown(book: Book, tx: Connection) -> None:
    book.append(tx, [draft(0, detail={"a": 1})], at=1_000)
    tx.exec_driver_sql("UPDATE detail SET body = CAST('{\"a\":2}' AS BLOB)")

    with pytest.raises(LedgerBroken, match="entry 0: its detail is not the one"):
        book.detail(tx, 0)


def test_a_spoiled_entry_is_not_proved(book: Book, tx: Connection) -> None:
    book.append(tx, drafts(0, 9), at=1_000)
    tx.exec_driver_sql("UPDATE entry SET body = x'7b7d' WHERE i = 3")

    with pytest.raises(LedgerBroken):
        book.prove(tx, 3)


@pytest.mark.parametrize("spoiled", ["zeroblob(8)", "zeroblob(9)", "CAST(size AS BLOB)"])
def test_nothing_is_appended_to_a_spoiled_head(book: Book, tx: Connection, spoiled: str) -> None:
    book.append(tx, drafts(0, 9), at=1_000)
    tx.exec_driver_sql(f"UPDATE head SET frontier = {spoiled}")

    with pytest.raises(LedgerBroken, match=r"^head: "):
        book.append(tx, [draft(9)], at=2_000)


def test_of_two_writers_the_second_conflicts(book: Book, tx: Connection) -> None:
    """As on a database that let both read the same head."""
    book.append(tx, drafts(0, 9), at=1_000)
    tx.exec_driver_sql(
        "CREATE TRIGGER meanwhile AFTER INSERT ON entry BEGIN UPDATE head SET size = 10; END"
    )

    with pytest.raises(Conflict, match="somebody else appended"):
        book.append(tx, [draft(9), draft(10)], at=2_000)


def test_an_entry_s_place_already_taken_conflicts(book: Book, tx: Connection) -> None:
    book.append(tx, drafts(0, 9), at=1_000)
    tx.exec_driver_sql("INSERT INTO entry VALUES (9, x'7b7d')")

    with pytest.raises(Conflict, match="somebody else appended"):
        book.append(tx, [draft(9)], at=2_000)


def test_no_error_of_the_database_gets_out(book: Book, tx: Connection) -> None:
    book.append(tx, drafts(0, 9), at=1_000)
    for table in ("head", "entry", "tile", "detail"):
        tx.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")

    for attempt in (
        lambda: book.append(tx, [draft(9)], at=2_000),
        lambda: book.head(tx),
        lambda: book.verify(tx),
        lambda: book.last_at(tx),
    ):
        with pytest.raises(LedgerError, match="the database failed with OperationalError") as got:
            attempt()
        assert got.value.__cause__ is None


def test_an_export_holds_nothing_of_an_export_in_an_act_that_was_taken_back(
    tx: Connection, book: Book
) -> None:
    """Both fill the same tile, each with other entries; what lies above it is derived."""
    taken_back = tx.begin_nested()
    book.append(tx, drafts(0, 300), at=1)
    dict(book.export(tx))
    taken_back.rollback()

    book.append(tx, drafts(1000, 1300), at=1)
    files = dict(book.export(tx))

    assert 300 == len(verify_export(reader(files), book.verifier()))
