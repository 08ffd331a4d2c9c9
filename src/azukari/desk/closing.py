"""An incident ends: every carrier is settled and every duty answered, each by somebody's word.

A carrier is found, restored by two persons, or written off by a person with a reason; a duty is
done or stated not due, with why.  Nothing here says that a duty did not exist: a person does.
Afterwards what lay on the medium holds it no longer, and nothing more falls due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, select

from azukari.carrier.life import State
from azukari.desk import deadlines, loss, respond, tasks
from azukari.desk.links import duties_of
from azukari.desk.office import Office, new_act
from azukari.desk.stated import words_of
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.incident.duty import Duty, Tri
from azukari.incident.facts import Facts, answered
from azukari.shelf.book import Draft
from azukari.vault import records, schema

CLOSED: Final = "closed"
Word = Literal["done", "not-due"]
Settled = Literal["found", "restored", "abandoned", "written_off", "missing"]
SAID: Final[tuple[Word, ...]] = ("done", "not-due")


@dataclass(frozen=True)
class Answer:
    """A person's word on one duty."""

    duty: str
    said: Word
    because: str  # empty once erased
    by: str
    at: int


@dataclass(frozen=True)
class Standing:
    """What still keeps an incident open."""

    carriers: Mapping[str, Settled]
    duties: tuple[Duty, ...]  # that may be due, whoever's they are
    answers: Mapping[str, Answer]  # by duty

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(one for one, how in self.carriers.items() if how == "missing")

    @property
    def unanswered(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.duties if one.id not in self.answers)


def standing(office: Office, incident: str, law_on: dt.date) -> Standing:
    """What is settled and answered of an incident, and what is not; reads only."""
    found, _ = loss.incident_of(office, incident)
    city, processor, holders = _owed(office, found, law_on)
    maybe = [one for one in (*city, *processor) if _may_be_due(one)]
    with office.act() as tx:
        carriers = {one: _settled(tx, one) for one in found.carriers}
        answers = {one.duty: one for one in _answers(office, tx, incident)}
    for one in processor:
        # Words on each holder's own duty are together a word on the duty.
        said = [answers[of] for of in _of(one.id, holders) if of in answers]
        if one.id not in answers and said and len(said) == len(holders):
            answers[one.id] = said[-1]
    return Standing(carriers, tuple(maybe), answers)


def answer(
    office: Office, incident: str, duty: str, said: Word, because: str, by: str, party: str = ""
) -> None:
    """A person's word on a duty: done, or not due, and why; one entry, the why in its detail.

    ``party``: whose duty, where only one of those who may have it is meant.  Said again it replaces
    what was said; both stay in the ledger.
    """
    because = tasks.written(because)
    if said not in SAID:
        raise BadInput("answer", f"one of {', '.join(SAID)} is expected")
    with office.act() as tx:
        tasks.must_be_open(tx, incident)
        entry = office.book.head(tx).size
        of = _of(duty, [party])[0] if party else duty
        detail = {"because": because, "duty": of, "said": said}
        refs = (incident, party) if party else (incident,)
        office.write(tx, Draft(new_act(), "duty.answered", by, refs, detail=detail))
        tx.execute(
            schema.duty_answer.insert().values(
                incident=incident, duty=of, said=said, by=by, at=office.now(), entry=entry
            )
        )
        records.settle(tx, incident, office.now(), deadlines.PREFIX + duty, who=party)


def close(
    office: Office, incident: str, by: str, written_off: Mapping[str, str], law_on: dt.date
) -> Standing:
    """Close an incident; one transaction, one entry.  `Refused` with every reason why not.

    ``written_off``: carrier, by label or id -> why nobody looks for it any more.
    """
    reasons_of = _written_off(office, incident, written_off)
    now = standing(office, incident, law_on)
    # Nobody closes by looking at a law of another day: what the day of recording knew stays owed.
    recorded = respond.recorded_at(office, loss.incident_of(office, incident)[0].act)
    then = standing(office, incident, respond.instant(recorded).date())
    unanswered = {*now.unanswered, *then.unanswered}
    carriers = {
        one: "written_off" if how == "missing" and one in reasons_of else how
        for one, how in now.carriers.items()
    }
    with office.act() as tx:
        row = tasks.must_be_open(tx, incident)
        reasons = []
        if row.state == loss.PENDING:
            reasons.append("revocation_owed")
        if "missing" in carriers.values():
            reasons.append("carrier_still_missing")
        if unanswered:
            reasons.append("duty_not_answered")
        if reasons:
            raise Refused("closing", reasons)
        mine = schema.incident.c.id == incident
        tx.execute(schema.incident.update().where(mine).values(state=CLOSED))
        detail = {
            "carriers": carriers,
            "duties": {one: said.said for one, said in now.answers.items()},
            "left": tasks.leave(tx, incident, office.now()),
            "written_off": reasons_of,
        }
        records.settle(tx, incident, office.now())
        refs = (incident, *now.carriers)
        office.write(tx, Draft(new_act(), "incident.closed", by, refs, detail=detail))
    return Standing(carriers, now.duties, now.answers)


def _of(duty: str, parties: Sequence[str]) -> list[str]:
    """A duty as one party's own, in the order of the parties."""
    return [f"{duty}/{party}" for party in parties]


def _owed(
    office: Office, found: loss.Incident, law_on: dt.date
) -> tuple[tuple[Duty, ...], tuple[Duty, ...], list[str]]:
    """The duties of the city and of who had it, and these parties."""
    try:
        response = respond.respond(office, found.incident, party=office.city, law_on=law_on)
    except Conflict:
        # Of carriers that cannot be counted every duty may be due that is the city's; a person
        # answers each, and it does not stay open for ever.
        known = respond.instant(respond.recorded_at(office, found.act))
        facts = answered(Facts("organ", known, None), words_of(office, found.incident).answers)
        return duties_of(facts, law_on), (), []
    holders = [link.party for link in response.links[1:] if link.had_it]
    return response.city, response.processor, holders


def _may_be_due(duty: Duty) -> bool:
    return duty.in_force and duty.state is not Tri.NOT_MET


def _written_off(office: Office, incident: str, given: Mapping[str, str]) -> dict[str, str]:
    found, _ = loss.incident_of(office, incident)
    why = {}
    with office.act() as tx:
        for name, text in given.items():
            carrier = records.carrier(tx, name).id
            if carrier not in found.carriers:
                raise NotFound("the incident has no such carrier")
            why[carrier] = tasks.written(text)
    return why


def _settled(tx: Connection, carrier: str) -> Settled:
    state = records.carrier(tx, carrier).state
    settled: dict[str, Settled] = {
        State.FOUND: "found",
        State.LOST: "missing",
        State.SEALING: "missing",  # until the tick abandons it
        State.ABANDONED: "abandoned",  # its sealing broke off: it never was a carrier
    }
    # Else two persons restored it at the key service, and the office brought it back (restored.py).
    return settled.get(state, "restored")


def _answers(office: Office, tx: Connection, incident: str) -> list[Answer]:
    rows = schema.duty_answer
    mine = select(rows).where(rows.c.incident == incident).order_by(rows.c.n)
    return [
        Answer(
            row.duty,
            row.said,
            tasks.detail(office, tx, row.entry).get("because", ""),
            row.by,
            row.at,
        )
        for row in tx.execute(mine).all()
    ]
