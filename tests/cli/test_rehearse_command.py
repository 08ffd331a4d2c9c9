"""``azukari rehearse`` reads out what was judged; what is played is tested with the rehearsal."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from azukari.cli import exits
from azukari.cli import rehearse as command
from azukari.rehearse import run as run_module
from azukari.rehearse.run import Outcome

RESULT: dict[str, Any] = {
    "residents": 50,
    "seed": 3,
    "setup": "one machine, no witness",
    "holds": {"8": "history: against outsiders"},
    "on_your_word": ["a word"],
    "not_so_here": ["something"],
    "verifier": {"checked": False, "why": "not checked here: no Go"},
    "steps": [
        {
            "name": "lost",
            "story_at": "2022-06-22T03:10:00+09:00",
            "measured_s": 0.05,
            "outcome": "both revoked",
        }
    ],
    "attacks": [
        {"name": "flip a byte", "outcome": "refused", "reason": "Damaged"},
        {"name": "device folder rolled back", "outcome": "known limit", "reason": "see the page"},
    ],
    "promises": {"1": {"state": "kept", "checked_by": ["a check"]}},
    "figures": {"wall_s": 1.5, "peak_mib": 300},
}


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Instead of the night: what it was asked, and an outcome as one would leave it."""
    asked: list[dict[str, Any]] = []

    def rehearse(
        out: Path,
        residents: int,
        seed: int,
        export: Path | None,
        say: Callable[[str], None],
        sentence: Callable[[str], str],
        verifier: bool,
    ) -> Outcome:
        assert verifier
        assert "担当者は離任しています" == sentence("person_left")
        asked.append({"out": out, "residents": residents, "seed": seed, "export": export})
        say("06-22 03:10 lost")
        failures = ["promise 6 broke"] if seed == 13 else []
        return Outcome(RESULT, failures, out / "index.html")

    monkeypatch.setattr(run_module, "rehearse", rehearse)
    return asked


def test_the_night_is_a_table_the_attacks_the_promises_and_the_page(
    played: list[dict[str, Any]], run: Any, tmp_path: Path
) -> None:
    ran = run("rehearse", "--residents", 50, "--seed", 3, "--out", tmp_path)

    assert [{"out": tmp_path, "residents": 50, "seed": 3, "export": None}] == played
    assert 0 == ran.code
    assert "06-22 03:10 lost\n" == ran.err
    assert "chapter  story time        measured    outcome" in ran.out
    assert "lost     2022-06-22 03:10       0.1 s  both revoked" in ran.out
    assert "attacks: 2: 1 known limit, 1 refused" in ran.out
    assert "known limit  device folder rolled back: see the page" in ran.out
    assert "flip a byte" not in ran.out
    said = ran.out[ran.out.index("set-up") :].splitlines()[:7]
    assert [
        "set-up: one machine, no witness",
        "  promise 8, history: against outsiders",
        "  on your word alone: a word",
        "  not so here: something",
        "the program in Go: not checked here: no Go",
        "",
        "promises:",
    ] == said
    assert str(tmp_path / "index.html") in ran.out


def test_a_night_that_failed_is_a_no(played: list[dict[str, Any]], run: Any) -> None:
    ran = run("rehearse", "--residents", 50, "--seed", 13)

    assert exits.NO == ran.code
    assert "azukari: promise 6 broke\n" in ran.err


def test_a_city_can_rehearse_with_its_own_export(
    played: list[dict[str, Any]], run: Any, tmp_path: Path
) -> None:
    run("rehearse", "--from", tmp_path)

    assert tmp_path == played[0]["export"]


def test_json_is_the_result_and_nothing_else(played: list[dict[str, Any]], run: Any) -> None:
    ran = run("rehearse", "--json")

    assert RESULT == json.loads(ran.out)


def test_a_folder_that_no_rehearsal_wrote_is_left_alone(run: Any, tmp_path: Path) -> None:
    (tmp_path / "dear.txt").write_text("not yours")

    ran = run("rehearse", "--residents", 50, "--out", tmp_path)

    assert 11 == ran.code
    assert ["dear.txt"] == [path.name for path in tmp_path.iterdir()]


def test_on_a_terminal_only_the_outcome_may_wrap() -> None:
    said = io.StringIO()
    steps = [RESULT["steps"][0] | {"outcome": "a long outcome " * 9}]

    Console(file=said, width=80).print(command._table(steps))

    first, *rest = said.getvalue().splitlines()
    assert first.split() == ["chapter", "story", "time", "measured", "outcome"]
    assert rest[0].startswith("lost     2022-06-22 03:10")
    assert len(rest) > 1
    assert all(len(line) <= 80 for line in rest)
