"""The office's rows about what is late: who was told, what is to be sent, where people are reached.

Every function works in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from azukari.errors import NotFound
from azukari.incident.overdue import Rung
from azukari.vault import schema

MAIL: Final = "mail"
WEBHOOK: Final = "webhook"
NEVER: Final = 0  # done: taken back
DAY: Final = 86_400_000  # ms


def ring(
    tx: Connection,
    due: Row[Any],
    act: str,
    rung: Rung,
    people: Sequence[str],
    at: int,
    next_at: int | None,
) -> None:
    """One rung was told; a second alarm of a row at one level is a `Conflict`."""
    tx.execute(
        schema.alarm.insert().values(
            act=act, due=due.n, level=due.level, rung=rung, people=" ".join(people), at=at
        )
    )
    values = {"level": due.level + 1, "next_at": next_at, "alarm": due.alarm or act}
    tx.execute(schema.due.update().where(schema.due.c.n == due.n).values(values))


def alarm(tx: Connection, act: str) -> Row[Any]:
    """One alarm with what is due."""
    question = _alarms().where(schema.alarm.c.act == act)
    found = tx.execute(question).one_or_none()
    if found is None:
        raise NotFound("the office knows no such alarm")
    return found


def open_alarms(tx: Connection) -> Sequence[Row[Any]]:
    """What was raised and is neither done nor answered: the newest alarm of each, oldest first."""
    rows, due, said = schema.alarm.c, schema.due.c, schema.answer.c
    told = schema.alarm.alias()
    # Not always the level below: a rung that a party's own answer left out has no alarm.
    newest = select(func.max(told.c.level)).where(told.c.due == due.n).scalar_subquery()
    question = _alarms().where(due.done.is_(None), said.due.is_(None), rows.level == newest)
    return tx.execute(question.order_by(rows.at, due.n)).all()


def answer(tx: Connection, due: int, by: str, at: int, envelope: bytes) -> None:
    """Somebody has taken it up: nobody further is told."""
    tx.execute(schema.answer.insert().values(due=due, by=by, at=at, envelope=envelope))
    tx.execute(schema.due.update().where(schema.due.c.n == due).values(next_at=None))


def answer_of_party(
    tx: Connection, due: int, by: str, at: int, entry: int, envelope: bytes
) -> None:
    """Somebody outside the city has: the rungs of their party are told no more, the city's are."""
    rows = schema.party_answer
    values = {"due": due, "by": by, "at": at, "entry": entry, "envelope": envelope}
    tx.execute(rows.insert().values(values))


def answers_of_party(tx: Connection, due: int) -> Sequence[Row[Any]]:
    """What was answered outside the city, oldest first."""
    rows = schema.party_answer
    return tx.execute(select(rows).where(rows.c.due == due).order_by(rows.c.n)).all()


def leave_out(tx: Connection, due: Row[Any], next_at: int | None) -> None:
    """One rung is not told; the one above it is, in its time."""
    values = {"level": due.level + 1, "next_at": next_at}
    tx.execute(schema.due.update().where(schema.due.c.n == due.n).values(values))


def post(tx: Connection, act: str, channel: str, people: Iterable[str], after: int) -> None:
    """One message to each, to be sent once this transaction is durable."""
    for person in people:
        tx.execute(
            schema.message.insert().values(alarm=act, channel=channel, person=person, after=after)
        )


def waiting(tx: Connection, now: int, abandoned_before: int) -> Sequence[Row[Any]]:
    """Messages to be sent now, oldest first; those begun so long ago are nobody's any more.

    No message is held back longer than a day, and none is begun tomorrow: such times are of a
    clock that was ahead and was set right since.
    """
    rows = schema.message.c
    free = (
        rows.begun_at.is_(None) | (rows.begun_at < abandoned_before) | (rows.begun_at > now + DAY)
    )
    due = (rows.after <= now) | (rows.after > now + DAY)
    question = select(schema.message).where(rows.sent_at.is_(None), due, free)
    return tx.execute(question.order_by(rows.n)).all()


def unsent(tx: Connection) -> Sequence[Row[Any]]:
    """Every message that has not gone, with when its alarm was raised."""
    rows = schema.message
    joined = rows.join(schema.alarm, schema.alarm.c.act == rows.c.alarm)
    question = select(rows, schema.alarm.c.at).select_from(joined)
    return tx.execute(question.where(rows.c.sent_at.is_(None)).order_by(rows.c.n)).all()


def claim(tx: Connection, message: Row[Any], now: int) -> bool:
    """Take one message in hand; False where another program did."""
    rows = schema.message
    before = rows.c.begun_at.is_(None)
    if message.begun_at is not None:
        before = rows.c.begun_at == message.begun_at
    # Begun and never ended: whoever had it died, perhaps after the server had taken it.
    unsure = int(bool(message.unsure) or message.begun_at is not None)
    values = {"begun_at": now, "tries": message.tries + 1, "unsure": unsure}
    mine = (rows.c.n == message.n) & rows.c.sent_at.is_(None) & before
    return tx.execute(rows.update().where(mine).values(values)).rowcount == 1


def went(tx: Connection, n: int, at: int) -> None:
    """It was taken."""
    mine = schema.message.c.n == n
    tx.execute(schema.message.update().where(mine).values(sent_at=at, wrong=None))


def failed(tx: Connection, n: int, after: int, wrong: str, *, unsure: bool) -> None:
    """It did not go, or nobody can say; it is tried again."""
    mine = schema.message.c.n == n
    values: dict[str, object] = {"begun_at": None, "after": after, "wrong": wrong}
    if unsure:
        values["unsure"] = 1
    tx.execute(schema.message.update().where(mine).values(values))


def contacts(tx: Connection) -> dict[str, str]:
    """Person -> mail address."""
    rows = schema.contact.c
    return {row.person: row.mail for row in tx.execute(select(rows.person, rows.mail))}


def set_contact(tx: Connection, person: str, mail: str, at: int) -> None:
    erase_contact(tx, person)
    tx.execute(schema.contact.insert().values(person=person, mail=mail, at=at))


def erase_contact(tx: Connection, person: str) -> bool:
    """Forget where somebody is reached; was it known?"""
    rows = schema.contact
    return tx.execute(rows.delete().where(rows.c.person == person)).rowcount > 0


def mark(tx: Connection, name: str) -> tuple[int, str | None] | None:
    """What the tick remembers under a name."""
    rows = schema.mark.c
    found = tx.execute(select(rows.at, rows.said).where(rows.name == name)).one_or_none()
    return None if found is None else (found.at, found.said)


def set_mark(tx: Connection, name: str, at: int, said: str | None = None) -> None:
    rows = schema.mark
    values = {"at": at, "said": said}
    if tx.execute(rows.update().where(rows.c.name == name).values(values)).rowcount == 0:
        tx.execute(rows.insert().values(values | {"name": name}))


def marks(tx: Connection, prefix: str) -> dict[str, str]:
    """What is said under every name that begins so; those of which nothing is said are left out."""
    rows = schema.mark.c
    mine = rows.name.startswith(prefix, autoescape=True) & rows.said.is_not(None)
    return {row.name: row.said for row in tx.execute(select(rows.name, rows.said).where(mine))}


def due_rows(tx: Connection, subject: str) -> Sequence[Row[Any]]:
    """What of a subject is due and not done."""
    rows = schema.due
    mine = (rows.c.subject == subject) & rows.c.done.is_(None)
    return tx.execute(select(rows).where(mine).order_by(rows.c.n)).all()


def take_back(tx: Connection, n: int) -> None:
    """One row is due no more: not because it was done, but because it never was what it said."""
    values = {"done": NEVER, "next_at": None}
    tx.execute(schema.due.update().where(schema.due.c.n == n).values(values))


def is_done(tx: Connection, subject: str, what: str, at: int, who: str) -> bool:
    """Was this done, and not only taken back?"""
    rows = schema.due.c
    mine = (rows.subject == subject) & (rows.what == what) & (rows.at == at) & (rows.who == who)
    mine &= rows.done > NEVER
    return tx.execute(select(rows.n).where(mine)).first() is not None


def not_yet(tx: Connection) -> Sequence[Row[Any]]:
    """What is due and nobody was told of, the soonest first."""
    rows = schema.due
    mine = rows.c.done.is_(None) & (rows.c.level == 0)
    return tx.execute(select(rows).where(mine).order_by(rows.c.at, rows.c.n)).all()


def _alarms() -> Any:
    rows, due, said = schema.alarm, schema.due, schema.answer
    joined = rows.join(due, due.c.n == rows.c.due).outerjoin(said, said.c.due == due.c.n)
    return select(
        rows,
        due.c.subject,
        due.c.what,
        due.c.at.label("due_at"),
        due.c.who,
        due.c.done,
        said.c.by.label("answered_by"),
    ).select_from(joined)
