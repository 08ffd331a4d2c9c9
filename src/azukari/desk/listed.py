"""Who the office's witnesses are, held against the entries that added and removed them.

What stands in the rows and in no entry was put there, and what stands in an entry and in no row was
taken away, by somebody who can write to the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Connection

from azukari.desk import tasks
from azukari.desk.office import Office
from azukari.errors import BadFormat
from azukari.ledger.acts import CHANGED, Finding
from azukari.ledger.cosign import parse_witness
from azukari.ledger.entry import Entry, decode
from azukari.vault import cosigned

BY: Final = "its own entries"


def differences(office: Office) -> list[Finding]:
    """Every witness that the entries do not bear out."""
    with office.act() as tx:
        entries: dict[int, Entry] = {}
        for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
            with suppress(BadFormat):  # what is no entry is named where the ledger itself is read
                entries[i] = decode(line)
        return list(_witnesses(office, tx, entries))


def _witnesses(office: Office, tx: Connection, entries: Mapping[int, Entry]) -> Iterator[Finding]:
    """As they were added and removed; nothing is said where a detail of that is gone."""
    said: dict[str, tuple[int, dict[str, Any]]] = {}
    for i, entry in entries.items():
        if entry.type not in ("witness.added", "witness.removed"):
            continue
        detail = tasks.detail(office, tx, i)
        if not detail:
            return  # which is a finding of its own, or was done by two persons
        if entry.type == "witness.added":
            said[detail["vkey"]] = i, detail
        else:
            said.pop(detail["vkey"], None)
    asked = {row.vkey: row for row in cosigned.witnesses(tx)}
    for vkey, (i, detail) in said.items():
        name, row = parse_witness(vkey).name, asked.pop(vkey, None)
        if row is None:
            what = f"witness {name} is asked no more, and no entry says that it was removed"
            yield Finding("office", i, what, BY, CHANGED)
        elif (row.url, bool(row.own)) != (detail["url"], detail["own"]):
            what = f"witness {name} is asked elsewhere, or as another's, than this entry says"
            yield Finding("office", i, what, BY, CHANGED)
    for row in asked.values():
        what = f"witness {row.name} is asked, and no entry says that it was added"
        yield Finding("office", -1, what, BY, CHANGED)
