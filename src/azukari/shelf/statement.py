"""One statement of a ledger, compiled once and handed to the database's own driver.

A ledger appends with three statements; the library's way to each of them costs as much time as
hashing, spelling and storing the entry together.  Values are integers and bytes, and nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import ClauseElement

from azukari.errors import AzukariError, Conflict, LedgerBroken, LedgerError, Unreachable

Values = Mapping[str, object]


@dataclass(frozen=True)
class _Compiled:
    sql: str
    order: tuple[str, ...] | None  # of the parameters, where they have no names
    fixed: Values  # what stands in the statement itself

    def bound(self, values: Values) -> Any:
        every = {**self.fixed, **values}
        return every if self.order is None else [every[name] for name in self.order]


class Statement:
    """A statement of SQLAlchemy Core.  A driver's cursor lives no longer than its transaction."""

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement, self._columns = statement, list(columns) or None
        self._compiled: dict[str, _Compiled] = {}

    def run(self, tx: Connection, values: Values | None = None) -> Any:
        """Execute it in this transaction; the driver's cursor."""
        compiled = self._for(tx)
        with _own_errors(tx):
            cursor = _cursor(tx)
            cursor.execute(compiled.sql, compiled.bound(values or {}))
        return cursor

    def run_all(self, tx: Connection, rows: Sequence[Values]) -> None:
        """Execute it for every row."""
        compiled = self._for(tx)
        with _own_errors(tx):
            _cursor(tx).executemany(compiled.sql, [compiled.bound(row) for row in rows])

    def _for(self, tx: Connection) -> _Compiled:
        """It in the words of this database."""
        name = tx.dialect.name
        if name not in self._compiled:
            made: Any = self._statement.compile(dialect=tx.dialect, column_keys=self._columns)
            fixed = {key: value for key, value in made.params.items() if value is not None}
            order = tuple(made.positiontup) if made.positional else None
            self._compiled[name] = _Compiled(str(made), order, fixed)
        return self._compiled[name]


def _cursor(tx: Connection) -> Any:
    driver: Any = tx.connection.driver_connection
    return driver.cursor()


@contextmanager
def _own_errors(tx: Connection) -> Iterator[None]:
    """Let no exception of the driver out: its messages quote rows."""
    driver: Any = tx.dialect.loaded_dbapi
    try:
        yield
    except driver.IntegrityError:
        raise Conflict("ledger: somebody else appended meanwhile") from None
    except driver.Error as wrong:
        raise failed(wrong, operational=isinstance(wrong, driver.OperationalError)) from None


def failed(wrong: BaseException, *, operational: bool) -> AzukariError:
    """Our name for what a ledger's database failed with.

    ``wrong`` is the driver's own error; ``operational``: it calls it one of the database's running.
    A disk that is full or away is no fault of the ledger, and whoever asks may ask again; a table
    that is gone is one, and SQLite calls that operational too.
    """
    code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return LedgerBroken("ledger: the database's file is damaged: a page of it cannot be read")
    if operational and code != sqlite3.SQLITE_ERROR:
        return Unreachable("the database cannot be used: locked, full, away or unreadable")
    return LedgerError(f"ledger: the database failed with {type(wrong).__name__}")
