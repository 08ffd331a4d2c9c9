"""Measures: every control that fails opens one, and a second person says whether it was enough.

They are opened from the ledgers themselves, up to where each was looked through before: what was
written down cannot fail to open one.  While a measure stands open, the same failure of the same
thing opens no second.  One that is late raises the alarm like everything else that is due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from azukari.desk import tasks
from azukari.desk.office import Office, new_act
from azukari.errors import Conflict, LedgerBroken, NotFound, Refused
from azukari.incident import measures
from azukari.incident.measures import Measure, Word
from azukari.ledger.entry import Entry, decode
from azukari.names import new_id
from azukari.shelf.book import Draft
from azukari.vault import records, schema

DUE: Final = "measure"
_READS: Final = frozenset({"carrier.inspected", "alarm.raised", "custody.refused", "grant.refused"})


def gather(office: Office) -> list[str]:
    """Open a measure for every control that failed since the last time; one transaction.

    Returns their ids.  Safe to repeat.
    """
    with office.act() as tx:
        upto = {row.ledger: row.upto for row in tx.execute(select(schema.measured)).all()}
        own_from, keys_from = upto.get("office", 0), upto.get("keys", 0)
        own_to, keys_to = office.book.head(tx).size, office.copy.head(tx).size
        found = [*_office(office, tx, own_from, own_to), *_keys(tx, keys_from, keys_to)]
        opened = [one for entry, code in found if (one := _open(office, tx, entry, code))]
        _looked(tx, "office", own_to)
        _looked(tx, "keys", keys_to)
    return opened


def measures_of(office: Office) -> list[Measure]:
    """Every measure, the oldest first."""
    rows = schema.measure
    with office.act() as tx:
        found = tx.execute(select(rows).order_by(rows.c.opened_at, rows.c.id)).all()
        return [_measure(office, tx, row) for row in found]


def done(office: Office, measure: str, by: str, evidence: str) -> str:
    """Somebody says that it was done, and what shows it; one entry, the words in its detail."""
    evidence = tasks.written(evidence)
    with office.act() as tx:
        row = _still_open(tx, measure)
        if row.done_at is not None:
            raise Conflict("this measure is done: it waits for another person")
        entry = _write(office, tx, "measure.done", by, row, {"evidence": evidence})
        _change(tx, row.id, done_by=by, done_at=office.now(), done_entry=entry)
    return str(row.id)


def check(office: Office, measure: str, by: str, text: str, *, enough: bool) -> str:
    """Another person looks again: enough, and it is closed; not enough, and it is open again."""
    text = tasks.written(text)
    with office.act() as tx:
        row = _still_open(tx, measure)
        if row.done_at is None:
            raise Conflict("nobody has said yet that this measure is done")
        if row.done_by == by:
            raise Refused("checking a measure", ("measure_checked_by_its_doer",))
        kind = "measure.closed" if enough else "measure.reopened"
        entry = _write(office, tx, kind, by, row, {"found": text})
        now = office.now()
        if enough:
            _change(tx, row.id, closed_by=by, closed_at=now, closed_entry=entry)
            records.settle(tx, row.id, now)
        else:
            _change(tx, row.id, done_by=None, done_at=None, done_entry=None)
    return str(row.id)


def _office(office: Office, tx: Connection, start: int, end: int) -> list[tuple[Entry, str]]:
    found = []
    for i, line in enumerate(office.book.entries(tx, start, end), start):
        entry = decode(line)
        said: dict[str, Any] = {}
        # A detail that is broken is the audit's to name; the failure asks for its measure anyway.
        with suppress(LedgerBroken):
            said = tasks.detail(office, tx, i) if entry.type in _READS else {}
        found += [(entry, code) for code in measures.controls(entry.type, said, entry.at)]
    return found


def _keys(tx: Connection, start: int, end: int) -> list[tuple[Entry, str]]:
    """Refusals of the key service that no grant of the office tells of: it keeps their reasons."""
    lines = records.keys_entries(tx)[start:end] if end > start else []
    asked = set(tx.execute(select(schema.grant.c.act)).scalars())
    entries = (decode(line) for line in lines)
    return [
        (entry, code)
        for entry in entries
        if entry.type == "key.refused" and entry.act not in asked
        for code in measures.controls(entry.type, {}, entry.at)
    ]


def _open(office: Office, tx: Connection, cause: Entry, code: str) -> str | None:
    """Open one, unless the same stands open; its entry names what failed, its detail why."""
    rows, control = schema.measure, measures.table()[code]
    subject = cause.refs[0] if cause.refs else cause.by
    same = (rows.c.control == code) & (rows.c.subject == subject) & rows.c.closed_at.is_(None)
    if tx.execute(select(rows.c.id).where(same)).first() is not None:
        return None
    now, measure = office.now(), new_id()
    due_at = now + control.days * measures.DAY_MS
    tx.execute(
        rows.insert().values(
            id=measure,
            control=code,
            subject=subject,
            owner=control.owner,
            opened_at=now,
            due_at=due_at,
        )
    )
    records.set_due(tx, measure, DUE, due_at)
    detail = {"cause": cause.act, "control": code, "due_at": due_at, "owner": control.owner}
    refs = (measure, subject)
    office.write(tx, Draft(new_act(), "measure.opened", office.city, refs, detail=detail))
    return measure


def _looked(tx: Connection, ledger: str, upto: int) -> None:
    rows = schema.measured
    mine = rows.c.ledger == ledger
    if not tx.execute(rows.update().where(mine).values(upto=upto)).rowcount:
        tx.execute(rows.insert().values(ledger=ledger, upto=upto))


def _still_open(tx: Connection, beginning: str) -> Row[Any]:
    """The one measure whose id begins so, if it is not closed."""
    rows = schema.measure
    known: Sequence[Row[Any]] = tx.execute(select(rows)).all()
    fitting = [row for row in known if beginning and row.id.startswith(beginning.lower())]
    if len(fitting) != 1:
        raise NotFound("there is no such measure, or several that begin so")
    if fitting[0].closed_at is not None:
        raise Conflict("this measure is closed")
    return fitting[0]


def _write(
    office: Office, tx: Connection, kind: str, by: str, row: Row[Any], said: Mapping[str, str]
) -> int:
    """One entry about a measure; its number in the ledger."""
    entry = office.book.head(tx).size
    office.write(tx, Draft(new_act(), kind, by, (row.id, row.subject), detail=said))
    return entry


def _change(tx: Connection, measure: str, **values: object) -> None:
    tx.execute(schema.measure.update().where(schema.measure.c.id == measure).values(**values))


def _measure(office: Office, tx: Connection, row: Row[Any]) -> Measure:
    def word(by: str | None, at: int | None, entry: int | None, name: str) -> Word | None:
        if by is None or at is None:
            return None
        return Word(by, at, tasks.detail(office, tx, entry).get(name, ""))

    return Measure(
        id=row.id,
        control=row.control,
        subject=row.subject,
        owner=row.owner,
        opened_at=row.opened_at,
        due_at=row.due_at,
        done=word(row.done_by, row.done_at, row.done_entry, "evidence"),
        checked=word(row.closed_by, row.closed_at, row.closed_entry, "found"),
    )
