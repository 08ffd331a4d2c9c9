"""What a transaction promises, kept alike by a file and by a real PostgreSQL server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from tests.shelf import appender
from tests.shelf.appender import TABLES, Program, an_id

from azukari.errors import (
    BadFormat,
    Conflict,
    Unreachable,
)
from azukari.ledger.entry import decode
from azukari.shelf.database import Place, transaction
from azukari.shelf.together import Together

pytestmark = pytest.mark.real
SECRET = "架空　秘密子"


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    made = Program(place)
    yield made
    made.close()


@pytest.fixture
def other(place: Place, program: Program) -> Iterator[Program]:
    """Another program in the same database."""
    made = Program(place)
    yield made
    made.close()


def test_an_act_sees_all_that_was_done_while_it_waited(program: Program, other: Program) -> None:
    """A picture of the data from before the wait would let a second key out under one approval."""
    begun, seen = threading.Event(), list[int]()

    def second() -> None:
        begun.set()
        seen.append(other.ask(other.book.head).size)

    with transaction(program.engine) as tx:
        waiting = threading.Thread(target=second)
        waiting.start()
        begun.wait()
        time.sleep(0.1)  # it stands before the lock by now, or it is late and sees all anyhow
        program.append(tx, 1, 2, 3)
    waiting.join()

    assert [3] == seen


def test_programs_of_their_own_append_at_once_and_nothing_is_lost(
    program: Program, place: Place
) -> None:
    """No conflict, no fork, no gap: every act that was acknowledged stands once, and whole."""
    script = Path(appender.__file__)
    line: list[str | Path] = [sys.executable, script, str(place)]
    running = [
        subprocess.Popen([*line, str(first), "40"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for first in (1_000, 2_000)
    ]
    for number in range(3_000, 3_040):
        program.act(number)

    told = [one.communicate() for one in running]

    assert [(0, b""), (0, b"")] == [
        (one.returncode, err) for one, (_, err) in zip(running, told, strict=True)
    ]
    acknowledged = {int(word) for out, _ in told for word in out.split()}
    assert {*range(1_000, 1_040), *range(2_000, 2_040)} == acknowledged
    assert 2 * 80 + 40 == program.size()
    entries = [decode(line) for line in program.ask(lambda tx: program.book.entries(tx, 0, 200))]
    acts = [entry.act for entry in entries if entry.type != "roll.taken_in"]
    assert acts[::2] == acts[1::2]  # the two entries of an act stand side by side
    assert {an_id(number) for number in acknowledged} == set(acts)


def test_many_threads_commit_together_and_one_that_fails_takes_back_itself(
    program: Program,
) -> None:
    acts = Together(program.engine)

    def one(number: int) -> bool:
        try:
            with acts.act() as tx:
                program.append(tx, number)
                if number % 5 == 0:
                    tx.execute(insert(TABLES.entry), {"i": 0, "body": b"x"})
                    tx.execute(insert(TABLES.entry), {"i": 0, "body": b"x"})
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, range(64)))

    assert [number % 5 != 0 for number in range(64)] == told
    assert sum(told) == program.size()


def test_a_row_twice_is_a_conflict_that_quotes_nobody(program: Program) -> None:
    row = {"i": 5, "body": SECRET.encode()}

    with pytest.raises(Conflict) as error, transaction(program.engine) as tx:
        tx.execute(insert(TABLES.entry), [row, row])

    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    assert 0 == program.size()


def test_a_statement_the_database_refuses_quotes_nobody(program: Program) -> None:
    with pytest.raises((BadFormat, Unreachable)) as error, transaction(program.engine) as tx:
        tx.execute(text(f"SELECT '{SECRET}' FROM nowhere"))

    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


def test_an_error_that_somebody_swallowed_never_loses_an_act_quietly(program: Program) -> None:
    """A server answers the commit of a transaction that an error ended with a rollback."""

    def act() -> None:
        with transaction(program.engine) as tx:
            program.append(tx, 1)
            with suppress(IntegrityError):
                tx.execute(insert(TABLES.entry), {"i": 0, "body": b"x"})

    try:
        act()
        kept = 1
    except Unreachable:
        kept = 0

    assert kept == program.size()
