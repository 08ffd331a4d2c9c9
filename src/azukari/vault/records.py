"""The office's rows, read and written by name; every function works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from azukari.errors import Conflict, NotFound
from azukari.incident import overdue
from azukari.seal.documents import Document
from azukari.shelf.cells import held
from azukari.vault import schema


def keep_document(
    tx: Connection, document: Document, envelope: bytes, about: str | None = None
) -> None:
    tx.execute(
        schema.document.insert().values(
            word=type(document).__name__, id=document.id, about=about, envelope=envelope
        )
    )


def documents(tx: Connection, *words: type[Document], about: str | None = None) -> list[bytes]:
    """Signed documents of these words, oldest first."""
    rows = schema.document.c
    question = select(rows.envelope).order_by(rows.n)
    if words:
        question = question.where(rows.word.in_([word.__name__ for word in words]))
    if about is not None:
        question = question.where(rows.about == about)
    return list(tx.execute(question).scalars())


def document(tx: Connection, identifier: str) -> bytes:
    found = find_document(tx, identifier)
    if found is None:
        raise NotFound("the office knows no such document")
    return found


def find_document(tx: Connection, identifier: str) -> bytes | None:
    rows = schema.document.c
    found = tx.execute(select(rows.envelope).where(rows.id == identifier)).scalar_one_or_none()
    return None if found is None else bytes(found)


def has_document(tx: Connection, identifier: str, envelope: bytes) -> bool:
    """Is this very document kept?  Another one under its id is a `Conflict`."""
    rows = schema.document.c
    found = tx.execute(select(rows.envelope).where(rows.id == identifier)).scalar_one_or_none()
    if found is not None and bytes(found) != envelope:
        raise Conflict("another document with this id is kept")
    return found is not None


def about(tx: Connection, identifier: str) -> str | None:
    """What a document that is kept is about."""
    rows = schema.document.c
    return tx.execute(select(rows.about).where(rows.id == identifier)).scalar_one_or_none()


def keep_failure(tx: Connection, sitting: str, person: str, course: str, at: int) -> None:
    """A sheet with too few right answers; a sitting that is kept already is a `Conflict`."""
    tx.execute(schema.failure.insert().values(sitting=sitting, person=person, course=course, at=at))


def failed_sittings(tx: Connection, person: str, course: str) -> list[int]:
    """When a person failed a course, as their sheets say."""
    rows = schema.failure.c
    question = select(rows.at).where((rows.person == person) & (rows.course == course))
    return list(tx.execute(question).scalars())


def carrier(tx: Connection, identifier: str) -> Row[Any]:
    """A carrier by its id or its label."""
    found = find_carrier(tx, identifier)
    if found is None:
        raise NotFound("the office knows no such carrier")
    return found


def find_carrier(tx: Connection, identifier: str) -> Row[Any] | None:
    """The same, or nothing."""
    rows = schema.carrier
    return tx.execute(
        select(rows).where((rows.c.id == identifier) | (rows.c.label == identifier.upper()))
    ).one_or_none()


def carriers(tx: Connection) -> Sequence[Row[Any]]:
    return tx.execute(select(schema.carrier).order_by(schema.carrier.c.id)).all()


def change_carrier(tx: Connection, identifier: str, **values: object) -> None:
    tx.execute(schema.carrier.update().where(schema.carrier.c.id == identifier).values(**values))


def set_due(tx: Connection, subject: str, what: str, at: int, who: str | None = None) -> None:
    """From now on, ``what`` of ``subject`` is due at an instant.

    ``what`` is a kind of `overdue`; ``who`` a person or a party, where the subject does not say.
    """
    next_at = at - overdue.kind_of(what).ahead_ms
    tx.execute(
        schema.due.insert().values(subject=subject, what=what, at=at, who=who, next_at=next_at)
    )


def settle(tx: Connection, subject: str, at: int, *what: str, who: str = "") -> None:
    """What was due of a subject is done; where ``who`` is named, of that party or person only."""
    rows = schema.due
    mine = (rows.c.subject == subject) & rows.c.done.is_(None)
    if what:
        mine &= rows.c.what.in_(what)
    if who:
        mine &= rows.c.who == who
    tx.execute(rows.update().where(mine).values(done=at, next_at=None))


def late(
    tx: Connection, now: int, most: int = 256, *, climbing: bool = False, what: str = ""
) -> Sequence[Row[Any]]:
    """What somebody is to be told of now, longest waiting first: late, not done, not answered.

    With ``climbing`` also whatever was told of and waits for its next rung; with ``what`` only what
    is due under that very word.
    """
    rows = schema.due
    told = (rows.c.level > 0) & rows.c.next_at.is_not(None)
    question = select(rows).where(
        or_(rows.c.next_at < now, told) if climbing else rows.c.next_at < now
    )
    question = question.where(rows.c.what == what) if what else question
    return tx.execute(question.order_by(rows.c.next_at, rows.c.n).limit(most)).all()


def keys_entries(tx: Connection, start: int = 0) -> list[bytes]:
    """The office's copy of the keys' entries from one on; it grows through `Office.copy`."""
    rows = schema.keys_ledger.entry.c
    question = select(rows.i, rows.body).where(rows.i >= start).order_by(rows.i)
    return [held(row.body, f"copy: entry {row.i}") for row in tx.execute(question)]
