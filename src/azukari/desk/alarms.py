"""What is late is raised, rung by rung, and answered by a person.

Each rung is one transaction with its entry, its row and the messages that go out after it: raised
once, however often the tick runs and wherever it was killed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from azukari.desk import order as orders
from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.desk.whose import Known, Owed, ladder, owed
from azukari.errors import NotFound, Refused
from azukari.incident.overdue import OF_CITY, Plan, Rung
from azukari.incident.sentences import Language
from azukari.seal.alarm import Answer, issue_answer
from azukari.seal.envelope import Signer
from azukari.shelf.book import Draft
from azukari.shelf.mailing import Route
from azukari.vault import alarms as rows
from azukari.vault import records


@dataclass(frozen=True)
class Alerting:
    """How this office tells of what is late, as its settings say."""

    plan: Plan = field(default_factory=Plan)
    mail: Route | None = None
    webhook: str = ""
    language: Language = "ja"


@dataclass(frozen=True)
class _Times:
    """Our own clock, the later of it and the ledger's, and whether it stands behind that one."""

    own: int
    now: int
    behind: bool


@dataclass(frozen=True)
class Raised:
    """One rung that was told."""

    act: str
    subject: str
    label: str
    what: str
    rung: Rung
    level: int
    reached: bool  # False: mail is set up, and nobody on this rung has an address


def raise_late(office: Office, alerting: Alerting, what: str = "") -> list[Raised]:
    """Tell of everything whose time has come; what was told is not told again.

    With ``what`` only of what is due under that very word.
    """
    done: list[Raised] = []
    while True:
        with office.act() as tx:
            # A clock that was set back hides nothing: what is recorded has happened.
            own, last = office.now(), office.book.last_at(tx)
            now, behind = max(own, last), own < last - LATENESS_MS
            late = records.late(tx, now, climbing=behind, what=what)
            if not late:
                return done
            known, contacts = Known.of(office, tx), rows.contacts(tx)
            times = _Times(own, now, behind)
            told = [
                _tell(tx, alerting, known, row, times, contacts)
                for row in late
                if not _left_out(tx, alerting, known, row, times)
            ]
            if told:
                office.write(tx, *(draft for _, draft in told))
        done += [raised for raised, _ in told]


def _left_out(
    tx: Connection, alerting: Alerting, known: Known, row: Row[Any], times: _Times
) -> bool:
    """Has the party whose rung is next answered?  Then nobody of it is told, and time goes on.

    What a party's own people answer among themselves keeps nothing from the city.
    """
    if not rows.answers_of_party(tx, row.n):
        return False
    one = owed(known, tx, row)
    level = min(row.level, len(one.ladder) - 1)
    if one.ladder[level].rung in OF_CITY:
        return False
    heard = alerting.plan.heard_at(one.kind, times.now)
    after = times.now if times.behind else alerting.plan.after(row.level, heard)
    rows.leave_out(tx, row, after if row.level + 1 < len(one.ladder) else None)
    return True


def _tell(
    tx: Connection,
    alerting: Alerting,
    known: Known,
    row: Row[Any],
    times: _Times,
    contacts: dict[str, str],
) -> tuple[Raised, Draft]:
    one = owed(known, tx, row)
    level = min(row.level, len(one.ladder) - 1)
    step, act = one.ladder[level], new_act()
    now = times.now
    heard = alerting.plan.heard_at(one.kind, now)
    # Messages go by our own clock: by the ledger's they would wait until ours has caught up.
    after = alerting.plan.heard_at(one.kind, times.own)
    reached = sorted(set(step.people) & set(contacts)) if alerting.mail else []
    next_at = None
    if row.level + 1 < len(one.ladder):
        # Where nobody hears, nobody is waited for; nor where no clock says how long.
        deaf = alerting.mail is not None and not reached
        next_at = now if deaf or times.behind else alerting.plan.after(row.level, heard)
    rows.ring(tx, row, act, step.rung, step.people, now, next_at)
    rows.post(tx, act, rows.MAIL, reached, after)
    rows.post(tx, act, rows.WEBHOOK, [""] if alerting.webhook else [], after)
    detail = {
        "what": one.what,
        "due_at": one.due_at,
        "level": row.level,
        "rung": step.rung,
        "told": list(step.people),
    }
    draft = Draft(act, "alarm.raised", known.city, (row.subject,), detail=detail)
    raised = Raised(
        act,
        row.subject,
        one.label,
        one.what,
        step.rung,
        row.level,
        bool(reached) or alerting.mail is None,
    )
    return raised, draft


@dataclass(frozen=True)
class Owing:
    """Something due, and how far up it was told of."""

    owed: Owed
    alarm: str | None  # none: not late yet
    rung: Rung | None
    answered: tuple[str, ...] = ()  # by whom outside the city, who keep nothing from it


def owing(office: Office, *, everything: bool = False) -> list[Owing]:
    """What is late and unanswered, oldest alarm first; with ``everything`` all that is due."""
    with office.act() as tx:
        known = Known.of(office, tx)
        found = [
            Owing(
                owed(known, tx, _due(tx, row)),
                row.act,
                row.rung,
                tuple(known.name(one.by) for one in rows.answers_of_party(tx, row.due)),
            )
            for row in rows.open_alarms(tx)
        ]
        if everything:
            quiet = rows.not_yet(tx)
            found += [Owing(owed(known, tx, row), None, None) for row in quiet]
    return found


@dataclass(frozen=True)
class Taken:
    """An alarm that was answered; ``stops``: nobody further is told, the city neither."""

    alarm: str
    stops: bool


def answer(office: Office, named: str, by: str, signer: Signer, note: str = "") -> list[Taken]:
    """A person takes up what is late: nobody further is told of it; one entry each.

    Somebody outside the city answers for their own party: nobody further of it is told, and the
    city's officers are in their time, with who answered what.

    ``named`` is an alarm, or a carrier's label or the beginning of a subject's id.  Whoever is
    responsible for a carrier cannot silence its alarm alone, and nobody who is on no rung of it.
    """
    orders.must_be(office, by, signer)
    answered = []
    with office.act() as tx:
        known = Known.of(office, tx)
        for row in _named(tx, named):
            one = owed(known, tx, _due(tx, row))
            _may_answer(known, one, by)
            now = office.now()
            signed = issue_answer(Answer(alarm=row.act, subject=row.subject, by=by, at=now), signer)
            stops = _stops(known, one, by)
            if stops:
                rows.answer(tx, row.due, by, now, signed)
            else:
                entry = office.book.head(tx).size
                rows.answer_of_party(tx, row.due, by, now, entry, signed)
            detail = {"alarm": row.act, "what": row.what} | ({"note": note} if note else {})
            draft = Draft(new_act(), "alarm.answered", by, (row.subject,), detail=detail)
            office.write(tx, draft)
            answered.append(Taken(row.act, stops))
    return answered


def _named(tx: Connection, named: str) -> list[Row[Any]]:
    found = rows.open_alarms(tx)
    try:
        subject = records.carrier(tx, named).id
    except NotFound:
        subject = ""
    fitting = [
        row
        for row in found
        if subject == row.subject
        or (len(named) >= 8 and (row.act.startswith(named) or row.subject.startswith(named)))
    ]
    if not fitting:
        raise NotFound("no alarm of that name waits for an answer")
    return fitting


def _due(tx: Connection, alarm: Row[Any]) -> Row[Any]:
    return next(row for row in rows.due_rows(tx, alarm.subject) if row.n == alarm.due)


def _stops(known: Known, one: Owed, by: str) -> bool:
    """Is it the city's word, or is there nobody at the city to be told?"""
    ours = known.people[by].party == known.city
    return ours or not any(step.rung in OF_CITY and step.people for step in one.ladder)


def _may_answer(known: Known, one: Owed, by: str) -> None:
    steps = ladder(known, one.owner)
    if not any(by in step.people for step in steps):
        raise Refused("answering an alarm", ("alarm_not_yours",))
    if not one.kind.own and by == one.owner:
        raise Refused("answering an alarm", ("alarm_of_your_own",))
