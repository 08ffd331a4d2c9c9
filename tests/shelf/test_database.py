"""A program's own database: one writer, durable or gone, and no library speaks through it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select, text

from azukari.errors import BadFormat, Conflict, Unreachable
from azukari.shelf.database import open_database, transaction

SECRET = "架空　秘密子"
metadata = MetaData()
thing = Table("thing", metadata, Column("id", Integer, primary_key=True), Column("name", String))


def test_what_is_raised_in_a_transaction_takes_everything_back(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "some.db", metadata)

    def fail() -> None:
        with transaction(engine) as tx:
            tx.execute(thing.insert().values(id=1, name="a"))
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    with transaction(engine) as tx:
        assert [] == tx.execute(select(thing)).all()
    engine.dispose()


def test_the_file_is_private_and_every_commit_is_synced(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "some.db", metadata)

    with transaction(engine) as tx:
        assert "wal" == tx.execute(text("PRAGMA journal_mode")).scalar_one()
        assert 2 == tx.execute(text("PRAGMA synchronous")).scalar_one()
    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    engine.dispose()


def test_a_row_twice_is_a_conflict_that_quotes_nobody(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "some.db", metadata)

    row = {"id": 1, "name": SECRET}

    with pytest.raises(Conflict) as error, transaction(engine) as tx:
        tx.execute(thing.insert(), [row, row])

    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    engine.dispose()


def test_a_statement_the_database_refuses_quotes_nobody(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "some.db", metadata)

    with pytest.raises((BadFormat, Unreachable)) as error, transaction(engine) as tx:
        tx.execute(text(f"SELECT '{SECRET}' FROM nowhere"))

    assert SECRET not in str(error.value)
    engine.dispose()


def test_a_file_that_is_no_database_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "some.db").write_bytes(SECRET.encode() * 500)

    with pytest.raises(BadFormat, match="no database of ours"):
        open_database(tmp_path / "some.db", metadata)


def test_a_folder_that_cannot_be_made_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")

    with pytest.raises((Conflict, Unreachable)):
        open_database(tmp_path / "home" / "some.db", metadata)


def test_a_database_somebody_else_holds_is_unreachable_not_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(tmp_path / "some.db", metadata)
    with transaction(engine) as tx:
        tx.execute(text("PRAGMA busy_timeout = 50"))
    other = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unreachable), transaction(engine):
        pass

    other.close()
    engine.dispose()


def test_a_database_that_somebody_else_writes_is_opened_at_once(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "some.db", metadata)

    with transaction(engine) as tx:
        tx.execute(thing.insert().values(id=1, name="a"))
        open_database(tmp_path / "some.db", metadata).dispose()

    engine.dispose()


def test_a_table_that_is_missing_is_made(tmp_path: Path) -> None:
    open_database(tmp_path / "some.db", MetaData()).dispose()
    engine = open_database(tmp_path / "some.db", metadata)

    with transaction(engine) as tx:
        assert [] == tx.execute(select(thing)).all()
    engine.dispose()
