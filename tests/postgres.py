"""A real PostgreSQL server of our own for tests: made in a folder, started, stopped by its id.

It syncs like one in earnest.  As root it runs as somebody else, because it refuses root.  Nothing
of the system's own server is touched, if there is one.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final, NoReturn

import psycopg
import pytest

USER: Final = "azukari"
PASSWORD: Final = "架空のあいことば"
MISSING: Final = "no PostgreSQL server on this machine"
_PATIENCE_S: Final = 60.0
_SETTINGS: Final = {"shared_buffers": "16MB", "max_connections": "40", "logging_collector": "off"}


class Server:
    """One server; databases are made in it as tests need them."""

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.folder, self._programs, self._user = folder, programs, user
        self._data = folder / "data"
        self._numbers, self._free = count(1), list[str]()
        self._running: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        word = folder / "word"
        word.write_text(PASSWORD + "\n", "utf-8")
        # A caller's word is needed over TCP; whoever reaches the socket's folder is let in.
        self._run(
            "initdb", f"--pgdata={self._data}", f"--username={USER}", f"--pwfile={word}",
            "--auth-local=trust", "--auth-host=scram-sha-256", "--locale=C", "--encoding=UTF8",
            "--no-sync", "--no-instructions",
        )  # fmt: skip
        self.start()

    def start(self, **settings: str) -> None:
        """Start it, and wait until it takes connections."""
        said = [f"-c{name}={value}" for name, value in (_SETTINGS | settings).items()]
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [
                    # Whoever kills the tests kills this server too.
                    *(["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []),
                    self._programs / "postgres", "-D", self._data, "-k", self.folder,
                    "-h", "127.0.0.1", "-p", str(self.port), *said,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as(),
            )  # fmt: skip
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self.sql("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > until or self._running.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text("utf-8")) from None
                time.sleep(0.05)
            else:
                return

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends every connection first, SIGQUIT is a crash."""
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait(_PATIENCE_S)
            self._running = None

    def database(self, *how: str) -> str:
        """An empty database; its address on the socket."""
        if not how and self._free:
            return self._free.pop()
        name = f"test{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} {' '.join(how)}")
        return self.address(name)

    def give_back(self, address: str) -> None:
        """Somebody else may have this database, empty and as it was made."""
        # Each new one is a thousand files to sync, and as many to look at after a crash.
        name = name_of(address)
        self.hang_up(name)
        self.sql(f"ALTER DATABASE {name} RESET ALL")
        self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name)
        self._free.append(address)

    def address(self, name: str, user: str = USER) -> str:
        """A database's address on the socket, where nobody asks for a password."""
        # The socket's file is named after the port, over TCP or not.
        return f"postgresql://{user}@:{self.port}/{name}?host={self.folder}"

    def over_tcp(self, name: str) -> str:
        """A database's address where a password is asked for."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def sql(self, line: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Ask a database something, from outside of any program of ours."""
        with self.connect(name) as connection:
            connection.autocommit = True
            done = connection.execute(line)
            return done.fetchall() if done.description else []

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection that is nobody's program."""
        return psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, dbname=name, connect_timeout=10
        )

    def hang_up(self, name: str) -> int:
        """End every connection to a database, as a network does; how many there were."""
        ended = self.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        )
        return len(ended)

    def dump(self, address: str) -> Path:
        """What `pg_dump` makes of a database, as the operator's book says."""
        name = name_of(address)
        file = self.folder / f"{name}.dump"
        self._run("pg_dump", "--format=custom", f"--file={file}", f"--dbname={address}")
        return file

    def put_back(self, dump: Path, address: str) -> None:
        """Put a dump in the place of a database, of which nothing is left."""
        name = name_of(address)
        self.sql(f"DROP DATABASE {name} WITH (FORCE)")
        self.sql(f"CREATE DATABASE {name}")
        self._run("pg_restore", "--no-owner", f"--dbname={address}", str(dump))

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [self._programs / program, *words],
            stdin=subprocess.DEVNULL, capture_output=True, check=False, **self._as(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()

    def _as(self) -> dict[str, Any]:
        who = {"user": self._user, "group": self._user, "extra_groups": []} if self._user else {}
        return who | {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}


@contextmanager
def started() -> Iterator[Server]:
    """A server in a folder of its own; both are gone afterwards."""
    programs = _programs()
    if programs is None:
        _skip()
    # Not below pytest's own folder, which nobody else may enter; short, because a socket's path is.
    folder = Path(tempfile.mkdtemp(prefix="azukari-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    server = None
    try:
        server = Server(programs, folder, user)
        yield server
    finally:
        if server is not None:
            server.stop(signal.SIGQUIT)  # nobody needs it whole any more
        shutil.rmtree(folder)


def name_of(address: object) -> str:
    """The database's name in one of our addresses."""
    return str(address).partition("?")[0].rpartition("/")[2]


def _programs() -> Path | None:
    """Where the newest server's programs are; Debian has them on nobody's path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    by_path = shutil.which("postgres")
    places = [*reversed(found), *([Path(by_path).resolve().parent] if by_path else [])]
    return next((one for one in places if (one / "initdb").exists()), None)


def _skip() -> NoReturn:
    installable = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if os.environ.get("CI", "").lower() in ("1", "true", "yes") and installable:
        pytest.fail("PostgreSQL is missing where tools/system.sh could have installed it")
    pytest.skip(MISSING)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
