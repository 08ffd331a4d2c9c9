"""What the city did to supervise a processor, read from its records: one value for a page.

It reads only.  Where the text of a finding was erased, that there was one stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from azukari.desk import agree, people, training
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.desk.supervise import carriers_under
from azukari.entrust import agreement as agreements
from azukari.entrust.sheet import Link, Name
from azukari.entrust.supervision import Check, FollowUp, Kind, Record, Reviewed, Trained, beneath
from azukari.entrust.tree import State, tree
from azukari.errors import Conflict, NotFound
from azukari.ledger.entry import decode
from azukari.seal import documents as doc
from azukari.vault import records, schema

REVIEW = "access.reviewed"


def checks_of(office: Office, agreement: str = "") -> list[Check]:
    """Every check that was planned, of one agreement or of all, by the day it was or is due."""
    rows = schema.supervision
    question = select(rows).order_by(rows.c.due_at, rows.c.id)
    if agreement:
        question = question.where(rows.c.agreement == agreement)
    with office.act() as tx:
        return [_check(office, tx, row) for row in tx.execute(question).all()]


def record(office: Office, agreement: str) -> Record:
    """All that the office knows of how a processor was supervised, now."""
    links = {link.id: link for link in agree.agreements_of(office)}
    if agreement not in links:
        raise NotFound("the office knows no such agreement")
    gone = people.withdrawn(office)
    parties = {one.id: one for one in people.parties_of(office)}
    enrolled = orders.people_of(office)

    def party(identifier: str) -> Name:
        return Name(identifier, parties[identifier].name if identifier in parties else "")

    named = {one.id: Name(one.id, party(one.party).party) for one in enrolled}
    link, now = links[agreement], office.now()
    try:
        way = agreements.chain(agreement, links)
    except Conflict:
        way = ()
    states = {
        b.link.id: b.state for r in tree(links.values(), office.city, gone, now) for b in r.walk()
    }
    terms = agreements.allowed(way) if way else None
    return Record(
        agreement=link,
        processor=party(link.processor),
        chain=tuple(
            Link(
                id=one.id,
                entrustor=party(one.entrustor),
                processor=party(one.processor),
                from_at=one.from_at,
                until=one.terms.expires_at,
                suspended=one.id in gone,
            )
            for one in way
        ),
        terms=terms,
        in_force=states[agreement] is State.HOLDS,
        checks=tuple(checks_of(office, agreement)),
        trained=_trained(office, link, terms, enrolled, named, gone),
        reviews=_reviews(office, agreement),
        counts=_counts(office, beneath(agreement, links.values())),
        people=named,
        labels=_labels(office, agreement),
        at=now,
    )


def _check(office: Office, tx: Connection, row: Row[Any]) -> Check:
    rows = schema.follow_up
    mine = select(rows).where(rows.c.supervision == row.id).order_by(rows.c.due_at, rows.c.id)
    said = _detail(office, tx, row.entry)
    whats = said.get("follow_ups", {})
    return Check(
        id=row.id,
        agreement=row.agreement,
        kind=Kind(row.kind),
        carriers=row.carriers,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        due_at=row.due_at,
        drawn_at=row.drawn_at,
        drawn=tuple((row.drawn or "").split()),
        among=row.among or 0,
        done_at=row.done_at,
        done_on=row.done_on,
        done_by=row.done_by or "",
        looked=tuple((row.looked or "").split()),
        entries=None if row.first_entry is None else (row.first_entry, row.last_entry),
        findings=said.get("findings"),
        follow_ups=tuple(
            _follow_up(one, whats.get(one.id, {}).get("what"), _detail(office, tx, one.entry))
            for one in tx.execute(mine).all()
        ),
    )


def _follow_up(row: Row[Any], what: str | None, said: Mapping[str, Any]) -> FollowUp:
    return FollowUp(
        id=row.id,
        who=row.who,
        due_at=row.due_at,
        what=what,
        closed_at=row.closed_at,
        closed_by=row.closed_by or "",
        evidence=said.get("evidence", ""),
        note=said.get("note"),
    )


def _detail(office: Office, tx: Connection, entry: int | None) -> Mapping[str, Any]:
    """What an entry commits to; empty where there is none yet, or it was erased."""
    if entry is None:
        return {}
    try:
        return office.book.detail(tx, entry) or {}
    except NotFound:
        return {}


def _trained(
    office: Office,
    link: doc.Agreement,
    terms: doc.Terms | None,
    enrolled: list[doc.Person],
    named: Mapping[str, Name],
    gone: set[str],
) -> tuple[Trained, ...]:
    """Everybody of the processor who counts, by the day on which the first pass of theirs ends."""
    courses = (terms or link.terms).training
    if not courses:
        return ()
    passes = training.until(office)
    found = [
        Trained(
            named[one.id],
            min(passes.get(one.id, {}).get(course, 0) for course in courses),
        )
        for one in enrolled
        if one.party == link.processor and one.id not in gone
    ]
    return tuple(sorted(found, key=lambda one: (one.until, one.person.id)))


def _reviews(office: Office, agreement: str) -> tuple[Reviewed, ...]:
    with office.act() as tx:
        own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
    return tuple(Reviewed(e.at, e.by) for e in own if e.type == REVIEW and agreement in e.refs)


def _counts(office: Office, links: list[doc.Agreement]) -> dict[str, int]:
    """Orders, carriers, alarms and losses under some agreements."""
    ids = {link.id for link in links}
    with office.act() as tx:
        made = (doc.unverified(one, doc.Order) for one in records.documents(tx, doc.Order))
        mine = [one.id for one in made if one.agreement in ids]
        carriers = {one.id for one in carriers_under(tx, links[0].id)}
        due = schema.due.c
        rung = tx.execute(select(due.subject).where(due.alarm.is_not(None))).scalars().all()
        lost = tx.execute(select(schema.incident.c.carriers)).scalars().all()
    return {
        "orders": len(mine),
        "carriers": len(carriers),
        "alarms": sum(subject in carriers for subject in rung),
        "losses": sum(not carriers.isdisjoint(one.split()) for one in lost),
    }


def _labels(office: Office, agreement: str) -> dict[str, str]:
    with office.act() as tx:
        return {one.id: one.label for one in carriers_under(tx, agreement)}
