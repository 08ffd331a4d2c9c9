"""What a ledger's database promises, kept alike by a file and by a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from tests.shelf.appender import ORIGIN, TABLES, Program, an_id

from azukari.errors import (
    Conflict,
    LedgerBehind,
    LedgerBroken,
    LedgerFork,
    NotFound,
)
from azukari.ledger.audit import verify_export
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.entry import decode
from azukari.ledger.proof import verify_proof
from azukari.ledger.tree import EMPTY_ROOT, verify_consistency
from azukari.shelf import checkpoints
from azukari.shelf.book import Head
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


def test_what_was_appended_verifies_here_and_from_its_export(program: Program) -> None:
    for first, end in ((0, 3), (3, 255), (255, 256), (256, 700)):
        program.act(*range(first, end), at=1_000 + first, detail={"名": SECRET})

    files: dict[str, bytes] = dict(program.ask(lambda tx: list(program.book.export(tx))))

    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    assert 700 == program.size()
    assert 700 == len(verify_export(read, program.book.verifier()))
    assert not any(SECRET.encode() in file for file in files.values())


def test_an_empty_ledger_has_a_head(program: Program) -> None:
    assert Head(0, EMPTY_ROOT) == program.ask(program.book.head)
    assert 0 == program.ask(program.book.last_at)
    assert 0 == program.size()


def test_what_one_program_wrote_another_reads(program: Program, other: Program) -> None:
    program.act(1, 2, refs=(an_id(3),), n={"rows": 10}, happened=900, detail={"名": 1})

    [first, _] = [decode(line) for line in other.ask(lambda tx: other.book.entries(tx, 0, 2))]

    assert (ORIGIN, 1_000, 900, (an_id(3),), {"rows": 10}) == (
        first.log, first.at, first.happened, first.refs, first.n,
    )  # fmt: skip
    assert {"名": 1} == other.ask(lambda tx: other.book.detail(tx, 0))


def test_an_act_that_failed_leaves_nothing(program: Program) -> None:
    program.act(*range(10))
    before = program.ask(program.book.head)

    def act() -> None:
        with transaction(program.engine) as tx:
            program.append(tx, *range(10, 600), detail={"x": 1})
            raise KeyError

    with pytest.raises(KeyError):
        act()

    assert before == program.ask(program.book.head)
    for table in (TABLES.tile, TABLES.detail):
        counted = select(func.count()).select_from(table)
        assert 0 == program.ask(partial(Connection.scalar, statement=counted))
    program.act(11)
    assert 11 == program.size()


def test_a_draft_that_repeats_an_entry_of_its_instant_is_a_conflict(
    program: Program, other: Program
) -> None:
    program.act(1)

    with pytest.raises(Conflict):
        other.act(2, 1)

    assert 1 == program.size()
    other.act(1, at=1_001)
    assert 2 == program.size()


def test_two_programs_in_turn_make_no_fork(program: Program, other: Program) -> None:
    for number in range(0, 40, 2):
        program.act(number)
        other.act(number + 1)

    assert 40 == program.size() == other.size()
    assert program.ask(program.book.checkpoint) == other.ask(other.book.checkpoint)


def test_proofs_verify_and_growth_is_proved(program: Program) -> None:
    program.act(*range(300))
    early = program.ask(program.book.head)
    program.act(*range(300, 900), at=2_000)
    key, [line] = program.book.verifier(), program.ask(lambda tx: program.book.entries(tx, 7, 8))

    verify_proof(program.ask(lambda tx: program.book.prove(tx, 7)), line, parse_vkey(key))
    root, path = program.ask(lambda tx: program.book.prove_growth(tx, 300))

    assert early.root == root
    head = open_checkpoint(program.ask(program.book.checkpoint), parse_vkey(key))
    verify_consistency(300, early.root, head.size, head.root, path)
    with pytest.raises(NotFound):
        program.ask(lambda tx: program.book.prove(tx, 900))


def test_a_detail_is_erased_and_the_tree_stays(program: Program) -> None:
    program.act(1, detail={"名": SECRET})
    program.act(2, detail={"名": "x"})
    before = program.ask(program.book.head)

    program.ask(lambda tx: program.book.erase_detail(tx, 0, at=5))

    with pytest.raises(NotFound, match="erased"):
        program.ask(lambda tx: program.book.detail(tx, 0))
    assert {"名": "x"} == program.ask(lambda tx: program.book.detail(tx, 1))
    assert before == program.ask(program.book.head)
    assert 2 == program.size()


def test_entries_are_taken_back_as_they_stood(
    program: Program, new_place: Callable[[], Place]
) -> None:
    program.act(*range(300), detail={"x": 1})
    lines = program.ask(lambda tx: program.book.entries(tx, 0, 300))
    restored = Program(new_place())

    restored.ask(lambda tx: restored.book.take_back(tx, lines, at=9))

    assert program.ask(program.book.checkpoint) == restored.ask(restored.book.checkpoint)
    assert 300 == restored.size()
    with pytest.raises(NotFound, match="erased"):
        restored.ask(lambda tx: restored.book.detail(tx, 0))
    restored.close()


def test_a_row_that_somebody_rewrote_is_named(program: Program, other: Program) -> None:
    program.act(*range(300))

    seventh = TABLES.entry.update().where(TABLES.entry.c.i == 7)
    [line] = other.ask(lambda tx: other.book.entries(tx, 8, 9))
    other.ask(lambda tx: tx.execute(seventh.values(body=line)))

    with pytest.raises(LedgerBroken):
        program.size()


def test_the_store_notices_an_older_copy_and_another_history(
    program: Program, new_place: Callable[[], Place], tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    kept = checkpoints.opened(program.engine, program.book, folder)
    settle = checkpoints.settling(program.engine, program.book, kept)
    with Together(program.engine, settle).act() as tx:
        program.append(tx, 1, 2, 3)
    older, forked = Program(new_place()), Program(new_place())
    older.act(1, 2)
    forked.act(1, 2, 4)

    with pytest.raises(LedgerBehind):
        checkpoints.opened(older.engine, older.book, folder)
    with pytest.raises(LedgerFork):
        checkpoints.opened(forked.engine, forked.book, folder)

    again = checkpoints.opened(program.engine, program.book, folder)
    assert again is not None
    assert 3 == again.seen
    older.close()
    forked.close()
