"""``azukari ledger``: an auditor's questions, answered with an exit code."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from azukari import settings
from azukari.cli import exits
from azukari.errors import LedgerFork
from azukari.keys import service
from azukari.names import new_id

AT = 1_655_811_300_000  # 20:35 of the story


def test_an_audit_with_findings_is_a_no(run: Any, site: Any) -> None:
    """A key that was made for nothing on record: the office's half of the act is missing."""
    found = settings.load(site.office)
    keeper = service.open_keys(
        settings.keys_home(site.office, found),
        site.secrets["keys"],
        lambda: AT,
        settings.checkpoint_store(site.office, found),
    )
    keeper.create(new_id(), found.city, new_id(), None)
    keeper.close()

    ran = run("ledger", "audit", "--home", site.office, "--json")

    assert exits.NO == ran.code
    assert "azukari: 1 findings\n" == ran.err
    told = json.loads(ran.out)
    assert "one machine, no witness" == told["setup"]
    assert "keys" == told["findings"][0]["ledger"]
    assert "key.created" in told["findings"][0]["what"]


@pytest.fixture
def exported(run: Any, site: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    assert 0 == run("ledger", "export", folder, "--home", site.office).code
    return folder


def test_an_export_is_verified_without_any_home(run: Any, exported: Path) -> None:
    for name in ("office", "keys"):
        ran = run("ledger", "verify", exported / name, "--vkey", exported / name / "vkey", "--json")

        assert 0 == ran.code, ran.err
        assert json.loads(ran.out)["log"].endswith(name)


def test_one_flipped_byte_anywhere_in_an_export_is_noticed(run: Any, exported: Path) -> None:
    folder = exported / "office"
    vkey = (folder / "vkey").read_text().strip()
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "vkey"]

    for path in files:
        whole = path.read_bytes()
        path.write_bytes(whole[:-2] + bytes((whole[-2] ^ 1,)) + whole[-1:])
        ran = run("ledger", "verify", folder, "--vkey", vkey)
        path.write_bytes(whole)

        assert ran.code in (4, 8, 16), path
        assert ran.out == ""
    assert 0 == run("ledger", "verify", folder, "--vkey", vkey).code


@pytest.mark.parametrize("vkey", ["", "a+b+c", "/nowhere/at/all"])
def test_a_verifier_that_is_none_is_refused(vkey: str, run: Any, exported: Path) -> None:
    assert run("ledger", "verify", exported / "office", "--vkey", vkey).code in (3, 4)


def test_a_folder_with_something_in_it_is_not_exported_into(run: Any, exported: Path) -> None:
    assert 11 == run("ledger", "export", exported, "--home", exported.parent / "site").code


def test_attack_a_row_edited_where_no_program_may_work_any_more(run: Any, site: Any) -> None:
    """The store refuses every other command; the audit opens all the same and names it."""
    changed = """replace(CAST(body AS TEXT), '"n":{}', '"n":{"a":10}')"""
    edit = f"UPDATE entry SET body = CAST({changed} AS BLOB) WHERE i = 1"
    with contextlib.closing(sqlite3.connect(site.office / "office.db")) as rows:
        rows.execute(edit)
        rows.commit()

    refused = run("ledger", "show", "--home", site.office)
    ran = run("ledger", "audit", "--home", site.office)

    assert exits.CODES[LedgerFork] == refused.code
    assert exits.NO == ran.code
    assert "noticed by the checkpoint store; docs/operate.md, “When a ledger was" in ran.out
    assert "another history was shown, first in one of the entries" in ran.out
    assert run("ledger", "audit", "--home", site.office, "--json").out.startswith("{")


def test_the_diary_names_people_and_carriers_and_json_has_the_ids(run: Any, site: Any) -> None:
    shown = run("ledger", "show", "--type", "carrier.sealed", "--home", site.office)
    raw = run("ledger", "show", "--type", "carrier.sealed", "--home", site.office, "--json")

    for label in site.labels:
        assert label in shown.out
        assert label not in raw.out
    assert {"carrier.sealed"} == {entry["type"] for entry in json.loads(raw.out)}


def test_the_last_entries_are_the_newest(run: Any, site: Any) -> None:
    every = json.loads(run("ledger", "show", "--json", "--home", site.office).out)

    newest = json.loads(run("ledger", "show", "--last", 3, "--json", "--home", site.office).out)

    assert every[-3:] == newest


@pytest.mark.skipif(sys.platform == "win32", reason="such a name cannot be a folder's there")
def test_attack_a_folder_named_to_move_the_cursor(run: Any, site: Any, tmp_path: Path) -> None:
    ran = run("ledger", "export", tmp_path / "a\x1b[2Jb", "--home", site.office)

    assert 0 == ran.code, ran.err
    assert "\x1b" not in ran.out + ran.err
    assert "\\u001b[2Jb" in ran.out
