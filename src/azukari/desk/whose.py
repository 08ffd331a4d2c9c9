"""Whose it is: of every due row, what it is, who owes it, and who is told if nobody answers.

The ladder has up to four rungs: whoever owes it, the officers of their party, the city's officers,
and everybody who approves at the city.  Nobody is told twice, and nobody who left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select

from azukari.desk.office import Office
from azukari.entrust.enrolment import OFFICER
from azukari.errors import NotFound
from azukari.incident.overdue import Kind, Rung, kind_of
from azukari.keys.client import GrantAsk
from azukari.seal import documents as doc
from azukari.vault import records, schema

APPROVER: Final = "approver"


@dataclass(frozen=True)
class Step:
    """One rung and the ids of who stands on it."""

    rung: Rung
    people: tuple[str, ...]


@dataclass(frozen=True)
class Owed:
    """One due row, told."""

    what: str
    kind: Kind
    subject: str
    label: str
    due_at: int
    owner: str  # a person or a party; empty: nobody knows
    whose: str  # the same for people
    ladder: tuple[Step, ...]  # at least one


@dataclass(frozen=True)
class Known:
    """Who is enrolled where, as one transaction saw it."""

    city: str
    people: dict[str, doc.Person]  # those who left are not among them
    parties: dict[str, str]

    @classmethod
    def of(cls, office: Office, tx: Connection) -> Known:
        said = [doc.unverified(one, doc.Status) for one in records.documents(tx, doc.Status)]
        gone = {one for word in said for one in (*word.left, *word.revoked)}
        people = [doc.unverified(one, doc.Person) for one in records.documents(tx, doc.Person)]
        parties = [doc.unverified(one, doc.Party) for one in records.documents(tx, doc.Party)]
        return cls(
            office.city,
            {one.id: one for one in people if one.id not in gone},
            {one.id: one.name for one in parties},
        )

    def name(self, identifier: str) -> str:
        """What is shown for a person or a party; never a person's own name."""
        if identifier in self.parties:
            return self.parties[identifier]
        person = self.people.get(identifier)
        if person is None:
            return identifier[:8]
        return f"{self.parties.get(person.party, '?')} ({identifier[:6]})"

    def with_role(self, party: str, role: str) -> list[str]:
        return [one.id for one in self.people.values() if one.party == party and role in one.roles]


def owed(known: Known, tx: Connection, row: Row[Any]) -> Owed:
    """What a due row is, whose, and to whom it climbs."""
    kind = row.what.partition("/")[0]
    owner = row.who or _owner(tx, kind, row.subject)
    return Owed(
        what=row.what,
        kind=kind_of(row.what),
        subject=row.subject,
        label=_label(tx, kind, row.subject),
        due_at=row.at,
        owner=owner,
        whose=known.name(owner) if owner else "",
        ladder=ladder(known, owner),
    )


def ladder(known: Known, owner: str) -> tuple[Step, ...]:
    """The rungs above an owner, each with somebody on it who stands on none below."""
    person = known.people.get(owner)
    party = owner if person is None else person.party
    rungs: list[tuple[Rung, list[str]]] = [
        ("owner", [] if person is None else [person.id]),
        ("officer", known.with_role(party, OFFICER) if party != known.city else []),
        ("city", known.with_role(known.city, OFFICER)),
        ("next", known.with_role(known.city, APPROVER)),
    ]
    told: set[str] = set()
    steps: list[Step] = []
    for rung, people in rungs:
        new = tuple(sorted(set(people) - told))
        told.update(new)
        if new:
            steps.append(Step(rung, new))
    # With nobody enrolled there is still the ledger, and whoever reads what the tick prints.
    return tuple(steps) or (Step("city", ()),)


def _owner(tx: Connection, kind: str, subject: str) -> str:
    """Who owes it, as the subject says; nobody where it cannot be told, and the city is told."""
    try:
        return _OWNERS.get(kind, _nobody)(tx, subject)
    except NotFound:
        return ""


def _label(tx: Connection, kind: str, subject: str) -> str:
    if kind in ("clock", "ledger"):  # of the office itself
        return kind
    if kind == "loss":
        lost = schema.incident.c
        every = tx.execute(select(lost.carriers).where(lost.id == subject)).scalar() or ""
        return " ".join(records.carrier(tx, one).label for one in every.split()) or subject[:8]
    if kind == "task":
        rows = schema.task.c
        return tx.execute(select(rows.code).where(rows.id == subject)).scalar() or subject[:8]
    try:
        carrier = _grant(tx, subject).carrier if kind in ("erase", "receipts") else subject
        label: str = records.carrier(tx, carrier).label
    except NotFound:
        return subject[:8]
    return label


def _holder(tx: Connection, carrier: str) -> str:
    """Who has it, as the last two hands signed; on its way by network, who is to get it.

    Nobody in particular where it never left the office.
    """
    steps = records.documents(tx, doc.HandOver, about=carrier)
    if steps:
        return doc.unverified(steps[-1], doc.HandOver).taker
    row = records.carrier(tx, carrier)
    if row.tag is not None:
        return ""
    order = records.document(tx, row.order_id)
    return doc.unverified(order, doc.Order).recipient


def _opener(tx: Connection, act: str) -> str:
    return msgspec.json.decode(_grant(tx, act).ask, type=GrantAsk).opening.person


def _requester(tx: Connection, order: str) -> str:
    return doc.unverified(records.document(tx, order), doc.Order).requester


def _processor(tx: Connection, agreement: str) -> str:
    return doc.unverified(records.document(tx, agreement), doc.Agreement).processor


def _planner(tx: Connection, check: str) -> str:
    rows = schema.supervision.c
    return str(tx.execute(select(rows.planned_by).where(rows.id == check)).scalar() or "")


def _follower(tx: Connection, follow_up: str) -> str:
    rows = schema.follow_up.c
    return str(tx.execute(select(rows.who).where(rows.id == follow_up)).scalar() or "")


def _tasked(tx: Connection, task: str) -> str:
    """The party of whoever held what was lost, where the task is its officer's; else the city."""
    rows = schema.task.c
    found = tx.execute(select(rows.incident, rows.owner).where(rows.id == task)).one_or_none()
    if found is None or found.owner != "holder_officer":
        return ""
    losses = schema.incident.c
    lost = tx.execute(select(losses.carriers).where(losses.id == found.incident)).scalar_one()
    return _party_of_holder(tx, lost.split()[0])


def _measured(tx: Connection, measure: str) -> str:
    """The same of a measure, whose subject is the carrier then."""
    rows = schema.measure.c
    found = tx.execute(select(rows.subject, rows.owner).where(rows.id == measure)).one_or_none()
    if found is None or found.owner != "holder_officer":
        return ""
    return _party_of_holder(tx, found.subject)


def _party_of_holder(tx: Connection, carrier: str) -> str:
    return doc.unverified(records.document(tx, _holder(tx, carrier)), doc.Person).party


def _nobody(_tx: Connection, _subject: str) -> str:
    return ""


def _grant(tx: Connection, act: str) -> Row[Any]:
    found = tx.execute(select(schema.grant).where(schema.grant.c.act == act)).one_or_none()
    if found is None:
        raise NotFound("the office knows no such grant")
    return found


_OWNERS: Final[dict[str, Callable[[Connection, str], str]]] = {
    "receive": _holder,
    "return": _holder,
    "erase": _opener,
    "receipts": _opener,
    "unused": _requester,
    "review": _processor,
    "supervision": _planner,
    "follow-up": _follower,
    "task": _tasked,
    "measure": _measured,
}
