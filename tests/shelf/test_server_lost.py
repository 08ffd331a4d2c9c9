"""A PostgreSQL server that goes away or crashes, and writers who ask for no turn."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from tests.postgres import name_of
from tests.shelf.appender import Program

from azukari.errors import LedgerBroken, Unreachable
from azukari.shelf import server
from azukari.shelf.database import transaction

if TYPE_CHECKING:
    from tests.postgres import Server

pytestmark = pytest.mark.real


@pytest.fixture
def program(new_database: Callable[[], str]) -> Iterator[Program]:
    made = Program(new_database())
    yield made
    made.close()


def test_a_connection_that_ends_in_the_middle_leaves_nothing(
    program: Program, postgres: Server
) -> None:
    program.act(1)

    def act() -> None:
        with transaction(program.engine) as tx:
            program.append(tx, 2)
            assert 1 == postgres.hang_up(name_of(program.place))
            program.append(tx, 3)

    with pytest.raises(Unreachable) as error:
        act()

    assert error.value.__cause__ is None
    assert 1 == program.size()
    program.act(4)
    assert 2 == program.size()


def test_a_connection_that_ends_before_the_commit_is_told(
    program: Program, postgres: Server
) -> None:
    def act() -> None:
        with transaction(program.engine) as tx:
            program.append(tx, 1)
            postgres.hang_up(name_of(program.place))

    with pytest.raises(Unreachable):
        act()

    assert 0 == program.size()


def test_a_server_that_crashed_has_every_act_that_was_acknowledged(
    program: Program, postgres: Server
) -> None:
    for number in range(10):
        program.act(number)
    head = program.ask(program.book.checkpoint)

    def act() -> None:
        with transaction(program.engine) as tx:
            program.append(tx, 10)
            postgres.stop(signal.SIGQUIT)

    with pytest.raises(Unreachable):
        act()
    with pytest.raises(Unreachable):
        program.act(11)
    postgres.start()

    assert head == program.ask(program.book.checkpoint)
    program.act(12)
    assert 11 == program.size()


def test_a_server_that_was_started_anew_is_used_at_once(program: Program, postgres: Server) -> None:
    program.act(1)

    postgres.stop()
    postgres.start()
    program.act(2)

    assert 2 == program.size()


def test_who_waits_too_long_is_told_so(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server._SETTLED, "lock_timeout", "100ms")
    hurried = Program(program.place)

    with transaction(program.engine), pytest.raises(Unreachable):
        hurried.act(1)

    hurried.act(2)
    assert 1 == program.size()
    hurried.close()


def test_a_head_locked_by_somebody_who_asks_for_no_turn_is_waited_for(
    program: Program, postgres: Server
) -> None:
    """The second lock: against a program that knows nothing of the first."""
    program.act(1)
    held = postgres.connect(name_of(program.place))
    held.execute("SELECT size FROM head WHERE id = 1 FOR UPDATE")
    waiting = threading.Thread(target=program.act, args=(2,))

    waiting.start()
    waiting.join(0.3)
    waited = waiting.is_alive()
    held.rollback()
    waiting.join()
    held.close()

    assert waited
    assert 2 == program.size()


def test_a_head_moved_without_a_turn_is_no_fork(program: Program, postgres: Server) -> None:
    program.act(1)

    def act() -> None:
        with transaction(program.engine) as tx:
            postgres.sql("UPDATE head SET size = size + 1", name_of(program.place))
            program.append(tx, 2)

    with pytest.raises(LedgerBroken):
        act()

    assert [(1,)] == postgres.sql("SELECT count(*) FROM entry", name_of(program.place))


def test_a_role_whose_transactions_keep_an_old_picture_gets_none(
    program: Program, postgres: Server
) -> None:
    name = name_of(program.place)
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
    settled = Program(program.place)

    found = settled.ask(lambda tx: tx.scalar(text("SHOW transaction_isolation")))

    assert "read committed" == found
    settled.close()
