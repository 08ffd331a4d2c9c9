"""Deadlines of law as due rows: there when an incident opens, moved by knowledge, told early."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from azukari.desk import closing, deadlines, respond, tick
from azukari.incident import duty, pack
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.vault import alarms, schema

JST = dt.timezone(dt.timedelta(hours=9))
KNEW = "2023-06-01 10:00"  # a Thursday, under the law in force since April
HOUR = 3_600_000


@pytest.fixture
def incident(city: Any) -> str:
    """An incident of 1 June 2023, of which nothing is known but that it is one."""
    identifier = new_id()
    city.clock.set(KNEW)
    with city.office.act() as tx:
        tx.execute(
            schema.incident.insert().values(
                id=identifier, act=new_id(), carriers="", state="open", declared=b"{}"
            )
        )
        deadlines.opened(tx, identifier, city.city, ms(KNEW))
    return identifier


def due(city: Any, incident: str) -> dict[str, str]:
    with city.office.act() as tx:
        rows = alarms.due_rows(tx, incident)
    when = {row.what: dt.datetime.fromtimestamp(row.at / 1000, JST) for row in rows}
    return {what: f"{at:%m-%d %H:%M}" for what, at in when.items()}


def facts(**known: Any) -> tuple[duty.Duty, ...]:
    at = dt.datetime.fromtimestamp(ms(KNEW) / 1000, JST)
    return duty.match(duty.Facts("organ", at, **known), pack.packs(), at.date())


def follow(city: Any, incident: str, duties: tuple[duty.Duty, ...]) -> None:
    with city.office.act() as tx:
        deadlines.follow(tx, incident, city.city, duties)


NOBODY = {
    "persons": 0,
    "special_care": False,
    "ordinance_special_care": False,
    "property_damage": False,
    "possibly_improper_purpose": False,
}


def test_what_is_not_known_counts_as_possible(city: Any, incident: str) -> None:
    found = due(city, incident)

    prompt = [what for what in found if what.endswith("prompt")]
    assert prompt
    # Day 1 is the day of knowing; the first of the bounds is the one that is safe.
    assert {"06-04 00:00"} == {found[what] for what in prompt}
    assert {one.id for one in facts(persons=None) if one.due} == {w[5:] for w in found}


def test_every_deadline_has_the_citys_officers_on_its_first_rung(city: Any, incident: str) -> None:
    from azukari.desk.alarms import owing

    mine = [one for one in owing(city.office, everything=True) if one.owed.subject == incident]

    officers = sorted(city.person(name) for name in ("clerk", "officer", "deputy"))
    assert mine
    assert all(officers == list(one.owed.ladder[0].people) for one in mine)


def test_they_are_told_a_day_before_and_once(city: Any, incident: str) -> None:
    city.clock.set("2023-06-03 00:00")
    assert incident not in tick.tick(city.office).alarms
    city.clock.set("2023-06-03 00:01")

    told = tick.tick(city.office).alarms.count(incident)

    assert told == sum(at == "06-04 00:00" for at in due(city, incident).values())
    assert incident not in tick.tick(city.office).alarms


def test_what_no_longer_applies_is_due_no_more_and_may_be_due_again(
    city: Any, incident: str
) -> None:
    before = due(city, incident)

    follow(city, incident, facts(**NOBODY))
    assert {} == due(city, incident)
    follow(city, incident, facts(persons=None))

    assert before == due(city, incident)


def test_a_day_that_moves_is_told_of_anew(city: Any, incident: str) -> None:
    improper = {"persons": 5_000, "possibly_improper_purpose": True}
    final = [one for one in due(city, incident) if one.endswith("final")]
    follow(city, incident, facts(**(improper | {"possibly_improper_purpose": False})))
    short = due(city, incident)
    city.clock.set("2023-06-30 12:00")
    tick.tick(city.office)

    follow(city, incident, facts(**improper))

    moved = due(city, incident)
    assert final
    for one in final:
        assert short[one] < moved[one]
    with city.office.act() as tx:
        levels = {row.what: row.level for row in alarms.due_rows(tx, incident)}
    assert {0} == {levels[one] for one in final}


def test_what_a_person_answered_is_not_asked_again(city: Any, incident: str) -> None:
    what = min(due(city, incident))

    closing.answer(city.office, incident, what[5:], "done", "filed", city.person("officer"))
    assert what not in due(city, incident)
    follow(city, incident, facts(persons=None))

    assert what not in due(city, incident)


def test_a_loss_sets_them_in_its_own_transaction_and_counting_comes_once(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_six.clock.set(KNEW)
    when = {"known_at": ms(KNEW), "last_held_at": ms(KNEW), "lost_before": ms(KNEW)}
    incident = at_six.lose(**when).incident
    assert due(at_six, incident)
    counted: list[str] = []
    real = respond.respond

    def counts(office: Any, one: str, **how: Any) -> Any:
        counted.append(one)
        return real(office, one, **how)

    monkeypatch.setattr(respond, "respond", counts)
    for _ in range(3):
        tick.tick(at_six.office)

    assert [incident] == counted
    assert due(at_six, incident)
