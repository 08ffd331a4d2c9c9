"""The digest of a program's own files: every change makes another; compiled files are no change."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from azukari.shelf import source


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    (tmp_path / "a.py").write_bytes(b"a = 1\n")
    (tmp_path / "room" / "table.toml").write_bytes(b"[x]\n")
    return tmp_path


def test_it_is_known_by_hand(package: Path) -> None:
    """`sha256sum` of every file, in order of names, and `sha256sum` of those lines."""
    names = (b"a.py", b"room/table.toml")
    each = [hashlib.sha256((package / name.decode()).read_bytes()).hexdigest() for name in names]
    lines = [one.encode() + b"  " + name + b"\n" for one, name in zip(each, names, strict=True)]

    whole = b"".join(lines)

    assert hashlib.sha256(whole).hexdigest() == source.digest(package)


def test_attack_any_change_of_any_file_makes_another(package: Path) -> None:
    before, seen = source.digest(package), set()
    (package / "room" / "table.toml").write_bytes(b"[y]\n")
    seen.add(source.digest(package))
    (package / "room" / "table.toml").rename(package / "table.toml")
    seen.add(source.digest(package))
    (package / "more.py").write_bytes(b"")
    seen.add(source.digest(package))
    (package / "a.py").unlink()
    seen.add(source.digest(package))

    assert 4 == len(seen - {before})


def test_what_python_compiled_is_left_aside(package: Path) -> None:
    before = source.digest(package)
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"compiled")

    assert before == source.digest(package)


def test_our_own_is_the_same_twice() -> None:
    assert source.digest() == source.digest()
    assert 64 == len(source.digest())
