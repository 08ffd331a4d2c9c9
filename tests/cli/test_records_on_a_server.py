"""Sites whose records lie on a PostgreSQL server: set up, refused, copied by the server's own means
and put back.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from azukari import settings, shelf

if TYPE_CHECKING:
    from tests.postgres import Server

pytestmark = pytest.mark.real

PEOPLE = ("--person", "one", "--person", "two", "--person", "three")
FOUNDED = 4  # entries: the city and three officers
WORDS = {"passphrase_fd": b"of the key service", "person_fd": b"first\nsecond\nthird"}


@dataclass
class Site:
    """An office of which every command is called by name."""

    run: Any
    home: Path
    database: str

    def init(self, **changed: Any) -> Any:
        return self.run(
            *("init", "--site", "office", "--home", self.home, "--single-disk"),
            *("--city", "架空市", "--call", "00", "--origin", "azukari.example/kakuu"),
            *("--database", self.database, *PEOPLE),
            **WORDS | changed,
        )

    def done(self, *words: object) -> dict[str, Any]:
        ran = self.run(*words, "--home", self.home, "--json")
        assert 0 == ran.code, ran.err
        said: dict[str, Any] = json.loads(ran.out)
        return said

    def enrol(self, name: str) -> None:
        ran = self.run(
            *("party", "add", name, "--role", "contractor", "--as", "one", "--home", self.home),
            person_fd=b"first",
        )
        assert 0 == ran.code, ran.err

    def size(self) -> int:
        return int(self.done("ledger", "head")["size"])


@pytest.fixture
def site(
    run: Any,
    tmp_path: Path,
    new_database: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    monkeypatch.setenv("AZUKARI_PERSON", str(tmp_path / "persons"))
    return Site(run, tmp_path / "office", new_database())


def test_an_office_keeps_its_records_on_the_server_and_no_password_anywhere(site: Site) -> None:
    made = site.init()

    assert 0 == made.code, made.err
    assert site.database == settings.load(site.home).database
    assert not (site.home / "office.db").exists()
    assert FOUNDED == site.size()
    assert 0 == site.run("ledger", "audit", "--home", site.home).code


def test_a_key_service_keeps_its_records_on_the_server(
    run: Any, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    home, at = tmp_path / "keys", new_database()
    line = ("init", "--site", "keys", "--single-disk", "--origin", "azukari.example/kakuu")

    made = run(*line, "--home", home, "--database", at, passphrase_fd=b"of the key service")

    assert 0 == made.code, made.err
    assert at == settings.load(home).database
    assert not (home / "keys.db").exists()
    refused = run("backup", "keys", tmp_path / "half", "--home", home, backup_fd=b"a word")
    assert 9 == refused.code
    again = run(*line, "--home", tmp_path / "two", "--database", at, passphrase_fd=b"another")
    assert 11 == again.code
    assert not (tmp_path / "two").exists()


def test_a_second_office_in_one_database_is_refused_before_anything_is_made(
    site: Site, tmp_path: Path
) -> None:
    assert 0 == site.init().code

    second = Site(site.run, tmp_path / "second", site.database)
    refused = second.init(person_fd=b"fourth\nfifth\nsixth")

    assert 11 == refused.code
    assert "holds records already" in refused.err
    assert not second.home.exists()
    assert FOUNDED == site.size()


@pytest.mark.parametrize("kind", ["contractor", "call-centre", "witness", "public"])
def test_a_site_without_records_takes_no_database(run: Any, tmp_path: Path, kind: str) -> None:
    line = ("--home", tmp_path / "home", "--database", "postgresql:///office", "--name", "w/1")

    refused = run("init", "--site", kind, *line)

    assert 3 == refused.code
    assert "--database" in refused.err
    assert not (tmp_path / "home").exists()


def test_where_the_driver_is_not_installed_that_is_said_and_nothing_made(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "azukari.shelf.server", raising=False)
    monkeypatch.delattr(shelf, "server", raising=False)
    monkeypatch.setenv("AZUKARI_PERSON", str(tmp_path / "persons"))

    refused = Site(run, tmp_path / "office", "postgresql:///office").init()

    assert 72 == refused.code
    assert "psycopg" in refused.err
    assert [] == list(tmp_path.iterdir())


def test_half_a_backup_is_refused_and_not_written(site: Site, tmp_path: Path) -> None:
    site.init()

    refused = site.run(
        "backup", "office", tmp_path / "half", "--home", site.home, backup_fd=b"a word"
    )

    assert 9 == refused.code
    assert "records_on_a_server" in refused.err
    assert not (tmp_path / "half").exists()
    # The keys beside this office lie in files, and so do the wrapping keys.
    whole = site.run("backup", "keys", tmp_path / "keys", "--home", site.home, backup_fd=b"a word")
    assert 0 == whole.code, whole.err


def test_an_empty_database_in_place_of_the_office_is_refused(
    site: Site, new_database: Callable[[], str]
) -> None:
    site.init()
    text = (site.home / settings.FILE).read_text("utf-8")

    empty = text.replace(site.database, new_database())
    (site.home / settings.FILE).write_text(empty, "utf-8")
    refused = site.run("ledger", "head", "--home", site.home)

    assert 10 == refused.code
    assert "no records" in refused.err


def test_an_older_dump_put_back_serves_nothing_until_an_export_is_brought_back(
    site: Site, postgres: Server, tmp_path: Path
) -> None:
    site.init()
    dump = postgres.dump(site.database)
    site.enrol("架空受託")
    assert FOUNDED + 1 == site.size()
    kept = tmp_path / "kept"
    assert 0 == site.run("ledger", "export", kept, "--home", site.home).code

    postgres.put_back(dump, site.database)

    behind = site.run("ledger", "head", "--home", site.home)
    assert 18 == behind.code, behind.err
    back = site.done("restore", kept / "office")
    assert 1 == back["entries_brought_back"]
    assert FOUNDED + 1 == site.size()
