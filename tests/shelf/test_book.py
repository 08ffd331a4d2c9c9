"""The ledger in its database: append, prove, export, verify, and what a rolled back act leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData, create_engine

from azukari.ledger.audit import verify_export
from azukari.ledger.checkpoint import parse_vkey
from azukari.ledger.proof import verify_proof
from azukari.names import id_of
from azukari.shelf.book import Book, Draft, tables

ORIGIN = "ledger.kakuu.example/office"


def an_id(number: int) -> str:
    return id_of(number.to_bytes(16, "big"))


def drafts(start: int, end: int) -> list[Draft]:
    return [
        Draft(an_id(i), "roll.taken_in", an_id(1), detail={"row": i}) for i in range(start, end)
    ]


@pytest.fixture
def tx() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def book(tx: Connection) -> Book:
    metadata = MetaData()
    made = tables(metadata)
    metadata.create_all(tx)
    return Book(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)), made)


@pytest.mark.parametrize("sizes", [(1,), (3, 252, 1, 1), (256, 256), (300, 700), (255, 258)])
def test_what_was_appended_verifies_here_and_from_its_export(
    book: Book, tx: Connection, sizes: tuple[int, ...]
) -> None:
    total = 0
    for size in sizes:
        book.append(tx, drafts(total, total + size), at=1_000 + total)
        total += size

    files = dict(book.export(tx))

    book.verify(tx)
    assert total == len(verify_export(files.__getitem__, book.verifier()))


def test_every_entry_can_be_proved(book: Book, tx: Connection) -> None:
    book.append(tx, drafts(0, 530), at=1_000)

    for i in range(0, 530, 13):
        line = book.entries(tx, i, i + 1)[0]
        index, checkpoint = verify_proof(book.prove(tx, i), line, parse_vkey(book.verifier()))
        assert (i, 530) == (index, checkpoint.size)
