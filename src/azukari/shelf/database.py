"""A program's own database: SQLite in WAL with every commit synced, or a PostgreSQL server.

One transaction at a time, from its first statement on, in either: what an act has read is still
true when it writes.  Errors of the library end here, because they quote rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import SQLITE_CORRUPT, SQLITE_NOTADB, DatabaseError
from sqlite3 import Connection as SQLite
from sqlite3 import OperationalError as Unusable
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from azukari.errors import BadFormat, Conflict, LedgerBroken, NotFound, Unreachable
from azukari.shelf import files

#: A file, or the address of a PostgreSQL database: see `server.address`.
Place = Path | str

_RECORDS: Final = "the database holds records already"
_OPEN: Final = 2  # as libpq numbers them: in a transaction that no error has ended

# Not the row lock on a ledger's head: acts read before they append, and not every act appends.
_ONE_AT_A_TIME: Final = text(
    f"SELECT pg_advisory_xact_lock({int.from_bytes(b'azuk') << 32}"
    " + current_schema()::regnamespace::oid::bigint)"
)
_COLUMNS: Final = text(
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
    " AND a.attnum > 0 AND NOT a.attisdropped"
)


def open_database(place: Place, tables: MetaData, *, new: bool | None = None) -> Engine:
    """Open or make a database with these tables; a file is 0600.

    ``new``: True makes one where there must be none yet (`Conflict`), False opens one that must be
    there (`NotFound`).
    """
    if isinstance(place, Path):
        return _file(place, tables, new)
    return _server(place, tables, new)


def must_be_new(url: str, tables: MetaData) -> None:
    """A server's database in which nothing of these tables is yet; else `Conflict`.

    Nothing is made: what may still fail comes first.
    """
    engine = _connected_to(url)
    try:
        with transaction(engine) as tx:
            if _columns(tx).keys() & tables.tables.keys():
                raise Conflict(_RECORDS)
    finally:
        engine.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction: durable when it ends, gone if anything is raised.

    `Unreachable` where the database cannot be used now (locked, full, away, unreadable),
    `LedgerBroken` where its file is torn, `Conflict` for a row that is there already, `BadFormat`
    for whatever else it refuses.  A server that goes
    away while a transaction ends leaves it whole or not there, and nobody here knows which: acts
    can be repeated.
    """
    with _own_errors(engine), engine.begin() as tx:
        yield tx
        # An error that somebody caught may have ended it: a server then answers a commit with a
        # rollback, and calls that no error.
        if not stands(tx):
            raise Unreachable("the database gave the transaction up: nothing of it is kept")


@contextmanager
def savepoint(tx: Connection) -> Iterator[None]:
    """A part of a transaction that is gone by itself if anything is raised; raises as that."""
    with _own_errors(tx.engine), tx.begin_nested():
        yield


def stands(tx: Connection) -> bool:
    """Is the transaction still open in the database itself?  Some errors end it there."""
    if tx.invalidated:
        return False
    raw: Any = tx.connection.driver_connection
    if isinstance(raw, SQLite):
        return raw.in_transaction
    return bool(raw.info.transaction_status == _OPEN)


@contextmanager
def _own_errors(engine: Engine) -> Iterator[None]:
    """Let no exception of the database out: its messages quote rows."""
    try:
        yield
    except IntegrityError:
        raise Conflict("the database holds such a row already") from None
    except SQLAlchemyError as error:
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        if gone or isinstance(error, OperationalError | NoConnection):
            raise Unreachable(
                "the database cannot be used: locked, full, away or unreadable"
            ) from None
        if isinstance(error, DBAPIError) and _damaged(error.orig):
            raise LedgerBroken(f"{_name(engine)} is damaged: a page cannot be read") from None
        raise BadFormat(f"the database refused: {type(error).__name__}") from None
    # What happens while connecting comes from the driver itself, not through SQLAlchemy.
    except DatabaseError as error:
        if _damaged(error):
            raise LedgerBroken(f"{_name(engine)} is damaged: a page cannot be read") from None
        raise Unreachable("the database cannot be used: locked, full or unreadable") from None


def _name(engine: Engine) -> str:
    """The file's own name; never where it lies."""
    return Path(engine.url.database or "").name


def _damaged(error: BaseException | None) -> bool:
    """Is a page of the file none, or not what the others say of it?"""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (SQLITE_CORRUPT, SQLITE_NOTADB)


def _file(path: Path, tables: MetaData, new: bool | None) -> Engine:
    if new is False and not path.is_file():
        raise NotFound(f"{path.name} is not there")
    if new and path.exists():
        raise Conflict(f"{path.name} exists already")
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
        if not tables.tables.keys() <= _in_file(engine):
            tables.create_all(engine)
    # What happens while connecting comes from the driver itself, not through SQLAlchemy.
    except (SQLAlchemyError, DatabaseError) as error:
        engine.dispose()
        if isinstance(error, OperationalError | Unusable):
            raise Unreachable(
                f"{path.name} cannot be opened: locked, or its disk is full or read-only"
            ) from None
        raise BadFormat(f"{path.name} is no database of ours, or damaged") from None
    return engine


def _in_file(engine: Engine) -> set[str]:
    """Which tables there are.

    Outside of any transaction of ours: whoever only opens waits for no writer.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in cursor.fetchall()}
    finally:
        raw.close()  # back to the pool


def _server(url: str, tables: MetaData, new: bool | None) -> Engine:
    engine = _connected_to(url)
    try:
        with transaction(engine) as tx:
            _make(tx, tables, new)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _connected_to(url: str) -> Engine:
    # Late: where every database is a file, nobody has to install a driver.
    from azukari.shelf import server

    address = server.address(url)
    server.must_be_private(address)
    engine = create_engine(
        address,
        hide_parameters=True,
        connect_args=server.asked(address),
        isolation_level="READ COMMITTED",  # each statement sees what was committed before the lock
        pool_pre_ping=True,  # a server may have been started anew since
    )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: object) -> None:
        server.settle(raw)

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.execute(_ONE_AT_A_TIME)

    return engine


def _make(tx: Connection, tables: MetaData, new: bool | None) -> None:
    """Make the tables that are missing; what is there must be ours."""
    found = _columns(tx)
    mine = {name: set(table.columns.keys()) for name, table in tables.tables.items()}
    there = mine.keys() & found.keys()
    if new and there:
        raise Conflict(_RECORDS)
    if new is False and not there:
        raise NotFound("the database holds no records")
    # Two programs in one database would be one ledger under two keys.
    if any(mine[name] - found[name] for name in there):
        raise BadFormat("the database holds the tables of another program")
    if len(there) < len(mine):
        tables.create_all(tx)


def _columns(tx: Connection) -> dict[str, set[str]]:
    """Every table there is, and its columns."""
    found: dict[str, set[str]] = {}
    for table, column in tx.execute(_COLUMNS):
        found.setdefault(table, set()).add(column)
    return found
