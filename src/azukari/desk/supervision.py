"""What the city did to supervise a processor, read from its records: one value for a page.

It reads only, and believes a row no further than the ledger says the same.  Where the text of a
finding was erased, that there was one stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from azukari.desk import agree, people, training
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.desk.supervise import carriers_under
from azukari.entrust import agreement as agreements
from azukari.entrust.sheet import Link, Name
from azukari.entrust.supervision import Check, FollowUp, Kind, Record, Reviewed, Trained, beneath
from azukari.entrust.tree import State, tree
from azukari.errors import Conflict, LedgerBroken, NotFound
from azukari.ledger.entry import Entry, decode
from azukari.seal import documents as doc
from azukari.vault import records, schema

REVIEW: Final = "access.reviewed"
_ANOTHER: Final = "the records tell of a check what the ledger does not"


def checks_of(office: Office, agreement: str = "") -> list[Check]:
    """Every check that was planned, of one agreement or of all, by the day it was or is due."""
    rows = schema.supervision
    question = select(rows).order_by(rows.c.due_at, rows.c.id)
    if agreement:
        question = question.where(rows.c.agreement == agreement)
    with office.act() as tx:
        checks = [_check(office, tx, row) for row in tx.execute(question).all()]
        own = office.book.entries(tx, 0, office.book.head(tx).size)
    _must_be_all(checks, agreement, map(decode, own))
    return checks


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
    about, after = (row.id, row.agreement), tx.execute(mine).all()
    told = {"kind": row.kind, "carriers": row.carriers, "due_at": row.due_at}
    planned, _ = _proved(office, tx, row.plan_entry, "planned", row.planned_by, about, told)
    drawn, done = tuple((row.drawn or "").split()), None
    looked, said = tuple((row.looked or "").split()), dict[str, Any]()
    drawing = None
    if row.drawn is not None:
        told = {"among": row.among, "carriers": row.carriers}
        drawing, _ = _proved(office, tx, row.draw_entry, "drawn", None, (*about, *drawn), told)
    if row.done_at is not None:
        told = {"entries": [] if row.first_entry is None else [row.first_entry, row.last_entry]}
        refs = (*about, *looked, *sorted(one.id for one in after))
        done, said = _proved(
            office, tx, row.done_entry, "done", row.done_by, refs, told, row.done_on
        )
    return Check(
        id=row.id,
        agreement=row.agreement,
        kind=Kind(row.kind),
        carriers=row.carriers,
        planned_by=row.planned_by,
        planned_at=planned.at,
        due_at=row.due_at,
        drawn_at=None if drawing is None else drawing.at,
        drawn=drawn,
        among=row.among or 0,
        done_at=None if done is None else done.at,
        done_on=row.done_on,
        done_by=row.done_by or "",
        looked=looked,
        entries=None if row.first_entry is None else (row.first_entry, row.last_entry),
        findings=said.get("findings"),
        follow_ups=tuple(
            _follow_up(office, tx, one, said.get("follow_ups", {}).get(one.id)) for one in after
        ),
    )


def _must_be_all(checks: list[Check], agreement: str, entries: Iterable[Entry]) -> None:
    """Nothing that the ledger tells of is missing: no check was taken away, none made undone."""
    rows = Counter(("planned", one.id) for one in checks)
    rows.update(("drawn", one.id) for one in checks if one.drawn_at is not None)
    rows.update(("done", one.id) for one in checks if one.done_at is not None)
    after = [each for one in checks for each in one.follow_ups]
    rows.update(("followed_up", one.id) for one in after if one.closed_at is not None)
    mine, told = {one.id for one in checks}, Counter[tuple[str, str]]()
    for entry in entries:
        about, _, act = entry.type.partition(".")
        if about == "supervision" and act == "followed_up":
            told[act, entry.refs[1]] += entry.refs[0] in mine
        elif about == "supervision" and agreement in ("", entry.refs[1]):
            told[act, entry.refs[0]] += 1
    if +told != rows:
        raise LedgerBroken(_ANOTHER)


def _follow_up(
    office: Office, tx: Connection, row: Row[Any], asked: Mapping[str, Any] | None
) -> FollowUp:
    """``asked`` is what the entry of its check says of it; none where that was erased."""
    if asked is not None and (asked["who"], asked["due_at"]) != (row.who, row.due_at):
        raise LedgerBroken(_ANOTHER)
    closed, said = None, dict[str, Any]()
    if row.closed_at is not None:
        refs = (row.supervision, row.id, row.who)
        closed, said = _proved(office, tx, row.closed_entry, "followed_up", row.closed_by, refs, {})
    return FollowUp(
        id=row.id,
        who=row.who,
        due_at=row.due_at,
        what=None if asked is None else asked["what"],
        closed_at=None if closed is None else closed.at,
        closed_by=row.closed_by or "",
        evidence=said.get("evidence", ""),
        note=said.get("note"),
    )


def _proved(
    office: Office,
    tx: Connection,
    i: int,
    act: str,
    by: str | None,
    refs: tuple[str, ...],
    told: Mapping[str, Any],
    happened: int | None = None,
) -> tuple[Entry, dict[str, Any]]:
    """The entry that says what a row says, and its detail; empty where that was erased.

    When something was recorded is the entry's to say, not the row's.

    Raises `LedgerBroken` where it says something else: whoever can write to the database does not
    make a check done, or due later, without the ledger.
    """
    entry = decode(office.book.entries(tx, i, i + 1)[0])
    same = (entry.type, entry.refs, entry.happened) == (f"supervision.{act}", refs, happened)
    if not same or by not in (None, entry.by):
        raise LedgerBroken(_ANOTHER)
    try:
        said = office.book.detail(tx, i) or {}
    except NotFound:
        return entry, {}
    if any(said.get(name) != value for name, value in told.items()):
        raise LedgerBroken(_ANOTHER)
    return entry, said


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
