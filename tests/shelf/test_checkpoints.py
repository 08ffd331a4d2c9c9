"""The checkpoint store: it only grows, and an older copy of a ledger is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, MetaData

from azukari.errors import (
    BadSignature,
    Conflict,
    LedgerBehind,
    LedgerError,
    LedgerFork,
    NotFound,
    Unreachable,
)
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.shelf import book as books
from azukari.shelf import checkpoints
from azukari.shelf.book import Book, Draft
from azukari.shelf.database import open_database, transaction
from azukari.shelf.together import Together

ORIGIN = "azukari.example/kakuu/keys"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
METADATA = MetaData()
TABLES = books.tables(METADATA)


def act(number: int) -> str:
    return f"{number:026d}"


class Program:
    """A ledger in a database of its own, as one program keeps it."""

    def __init__(self, path: Path) -> None:
        self.engine: Engine = open_database(path, METADATA)
        self.book = Book(ORIGIN, KEY, TABLES)

    def start(self, folder: Path | None) -> checkpoints.Store | None:
        return checkpoints.opened(self.engine, self.book, folder)

    def write(self, store: checkpoints.Store | None, *numbers: int, wait: bool = True) -> None:
        settle = checkpoints.settling(self.engine, self.book, store)
        with Together(self.engine, settle).act(wait=wait) as tx:
            self.book.append(tx, [Draft(act(n), "key.created", act(1)) for n in numbers], at=1000)

    def note(self) -> bytes:
        with transaction(self.engine) as tx:
            return self.book.checkpoint(tx)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path / "now.db")
    yield made
    made.engine.dispose()


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Program]:
    """Another database under the same name: what a backup, or an attacker, puts there."""
    made = Program(tmp_path / "then.db")
    yield made
    made.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def size(store: checkpoints.Store | None) -> int:
    known = store.known() if store else None
    return -1 if known is None else known.size


def test_the_head_is_stored_before_an_act_returns(program: Program, folder: Path) -> None:
    store = program.start(folder)

    program.write(store, 1, 2)

    assert 2 == size(store)


def test_a_restored_backup_is_refused(program: Program, older: Program, folder: Path) -> None:
    older.write(None, 1)
    program.write(program.start(folder), 1, 2)

    with pytest.raises(LedgerBehind, match="1 entries, and 2 were shown"):
        older.start(folder)


def test_another_history_of_the_same_length_is_refused(
    program: Program, older: Program, folder: Path
) -> None:
    older.write(None, 3)
    program.write(program.start(folder), 1)

    with pytest.raises(LedgerFork):
        older.start(folder)


def test_a_longer_history_that_does_not_begin_with_what_was_shown_is_refused(
    program: Program, older: Program, folder: Path
) -> None:
    older.write(None, 3, 4, 5)
    program.write(program.start(folder), 1)

    with pytest.raises(LedgerFork):
        older.start(folder)


def test_a_ledger_whose_store_was_lost_is_refused(program: Program, folder: Path) -> None:
    program.write(program.start(folder), 1)
    for file in folder.iterdir():
        file.unlink()

    with pytest.raises(LedgerError, match="holds no head"):
        program.start(folder)


def test_a_lost_store_begins_anew_with_a_head_that_somebody_kept(
    program: Program, folder: Path
) -> None:
    program.write(None, 1)
    kept = program.note()
    program.write(None, 2)

    checkpoints.Store(folder, program.book.verifier()).put_back(kept)

    assert 2 == size(program.start(folder))


def test_a_kept_head_that_is_longer_than_the_ledger_tells_that_it_is_behind(
    program: Program, older: Program, folder: Path
) -> None:
    program.write(None, 1, 2)
    older.write(None, 1)
    checkpoints.Store(folder, program.book.verifier()).put_back(program.note())

    with pytest.raises(LedgerBehind):
        older.start(folder)


def test_a_store_is_never_put_back_behind_what_it_holds(program: Program, folder: Path) -> None:
    program.write(None, 1)
    early = program.note()
    store = program.start(None) or checkpoints.Store(folder, program.book.verifier())
    program.write(store, 2)

    with pytest.raises(LedgerBehind):
        store.put_back(early)
    assert 2 == size(store)


def test_a_program_that_crashed_before_it_stored_its_head_starts(
    program: Program, folder: Path
) -> None:
    program.write(program.start(folder), 1)
    program.write(None, 2)

    assert 2 == size(program.start(folder))


def test_a_running_program_whose_database_is_exchanged_is_noticed(
    program: Program, older: Program, folder: Path
) -> None:
    store = program.start(folder)
    program.write(store, 1, 2, 3)

    with pytest.raises(LedgerBehind):
        older.write(store, 1)


@pytest.mark.parametrize("acts", [(1,), (1, 2), (1, 2, 3)], ids=["shorter", "as long", "longer"])
def test_a_second_instance_on_a_copy_of_a_home_is_refused(
    program: Program, older: Program, folder: Path, acts: tuple[int, ...]
) -> None:
    """Two machines with one home each and one store: whoever comes second is another history."""
    store = program.start(folder)
    program.write(store, 0)
    older.write(None, 0)
    copied = older.start(folder)
    program.write(store, 11, 12)

    with pytest.raises((LedgerFork, LedgerBehind)):
        older.write(copied, *acts)
    with pytest.raises((LedgerFork, LedgerBehind)):
        older.start(folder)

    assert 3 == size(store)
    program.write(store, 13)
    assert 4 == size(store)


def test_a_second_instance_is_refused_however_long_it_grew_unnoticed(
    program: Program, older: Program, folder: Path
) -> None:
    store = program.start(folder)
    program.write(store, 0)
    older.write(None, 0)
    copied = older.start(folder)
    program.write(store, 11)
    older.write(copied, *range(20, 300), wait=False)  # a revocation waits for no store

    with pytest.raises(LedgerFork, match="not the beginning"):
        older.write(copied, 301)
    assert 2 == size(store)


def test_two_programs_of_one_home_follow_each_other(program: Program, folder: Path) -> None:
    first, second = program.start(folder), program.start(folder)
    program.write(first, 1)
    program.write(second, 2)
    program.write(first, 3)

    assert 3 == size(second)


def test_an_act_whose_transaction_fails_leaves_the_store_as_it_was(
    program: Program, folder: Path
) -> None:
    store = program.start(folder)
    program.write(store, 1)

    with pytest.raises(Conflict):
        program.write(store, 2, 2)

    assert 1 == size(store)


def test_a_store_that_is_away_holds_a_release_up_and_no_revocation(
    program: Program, folder: Path
) -> None:
    store = program.start(folder)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_bytes(b"")  # where the folder was is something else now

    program.write(store, 1, wait=False)
    with pytest.raises((Unreachable, Conflict)):
        program.write(store, 2)


def test_a_stored_head_by_another_key_is_refused(program: Program, folder: Path) -> None:
    program.start(folder)
    other = Signer(ORIGIN, Ed25519PrivateKey.generate())
    [file] = [file for file in folder.iterdir() if file.suffix == ".checkpoint"]
    file.write_bytes(sign_note(other, Checkpoint(ORIGIN, 0, bytes(32)).text()))

    with pytest.raises(BadSignature):
        program.start(folder)


@pytest.mark.parametrize("kept", [0, 1, 60, -1])
@pytest.mark.parametrize("zeros", [False, True], ids=["cut", "zeroed"])
def test_a_torn_file_in_the_store_is_a_store_that_was_lost_and_begins_anew(
    program: Program, folder: Path, kept: int, zeros: bool
) -> None:
    store = program.start(folder)
    program.write(store, 1)
    [file] = [file for file in folder.iterdir() if file.suffix == ".checkpoint"]
    whole = file.read_bytes()
    file.write_bytes(whole[:kept].ljust(len(whole), b"\0") if zeros else whole[:kept])

    with pytest.raises(LedgerError, match=r"kakuu_keys\.checkpoint .* was lost; `azukari restore`"):
        program.write(store, 2)
    with pytest.raises(LedgerError, match="was lost"):
        program.start(folder)

    checkpoints.Store(folder, program.book.verifier()).put_back(whole)
    assert 2 == size(program.start(folder))


def test_what_stands_in_the_store_is_one_signed_head(program: Program, folder: Path) -> None:
    program.write(program.start(folder), 1)

    [file] = [file for file in folder.iterdir() if file.suffix == ".checkpoint"]
    assert "azukari.example_kakuu_keys.checkpoint" == file.name
    assert program.note() == file.read_bytes()


# --- entries taken back


@pytest.mark.parametrize("count", [1, 255, 256, 600])
def test_entries_taken_back_make_the_ledger_that_was(
    program: Program, older: Program, count: int
) -> None:
    drafts = [
        Draft(act(n), "key.created", act(1), detail={"n": n} if n % 2 else None)
        for n in range(1, count + 41)
    ]
    with transaction(program.engine) as tx:
        program.book.append(tx, drafts, at=5)
        lines = program.book.entries(tx, 0, len(drafts))
    with transaction(older.engine) as tx:
        older.book.take_back(tx, lines[:40], at=9)
        older.book.take_back(tx, lines[40:], at=9)

    with transaction(older.engine) as tx:
        older.book.verify(tx)
        with pytest.raises(NotFound, match="erased"):
            older.book.detail(tx, 0)
    assert program.note() == older.note()


# --- while the program runs


@contextmanager
def running(program: Program, store: checkpoints.Store | None) -> Iterator[Callable[..., None]]:
    """One program that goes on: the same acts, the same book, the same store."""
    acts = Together(program.engine, checkpoints.settling(program.engine, program.book, store))

    def write(*numbers: int) -> None:
        with acts.act() as tx:
            program.book.append(tx, [Draft(act(n), "key.created", act(1)) for n in numbers], at=9)

    yield write


def drop_the_tail(program: Program, like: Program) -> None:
    """Make a running program's rows those of a shorter ledger, as whoever has the disk can."""
    with transaction(like.engine) as tx:
        rows = {
            table: tx.execute(table.select()).mappings().all() for table in METADATA.sorted_tables
        }
    with transaction(program.engine) as tx:
        for table, kept in rows.items():
            tx.execute(table.delete())
            if kept:
                tx.execute(table.insert(), [dict(row) for row in kept])


def test_tail_dropped_under_a_running_program_is_noticed_by_its_next_act(
    program: Program, older: Program, folder: Path
) -> None:
    """Two entries are written in the place of the one that was taken out: no shorter ledger."""
    older.write(None, 1)
    store = program.start(folder)
    with running(program, store) as write:
        write(1)
        drop_the_tail(older, program)
        write(2)

        drop_the_tail(program, older)
        with pytest.raises(LedgerFork):
            write(3, 4)

    assert 2 == size(store)


def test_tail_dropped_with_the_store_put_back_is_noticed_by_the_running_program(
    program: Program, older: Program, folder: Path
) -> None:
    store = program.start(folder)
    with running(program, store) as write:
        write(1)
        drop_the_tail(older, program)
        [file] = folder.glob("*.checkpoint")
        then = file.read_bytes()
        write(2, 3)

        drop_the_tail(program, older)
        file.write_bytes(then)
        with pytest.raises(LedgerBehind):
            write(4)
        with pytest.raises(LedgerFork):
            write(5, 6)

    assert then == file.read_bytes()


def test_store_emptied_under_a_running_program_is_not_begun_anew(
    program: Program, folder: Path
) -> None:
    store = program.start(folder)
    with running(program, store) as write:
        write(1)
        [file] = folder.glob("*.checkpoint")
        file.unlink()

        with pytest.raises(LedgerError, match="holds no head"):
            write(2)

    assert not file.exists()


def test_two_programs_that_take_turns_are_one_history(program: Program, folder: Path) -> None:
    other = Program(Path(str(program.engine.url.database)))
    with (
        running(program, program.start(folder)) as write,
        running(other, other.start(folder)) as also,
    ):
        for n in range(10):
            (write if n % 3 else also)(2 * n, 2 * n + 1)
    other.engine.dispose()

    assert 20 == size(program.start(folder))


def test_a_group_that_was_taken_back_is_no_second_history(program: Program, folder: Path) -> None:
    store = program.start(folder)
    with running(program, store) as write:
        write(1)
        with pytest.raises(Conflict):
            write(2, 2)
        write(3, 4)

    assert 3 == size(store)
