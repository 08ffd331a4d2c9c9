"""What a file system tells and keeps: mounts, room, names on FAT32, exFAT, NTFS and ext4."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.carrier.manifest import PAGES
from azukari.errors import BadInput, Unreachable
from azukari.shelf import filesystem
from azukari.shelf.filesystem import NOT_TOLD, FileSystem, System

MOUNTS = """\
22 27 0:20 / /proc rw - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/root rw
42 27 8:17 / {stick} {how} shared:1 - vfat /dev/sdb1 {above}
not a line of mounts
"""


def system(folder: Path, how: str = "rw,nosuid", above: str = "rw,utf8") -> System:
    stick = str(folder / "a stick").replace(" ", r"\040")
    told = folder / "mountinfo"
    told.write_text(MOUNTS.format(stick=stick, how=how, above=above), encoding="utf-8")
    (folder / "a stick" / "inside").mkdir(parents=True, exist_ok=True)
    return System(told, folder / "sys", folder / "dev")


def told(**changed: object) -> FileSystem:
    found = FileSystem("vfat", Path("/stick"), "8:17", writable=True, free_bytes=0, block_bytes=0)
    return replace(found, **changed)  # type: ignore[arg-type]  # any field


def test_the_nearest_mount_tells_kind_and_device(tmp_path: Path) -> None:
    found = filesystem.of(tmp_path / "a stick" / "inside", system(tmp_path))

    assert "vfat" == found.kind
    assert "8:17" == found.device
    assert tmp_path / "a stick" == found.mounted_at
    assert found.writable
    assert found.free_bytes > 0


def test_a_folder_of_the_machine_is_on_the_machines_disk(tmp_path: Path) -> None:
    found = filesystem.of(tmp_path, system(tmp_path))

    assert "ext4" == found.kind
    assert Path("/") == found.mounted_at


@pytest.mark.parametrize(("how", "above"), [("ro,nosuid", "rw"), ("rw", "ro,utf8")])
def test_a_medium_that_is_write_protected_is_refused(tmp_path: Path, how: str, above: str) -> None:
    found = filesystem.of(tmp_path / "a stick", system(tmp_path, how, above))

    with pytest.raises(BadInput, match="write-protected"):
        filesystem.check_writable(found)


def test_a_machine_that_tells_nothing_says_so(tmp_path: Path) -> None:
    found = filesystem.of(tmp_path, System(tmp_path / "none", tmp_path, tmp_path))

    assert NOT_TOLD == found.kind == found.device
    assert found.mounted_at is None
    filesystem.check_writable(found)


def test_a_medium_that_is_not_there_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        filesystem.of(tmp_path / "nothing")


def test_files_take_whole_blocks() -> None:
    found = told(free_bytes=10 * 4096, block_bytes=4096)

    filesystem.check_room(found, [1, 4096])
    with pytest.raises(BadInput, match=r"45,056 bytes are needed and 40,960 are free"):
        filesystem.check_room(found, [1, 4097])


def test_room_is_counted_in_large_blocks_where_none_are_told() -> None:
    with pytest.raises(BadInput):
        filesystem.check_room(told(free_bytes=1 << 19), [1])


def test_a_file_of_four_gibibytes_is_refused_everywhere() -> None:
    roomy = told(free_bytes=1 << 50, block_bytes=4096)

    filesystem.check_room(roomy, [(1 << 32) - 1])
    with pytest.raises(BadInput, match="FAT32"):
        filesystem.check_room(roomy, [1 << 32])


@pytest.mark.parametrize(
    "name",
    [
        *("CON", "con", "nul.txt", "COM1", "LPT9.azs", "AUX.", "COM¹", "a:", "a?b", "a/b", "a\\b"),
        *('a"', "a|b", "a*", "<a>", "a\x7f", "a\tb", ".", "..", "a.", "a b ", "", "漢" * 256),
    ],
)
def test_a_name_that_some_system_cannot_keep_is_refused(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        filesystem.check_names([name])

    assert len(name) < 4 or name not in str(refused.value)


def test_names_that_differ_by_case_only_are_one_file() -> None:
    filesystem.check_names(["a.azs", "b.azs"])
    with pytest.raises(BadInput, match="case"):
        filesystem.check_names(["a.azs", "A.AZS"])


@given(st.integers(0, 9999))
def test_every_name_a_carrier_uses_is_kept_everywhere(part: int) -> None:
    filesystem.check_names(["azukari", *PAGES])
    filesystem.check_names([f"{part:04d}.azs", "m.azs", "envelope.json", ".envelope.json.new"])


def test_trying_names_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()

    filesystem.check_keeps_names(tmp_path, PAGES)

    assert [tmp_path / "lost+found"] == list(tmp_path.iterdir())


def test_a_file_system_that_keeps_another_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.touch

    def mangled(path: Path, **how: bool) -> None:
        real(path if path.name.isascii() else path.with_name("????"), **how)

    monkeypatch.setattr(Path, "touch", mangled)
    with pytest.raises(BadInput, match="Japanese file name"):
        filesystem.check_keeps_names(tmp_path, sorted(PAGES))

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("rw,codepage=437,iocharset=ascii,shortname=mixed,utf8", True),
        ("rw,iocharset=utf8", True),
        ("rw,codepage=437,iocharset=iso8859-1,shortname=mixed", False),
    ],
)
def test_names_that_only_this_mount_reads_so_are_refused(
    tmp_path: Path, options: str, kept: bool
) -> None:
    """A FAT mounted as Latin-1 gives back every byte; on another machine they are other letters."""
    told = system(tmp_path, above=options)
    stick = tmp_path / "a stick"

    if kept:
        filesystem.check_keeps_names(stick, PAGES, told)
    else:
        with pytest.raises(BadInput, match="UTF-8"):
            filesystem.check_keeps_names(stick, PAGES, told)
    assert ["inside"] == [path.name for path in stick.iterdir()]


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.EINVAL, BadInput),
        (errno.EPERM, BadInput),
        (errno.EIO, Unreachable),
        (errno.ENOSPC, Unreachable),
    ],
)
def test_a_name_that_is_refused_is_told_from_a_medium_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def refused(path: Path, **_: bool) -> None:
        if not path.name.isascii():
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "touch", refused)
    with pytest.raises(error):
        filesystem.check_keeps_names(tmp_path, ["はじめに.txt"])
