"""What is to be done after a loss, by whom and by when: rows, due times, and who did it.

The checklist itself is incident/tasks.py; what law sets is in respond.py.  A task that is late
raises the alarm like everything else that is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from azukari.desk.office import Office, new_act
from azukari.errors import BadInput, Conflict, NotFound
from azukari.incident import tasks as checklist
from azukari.names import new_id
from azukari.shelf.book import Draft
from azukari.vault import records, schema

DUE: Final = "task"
MOST_LETTERS: Final = 2_000


@dataclass(frozen=True)
class Task:
    """One thing to do; ``text`` is of the checklist, or what somebody wrote, or empty if erased."""

    id: str
    code: str
    ja: str
    en: str
    owner: str
    due_at: int
    done_at: int | None
    done_by: str | None


def begin(tx: Connection, incident: str, at: int) -> None:
    """The checklist of a new incident, in the transaction that opens it."""
    for one in checklist.load():
        _insert(tx, incident, one.code, one.owner, one.due_at(at), None)


def tasks_of(office: Office, incident: str) -> list[Task]:
    """Every task of an incident, in the order in which they fall due."""
    rows = schema.task
    with office.act() as tx:
        mine = select(rows).where(rows.c.incident == incident)
        found = [_task(office, tx, row) for row in tx.execute(mine).all()]
    listed = {one.code: place for place, one in enumerate(checklist.load())}
    return sorted(found, key=lambda one: (one.due_at, listed.get(one.code, len(listed)), one.id))


def add(office: Office, incident: str, by: str, text: str, owner: str, due_at: int) -> str:
    """One more task, in a person's words; one entry, the words in its detail."""
    text = written(text)
    if owner not in checklist.OWNERS:
        raise BadInput("owner", f"one of {', '.join(checklist.OWNERS)} is expected")
    if due_at <= office.now():
        raise BadInput("due time", "it is past")
    with office.act() as tx:
        must_be_open(tx, incident)
        entry = office.book.head(tx).size
        task = _insert(tx, incident, "", owner, due_at, entry)
        detail = {"due_at": due_at, "owner": owner, "text": text}
        office.write(tx, Draft(new_act(), "task.added", by, (incident, task), detail=detail))
    return task


def done(office: Office, incident: str, task: str, by: str) -> str:
    """Somebody did a task, named by its code or the beginning of its id; one entry."""
    rows = schema.task
    with office.act() as tx:
        must_be_open(tx, incident)
        mine = tx.execute(select(rows).where(rows.c.incident == incident)).all()
        fitting = [row for row in mine if task and (row.code == task or row.id.startswith(task))]
        if len(fitting) != 1:
            raise NotFound("the incident has no such task, or several that begin so")
        (row,) = fitting
        if row.done_at is not None:
            raise Conflict("this task is done already")
        now = office.now()
        change = rows.update().where(rows.c.id == row.id).values(done_at=now, done_by=by)
        tx.execute(change)
        records.settle(tx, row.id, now)
        detail = {"code": row.code} if row.code else None
        office.write(tx, Draft(new_act(), "task.done", by, (incident, row.id), detail=detail))
    return str(row.id)


def leave(tx: Connection, incident: str, at: int) -> list[str]:
    """Nothing more is due of an incident that is closed; the codes or ids of what was left."""
    rows = schema.task
    open_ = select(rows).where((rows.c.incident == incident) & rows.c.done_at.is_(None))
    found = tx.execute(open_.order_by(rows.c.due_at, rows.c.id)).all()
    for row in found:
        records.settle(tx, row.id, at)
    return [row.code or row.id for row in found]


def must_be_open(tx: Connection, incident: str) -> Row[Any]:
    """The row of an incident to which something may still be added."""
    rows = schema.incident
    row = tx.execute(select(rows).where(rows.c.id == incident)).one_or_none()
    if row is None:
        raise NotFound("the office knows no such incident")
    if row.state == "closed":
        raise Conflict("this incident is closed")
    return row


def written(text: str) -> str:
    """What a person wrote, of a length that fits; an empty one is refused."""
    text = text.strip()
    if not 0 < len(text) <= MOST_LETTERS:
        raise BadInput("text", f"1 to {MOST_LETTERS:,} letters are expected")
    return text


def detail(office: Office, tx: Connection, entry: int | None) -> dict[str, Any]:
    """What an entry commits to; empty where it has nothing, or it was erased."""
    if entry is None:
        return {}
    try:
        return office.book.detail(tx, entry) or {}
    except NotFound:
        return {}


def _insert(
    tx: Connection, incident: str, code: str, owner: str, due_at: int, entry: int | None
) -> str:
    task = new_id()
    tx.execute(
        schema.task.insert().values(
            id=task, incident=incident, code=code, owner=owner, due_at=due_at, entry=entry
        )
    )
    records.set_due(tx, task, DUE, due_at)
    return task


def _task(office: Office, tx: Connection, row: Row[Any]) -> Task:
    own = detail(office, tx, row.entry).get("text", "")
    return Task(
        id=row.id,
        code=row.code,
        ja=checklist.text(row.code, "ja") if row.code else own,
        en=checklist.text(row.code, "en") if row.code else own,
        owner=row.owner,
        due_at=row.due_at,
        done_at=row.done_at,
        done_by=row.done_by,
    )
