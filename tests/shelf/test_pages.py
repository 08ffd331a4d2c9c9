"""Whatever an administrator changes in the rows of a ledger is found and named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData, create_engine

from azukari.errors import LedgerBroken
from azukari.ledger.entry import Entry, commitment
from azukari.names import id_of
from azukari.shelf.book import Book, Draft, tables
from azukari.shelf.pages import Kept, opened

ORIGIN = "ledger.kakuu.example/office"


def an_id(number: int) -> str:
    return id_of(number.to_bytes(16, "big"))


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://", hide_parameters=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def book(tx: Connection) -> Book:
    """Three hundred entries, the first two with details."""
    metadata = MetaData()
    rows = tables(metadata)
    metadata.create_all(tx)
    made = Book(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)), rows)
    drafts = [
        Draft(an_id(i), "roll.taken_in", an_id(1), detail={"row": i} if i < 2 else None)
        for i in range(300)
    ]
    made.append(tx, drafts, at=1_000)
    return made


def rewrite(i: int, was: str, becomes: str) -> str:
    changed = f"replace(body, '{was}', '{becomes}')"
    return f"UPDATE entry SET body = CAST({changed} AS BLOB) WHERE i = {i}"


SPOILED = [
    (
        "UPDATE entry SET body = (SELECT body FROM entry WHERE i = 5) WHERE i = 6",
        "entry 6: it repea",
    ),
    (
        rewrite(6, '"at":1000', '"at":999'),
        "entry 6: it is older",
    ),
    ("UPDATE entry SET body = x'7b7d' WHERE i = 17", "entry 17: act is missing"),
    (
        rewrite(0, "office", "keys"),
        "entry 0: it belongs to another log",
    ),
    (
        rewrite(3, "roll.taken", "roll.given"),
        "tile 0/0: hash 3 is not that of entry 3",
    ),
    (
        rewrite(290, "roll.taken", "roll.given"),
        "head: its root is not that of its 300 entries",
    ),
    ("DELETE FROM entry WHERE i = 17", "entry 17: it is missing"),
    ("UPDATE entry SET body = CAST(body AS TEXT) WHERE i = 17", "entry 17: its row holds no bytes"),
    ("DELETE FROM entry WHERE i = 299", "entry 299: it is missing"),
    ("UPDATE head SET size = 299", "head: its root is not that of its 299 entries"),
    ("UPDATE head SET root = zeroblob(32)", "head: its root is not"),
    ("UPDATE head SET frontier = zeroblob(8)", "head: its frontier is not"),
    ("DELETE FROM head", "entry 0: it stands after the end"),
    ("DELETE FROM tile", "tile 0/0: it, or one soon after it, is missing"),
    ("UPDATE tile SET hashes = zeroblob(8192)", "tile 0/0: hash 0 is not that of entry 0"),
    ("UPDATE tile SET hashes = zeroblob(8191)", "tile 0/0: its length"),
    ("INSERT INTO tile VALUES (0, 1, zeroblob(8192))", "tile: one stands after the end"),
    ("INSERT INTO entry VALUES (300, x'7b7d')", "entry 300: it stands after the end"),
    ("INSERT INTO detail VALUES (300, NULL, NULL, NULL)", "detail: one stands after the end"),
    ("DELETE FROM detail WHERE i = 1", "entry 1: its detail is missing"),
    ("INSERT INTO detail VALUES (7, x'', x'', NULL)", "entry 7: a detail that it does not commit"),
    ("UPDATE detail SET body = x'7b7d' WHERE i = 1", "entry 1: its detail is not the one"),
    ("UPDATE detail SET body = x'ff' WHERE i = 1", "entry 1: its detail is not the one"),
    ("UPDATE detail SET salt = zeroblob(32) WHERE i = 1", "entry 1: its detail is not the one"),
    ("UPDATE detail SET salt = x'' WHERE i = 1", "entry 1: its detail is not the one"),
    ("UPDATE detail SET salt = NULL WHERE i = 1", "entry 1: its detail is not the one"),
    ("UPDATE detail SET erased = 1 WHERE i = 1", "entry 1: its detail is said to be erased"),
]


CELLS = [
    *(("entry", "body", "i = 299"), ("tile", "hashes", "n = 0"), ("head", "size", "id = 1")),
    *(("head", "root", "id = 1"), ("head", "frontier", "id = 1")),
    *(("detail", "salt", "i = 1"), ("detail", "body", "i = 1")),
]
#: None of these may become bytes by a constructor that takes a number as a length.
VALUES = ["5", "1000000000000", "-3", "1.5", "'five'", "9223372036854775807"]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("table, column, row", CELLS)
def test_a_number_in_the_place_of_bytes_is_named_and_ends_no_program(
    book: Book, tx: Connection, table: str, column: str, row: str, value: str
) -> None:
    tx.exec_driver_sql(f"UPDATE {table} SET {column} = {value} WHERE {row}")

    with pytest.raises(LedgerBroken):
        book.verify(tx)
    if table == "head":
        with pytest.raises(LedgerBroken):
            book.append(tx, [Draft(an_id(999), "carrier.revoked", an_id(1))], at=5_000)


@pytest.mark.parametrize("statement, why", SPOILED, ids=[why for _, why in SPOILED])
def test_an_administrator_s_change_is_found_and_named(
    book: Book, tx: Connection, statement: str, why: str
) -> None:
    book.verify(tx)

    tx.exec_driver_sql(statement)

    with pytest.raises(LedgerBroken, match=f"^{why}"):
        book.verify(tx)


def test_a_detail_committed_to_in_another_spelling_does_not_open() -> None:
    """It would let one commitment stand for two readings of the same words."""
    salt, body, act, kind = bytes(32), b'{"a": 1}', an_id(1), "roll.taken_in"
    commit = commitment(salt, ORIGIN, act, kind, body)
    entry = Entry(act=act, at=0, by=act, commit=commit, log=ORIGIN, n={}, refs=(), type=kind, v=1)

    assert opened(entry, Kept(salt, body, None)) is None
