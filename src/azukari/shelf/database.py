"""A program's own database: SQLite in WAL with every commit synced, or a URL the settings name.

One writer at a time (``BEGIN IMMEDIATE``); errors of the library end here, because they quote rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SQLite
from sqlite3 import DatabaseError
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from azukari.errors import BadFormat, Conflict, Unreachable
from azukari.shelf import files


def open_database(path: Path, tables: MetaData) -> Engine:
    """Open or make a SQLite database with these tables; the file is 0600."""
    files.folder(path.parent)
    with files.own_errors(path.name):
        path.touch(files.PRIVATE)
    engine = create_engine(
        f"sqlite:///{path}",
        hide_parameters=True,  # a parameter may be a resident's value
        connect_args={"timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        tables.create_all(engine)
    # What happens while connecting comes from the driver itself, not through SQLAlchemy.
    except (SQLAlchemyError, DatabaseError):
        engine.dispose()
        raise BadFormat(f"{path.name} is no database of ours, or cannot be written") from None
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: durable when it ends, gone if anything is raised.

    `Unreachable` where the database cannot be used now (locked, full, unreadable), `Conflict` for
    a row that is there already, `BadFormat` for whatever else it refuses.
    """
    with _own_errors(), engine.begin() as tx:
        yield tx


@contextmanager
def savepoint(tx: Connection) -> Iterator[None]:
    """A part of a transaction that is gone by itself if anything is raised; raises as that."""
    with _own_errors(), tx.begin_nested():
        yield


def stands(tx: Connection) -> bool:
    """Is the transaction still open in the database itself?  Some errors end it there."""
    if tx.invalidated:
        return False
    raw = tx.connection.driver_connection
    return raw.in_transaction if isinstance(raw, SQLite) else True


@contextmanager
def _own_errors() -> Iterator[None]:
    """Let no exception of the database out: its messages quote rows."""
    try:
        yield
    except IntegrityError:
        raise Conflict("the database holds such a row already") from None
    except (OperationalError, DatabaseError):
        raise Unreachable("the database cannot be used: locked, full or unreadable") from None
    except SQLAlchemyError as error:
        raise BadFormat(f"the database refused: {type(error).__name__}") from None
