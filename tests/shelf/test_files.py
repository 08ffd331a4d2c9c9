"""Files are whole or not there, private, and a disk that fails ends in our own error."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from azukari.errors import BadFormat, Conflict, Unreachable
from azukari.shelf import files


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/secret")


def test_a_file_is_private_and_replaced_in_one_step(tmp_path: Path) -> None:
    path = files.folder(tmp_path / "home") / "key"

    files.write_whole(path, b"one")
    files.write_whole(path, b"two")

    assert b"two" == path.read_bytes()
    assert 0o600 == path.stat().st_mode & 0o777
    assert 0o700 == path.parent.stat().st_mode & 0o777
    assert [path] == list(path.parent.iterdir())


def test_attack_look_into_a_home_that_came_with_its_first_folder(tmp_path: Path) -> None:
    """Folders above are made too, and are as private; those that were there stay as they were."""
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    theirs.chmod(0o755)

    made = files.folder(theirs / "home" / "keys")

    assert 0o700 == made.stat().st_mode & 0o777
    assert 0o700 == made.parent.stat().st_mode & 0o777
    assert 0o755 == theirs.stat().st_mode & 0o777


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    files.write_new(tmp_path / "key", b"one")

    with pytest.raises(Conflict):
        files.write_new(tmp_path / "key", b"two")

    assert b"one" == (tmp_path / "key").read_bytes()


def test_a_full_disk_leaves_the_old_file_and_says_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_whole(tmp_path / "key", b"one")
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unreachable, match="ENOSPC") as error:
        files.write_whole(tmp_path / "key", b"two")

    assert b"one" == (tmp_path / "key").read_bytes()
    assert "/" not in str(error.value)


def test_a_full_disk_leaves_no_half_of_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the next attempt would find that it exists already."""
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(Unreachable):
            files.write_new(tmp_path / "key", b"one")

    files.write_new(tmp_path / "key", b"one")

    assert b"one" == (tmp_path / "key").read_bytes()


def test_a_folder_where_a_file_stands_is_our_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_bytes(b"")

    with pytest.raises((Conflict, Unreachable)):
        files.folder(tmp_path / "home")
    with pytest.raises(Unreachable):
        files.folder(tmp_path / "home" / "inside")


def test_a_link_in_a_files_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"secret")
    (tmp_path / "key").symlink_to(tmp_path / "other")

    with pytest.raises(BadFormat):
        files.read_small(tmp_path / "key", 100)


def test_a_file_longer_than_expected_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"x" * 101)

    with pytest.raises(BadFormat, match="longer than 100 bytes"):
        files.read_small(tmp_path / "key", 100)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(BadFormat):
            files.read_small(path, 100)


def test_destroying_removes_and_is_safe_to_repeat(tmp_path: Path) -> None:
    path = tmp_path / "one-time"
    files.write_new(path, b"secret")
    twin = tmp_path / "twin"
    twin.hardlink_to(path)

    files.destroy(path)
    files.destroy(path)

    assert not path.exists()
    assert b"secret" != twin.read_bytes()


def test_a_key_that_cannot_be_destroyed_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_new(tmp_path / "one-time", b"secret")
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unreachable):
        files.destroy(tmp_path / "one-time")


def test_the_digest_of_a_file_that_is_not_there_is_our_error(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="ENOENT"):
        files.sha256_file(tmp_path / "nothing")
