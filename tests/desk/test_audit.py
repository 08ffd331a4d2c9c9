"""The audit: both ledgers whole, and what it says of each way to change them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from azukari.desk import audit, witnesses
from azukari.errors import BadFormat
from azukari.ledger import acts
from azukari.ledger.acts import Finding
from azukari.ledger.checkpoint import Checkpoint, sign_note
from azukari.ledger.entry import decode
from azukari.shelf.checkpoints import Store
from azukari.vault import schema
from azukari.witness.site import create, open_site


def whats(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings]


def test_a_lawful_evening_has_no_findings(at_six: Any) -> None:
    at_six.ask()
    at_six.lose()

    assert [] == audit.audit(at_six.office)


def test_attack_the_offices_copy_of_the_keys_entries_is_edited(at_six: Any) -> None:
    at_six.ask()
    rows = schema.keys_ledger.entry
    with at_six.office.act() as tx:
        last = tx.execute(select(rows).order_by(rows.c.i.desc())).first()
        assert last is not None
        tx.execute(rows.update().where(rows.c.i == last.i).values(body=last.body[:-1] + b" "))

    [found] = audit.audit(at_six.office)

    assert (last.i, "the office's copy") == (found.index, found.by)
    assert "differs from the office's copy: edited" in found.what
    assert found.what.endswith("the copy is not what was quoted")


def test_attack_the_key_services_ledger_is_shorter_than_the_offices_copy(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_six.ask()
    shorter = at_six.keeper.entries(0)[:-1]
    monkeypatch.setattr(at_six.keeper, "entries", lambda _: shorter)

    [found] = audit.audit(at_six.office)

    assert (len(shorter), acts.RESTORED) == (found.index, found.see)
    assert f"its tail was dropped: {len(shorter) + 1} entries were there" in found.what
    assert found.what.endswith("the copy is what was quoted")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda lines: [lines[1], lines[0], *lines[2:]], "reordered: what was entry 1 stands here"),
        (lambda lines: lines[1:], "taken out: key.created was there"),
    ],
)
def test_attack_entries_of_the_keys_moved_or_taken_out(
    change: Any, what: str, at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = change(at_six.keeper.entries(0))
    monkeypatch.setattr(at_six.keeper, "entries", lambda _: changed)

    found = audit.audit(at_six.office)[0]

    assert (0, "the office's copy") == (found.index, found.by)
    assert what in found.what
    assert found.what.endswith("the copy is what was quoted")


@pytest.fixture
def stored(city: Any, tmp_path: Path) -> dict[Any, Store]:
    """A store that was shown both heads."""
    stores: dict[Any, Store] = {
        "office": Store(tmp_path, city.office.book.verifier()),
        "keys": Store(tmp_path, city.keeper.verifier),
    }
    for which, store in stores.items():
        store.put_back(witnesses.head(city.office, which))
    return stores


def test_attack_a_row_edited_behind_every_detail(city: Any, stored: Any) -> None:
    """An entry without a detail, in no full tile: the rows know that, the store from where."""
    rows = schema.ledger.entry
    with city.office.act() as tx:
        lines = [
            bytes(body) for body in tx.execute(select(rows.c.body).order_by(rows.c.i)).scalars()
        ]
        i = next(i for i, line in enumerate(lines) if decode(line).commit is None)
        line = lines[i].replace(decode(lines[i]).by.encode(), city.city.encode())
        line = line.replace(b'"n":{}', b'"n":{"rows":10}')
        tx.execute(rows.update().where(rows.c.i == i).values(body=line))

    found = {one.by: one for one in audit.audit(city.office, stored)}

    assert f"head: its root is not that of its {len(lines)} entries" == found["its own rows"].what
    shown = found["the checkpoint store"]
    assert ("office", acts.CHANGED) == (shown.ledger, shown.see)
    assert (
        f"another history was shown, first in one of the entries 0 to {len(lines) - 1}"
        == shown.what
    )


def test_attack_an_older_copy_put_back_is_named_with_its_end(
    city: Any, tmp_path: Path, stored: Any
) -> None:
    size = len(city.entries("office"))
    later = Checkpoint(city.office.book.origin, size + 2, bytes(32))
    note = sign_note(city.office.book._signer, later.text())
    stored["office"].put_back(note)

    [found] = audit.audit(city.office, stored)

    what = f"its tail was dropped: {size + 2} entries were shown, {size} are here"
    assert (size, what) == (found.index, found.what)
    assert ("the checkpoint store", acts.RESTORED) == (found.by, found.see)


def test_attack_the_store_taken_away(city: Any, tmp_path: Path) -> None:
    stores: Any = {"office": Store(tmp_path / "none", city.office.book.verifier())}

    [found] = audit.audit(city.office, stores)

    assert ("office", acts.STORE_LOST) == (found.ledger, found.see)


def test_a_witness_says_between_which_entries_another_history_begins(
    city: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(tmp_path / "w", "w.example")
    site = open_site(tmp_path / "w", "w.example", city.clock.now)
    site.add_log(city.keeper.verifier, heartbeat=False)
    witnesses.add(city.office, site.witness.vkey(), "", False, city.person("officer"))
    asked = witnesses.request(city.office, "w.example", "keys")
    witnesses.take(city.office, site.cosign(asked).lines)
    lines = city.keeper.entries(0)
    changed = [
        *lines[:-1],
        lines[-1].replace(b'"refs":["', b'"refs":["0000000000000000000000000a","'),
    ]
    monkeypatch.setattr(city.keeper, "entries", lambda _: changed)

    found = {one.by: one for one in audit.audit(city.office)}

    assert {"the office's copy", "witness w.example"} == set(found)
    assert f"first in one of the entries 0 to {len(lines) - 1}" in found["witness w.example"].what
    assert "edited: " in found["the office's copy"].what
    assert "another in refs" in found["the office's copy"].what


def _witness(city: Any, tmp_path: Path) -> str:
    vkey = create(tmp_path / "w", "w.example").vkey()
    witnesses.add(city.office, vkey, "https://w.example", False, city.person("officer"))
    return vkey


def test_a_witness_that_was_removed_by_an_entry_is_no_finding(city: Any, tmp_path: Path) -> None:
    _witness(city, tmp_path)
    assert [] == audit.audit(city.office)
    witnesses.remove(city.office, "w.example", city.person("officer"), "it lost its memory")

    assert [] == audit.audit(city.office)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (schema.witness.delete(), "w.example is asked no more, and no entry says"),
        (schema.witness.update().values(own=1), "w.example is asked elsewhere, or as another's"),
        (schema.witness.update().values(url=""), "w.example is asked elsewhere, or as another's"),
    ],
)
def test_attack_the_list_of_witnesses_is_edited_by_hand(
    change: Any, what: str, city: Any, tmp_path: Path
) -> None:
    _witness(city, tmp_path)
    with city.office.act() as tx:
        tx.execute(change)

    [found] = audit.audit(city.office)

    last = len(city.types("office")) - 1
    assert ("office", last, "its own entries") == (found.ledger, found.index, found.by)
    assert what in found.what


def test_attack_a_witness_put_into_the_list_by_hand(city: Any, tmp_path: Path) -> None:
    vkey = create(tmp_path / "w", "w.example").vkey()
    row = {"vkey": vkey, "name": "w.example", "url": "", "own": 0, "by": city.city, "added_at": 1}
    with city.office.act() as tx:
        tx.execute(schema.witness.insert().values(row))

    [found] = audit.audit(city.office)

    assert (-1, "its own entries") == (found.index, found.by)
    assert "no entry says that it was added" in found.what


@pytest.mark.parametrize("which", ["office", "keys"])
def test_attack_a_detail_emptied_without_the_act(which: str, city: Any) -> None:
    path = city.office_home / "office.db" if which == "office" else city.keys_home / "keys.db"
    last = "SELECT max(i) FROM detail"
    with closing(sqlite3.connect(path)) as db:
        [i] = db.execute(last).fetchone()
        db.execute(f"UPDATE detail SET salt = NULL, body = NULL, erased = 1 WHERE i = ({last})")
        db.commit()

    [found] = audit.audit(city.office, keys=city.keeper)

    assert (which, i, "its own entries") == (found.ledger, found.index, found.by)
    assert "no list that two persons signed names it" in found.what


def test_attack_rows_of_the_keys_ledger_that_no_entry_shows(city: Any) -> None:
    """Its entries are as the office copied them; only its own rows can tell."""
    with closing(sqlite3.connect(city.keys_home / "keys.db")) as db:
        db.execute("UPDATE head SET frontier = zeroblob(8)")
        db.commit()

    assert [] == audit.audit(city.office)
    [found] = audit.audit(city.office, keys=city.keeper)

    assert ("keys", "its own rows") == (found.ledger, found.by)


def test_every_finding_leads_to_a_section_that_is_there() -> None:
    page = (Path(__file__).parents[2] / "docs" / "operate.md").read_text("utf-8")

    for section in (acts.CHANGED, acts.RESTORED, acts.STORE_LOST, acts.UNPAIRED, "Witnesses"):
        assert f"# {section}\n" in page


def test_attack_entries_that_are_not_those_of_the_signed_head(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added after the office's copy, so that only the head can tell."""
    lines = at_six.keeper.entries(0)
    monkeypatch.setattr(at_six.keeper, "entries", lambda _: [*lines[:-1], lines[0]])
    with at_six.office.act() as tx:
        tx.execute(
            schema.keys_ledger.entry.delete().where(schema.keys_ledger.entry.c.i >= len(lines) - 1)
        )

    found = whats(audit.audit(at_six.office))

    assert "the head of the keys' ledger is not of its entries" in found


def test_attack_an_entry_of_the_offices_ledger_is_edited(at_six: Any) -> None:
    entry_ = schema.ledger.entry
    with at_six.office.act() as tx:
        tx.execute(entry_.update().where(entry_.c.i == 3).values(body=b"{}"))

    found = audit.audit(at_six.office)

    assert any(finding.ledger == "office" for finding in found)
    with pytest.raises(BadFormat):
        at_six.entries("office")
