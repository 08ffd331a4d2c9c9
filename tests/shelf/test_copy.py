"""A copy of another program's ledger: what continues it is taken, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine

from azukari.errors import LedgerBehind, LedgerBroken, LedgerFork, NotFound
from azukari.ledger.tree import EMPTY_ROOT, leaf_hash, root_of, verify_consistency
from azukari.shelf.book import Book, Draft, Head, tables
from azukari.shelf.copy import Copy
from azukari.shelf.database import open_database, transaction
from azukari.shelf.pages import trunk

ORIGIN = "azukari.example/kakuu/keys"
METADATA, HERE = MetaData(), MetaData()
TABLES, COPIED = tables(METADATA), trunk(HERE, "keys_")


def act(number: int) -> str:
    return f"{number:026d}"


def history(count: int) -> list[bytes]:
    """The entries of a ledger of another program."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    book = Book(ORIGIN, Ed25519PrivateKey.generate(), TABLES)
    drafts = [Draft(act(n), "key.created", act(1)) for n in range(count)]
    with engine.begin() as tx:
        book.append(tx, drafts, at=5)
        lines = book.entries(tx, 0, count)
    engine.dispose()
    return lines


LINES = history(700)


def head(size: int, lines: list[bytes] = LINES) -> Head:
    return Head(size, root_of([leaf_hash(line) for line in lines[:size]]))


class Home:
    """A database with a copy in it."""

    def __init__(self, path: Path) -> None:
        self.engine, self.copy = open_database(path, HERE), Copy(COPIED)

    def grow(self, start: int, end: int, to: Head | None = None) -> None:
        with transaction(self.engine) as tx:
            self.copy.grow(tx, LINES[start:end], to or head(end))

    def head(self) -> Head:
        with transaction(self.engine) as tx:
            return self.copy.head(tx)

    def verify(self) -> None:
        with transaction(self.engine) as tx:
            self.copy.verify(tx, ORIGIN)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "office.db")
    yield made
    made.engine.dispose()


def test_a_new_copy_is_empty(home: Home) -> None:
    assert Head(0, EMPTY_ROOT) == home.head()
    home.verify()


@settings(deadline=None, max_examples=20)
@given(steps=st.lists(st.integers(0, 300), max_size=5))
def test_in_any_steps_a_copy_has_the_root_that_the_ledger_had(steps: list[int]) -> None:
    engine, copy = create_engine("sqlite://"), Copy(COPIED)
    HERE.create_all(engine)
    at = 0
    with engine.begin() as tx:
        for step in steps:
            end = min(at + step, len(LINES))
            copy.grow(tx, LINES[at:end], head(end))
            at = end
        assert head(at) == copy.head(tx)
        copy.verify(tx, ORIGIN)
    engine.dispose()


@pytest.mark.parametrize(("old", "size"), [(0, 1), (1, 255), (255, 256), (256, 700), (513, 699)])
def test_a_copy_proves_that_a_later_head_continues_an_earlier(
    home: Home, old: int, size: int
) -> None:
    home.grow(0, 300)
    home.grow(300, 700)

    with transaction(home.engine) as tx:
        root, proof = home.copy.prove_growth(tx, old, size)

    assert head(old).root == root
    verify_consistency(old, root, size, head(size).root, proof)


def test_a_copy_proves_nothing_beyond_its_end(home: Home) -> None:
    home.grow(0, 10)

    with pytest.raises(NotFound), transaction(home.engine) as tx:
        home.copy.prove_growth(tx, 5, 11)


def test_rollback_a_shorter_head_is_refused(home: Home) -> None:
    home.grow(0, 300)

    with pytest.raises(LedgerBehind):
        home.grow(0, 0, head(299))
    assert head(300) == home.head()


def test_rollback_a_longer_head_without_its_entries_is_refused(home: Home) -> None:
    home.grow(0, 300)

    with pytest.raises(LedgerBehind):
        home.grow(300, 301, head(302))
    assert head(300) == home.head()


def test_fork_another_root_at_the_same_size_is_refused(home: Home) -> None:
    home.grow(0, 300)

    with pytest.raises(LedgerFork):
        home.grow(300, 300, Head(300, bytes(32)))
    assert head(300) == home.head()


def test_fork_a_head_over_another_beginning_is_refused_and_leaves_nothing(home: Home) -> None:
    home.grow(0, 300)
    other = [LINES[1], LINES[0], *LINES[2:]]

    with pytest.raises(LedgerFork):
        home.grow(300, 400, head(400, other))
    assert head(300) == home.head()
    home.verify()


def test_entries_after_the_head_wait_for_the_next_one(home: Home) -> None:
    home.grow(0, 400, head(300))

    assert head(300) == home.head()
    home.grow(300, 400)
    home.verify()


@pytest.mark.parametrize("count", [1, 256, 600])
def test_a_copy_from_before_it_had_a_tree_gets_one(home: Home, count: int) -> None:
    with transaction(home.engine) as tx:
        rows = [{"i": i, "body": line} for i, line in enumerate(LINES[:count])]
        tx.execute(COPIED.entry.insert(), rows)

    assert head(count) == home.head()
    home.verify()
    home.grow(count, 700)
    home.verify()


@pytest.mark.parametrize("table", ["keys_tile", "keys_entry", "keys_head"])
def test_an_edited_copy_is_named(home: Home, table: str) -> None:
    home.grow(0, 600)
    changed = {"keys_tile": "hashes", "keys_entry": "body", "keys_head": "root"}[table]
    with transaction(home.engine) as tx:
        rows = HERE.tables[table]
        old = bytes(tx.execute(rows.select()).mappings().first()[changed])  # type: ignore[index]  # there is one
        new = old[:-1] + bytes([old[-1] ^ 1])
        tx.execute(rows.update().where(rows.c[changed] == old).values({changed: new}))

    with pytest.raises(LedgerBroken):
        home.verify()
