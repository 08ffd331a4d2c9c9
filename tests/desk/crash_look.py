"""What a program that has just been started finds in a house on disk, for a parent to judge.

Not a test.  Nothing is repaired here; whoever wants that ticks.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.desk import crash_house as houses
from tests.zygote import say

from azukari.carrier.manifest import read_envelope
from azukari.desk.audit import audit
from azukari.errors import AzukariError, NotFound
from azukari.keys.service import grant_key
from azukari.ledger.audit import verify_export
from azukari.seal.grant import open_grant, read_grant
from azukari.shelf import keyring
from azukari.shelf.folder import Folder


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    return read


def look(house: houses.House) -> None:
    """Everything a parent asserts on, read by a program that has just been started."""
    office, keeper = house.office, house.keeper
    keeper.verify()
    exports = (
        (dict(office.export()), office.book.verifier()),
        (dict(keeper.export()), keeper.verifier),
    )
    ledgers = [verify_export(reader(files), vkey) for files, vkey in exports]
    device = houses.open_device(house)
    journal = device.journal.chain.length
    device.close()
    issued = "select act, state, document from 'grant'"
    roll = "select id from roll"
    wrapping = house.home / "sites" / "keys" / "wrapping"
    say(
        "look",
        audit=[f"{found.ledger}: {found.what}" for found in audit(office)],
        office=[[entry.type, entry.act, *entry.refs] for entry in ledgers[0]],
        keys=[[entry.type, entry.act, *entry.refs] for entry in ledgers[1]],
        carriers=rows_of(house, "office", "select id, state, medium from carrier"),
        key_states=dict(rows_of(house, "keys", "select id, state from carrier")),
        grants=[_grant(house, *row) for row in rows_of(house, "office", issued)],
        incidents=rows_of(house, "office", "select act, carriers, state from incident"),
        rolls=[row[0] for row in rows_of(house, "office", roll)],
        roll_folders=sorted(p.name for p in (office.home / "rolls").iterdir()),
        wrapping=sorted(path.name for path in wrapping.iterdir()),
        folders={p.name: _whole(house, p) for p in (house.home / "carriers").iterdir()},
        journal=journal,
    )


def heads(house: houses.House) -> None:
    """How far both ledgers go."""
    with house.office.act() as tx:
        office = house.office.book.head(tx)
    say("heads", office=office.size, keys=house.keeper.head().size)


def _grant(house: houses.House, act: str, state: str, document: bytes | None) -> list[str]:
    """Act, state, one-time key and grant; the device opens it, so it is sealed to that key."""
    if document is None:
        return [act, state, "", ""]
    outer = read_grant(document, grant_key(house.home / "sites" / "keys"))
    one_time = house.device_home / "one-time" / f"{outer.key}.key"
    return [act, state, outer.key, open_grant(outer, keyring.one_time_key(one_time)).grant]


def _whole(house: houses.House, root: Path) -> str:
    """The id of the carrier in a folder, or nothing: without a valid envelope it is none."""
    key = house.office.signers["carrier"].public
    folder = Folder(root)
    try:
        envelope = read_envelope(folder.envelope(), {key.id: key}.get)
        folder.check(envelope)
    except AzukariError:
        return ""
    return envelope.carrier


def rows_of(house: houses.House, site: str, question: str) -> list[tuple[Any, ...]]:
    path = house.home / "sites" / site / f"{site}.db"
    database = sqlite3.connect(path)
    try:
        return database.execute(question).fetchall()
    finally:
        database.close()
