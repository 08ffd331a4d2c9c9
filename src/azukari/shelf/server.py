"""A PostgreSQL server: what its address may say, and what it must keep before anything is written
there.

Passwords stand in libpq's own file, never in an address: addresses are shown, copied and typed.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path, PurePath
from typing import Any, Final

import psycopg
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from azukari.errors import BadSettings
from azukari.shelf import files

#: What may stand behind the question mark.  Not `options`: it could unsay what is settled here.
_SAID: Final = frozenset(("host", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey"))
_VERIFIED: Final = "verify-full"
_KEPT: Final = ("on", "remote_apply")  # of `synchronous_commit`
_PATIENCE_S: Final = 30
#: A client that vanished holds its lock no longer than another waits for it.
_ALIVE: Final = {"idle": 10, "interval": 5, "count": 3}
_SETTLED: Final = {
    "lock_timeout": f"{_PATIENCE_S}s",
    **{f"tcp_keepalives_{name}": str(value) for name, value in _ALIVE.items()},
}


def address(url: str) -> URL:
    """Where a program's database is; a word that has no place there is `BadSettings`.

    ``postgresql://USER@HOST:PORT/NAME``, or ``postgresql:///NAME?host=/FOLDER`` for a socket.
    Another host must prove who it is: libpq would go on in the clear where a server speaks no TLS.
    """
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise BadSettings("database: it is no address of a database") from None
    if found.drivername != "postgresql" or not found.database:
        raise BadSettings("database: postgresql://USER@HOST/NAME is expected")
    if found.password is not None:
        raise BadSettings("database: a password stands in the address: it belongs in a passfile")
    said: dict[str, str] = {}
    for name, value in found.query.items():
        if name not in _SAID or not isinstance(value, str):
            raise BadSettings("database: only " + ", ".join(sorted(_SAID)) + " may be said, once")
        said[name] = value
    if "host" in said and (found.host or not said["host"].startswith("/")):
        raise BadSettings("database: host= is for the folder of a socket")
    if any(not PurePath(said[name]).is_absolute() for name in _SAID - {"sslmode"} & said.keys()):
        raise BadSettings("database: a path that does not start at the root")
    if not _here(found.host) and said.setdefault("sslmode", _VERIFIED) != _VERIFIED:
        raise BadSettings(f"database: another host needs sslmode={_VERIFIED}")
    return found.set(drivername="postgresql+psycopg", query=said)


def must_be_private(found: URL) -> None:
    """The passfile, where one is named, is there and nobody else's; else `BadSettings`.

    libpq passes over a file that others can read, with a word on stderr and no password; where the
    platform has no such modes it looks no closer, and neither does this.
    """
    named = found.query.get("passfile")
    if named is None:
        return
    path = Path(str(named))
    with files.own_errors("passfile"):
        if not path.is_file():
            raise BadSettings("database: the passfile is missing")
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise BadSettings("database: the passfile can be read by others; chmod 600 it")


def asked(found: URL) -> dict[str, Any]:
    """How a connection is asked for: at the address and nowhere else, whatever variables say."""
    elsewhere = ("hostaddr",) if found.host or "host" in found.query else ("host", "hostaddr")
    return {
        # Said to be nothing; else libpq takes PGHOST and PGHOSTADDR, to which no TLS was asked.
        **dict.fromkeys(elsewhere, ""),
        "connect_timeout": _PATIENCE_S,
        "client_encoding": "utf8",
        "application_name": "azukari",
        "target_session_attrs": "read-write",  # a standby answers, and can write nothing down
        **{f"keepalives_{name}": value for name, value in _ALIVE.items()},
    }


def settle(connection: psycopg.Connection[Any]) -> None:
    """Settle how a new connection works; a server that would not keep an act is `BadSettings`.

    What is settled holds for this session, whatever the server's own settings become later.
    """
    connection.autocommit = True
    found = connection.execute(
        "SELECT current_setting('synchronous_commit'), current_setting('fsync'),"
        " current_setting('server_encoding'), 'B' < 'a'"
    ).fetchone()
    commit, fsync, encoding, by_byte = found or ("", "", "", False)
    if commit not in _KEPT:
        raise BadSettings(f"database: synchronous_commit is {commit}: an act would not be durable")
    if fsync != "on":
        raise BadSettings("database: fsync is off: no act would be durable")
    if encoding != "UTF8":
        raise BadSettings(f"database: its encoding is {encoding}, UTF8 is needed")
    if not by_byte:
        # Orders of letters change with the system's libraries, and break indexes without a word.
        raise BadSettings("database: its order of letters is a language's, the locale C is needed")
    for name, value in (_SETTLED | {"synchronous_commit": commit}).items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.autocommit = False


def _here(host: str | None) -> bool:
    """Is it this very machine?"""
    if not host or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
