"""The ceremony at the keyboard: what is printed, typed back, and left behind."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azukari.cli import exits
from azukari.keys import ceremony, sheet

HOLD = ("keys", "init", "--officer", "hanako", "--officer", "taro", "--officer", "jiro")
WORDS = b"the first of three\nthe second of three\nthe third of three"
ROW = re.compile(r"(?m)^\d +([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$")
Held = Callable[..., tuple[Any, list[str]]]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = dict(ceremony.hold.__kwdefaults__ or {}) | {"cost": 1 << 4}
    monkeypatch.setattr(ceremony.hold, "__kwdefaults__", cost)


@pytest.fixture
def hold(run: Any, site: Any, tmp_path: Path) -> Held:
    """Hold a ceremony with somebody who reads the paper as it comes and types it back."""

    def held(
        *words: str, mistake: bool = False, paper: str = "sheet.txt", **secrets: bytes
    ) -> tuple[Any, list[str]]:
        where, rows = tmp_path / paper, list[str]()
        there, here = os.pipe()

        def reader() -> None:
            for _ in range(1000):
                if where.is_file() and len(found := ROW.findall(where.read_text("utf-8"))) == 4:
                    rows.extend(found)
                    break
                threading.Event().wait(0.01)
            typed = [sheet_row[::-1] for sheet_row in rows] if mistake else rows
            os.write(here, "".join(f"{row}\n" for row in typed).encode())
            os.close(here)

        thread = threading.Thread(target=reader)
        thread.start()
        try:
            ran = run(
                *words, "--home", site.office, "--print", where, "--typed-fd", there, **secrets
            )
        finally:
            thread.join()
            os.close(there)
        assert not where.exists()
        return ran, rows

    return held


def ceremony_held(hold: Held, site: Any) -> list[str]:
    ran, rows = hold(*HOLD, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)
    assert exits.DONE == ran.code, ran.err
    return rows


def test_a_ceremony_prints_a_sheet_and_destroys_the_page(hold: Held, site: Any) -> None:
    ran, rows = hold(*HOLD, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)

    assert exits.DONE == ran.code
    assert sheet.ROWS == len(rows)
    assert "any two of hanako, taro, jiro" in ran.out
    for said in (ran.out, ran.err):
        assert not [row for row in rows if row in said]


def test_the_page_is_html_where_it_is_called_so(hold: Held, site: Any) -> None:
    ran, rows = hold(
        *HOLD, paper="sheet.html", passphrase_fd=site.secrets["keys"], officer_fd=WORDS
    )

    assert exits.DONE == ran.code
    assert sheet.ROWS == len(rows)


def test_a_mistyped_sheet_leaves_nothing(hold: Held, site: Any) -> None:
    ran, _ = hold(*HOLD, mistake=True, passphrase_fd=site.secrets["keys"], officer_fd=WORDS)

    assert 3 == ran.code
    assert "mistyped" in ran.err
    assert not (site.out / "sites" / "keys" / ceremony.FILE).exists()


def test_a_forgotten_passphrase_is_replaced_by_two_officers(
    hold: Held, run: Any, site: Any
) -> None:
    ceremony_held(hold, site)
    two = b"the first of three\nthe third of three"

    ran = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako", "--officer", "jiro",
        officer_fd=two, passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=b"a new passphrase").code
    assert 7 == run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"]).code


def test_a_forgotten_passphrase_is_replaced_with_the_sheet(hold: Held, run: Any, site: Any) -> None:
    rows = ceremony_held(hold, site)
    typed = "\n".join(rows).lower().encode()

    ran = run(
        "keys", "recover", "--sheet", "--home", site.office,
        sheet_fd=typed, passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=b"a new passphrase").code


def test_a_lost_officer_is_replaced_by_the_other_two(hold: Held, run: Any, site: Any) -> None:
    old = ceremony_held(hold, site)
    ran, new = hold(
        "keys", "rotate", "--officer", "hanako", "--officer", "taro",
        "--new", "hanako", "--new", "taro", "--new", "saburo",
        officer_fd=b"the first of three\nthe second of three",
        new_fd=b"the first of three\nthe second of three\na third who is new",
    )  # fmt: skip

    assert exits.DONE == ran.code, ran.err
    assert old != new
    assert "saburo" in run("keys", "show", "--home", site.office).out
    refused = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako", "--officer", "jiro",
        officer_fd=b"the first of three\nthe third of three", passphrase_fd=b"x",
    )  # fmt: skip
    assert 9 == refused.code


def test_one_officer_recovers_nothing(hold: Held, run: Any, site: Any) -> None:
    ceremony_held(hold, site)

    ran = run(
        "keys", "recover", "--home", site.office, "--officer", "hanako",
        officer_fd=b"the first of three", passphrase_fd=b"a new passphrase",
    )  # fmt: skip

    assert 9 == ran.code
    assert exits.DONE == run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"]).code


def test_a_machine_that_is_gone_comes_back_from_recovery_backups_and_the_sheet(
    hold: Held, run: Any, site: Any, tmp_path: Path
) -> None:
    typed = "\n".join(ceremony_held(hold, site)).encode()
    for what in ("office", "keys", "wrapping"):
        ran = run("backup", what, tmp_path / what, "--recovery", "--home", site.office)
        assert exits.DONE == ran.code, ran.err
    shutil.rmtree(site.office)
    shutil.rmtree(site.out / "sites" / "keys")

    for what in ("office", "keys", "wrapping"):
        ran = run("restore", tmp_path / what, "--home", site.office, sheet_fd=typed)
        assert exits.DONE == ran.code, ran.err

    assert "not serving" not in ran.err
    ticked = run("tick", "--home", site.office, passphrase_fd=site.secrets["keys"])
    assert exits.DONE == ticked.code, ticked.err
