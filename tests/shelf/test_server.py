"""A PostgreSQL server's address, and what is refused before anything is written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select, text

from azukari.errors import BadFormat, BadSettings, Conflict, NotFound, Unreachable
from azukari.shelf import server
from azukari.shelf.database import open_database, transaction

if TYPE_CHECKING:
    from tests.postgres import Server

SECRET = "架空　秘密子"
metadata = MetaData()
thing = Table("thing", metadata, Column("id", Integer, primary_key=True), Column("name", String))


@pytest.mark.parametrize(
    "url, why",
    [
        ("postgresql://azukari:secret@db.example/office", "a password stands in the address"),
        ("postgresql://azukari:@db.example/office", "a password stands in the address"),
        ("postgresql:///office?password=secret", "may be said"),
        ("postgresql:///office?options=-csynchronous_commit%3Doff", "may be said"),
        ("postgresql:///office?service=other", "may be said"),
        ("postgresql:///office?sslmode=require&sslmode=disable", "may be said, once"),
        ("postgresql://db.example/office?sslmode=prefer", "sslmode=verify-full"),
        ("postgresql://db.example/office?sslmode=require", "sslmode=verify-full"),
        ("postgresql://127.0.0.1.example/office?sslmode=disable", "sslmode=verify-full"),
        ("postgresql:///office?host=db.example", "the folder of a socket"),
        ("postgresql://db.example/office?host=/run", "the folder of a socket"),
        ("postgresql:///office?passfile=pgpass", "start at the root"),
        ("postgresql:///", "is expected"),
        ("mysql://db.example/office", "is expected"),
        ("postgresql+psycopg2://db.example/office", "is expected"),
        ("office.db", "no address"),
        ("postgresql://db.example:port/office", "no address"),
        ("", "no address"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_quoted(url: str, why: str) -> None:
    with pytest.raises(BadSettings, match=why) as error:
        server.address(url)

    assert "secret" not in str(error.value)
    assert error.value.__cause__ is None


def test_another_host_must_prove_who_it_is() -> None:
    far = server.address("postgresql://azukari@db.example/office?sslrootcert=/etc/ca.pem")
    near = server.address("postgresql://azukari@localhost/office")

    assert {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"} == dict(far.query)
    assert {} == dict(near.query)


def test_a_passfile_others_can_read_is_refused(tmp_path: Path) -> None:
    passfile = tmp_path / "pgpass"
    url = f"postgresql://azukari@localhost/office?passfile={passfile}"

    with pytest.raises(BadSettings, match="missing"):
        open_database(url, metadata)
    passfile.write_text(f"*:*:*:*:{SECRET}\n", "utf-8")
    passfile.chmod(0o640)
    with pytest.raises(BadSettings, match="can be read by others") as error:
        open_database(url, metadata)

    assert SECRET not in str(error.value)


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable) as error:
        open_database(f"postgresql://azukari@/office?host={tmp_path}", metadata)

    assert error.value.__cause__ is None


@pytest.fixture
def at(postgres: Server, new_database: Callable[[], str]) -> Iterator[str]:
    """An empty database of a server that is as it was before afterwards."""
    yield new_database()
    postgres.sql("ALTER SYSTEM RESET ALL")
    postgres.sql("SELECT pg_reload_conf()")


@pytest.mark.real
def test_a_password_comes_from_its_file_and_stands_nowhere_else(
    postgres: Server, at: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from tests.postgres import PASSWORD, name_of

    passfile = tmp_path / "pgpass"
    passfile.touch(0o600)
    url = f"{postgres.over_tcp(name_of(at))}?passfile={passfile}"
    caplog.set_level(0)

    passfile.write_text(f"*:*:*:*:{SECRET}\n", "utf-8")
    with pytest.raises(Unreachable) as error:
        open_database(url, metadata)
    passfile.write_text(f"127.0.0.1:{postgres.port}:*:azukari:{PASSWORD}\n", "utf-8")
    engine = open_database(url, metadata)

    with transaction(engine) as tx:
        assert [] == tx.execute(select(thing)).all()
    for said in (str(error.value), caplog.text, repr(engine), str(engine.url)):
        assert PASSWORD not in said
        assert SECRET not in said
    engine.dispose()


@pytest.mark.real
def test_attack_of_variables_that_lead_to_another_host_than_the_address(
    postgres: Server, at: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of this machine no TLS is asked: whoever sets a variable could be the server."""
    from tests.postgres import PASSWORD, name_of

    passfile = tmp_path / "pgpass"
    passfile.touch(0o600)
    passfile.write_text(f"*:*:*:azukari:{PASSWORD}\n", "utf-8")
    url = f"{postgres.over_tcp(name_of(at))}?passfile={passfile}"
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.2")  # where nobody listens
    open_database(url, metadata).dispose()
    monkeypatch.delenv("PGHOSTADDR")
    monkeypatch.setenv("PGHOST", str(postgres.folder))
    monkeypatch.setenv("PGPORT", str(postgres.port))

    with pytest.raises(Unreachable):
        open_database(f"postgresql://azukari@/{name_of(at)}", metadata)


@pytest.mark.real
@pytest.mark.parametrize("weak", ["off", "local", "remote_write"])
def test_a_server_that_answers_before_it_has_written_is_refused(
    postgres: Server, at: str, weak: str
) -> None:
    from tests.postgres import name_of

    postgres.sql(f"ALTER DATABASE {name_of(at)} SET synchronous_commit = {weak}")

    with pytest.raises(BadSettings, match=f"synchronous_commit is {weak}"):
        open_database(at, metadata)

    assert [] == postgres.sql("SELECT relname FROM pg_class WHERE relname = 'thing'", name_of(at))


@pytest.mark.real
def test_what_was_found_at_the_start_holds_when_the_server_is_told_otherwise(
    postgres: Server, at: str
) -> None:
    engine = open_database(at, metadata)

    with transaction(engine):
        pass
    postgres.sql("ALTER SYSTEM SET synchronous_commit = off")
    postgres.sql("SELECT pg_reload_conf()")
    with transaction(engine) as tx:
        tx.execute(text("SELECT pg_sleep(0.1)"))
        settled = tx.execute(text("SELECT current_setting('synchronous_commit')")).scalar_one()

    assert settled == "on"
    engine.dispose()


@pytest.mark.real
def test_a_server_that_syncs_nothing_is_refused(postgres: Server, at: str) -> None:
    postgres.stop()
    postgres.start(fsync="off")

    try:
        with pytest.raises(BadSettings, match="fsync is off"):
            open_database(at, metadata)
    finally:
        postgres.stop()
        postgres.start()


@pytest.mark.real
def test_a_server_that_may_not_be_written_to_is_unreachable(postgres: Server, at: str) -> None:
    """As a standby is: it answers, and what it is told is gone."""
    from tests.postgres import name_of

    postgres.sql(f"ALTER DATABASE {name_of(at)} SET default_transaction_read_only = on")

    with pytest.raises(Unreachable):
        open_database(at, metadata)


@pytest.mark.real
@pytest.mark.parametrize(
    "how, why",
    [
        ("ENCODING 'SQL_ASCII' TEMPLATE template0", "its encoding is SQL_ASCII"),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'ja' TEMPLATE template0", "order of letters"),
    ],
)
def test_a_database_of_another_alphabet_is_refused(postgres: Server, how: str, why: str) -> None:
    with pytest.raises(BadSettings, match=why):
        open_database(postgres.database(how), metadata)


@pytest.mark.real
def test_a_database_is_made_once_and_opened_only_where_it_is(at: str) -> None:
    with pytest.raises(NotFound):
        open_database(at, metadata, new=False)
    open_database(at, metadata, new=True).dispose()

    with pytest.raises(Conflict):
        open_database(at, metadata, new=True)
    open_database(at, metadata, new=False).dispose()


@pytest.mark.real
def test_two_programs_never_share_a_database(at: str) -> None:
    """One ledger under two keys would be a fork nobody made."""
    from azukari.keys import register
    from azukari.vault import schema

    open_database(at, schema.metadata).dispose()

    with pytest.raises(BadFormat, match="another program"):
        open_database(at, register.metadata)


@pytest.mark.real
def test_a_table_that_came_later_is_made_beside_the_others(at: str) -> None:
    more = MetaData()
    thing.to_metadata(more)
    other = Table("other", more, Column("id", Integer, primary_key=True))
    open_database(at, metadata).dispose()

    engine = open_database(at, more)

    with transaction(engine) as tx:
        assert [] == tx.execute(select(other)).all()
    engine.dispose()
