"""Acts of many threads in one commit: all of them durable, or each one told that it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, MetaData, event, text
from sqlalchemy.exc import SQLAlchemyError

from azukari.errors import Conflict, LedgerBehind, Unreachable
from azukari.names import id_of
from azukari.shelf import book as books
from azukari.shelf import together
from azukari.shelf.book import Book, Draft
from azukari.shelf.database import Place, open_database, transaction
from azukari.shelf.together import MOST, Together

METADATA = MetaData()
TABLES = books.tables(METADATA)
THREADS = 8


class House:
    """A ledger many threads write, and how often it was committed."""

    def __init__(self, place: Place) -> None:
        self.engine: Engine = open_database(place, METADATA)
        self.book = Book("example.invalid/many", Ed25519PrivateKey.generate(), TABLES)
        self.together = Together(self.engine)
        self.commits = 0
        event.listen(self.engine, "commit", self._count)

    def _count(self, _: Connection) -> None:
        self.commits += 1

    def write(self, number: int) -> None:
        with self.together.act() as tx:
            self.append(tx, number)

    def append(self, tx: Connection, number: int) -> None:
        act = id_of(number.to_bytes(16, "big"))
        self.book.append(tx, [Draft(act, "key.created", id_of(bytes(16)))], at=1000)

    def size(self) -> int:
        with transaction(self.engine) as tx:
            self.book.verify(tx)
            return self.book.head(tx).size


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "many.db")
    yield made
    made.engine.dispose()


def crowd(house: House, acts: list[Callable[[], None]]) -> list[BaseException | None]:
    """Begin all acts while the turn is taken, so that they stand in one queue; how each ended."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with suppress(Unreachable), house.together.act():  # it is the first of their group
            running = [pool.submit(act) for act in acts]
            while house.together.waiting() < len(acts):
                threading.Event().wait(0.001)
        return [one.exception() for one in running]


def test_a_thread_alone_commits_at_once(house: House) -> None:
    for number in range(3):
        house.write(number)
    assert (house.commits, house.size()) == (3, 3)


def test_many_threads_share_a_commit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "LONGEST_S", 600.0)  # else a slow machine ends the group
    ended = crowd(house, [lambda n=n: house.write(n) for n in range(THREADS)])  # type: ignore[misc]  # a loop variable as a default
    assert ended == [None] * THREADS
    assert house.commits == 1
    assert house.size() == THREADS


def test_nothing_is_lost_by_many_threads_in_a_hurry(house: House) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(house.write, range(400)))
    assert house.size() == 400
    assert house.commits < 400


def test_an_act_that_fails_takes_back_only_itself(house: House) -> None:
    def fails() -> None:
        with house.together.act() as tx:
            house.append(tx, 99)
            raise ValueError

    ended = crowd(house, [lambda: house.write(1), fails, lambda: house.write(2), fails])
    assert sorted(type(one).__name__ for one in ended) == [
        "NoneType",
        "NoneType",
        "ValueError",
        "ValueError",
    ]
    assert house.size() == 2


def test_an_act_that_fails_alone_leaves_nothing(house: House) -> None:
    def fails() -> None:
        with house.together.act() as tx:
            house.append(tx, 1)
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    house.write(2)
    assert house.size() == 1


def test_a_commit_that_fails_is_told_to_every_act_of_it(house: House) -> None:
    def full(_: Connection) -> None:
        raise Unreachable("the disk is full")

    event.listen(house.engine, "commit", full)
    ended = crowd(house, [lambda n=n: house.write(n) for n in range(4)])  # type: ignore[misc]  # a loop variable as a default
    event.remove(house.engine, "commit", full)
    assert [type(one) for one in ended] == [Unreachable] * 4
    house.write(9)
    assert house.size() == 1


def test_a_transaction_the_database_gave_up_keeps_nothing_of_anybody(house: House) -> None:
    """As after a full disk, which ends a transaction without a word from us."""

    def broken() -> None:
        with house.together.act() as tx:
            raw = tx.connection.driver_connection
            assert raw is not None
            house.append(tx, 1)
            raw.rollback()

    ended = crowd(house, [broken, broken])
    assert [type(one) for one in ended] == [Unreachable] * 2
    assert house.size() == 0
    house.write(5)
    assert house.size() == 1


@pytest.mark.real
def test_an_act_that_passes_over_an_error_of_a_server_loses_only_its_own(
    new_database: Callable[[], str],
) -> None:
    house = House(new_database())

    def careless() -> None:
        with house.together.act() as tx:
            house.append(tx, 99)
            with suppress(SQLAlchemyError):
                tx.execute(text("SELECT 1 / 0"))

    acts = [partial(house.write, number) for number in range(4)]
    ended = crowd(house, [*acts[:2], careless, *acts[2:]])

    assert [type(None), type(None), Unreachable, type(None), type(None)] == list(map(type, ended))
    assert 4 == house.size()
    house.engine.dispose()


def test_a_group_has_an_end(house: House) -> None:
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(house.write, range(MOST + 50)))
    assert house.size() == MOST + 50


def test_an_act_within_an_act_is_refused_and_not_waited_for(house: House) -> None:
    with house.together.act(), pytest.raises(Conflict, match="within"), house.together.act():
        pass  # pragma: no cover
    house.write(1)
    assert house.size() == 1


def test_what_cannot_be_settled_is_told_only_to_those_who_wait(tmp_path: Path) -> None:
    """A revocation goes on where the checkpoint store is away; a release does not."""
    engine = open_database(tmp_path / "x.db", METADATA)

    def settle(_: Connection) -> Callable[[], None]:
        def after() -> None:
            raise LedgerBehind("the store is ahead")

        return after

    together = Together(engine, settle)
    with together.act(wait=False):
        pass
    with pytest.raises(LedgerBehind), together.act():
        pass
    engine.dispose()


def test_a_database_that_cannot_begin_passes_the_turn_on(house: House, tmp_path: Path) -> None:
    with transaction(house.engine):
        other = open_database(tmp_path / "other.db", METADATA)
        together = Together(other)
        other.dispose()
        (tmp_path / "other.db").unlink()
        (tmp_path / "other.db").mkdir()
        for _ in range(2):
            with pytest.raises(Unreachable), together.act():
                pass  # pragma: no cover
    with suppress(OSError):
        other.dispose()


def test_those_who_came_first_act_first(house: House) -> None:
    order: list[int] = []

    def writes(number: int) -> None:
        with house.together.act():
            order.append(number)

    with ThreadPoolExecutor(THREADS) as pool, house.together.act():
        for number in range(THREADS):
            pool.submit(writes, number)
            while house.together.waiting() <= number:
                threading.Event().wait(0.001)
    assert order == list(range(THREADS))


@pytest.mark.parametrize("called", [False, True], ids=["before its turn", "just called"])
def test_a_thread_that_is_interrupted_while_it_waits_holds_nobody_up(
    house: House, monkeypatch: pytest.MonkeyPatch, *, called: bool
) -> None:
    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if called:
                super().wait(timeout)
            raise KeyboardInterrupt

    calls: list[threading.Event] = [Interrupted()]
    ticket = together._Ticket

    def ticketed(thread: int) -> together._Ticket:
        made = ticket(thread)
        made.called = calls.pop() if calls else made.called
        return made

    def interrupted() -> None:
        try:
            house.write(1)
        except KeyboardInterrupt:
            raise TimeoutError from None  # a pool does not survive the other

    monkeypatch.setattr(together, "_Ticket", ticketed)
    with ThreadPoolExecutor(2) as pool:
        with house.together.act() as tx:
            house.append(tx, 7)
            late = pool.submit(interrupted)
            while not (late.done() or (called and house.together.waiting() == 1)):
                threading.Event().wait(0.001)
            after = pool.submit(house.write, 2)
        assert isinstance(late.exception(timeout=30), TimeoutError)
        assert after.exception(timeout=30) is None
    assert house.size() == 2
