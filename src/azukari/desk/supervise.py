"""Supervision at the office: checks of a processor planned, drawn, done and followed up.

Each is one transaction with one ledger entry, by a person of the city with their own key.  What was
found stands in the entry's detail: committed to, erasable, never in the line.  What is late, the
tick raises, as it does for carriers.  How it is read again is supervision.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from azukari.carrier.life import State
from azukari.desk import agree, people
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.entrust.order import DAY_MS
from azukari.entrust.supervision import MOST_CARRIERS, Kind, beneath, sample
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.shelf.book import Draft
from azukari.vault import records, schema

CHECK, FOLLOW_UP = "supervision", "follow-up"  # what is due
MOST_TEXT: Final = 20_000
Hand = tuple[str, Signer]


@dataclass(frozen=True)
class Found:
    """What a check found, as whoever did it tells it."""

    text: str
    on: int  # when it took place
    looked: Sequence[str] = ()  # carriers, by id or label, and persons, by id
    entries: tuple[int, int] | None = None  # of the office's ledger, both ends included
    follow_ups: Sequence[tuple[str, int, str]] = ()  # who, by when, what


def plan(
    office: Office, agreement: str, kind: Kind, due_at: int, hand: Hand, carriers: int = 0
) -> str:
    """Plan a check of an agreement's processor for a day; one entry.  Returns the check's id.

    ``carriers`` is how many a sample draws.
    """
    person = _of_the_city(office, hand)
    if agreement not in {link.id for link in agree.agreements_of(office)}:
        raise NotFound("the office knows no such agreement")
    if (kind is Kind.SAMPLE) != (0 < carriers <= MOST_CARRIERS):
        raise BadInput("carriers", f"of a sample, and only of one, 1 to {MOST_CARRIERS}")
    if due_at < office.now():
        raise BadInput("planned day", "it is past")
    check = new_id()
    with office.act() as tx:
        tx.execute(
            schema.supervision.insert().values(
                id=check,
                agreement=agreement,
                kind=kind.value,
                carriers=carriers,
                planned_by=person,
                planned_at=office.now(),
                due_at=due_at,
                plan_entry=office.book.head(tx).size,
            )
        )
        records.set_due(tx, check, CHECK, due_at)
        detail = {"carriers": carriers, "due_at": due_at, "kind": kind.value}
        draft = Draft(new_act(), "supervision.planned", person, (check, agreement), detail=detail)
        office.write(tx, draft)
    return check


def draw(office: Office, check: str, hand: Hand) -> tuple[str, ...]:
    """Draw the carriers of a sample, at random, once; durable with its entry when it returns.

    They are drawn from every carrier that was sealed under the agreement or one below it, whatever
    became of it.  Nobody has seen them before the ledger has.
    """
    person = _of_the_city(office, hand)
    act = new_act()
    with office.act() as tx:
        row = _open_check(tx, check)
        if row.kind != Kind.SAMPLE:
            raise BadInput("check", "carriers are drawn for a sample only")
        if row.drawn is not None:
            raise Conflict("the carriers of this check were drawn before, and are drawn once")
        known = sorted(carrier.id for carrier in carriers_under(tx, row.agreement))
        drawn = sample(known, act, row.carriers)
        _change(
            tx,
            check,
            drawn=" ".join(drawn),
            drawn_at=office.now(),
            among=len(known),
            draw_entry=office.book.head(tx).size,
        )
        refs = (check, row.agreement, *drawn)
        detail = {"among": len(known), "carriers": row.carriers}
        office.write(tx, Draft(act, "supervision.drawn", person, refs, detail=detail))
    return drawn


def done(office: Office, check: str, found: Found, hand: Hand) -> list[str]:
    """Record what a check found; one entry.  Returns the ids of the follow-ups.

    A sample tells of every carrier that was drawn; a review of logs says which entries of this
    office's ledger were read.  What is looked at belongs to the agreement or one below it.
    """
    person = _of_the_city(office, hand)
    links = agree.agreements_of(office)
    enrolled = {one.id: one for one in orders.people_of(office)}
    follow_ups = [(new_id(), *one) for one in found.follow_ups]
    for text in (found.text, *(what for *_, what in found.follow_ups)):
        _must_say(text)
    with office.act() as tx:
        row = _open_check(tx, check)
        _must_be_possible(office, tx, row, found)
        under = beneath(row.agreement, links)
        looked = _looked(tx, found, row.agreement, enrolled, {link.processor for link in under})
        drawn = [] if row.drawn is None else row.drawn.split()
        if not set(drawn) <= set(looked):
            raise Refused("supervision", ("sample_not_looked_at",))
        for _, who, due_at, _ in follow_ups:
            if who not in enrolled:
                raise NotFound("a follow-up names a person whom the office does not know")
            if due_at < office.now():
                raise BadInput("follow-up", "its day is past")
        now = office.now()
        first, last = found.entries or (None, None)
        _change(
            tx,
            check,
            done_by=person,
            done_at=now,
            done_on=found.on,
            looked=" ".join(looked),
            first_entry=first,
            last_entry=last,
            done_entry=office.book.head(tx).size,
        )
        records.settle(tx, check, now, CHECK)
        for identifier, who, due_at, _ in follow_ups:
            tx.execute(
                schema.follow_up.insert().values(
                    id=identifier, supervision=check, who=who, due_at=due_at
                )
            )
            records.set_due(tx, identifier, FOLLOW_UP, due_at)
        ids = [one[0] for one in follow_ups]
        detail = {
            "findings": found.text,
            "entries": list(found.entries or ()),
            "follow_ups": {
                i: {"who": who, "due_at": due, "what": what} for i, who, due, what in follow_ups
            },
        }
        refs = (check, row.agreement, *looked, *sorted(ids))
        office.write(
            tx,
            Draft(new_act(), "supervision.done", person, refs, happened=found.on, detail=detail),
        )
    return ids


def follow_up(office: Office, identifier: str, evidence: str, note: str, hand: Hand) -> None:
    """Close what was to be put right; one entry.

    ``evidence`` is the SHA-256 of the file that shows it, hex.  Whoever had to do it does not close
    it: another person of the city looks at the evidence.
    """
    person = _of_the_city(office, hand)
    _must_say(note)
    with office.act() as tx:
        rows = schema.follow_up
        row = tx.execute(select(rows).where(rows.c.id == identifier)).one_or_none()
        if row is None:
            raise NotFound("the office knows no such follow-up")
        if row.closed_at is not None:
            raise Conflict("this follow-up was closed before")
        if row.who == person:
            raise Refused("closing a follow-up", ("closed_by_who_had_to_do_it",))
        now, entry = office.now(), office.book.head(tx).size
        change = rows.update().where(rows.c.id == identifier)
        tx.execute(change.values(closed_by=person, closed_at=now, closed_entry=entry))
        records.settle(tx, identifier, now, FOLLOW_UP)
        refs = (row.supervision, identifier, row.who)
        detail = {"evidence": evidence, "note": note}
        draft = Draft(new_act(), "supervision.followed_up", person, refs, detail=detail)
        office.write(tx, draft)


def carriers_under(tx: Connection, agreement: str) -> list[Row[Any]]:
    """Every carrier that was sealed under an agreement or one below it."""
    found = (doc.unverified(one, doc.Agreement) for one in records.documents(tx, doc.Agreement))
    ids = {link.id for link in beneath(agreement, found)}
    made = (doc.unverified(one, doc.Order) for one in records.documents(tx, doc.Order))
    mine = {order.id for order in made if order.agreement in ids}
    never = (State.SEALING, State.ABANDONED)
    return [c for c in records.carriers(tx) if c.order_id in mine and c.state not in never]


def _of_the_city(office: Office, hand: Hand) -> str:
    person, signer = hand
    orders.must_be(office, person, signer)
    if orders.person_of(office, person).party != office.city:
        raise Refused("supervision", ("person_not_of_city",))
    if person in people.withdrawn(office):
        raise Refused("supervision", ("person_left",))
    return person


def _open_check(tx: Connection, check: str) -> Row[Any]:
    rows = schema.supervision
    row = tx.execute(select(rows).where(rows.c.id == check)).one_or_none()
    if row is None:
        raise NotFound("the office knows no such check")
    if row.done_at is not None:
        raise Conflict("what this check found was recorded before")
    return row


def _must_be_possible(office: Office, tx: Connection, row: Row[Any], found: Found) -> None:
    if not row.planned_at - DAY_MS <= found.on <= office.now():
        raise BadInput("the day it took place", "not before it was planned, and not ahead of now")
    if row.kind == Kind.SAMPLE and row.drawn is None:
        raise Refused("supervision", ("sample_not_drawn",))
    if row.kind == Kind.LOG and found.entries is None:
        raise BadInput("entries", "a review of logs says which entries were read")
    first, last = found.entries or (0, 0)
    if not 0 <= first <= last < office.book.head(tx).size:
        raise BadInput("entries", "the office's ledger has no such entries")


def _looked(
    tx: Connection,
    found: Found,
    agreement: str,
    enrolled: dict[str, doc.Person],
    parties: set[str],
) -> list[str]:
    """What was looked at, by id; carriers under the agreement and people of its processors."""
    carriers = {c.label: c.id for c in carriers_under(tx, agreement)}
    theirs = {one.id for one in enrolled.values() if one.party in parties}
    looked = [carriers.get(name.upper(), name) for name in found.looked]
    if not set(looked) <= theirs | set(carriers.values()):
        raise BadInput("looked at", "carriers and people of this agreement or below are expected")
    return list(dict.fromkeys(looked))


def _change(tx: Connection, check: str, **values: object) -> None:
    rows = schema.supervision
    tx.execute(rows.update().where(rows.c.id == check).values(**values))


def _must_say(text: str) -> None:
    if not text.strip() or len(text) > MOST_TEXT:
        raise BadInput("text", f"something to read is expected, at most {MOST_TEXT} letters")
