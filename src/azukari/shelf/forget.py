"""Making a database forget what was overwritten in it, as far as a database can.

SQLite: freed bytes are overwritten with zeros (``secure_delete``), and the write-ahead log, which
still holds the pages as they were, is copied over and cut to nothing.  What no database can reach
stays: blocks that a file system or a flash gave up when the log was cut, snapshots, and backups.
"""

from __future__ import annotations

from sqlite3 import DatabaseError
from typing import Final

from sqlalchemy import Connection, Engine

from azukari.shelf.pages import own_errors

_PATIENCE_MS: Final = 1_000  # a reader that is longer at it is said, not waited for


def securely(tx: Connection) -> None:
    """What this transaction empties is overwritten, not only let go; asked for before it writes."""
    if tx.dialect.name == "sqlite":
        with own_errors():
            tx.exec_driver_sql("PRAGMA secure_delete=ON")


def settle(engine: Engine) -> bool:
    """Bring what was committed into the database's own file, and leave nothing beside it.

    False where another program reads just now, or there is no such means: then the older pages
    stay until somebody asks again and nobody reads.
    """
    if engine.dialect.name != "sqlite":
        return False
    raw = engine.raw_connection()
    try:
        # Outside of any transaction: one that is open would itself be the reader in the way.
        cursor = raw.cursor()
        cursor.execute("PRAGMA busy_timeout")
        [[patience]] = cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [[busy, *_]] = cursor.fetchall()
        cursor.execute(f"PRAGMA busy_timeout={int(patience)}")
    except DatabaseError:
        return False
    finally:
        raw.close()
    return not busy
