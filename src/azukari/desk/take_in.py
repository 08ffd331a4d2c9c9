"""Take in a roll: read the city's export, refuse what is no row, seal the rest."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pyarrow as pa

from azukari.carrier.counterfoil import ordinals
from azukari.desk.office import Office, new_act
from azukari.errors import BadInput
from azukari.ledger.entry import counts
from azukari.names import new_id
from azukari.roll.columns import FILES, Roll
from azukari.roll.intake import Report, take_in
from azukari.shelf import busy
from azukari.shelf.book import Draft
from azukari.vault import rolls, schema


@dataclass(frozen=True)
class TakenIn:
    """A roll in the office's keeping."""

    roll: str
    report: Report


def take_in_roll(office: Office, folder: Path, by: str) -> TakenIn:
    """Read ``register.csv``, ``tax.csv`` and ``accounts.csv``; seal the roll; one entry.

    Durable when it returns: the sealed files first, then the entry that says so.
    """
    with ExitStack() as stack:
        streams = {}
        for name in FILES:
            path = folder / f"{name}.csv"
            if not path.is_file():
                raise BadInput(path.name, "the file is missing")
            streams[name] = stack.enter_context(path.open("rb"))
        intake = take_in(streams)
    if not intake.report.files["register"].rows_read:
        # Else every row of the other files would be told as of somebody whom nobody knows.
        raise BadInput("register.csv", "it holds a header and no rows")
    roll = intake.roll
    tables = {
        "register": roll.register,
        "tax": roll.tax,
        "accounts": roll.accounts,
        "unsettled": pa.table({"ordinal": pa.array(ordinals(intake.unsettled), pa.int32())}),
        "refusals": _refusals(intake.report),
    }
    digests = {name: file.sha256 for name, file in intake.report.files.items()}
    refused = {name: file.rows_refused for name, file in intake.report.files.items()}
    identifier = keep_tables(
        office,
        tables,
        by,
        kind="roll",
        entry="roll.taken_in",
        n={name: len(tables[name]) for name in FILES},
        detail={"sha256": digests, "refused": refused},
    )
    return TakenIn(identifier, intake.report)


def open_roll(office: Office, identifier: str, by: str) -> Roll:
    """The three tables of a roll, in memory; each opening is an entry of the key service."""
    return Roll(*_open(office, identifier, by, *FILES))


def open_unsettled(office: Office, identifier: str, by: str) -> tuple[Roll, list[int]]:
    """A roll, and the ordinals of those about whom, or about whose household, a row was refused."""
    *tables, unsettled = _open(office, identifier, by, *FILES, "unsettled")
    return Roll(*tables), unsettled.column("ordinal").to_pylist()


def open_table(office: Office, identifier: str, name: str, by: str) -> pa.Table:
    """One sealed table of the office."""
    return _open(office, identifier, by, name)[0]


def _open(office: Office, identifier: str, by: str, *names: str) -> list[pa.Table]:
    key = office.keys.release_to_seal(new_act(), by, identifier)
    return [rolls.read(office.home, identifier, key, name) for name in names]


def _refusals(report: Report) -> pa.Table:
    lines = [(r.file, r.line, r.column, r.reason) for r in report.refusals]
    columns = list(zip(*lines, strict=True)) or [(), (), (), ()]
    types = (pa.string(), pa.int64(), pa.string(), pa.string())
    names = ("file", "line", "column", "reason")
    return pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)})


def keep_tables(
    office: Office,
    tables: Mapping[str, pa.Table],
    by: str,
    *,
    kind: str,
    entry: str,
    n: Mapping[str, int],
    detail: Mapping[str, object],
    of: str | None = None,
) -> str:
    """Seal tables under a new key and record them; returns their id."""
    act, identifier = new_act(), new_id()
    with busy.at_work(office.home):
        office.keys.create(act, by, identifier, None)
        key = office.keys.release_to_seal(act, by, identifier)
        rolls.keep(office.home, identifier, key, tables)
        rows = {name: len(table) for name, table in tables.items()}
        with office.act(permits=True) as tx:
            tx.execute(
                schema.roll.insert().values(
                    id=identifier,
                    act=act,
                    kind=kind,
                    of=of,
                    at=office.now(),
                    rows=msgspec.json.encode(rows),
                )
            )
            refs = (identifier,) if of is None else (identifier, of)
            other = office.keys_head(tx)
            draft = Draft(act, entry, by, refs, n=counts(**n), detail=detail, other=other)
            office.write(tx, draft)
    return identifier
