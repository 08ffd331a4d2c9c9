"""Rows of an incident that somebody changed in the database: no page tells them, the audit does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from azukari.desk import audit, closing, measures, respond, stating, tasks, tick, timeline, written
from azukari.errors import LedgerBroken
from azukari.vault import schema

pytestmark = pytest.mark.real

LAW_ON = dt.date(2023, 4, 1)


@pytest.fixture
def told(at_six: Any) -> Any:
    """A loss of which people said this and that."""
    at_six.clock.set("2022-06-22 03:10")
    office, by = at_six.office, at_six.person("officer")
    incident = at_six.incident = at_six.lose(in_the_bag=True).incident
    tick.tick(office)
    words = [("my_number", "", "no"), ("special_care", "", "unknown")]
    stating.state(office, incident, words, by, office.now())
    [duty, *_] = closing.standing(office, incident, LAW_ON).unanswered
    closing.answer(office, incident, duty, "not-due", "例", by)
    tasks.done(office, incident, "police", by)
    measures.done(office, measures.measures_of(office)[0].id, by, "例: 訓練")
    return at_six


def declared(tx: Connection, **changed: Any) -> None:
    row = tx.execute(schema.incident.select()).one()
    said = msgspec.json.decode(row.declared) | changed
    tx.execute(schema.incident.update().values(declared=msgspec.json.encode(said)))


def nothing_in_the_bag(tx: Connection) -> None:
    declared(tx, in_the_bag=False)


def known_later(tx: Connection) -> None:
    row = tx.execute(schema.incident.select()).one()
    declared(tx, known_at=msgspec.json.decode(row.declared)["known_at"] + 3_600_000)


def by_somebody_else(tx: Connection) -> None:
    declared(tx, by="0" * 26)


def one_carrier_fewer(tx: Connection) -> None:
    row = tx.execute(schema.incident.select()).one()
    tx.execute(schema.incident.update().values(carriers=row.carriers.split()[0]))


def closed(tx: Connection) -> None:
    tx.execute(schema.incident.update().values(state="closed"))


def stated_otherwise(tx: Connection) -> None:
    rows = schema.stated
    tx.execute(rows.update().where(rows.c.question == "special_care").values(answer="no"))


def stated_no_more(tx: Connection) -> None:
    tx.execute(schema.stated.delete())


def stated_by_nobody(tx: Connection) -> None:
    row = tx.execute(schema.stated.select().limit(1)).one()._asdict()
    tx.execute(schema.stated.insert().values(row | {"n": 99, "answer": "yes"}))


def answered_as_done(tx: Connection) -> None:
    tx.execute(schema.duty_answer.update().values(said="done"))


def answered_another_duty(tx: Connection) -> None:
    tx.execute(schema.duty_answer.update().values(duty="appi-organ.report.final"))


def answered_no_more(tx: Connection) -> None:
    tx.execute(schema.duty_answer.delete())


def every_task_done(tx: Connection) -> None:
    tx.execute(schema.task.update().values(done_at=1, done_by="0" * 26))


CHANGES = [
    nothing_in_the_bag,
    known_later,
    by_somebody_else,
    one_carrier_fewer,
    closed,
    stated_otherwise,
    stated_no_more,
    stated_by_nobody,
    answered_as_done,
    answered_another_duty,
    answered_no_more,
    every_task_done,
]


def test_as_it_was_written_there_is_no_difference(told: Any) -> None:
    assert [] == written.differences(told.office)
    assert [] == audit.audit(told.office)


@pytest.mark.parametrize("change", CHANGES)
def test_attack_the_database_says_of_a_loss_what_the_ledger_does_not(
    told: Any, change: Callable[[Connection], None]
) -> None:
    """Changed by hand and printed again: nothing is printed, and the audit says what it is."""
    with told.office.act() as tx:
        change(tx)

    with pytest.raises(LedgerBroken):
        respond.respond(told.office, told.incident, party="", law_on=LAW_ON)
    with pytest.raises(LedgerBroken):
        timeline.timeline_of(told.office, told.incident)
    assert [] != audit.audit(told.office)


def test_attack_an_incident_is_taken_out_of_the_database(told: Any) -> None:
    with told.office.act() as tx:
        tx.execute(schema.incident.delete())

    assert ["an incident was opened and has no row any more"] == [
        one.what for one in audit.audit(told.office)
    ]


def test_attack_a_measure_is_closed_in_the_database(told: Any) -> None:
    with told.office.act() as tx:
        rows = schema.measure
        tx.execute(rows.update().values(closed_by="0" * 26, closed_at=1, closed_entry=0))

    assert [] != audit.audit(told.office)


def test_what_was_erased_is_still_somebodys_word(told: Any) -> None:
    """A detail that is gone says nothing against its row."""
    with told.office.act() as tx:
        size = told.office.book.head(tx).size
    for i in range(size):
        if told.entries("office")[i].type in ("incident.stated", "duty.answered", "carrier.lost"):
            with told.office.act() as tx:
                told.office.book.erase_detail(tx, i, at=told.clock.now())

    assert [] == written.differences(told.office)
