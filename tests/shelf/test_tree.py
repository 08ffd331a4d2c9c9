"""A folder's files: what is read is what was looked at, what is written back is whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.carrier.files import UNFINISHED, FileLine
from azukari.errors import BadInput, Conflict, Damaged, Unreachable
from azukari.shelf import machine, tree

NAMES = st.text("abcあ. _-é", min_size=1, max_size=6).filter(
    lambda name: name[-1] not in ". " and name.strip(".") != ""
)


def line(name: str, content: bytes) -> FileLine:
    return FileLine(name, len(content), 1_600_000_000_000, hashlib.sha256(content).hexdigest())


@given(st.dictionaries(NAMES, st.binary(max_size=50), min_size=1, max_size=8))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_looked_at_is_read_and_written_back(
    tmp_path_factory: pytest.TempPathFactory, wanted: dict[str, bytes]
) -> None:
    folder, out = tmp_path_factory.mktemp("in"), tmp_path_factory.mktemp("out")
    for number, (name, content) in enumerate(wanted.items()):
        path = folder / str(number % 3) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    found = tree.look_through(folder)
    for source in found:
        content = b"".join(tree.pieces(source))
        tree.write_back(out, line(source.name, content), [content])

    def all_of(root: Path) -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}

    assert sorted(all_of(folder)) == [source.name for source in found]
    assert all_of(folder) == all_of(out)


def test_the_order_is_that_of_bytes_as_sort_has_it(tmp_path: Path) -> None:
    for name in ("a/b", "a-b", "a.b", "B", "あ", "z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert ["B", "a-b", "a.b", "a/b", "z", "あ"] == [
        source.name for source in tree.look_through(tmp_path)
    ]


@pytest.mark.parametrize("how", ["grown", "cut", "touched", "replaced", "gone", "link", "pipe"])
def test_a_file_that_is_another_by_now_is_not_read(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"as it was")
    (source,) = tree.look_through(tmp_path)
    if how in ("replaced", "gone", "link", "pipe"):
        path.rename(tmp_path / "old")
    match how:
        case "grown":
            path.write_bytes(b"as it was, and more")
        case "cut":
            os.truncate(path, 3)
        case "touched":
            os.utime(path, (1, 1))
        case "replaced":
            path.write_bytes(b"as it was")
        case "link":
            path.symlink_to("old")
        case "pipe":
            os.mkfifo(path)

    with pytest.raises(BadInput, match="file 1 of 1 in order of name") as refused:
        list(tree.pieces(source))

    assert str(tmp_path) not in str(refused.value)


def test_a_file_that_is_written_to_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(3 << 20))
    (source,) = tree.look_through(tmp_path)
    pieces = tree.pieces(source)
    next(pieces)
    with path.open("ab") as file:
        file.write(b"more")

    with pytest.raises(BadInput, match="changed"):
        list(pieces)


def test_a_file_that_cannot_be_read_is_refused_before_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").touch()

    def refuses(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(machine, "open_plain", refuses)

    with pytest.raises(BadInput, match="cannot be read: EACCES") as refused:
        tree.look_through(tmp_path)

    assert str(tmp_path) not in str(refused.value)


def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuses)

    with pytest.raises(BadInput, match="a folder in it cannot be read: EACCES"):
        tree.look_through(tmp_path)


@pytest.mark.parametrize("names", [["a", "A"], ["a/x", "A/y"], ["x/é.txt", "x/É.txt"]])
def test_two_names_that_one_file_system_takes_for_one_are_refused(names: list[str]) -> None:
    with pytest.raises(BadInput, match="case only"):
        tree.check_names(names)


def test_a_name_in_two_folders_is_two_names() -> None:
    tree.check_names(["a/x", "b/x", "x"])


def test_a_changed_content_gets_no_name(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        tree.write_back(tmp_path, line("a", b"good"), [b"evil"])

    assert [] == list(tmp_path.iterdir())


def test_a_disk_that_is_full_leaves_nothing_half_done(tmp_path: Path) -> None:
    def full() -> Iterator[bytes]:
        yield b"go"
        raise OSError(28, "No space left on device")

    with pytest.raises(Unreachable, match="ENOSPC"):
        tree.write_back(tmp_path, line("deep/a", b"good"), full())

    assert ["deep"] == [path.name for path in tmp_path.iterdir()]


def test_what_a_broken_off_reading_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).write_bytes(b"half")

    tree.write_back(tmp_path, line("a", b"good"), [b"good"])

    assert ["a"] == [path.name for path in tmp_path.iterdir()]
    assert 0o600 == (tmp_path / "a").stat().st_mode & 0o777


@pytest.mark.parametrize("there", [b"evil", b"", b"longer than it"])
def test_another_file_of_the_name_is_a_conflict(tmp_path: Path, there: bytes) -> None:
    (tmp_path / "a").write_bytes(there)

    with pytest.raises(Conflict, match="another content"):
        tree.is_back(tmp_path, line("a", b"good"))


def test_attack_a_link_in_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"good")
    (tmp_path / "a").symlink_to("elsewhere")

    with pytest.raises(Conflict):
        tree.is_back(tmp_path, line("a", b"good"))
