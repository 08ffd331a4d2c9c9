"""The word of the verifier in Go: what is said where it cannot be had, and that it can disagree."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from azukari.desk.witnesses import Which
from azukari.ledger.checkpoint import Checkpoint
from azukari.ledger.tree import leaf_hash, root_of
from azukari.rehearse import stranger

ROOT = root_of([leaf_hash(b"a")])
LOGS: dict[Which, str] = {"office": "o", "keys": "k"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for which in LOGS:
        (tmp_path / which).mkdir()
        text = Checkpoint(f"azukari.example/{which}", 1, ROOT).text()
        (tmp_path / which / "checkpoint").write_bytes(f"{text}\n— a AAAAAAAA\n".encode())
    return tmp_path


def test_without_the_checkout_it_is_said_that_the_source_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stranger, "_SOURCES", tmp_path)

    building = stranger.begin(tmp_path / "to")

    assert {"checked": False, "why": stranger.NO_SOURCE} == stranger.word(
        building, tmp_path, {}, []
    )
    assert not (tmp_path / "to").exists()


def test_without_go_nothing_is_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    building = stranger.begin(tmp_path / "to")

    assert stranger.NO_GO == building.done()
    assert stranger.NO_GO == stranger.in_words(stranger.word(building, tmp_path, {}, []))


def test_whoever_did_not_ask_is_told_so() -> None:
    said = stranger.word(stranger.NOBODY, Path(), {}, [])

    assert {"checked": False, "why": stranger.NOT_ASKED} == said


def _program(tmp_path: Path, said: dict[str, Any] | str, status: int = 0) -> stranger.Building:
    """A program that says this of every ledger."""
    answer = said if isinstance(said, str) else json.dumps(said)
    path = tmp_path / "program"
    named = 'sed "s|LOG|azukari.example/$(basename $2)|"'
    path.write_text(f"#!/bin/sh\n{named} <<'END'\n{answer}\nEND\nexit {status}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return stranger.Building(path)


def _said(**changed: Any) -> dict[str, Any]:
    root = base64.b64encode(ROOT).decode()
    known = {"ok": True, "log": "LOG", "size": 1, "root": root, "cosigned": [{"size": 1}]}
    return known | changed


@pytest.mark.real
def test_the_same_is_the_same(tmp_path: Path, folder: Path) -> None:
    found = stranger.word(_program(tmp_path, _said()), folder, LOGS, ["w"])

    assert found["agrees"]
    assert "verified the same" == stranger.in_words(found)


@pytest.mark.real
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (_said(ok=False), 0),
        (_said(), 1),
        (_said(size=2), 0),
        (_said(root="AAAA"), 0),
        (_said(log="another"), 0),
        (_said(cosigned=[]), 0),
        (_said(cosigned=[{"size": 0}]), 0),
        ("nothing", 0),
    ],
)
def test_anything_else_is_a_disagreement(
    tmp_path: Path, folder: Path, said: dict[str, Any] | str, status: int
) -> None:
    found = stranger.word(_program(tmp_path, said, status), folder, LOGS, ["w"])

    assert found["checked"]
    assert not found["agrees"]
    assert "verified something else" == stranger.in_words(found)
