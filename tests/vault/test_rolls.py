"""Sealed tables of the office: plaintext in memory only, each bound to its roll and its name."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from azukari.errors import (
    AzukariError,
    BadFormat,
    Conflict,
    Damaged,
    NotFound,
    Unreachable,
    WrongKey,
)
from azukari.names import new_id
from azukari.vault import rolls

KEY = bytes(range(32))
TABLE = pa.table({"name": ["架空　太郎", "例示　花子"], "n": pa.array([1, None], pa.int32())})


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, str]:
    identifier = new_id()
    rolls.keep(tmp_path, identifier, KEY, {"register": TABLE, "tax": TABLE.slice(0, 1)})
    return tmp_path, identifier


def test_a_table_comes_back(kept: tuple[Path, str]) -> None:
    assert TABLE.equals(rolls.read(*kept, KEY, "register"))
    assert 1 == len(rolls.read(*kept, KEY, "tax"))


def test_no_value_is_readable_on_the_disk_and_the_files_are_private(
    kept: tuple[Path, str],
) -> None:
    files = [path for path in kept[0].rglob("*") if path.is_file()]

    assert 2 == len(files)
    for path in files:
        assert "架空".encode() not in path.read_bytes()
        assert 0o600 == path.stat().st_mode & 0o777


def test_another_key_opens_nothing(kept: tuple[Path, str]) -> None:
    with pytest.raises((WrongKey, Damaged)):
        rolls.read(*kept, bytes(32), "register")


def test_attack_one_table_in_anothers_place(kept: tuple[Path, str]) -> None:
    folder = kept[0] / "rolls" / kept[1]
    (folder / "tax.azs").replace(folder / "register.azs")

    with pytest.raises((WrongKey, Damaged)):
        rolls.read(*kept, KEY, "register")


def test_attack_a_table_of_another_roll_under_the_same_key(kept: tuple[Path, str]) -> None:
    home, other = kept[0], new_id()
    rolls.keep(home, other, KEY, {"register": TABLE.slice(1)})
    (home / "rolls" / other / "register.azs").replace(home / "rolls" / kept[1] / "register.azs")

    with pytest.raises((WrongKey, Damaged)):
        rolls.read(*kept, KEY, "register")


def test_a_roll_is_written_once(kept: tuple[Path, str]) -> None:
    with pytest.raises(Conflict):
        rolls.keep(*kept, KEY, {"register": TABLE.slice(1)})

    assert TABLE.equals(rolls.read(*kept, KEY, "register"))


def test_what_is_not_there(kept: tuple[Path, str]) -> None:
    with pytest.raises(NotFound):
        rolls.read(*kept, KEY, "nothing")
    with pytest.raises(NotFound):
        rolls.read(kept[0], new_id(), KEY, "register")


@pytest.mark.parametrize("identifier", ["../../etc", "", "register"])
def test_attack_a_roll_named_outside_the_folder(tmp_path: Path, identifier: str) -> None:
    with pytest.raises(BadFormat):
        rolls.read(tmp_path, identifier, KEY, "register")
    with pytest.raises(BadFormat):
        rolls.keep(tmp_path, identifier, KEY, {"register": TABLE})

    assert [] == list(tmp_path.iterdir())


def test_a_full_disk_is_our_error_and_quotes_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "架空　太郎")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unreachable) as error:
        rolls.keep(tmp_path, new_id(), KEY, {"register": TABLE})

    assert "架空" not in str(error.value)


@pytest.mark.parametrize("raw", [b"", b"PAR1", b"\x28" * 65_592])
def test_any_bytes_in_a_tables_place_end_in_our_error(kept: tuple[Path, str], raw: bytes) -> None:
    (kept[0] / "rolls" / kept[1] / "register.azs").write_bytes(raw)

    with pytest.raises(AzukariError):
        rolls.read(*kept, KEY, "register")
