"""What the rows of an incident say, held against the entries that they were written with.

Whoever can write to the database can change a row; an entry they cannot change unnoticed.  So no
page tells from rows who knew when, what people stated, which duty was answered or that it is over,
where the entries say something else; the audit names each difference.

An entry whose detail was erased, or lost with a database, still says who and when, and not what.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from azukari.desk import tasks
from azukari.desk.loss import Declared
from azukari.desk.office import Office
from azukari.errors import BadFormat, LedgerBroken
from azukari.ledger.acts import Finding
from azukari.ledger.entry import Entry, decode
from azukari.vault import schema

_LOST: Final = "an incident's row says something else than the loss that was recorded"
_STATE: Final = "an incident's row is open or closed, and its entries say otherwise"
_STATED: Final = "what people stated of an incident is not what they were recorded to say"
_ANSWERED: Final = "the answer to a duty is not the one that was recorded"
_TASK: Final = "a task is done, and no entry says so"
_MEASURE: Final = "a measure is done or closed, and no entry says so"
_GONE: Final = "an incident was opened and has no row any more"

Own = Sequence[tuple[int, Entry]]


def differences(office: Office) -> list[Finding]:
    """Every row of a loss that its entries do not bear out; by number of the entry, -1 for none."""
    with office.act() as tx:
        own = _own(office, tx)
        rows = tx.execute(select(schema.incident)).all()
        found = [one for row in rows for one in _of_incident(office, tx, own, row)]
        known = {row.id for row in rows}
        for i, entry in own:
            if entry.type == "incident.opened" and entry.refs[0] not in known:
                found.append(Finding("office", i, _GONE))
        return [*found, *_measures(tx, own)]


def must_agree(office: Office, incident: str) -> None:
    """`LedgerBroken` where the rows of this incident say something else than its entries."""
    with office.act() as tx:
        row = tx.execute(select(schema.incident).where(schema.incident.c.id == incident)).one()
        for one in _of_incident(office, tx, _own(office, tx), row):
            raise LedgerBroken(one.what)


def _own(office: Office, tx: Connection) -> Own:
    found = []
    for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
        with suppress(BadFormat):  # what is no entry is named where the ledger itself is read
            found.append((i, decode(line)))
    return found


def _of_incident(office: Office, tx: Connection, own: Own, row: Row[Any]) -> Iterator[Finding]:
    yield from _lost(office, tx, own, row)
    yield from _state(office, tx, own, row)
    yield from _stated(office, tx, own, row.id)
    yield from _answers(office, tx, own, row.id)
    yield from _tasks(tx, own, row.id)


def _lost(office: Office, tx: Connection, own: Own, row: Row[Any]) -> Iterator[Finding]:
    """The newest word on how it was lost; the carriers are those that the incident opened with."""
    said = msgspec.json.decode(row.declared, type=Declared)
    carriers = tuple(row.carriers.split())
    lost = [(i, e) for i, e in own if e.act == row.act and e.type == "carrier.lost"]
    opened = [e.refs for _, e in own if e.act == row.act and e.type == "incident.opened"]
    if not lost or (row.id, *carriers) not in opened:
        yield Finding("office", -1, _LOST)
        return
    i, entry = lost[-1]
    detail = tasks.detail(office, tx, i)
    told = {name: value for name, value in detail.items() if name != "revoked"}
    as_told = {k: v for k, v in msgspec.to_builtins(said).items() if v is not None}
    heads = (entry.by, entry.happened, entry.refs) == (said.by, said.known_at, carriers)
    if not heads or (detail and told != as_told):
        yield Finding("office", i, _LOST)


def _state(office: Office, tx: Connection, own: Own, row: Row[Any]) -> Iterator[Finding]:
    closed = [i for i, e in own if e.type == "incident.closed" and e.refs[0] == row.id]
    if row.state == "closed" and not closed:
        yield Finding("office", -1, _STATE)
    if row.state != "closed" and any(tasks.detail(office, tx, i) for i in closed):
        yield Finding("office", closed[-1], _STATE)


def _stated(office: Office, tx: Connection, own: Own, incident: str) -> Iterator[Finding]:
    rows = schema.stated
    mine = select(rows).where(rows.c.incident == incident).order_by(rows.c.n)
    have = [(row.by, row.party, row.question, row.answer) for row in tx.execute(mine).all()]
    entries = [(i, e) for i, e in own if e.type == "incident.stated" and e.refs[0] == incident]
    said = [
        (e.by, "".join(e.refs[1:]), detail["question"], detail["answer"])
        for i, e in entries
        if (detail := tasks.detail(office, tx, i))
    ]
    left = iter(have)
    # Each in its turn; where details are gone there may be more rows than words, never fewer.
    if len(have) > len(entries) or not all(one in left for one in said):
        yield Finding("office", entries[-1][0] if entries else -1, _STATED)


def _answers(office: Office, tx: Connection, own: Own, incident: str) -> Iterator[Finding]:
    rows, entries = schema.duty_answer, dict(own)
    mine = tx.execute(select(rows).where(rows.c.incident == incident)).all()
    for row in mine:
        entry, detail = entries.get(row.entry), tasks.detail(office, tx, row.entry)
        told = (detail.get("duty", row.duty), detail.get("said", row.said))
        same = entry is not None and (entry.type, entry.by) == ("duty.answered", row.by)
        if not same or entry is None or entry.refs[0] != incident or told != (row.duty, row.said):
            yield Finding("office", row.entry, _ANSWERED)
    known = {row.entry for row in mine}
    for i, e in own:
        gone = e.type == "duty.answered" and e.refs[0] == incident and i not in known
        if gone and tasks.detail(office, tx, i):
            yield Finding("office", i, _ANSWERED)


def _tasks(tx: Connection, own: Own, incident: str) -> Iterator[Finding]:
    rows = schema.task
    done = {(e.refs[1], e.by) for _, e in own if e.type == "task.done" and e.refs[0] == incident}
    mine = tx.execute(select(rows).where(rows.c.incident == incident)).all()
    for row in mine:
        if row.done_at is not None and (row.id, row.done_by) not in done:
            yield Finding("office", -1, _TASK)


def _measures(tx: Connection, own: Own) -> Iterator[Finding]:
    entries = dict(own)
    for row in tx.execute(select(schema.measure)).all():
        for kind, by, at in (
            ("measure.done", row.done_by, row.done_entry),
            ("measure.closed", row.closed_by, row.closed_entry),
        ):
            entry = None if at is None else entries.get(at)
            same = entry is not None and (entry.type, entry.by, entry.refs[0]) == (kind, by, row.id)
            if by is not None and not same:
                yield Finding("office", -1 if at is None else at, _MEASURE)
