"""A device's journal: durable before anything is answered, one chain, one writer."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.receipt import Chain, follow
from azukari.errors import AzukariError, BadFormat, ClockBehind, Conflict, Unreachable
from azukari.shelf.journal import Journal

NOW = 1_655_800_000_000
LINE = ("enquiry", "carrier", "grant", "sealed")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "device" / "journal.jsonl")
    yield made
    made.close()


def again(journal: Journal) -> Journal:
    journal.close()
    return Journal(journal._path)


def test_what_was_appended_is_there_after_reopening(journal: Journal) -> None:
    journal.append([LINE, LINE], NOW)
    before = journal.chain

    reopened = again(journal)

    assert before == reopened.chain == follow(Chain(), reopened.since(0))
    assert [0, 1] == [record.seq for record in reopened.records()]
    reopened.close()


def test_torn_journal_line_is_dropped_and_the_next_one_follows(journal: Journal) -> None:
    """It was written and never answered to."""
    journal.append([LINE], NOW)
    journal.close()
    with journal._path.open("ab") as file:
        file.write(b'{"at":1,"carr')

    reopened = Journal(journal._path)
    reopened.append([LINE], NOW)

    third = again(reopened)
    assert [0, 1] == [record.seq for record in third.records()]
    third.close()


@settings(deadline=None, max_examples=40)
@given(cut=st.integers(0, 400))
def test_a_journal_cut_anywhere_opens_with_whole_lines_only(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    journal = Journal(tmp_path_factory.mktemp("device") / "journal.jsonl")
    journal.append([LINE] * 3, NOW)
    whole = journal.since(0)
    journal.close()
    os.truncate(journal._path, min(cut, journal._path.stat().st_size))

    reopened = Journal(journal._path)

    kept = reopened.since(0)
    assert whole[: len(kept)] == kept
    reopened.close()


@settings(deadline=None, max_examples=40)
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_a_journal_or_end_in_our_error(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.mktemp("device") / "journal.jsonl"
    path.write_bytes(raw + b"\n")

    with pytest.raises(AzukariError):
        Journal(path).close()


def test_a_line_taken_out_of_the_middle_is_noticed(journal: Journal) -> None:
    journal.append([LINE] * 3, NOW)
    journal.close()
    lines = journal._path.read_bytes().splitlines(keepends=True)
    journal._path.write_bytes(lines[0] + lines[2])

    with pytest.raises(BadFormat, match="line 2 is out of order"):
        Journal(journal._path)


def test_clock_set_back_behind_the_journal(journal: Journal) -> None:
    journal.append([LINE], NOW)

    with pytest.raises(ClockBehind):
        journal.append([LINE], NOW - 120_001)

    assert 1 == journal.chain.length


def test_a_clock_a_little_behind_never_lets_time_run_backwards(journal: Journal) -> None:
    journal.append([LINE], NOW)
    journal.append([LINE], NOW - 60_000)

    assert [NOW, NOW] == [record.at for record in journal.records()]


def test_an_erasure_is_written_whatever_the_clock_says(journal: Journal) -> None:
    journal.append([LINE], NOW)

    journal.append_late([("erased", "carrier", "grant", "")], NOW - 10**9)

    assert NOW == journal.records()[-1].at


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_attack_fill_the_disk_nothing_is_appended(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    journal.append([LINE], NOW)
    before = journal.chain
    with monkeypatch.context() as patched:
        patched.setattr(os, broken, full)
        with pytest.raises(Unreachable, match="journal cannot be written"):
            journal.append([LINE], NOW)

    assert before == journal.chain
    journal.append([LINE], NOW)
    reopened = again(journal)
    assert [0, 1] == [record.seq for record in reopened.records()]
    reopened.close()


def test_a_write_that_stops_halfway_is_taken_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the next line would be glued to its torn half and the chain would never open."""
    write = os.write

    def half(handle: int, raw: bytes) -> int:
        if len(raw) < 60:
            raise OSError(errno.ENOSPC, "no space")
        return write(handle, raw[: len(raw) // 2])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(Unreachable):
            journal.append([LINE], NOW)
    journal.append([LINE], NOW)

    reopened = again(journal)
    assert [0] == [record.seq for record in reopened.records()]
    reopened.close()


def test_a_write_in_small_pieces_is_still_whole(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, raw: write(handle, raw[:7]))

    journal.append([LINE, LINE], NOW)

    reopened = again(journal)
    assert journal.chain == reopened.chain
    reopened.close()


def test_attack_two_programs_at_once_would_fork_the_chain(journal: Journal) -> None:
    with pytest.raises(Conflict):
        Journal(journal._path)

    journal.append([LINE], NOW)
    assert 1 == len(journal._path.read_bytes().splitlines())


def test_a_journal_that_does_not_open_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"nonsense\n")

    for _ in range(2):
        with pytest.raises(BadFormat):
            Journal(path)


def test_after_closing_nothing_is_written(journal: Journal) -> None:
    journal.close()
    journal.close()

    with pytest.raises(Unreachable):
        journal.append([LINE], NOW)


def test_the_head_at_any_length_is_what_the_city_saw(journal: Journal) -> None:
    journal.append([LINE], NOW)
    seen = journal.chain
    journal.append([LINE] * 3, NOW)

    assert seen.head == journal.head_at(1)
    assert journal.chain.head == journal.head_at(4)
