"""What machines call differently: locks, names on disk, memory; Windows against a stand-in."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from azukari.errors import Conflict, Unreachable
from azukari.shelf import busy, machine
from azukari.shelf.journal import Journal

LINE = ("enquiry", "carrier", "grant", "sealed")


class StandIn(ModuleType):
    """Windows' `msvcrt`, as far as we ask it: locks on bytes from where the handle stands.

    Locks of an open file description belong to the handle, as Windows' do, not to the process.
    """

    LK_NBLCK = 2

    @staticmethod
    def locking(handle: int, mode: int, length: int) -> None:
        assert StandIn.LK_NBLCK == mode
        begin = os.lseek(handle, 0, os.SEEK_CUR)
        assert begin + length < 1 << 31, "Windows' C library counts in 31 bits"
        wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, begin, length, 0)
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, wanted)


@pytest.fixture(params=["here", "windows"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both branches; the second on a stand-in, because no such machine runs these tests."""
    if request.param == "windows":
        monkeypatch.setitem(sys.modules, "msvcrt", StandIn("msvcrt"))
        monkeypatch.setattr(sys, "platform", "win32")
    return str(request.param)


@pytest.fixture
def handles(tmp_path: Path) -> Iterator[list[int]]:
    """The same file, opened by five programs."""
    opened = [os.open(tmp_path / "mark", os.O_RDWR | os.O_CREAT, 0o600) for _ in range(5)]
    yield opened
    for handle in opened:
        os.close(handle)


@pytest.mark.usefixtures("kind")
def test_a_file_is_held_by_one_alone(handles: list[int]) -> None:
    assert machine.claim(handles[0])
    assert not machine.claim(handles[1])


@pytest.mark.usefixtures("kind")
def test_a_file_that_several_share_is_held_by_nobody_alone(handles: list[int]) -> None:
    for handle in handles[:4]:
        machine.share(handle)

    assert not machine.claim(handles[4])


@pytest.mark.usefixtures("kind")
def test_a_lock_ends_with_its_handle(tmp_path: Path) -> None:
    first, second = (os.open(tmp_path / "mark", os.O_RDWR | os.O_CREAT, 0o600) for _ in range(2))
    machine.claim(first)

    os.close(first)

    assert machine.claim(second)
    os.close(second)


@pytest.mark.usefixtures("kind")
def test_a_repair_does_not_begin_while_somebody_is_at_work(tmp_path: Path) -> None:
    with busy.at_work(tmp_path), busy.at_work(tmp_path), busy.alone(tmp_path) as alone:
        assert not alone
    with busy.alone(tmp_path) as alone:
        assert alone


@pytest.mark.usefixtures("kind")
def test_two_programs_never_write_one_journal(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.jsonl")
    first.append([LINE], 1)

    with pytest.raises(Conflict, match="another program"):
        Journal(tmp_path / "journal.jsonl")

    first.append([LINE], 2)
    first.close()
    again = Journal(tmp_path / "journal.jsonl")
    assert [0, 1] == [record.seq for record in again.records()]
    again.close()


@pytest.mark.usefixtures("kind")
def test_names_are_synced_or_left_to_the_file_system(tmp_path: Path) -> None:
    machine.sync_names(tmp_path)


def test_a_file_system_without_locks_is_told_as_such(
    handles: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not as somebody else being at work: nobody would ever come to an end."""

    def none(handle: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)

    for take in (machine.claim, machine.share):
        with pytest.raises(Unreachable, match="cannot be locked"):
            take(handles[0])


def test_a_second_name_is_a_link_where_there_are_links(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"one")

    machine.link_or_copy(str(source), str(target))

    assert source.samefile(target)


def test_a_second_name_is_a_copy_where_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(source: str, target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", none)
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"one")

    machine.link_or_copy(str(source), str(target))

    assert target.read_bytes() == b"one"
    assert not source.samefile(target)


def test_memory_is_told_in_mebibytes() -> None:
    peak = machine.peak_mib()

    assert peak is not None
    assert 10 < peak < 1 << 20


def test_memory_is_not_told_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    assert machine.peak_mib() is None
