"""Each link's own clock as due rows: a processor's officers are told first, then the city's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from azukari.desk import audit, closing, stating, tick, timeline
from azukari.desk.alarms import owing
from azukari.rehearse.clock import ms
from azukari.vault import alarms

JST = dt.timezone(dt.timedelta(hours=9))
NOTICE = "duty/appi-processor.notify.entrustor"
PROMPT = "duty/appi-processor.report.prompt"


@pytest.fixture
def lost(at_six: Any) -> Any:
    """Lost by the call centre, whose entrustor is the contractor; known at three, counted."""
    at_six.clock.set("2022-06-22 03:10")
    at_six.incident = at_six.lose().incident
    tick.tick(at_six.office)
    at_six.centre = at_six.cast.parties["centre"]
    at_six.contractor = at_six.cast.parties["contractor"]
    return at_six


def due(city: Any, party: str) -> dict[str, str]:
    with city.office.act() as tx:
        rows = [row for row in alarms.due_rows(tx, city.incident) if row.who == party]
    when = {row.what: dt.datetime.fromtimestamp(row.at / 1000, JST) for row in rows}
    return {what: f"{at:%m-%d %H:%M}" for what, at in when.items() if what.startswith("duty/")}


def say(city: Any, *words: tuple[str, str, str]) -> None:
    by = city.person("officer")
    stating.state(city.office, city.incident, words, by, city.office.now())
    tick.tick(city.office)


def matched(city: Any, party: str) -> list[Mapping[str, Any]]:
    events = timeline.timeline_of(city.office, city.incident).events
    told = [one.told for one in events if one.type == "duty.matched"]
    return [one for one in told if one["party"] == party]


def test_the_holders_deadlines_are_due_from_its_own_knowledge(lost: Any) -> None:
    found = due(lost, lost.centre)

    assert {NOTICE, PROMPT} < set(found)
    # It knew at three on the 22nd: day 1; the first bound ends with the 24th.
    assert "06-25 00:00" == found[NOTICE] == found[PROMPT]
    (said,) = matched(lost, lost.centre)
    assert "2022-06-22T03:00:00+09:00" == said["facts"]["known_at"]


def test_a_processors_deadline_climbs_from_its_officer_to_the_city(lost: Any) -> None:
    mine = next(
        one.owed
        for one in owing(lost.office, everything=True)
        if (one.owed.what, one.owed.owner) == (NOTICE, lost.centre)
    )

    assert ["officer", "city", "next"] == [step.rung for step in mine.ladder]
    assert (lost.person("centre_officer"),) == mine.ladder[0].people
    assert "見本コール" == mine.whose


def test_nobody_answers_and_it_climbs_by_itself(lost: Any) -> None:
    rungs = []
    for clock in ("2022-06-24 00:01", "2022-06-24 01:02", "2022-06-24 02:03"):
        lost.clock.set(clock)
        raised = tick.tick(lost.office).raised
        rungs += [one.rung for one in raised if one.what == NOTICE]

    assert ["officer", "city", "next"] == rungs


def test_a_party_between_has_its_deadlines_when_somebody_says_when_it_knew(lost: Any) -> None:
    assert {} == due(lost, lost.contractor)
    assert [] == matched(lost, lost.contractor)
    lost.clock.set("2022-06-23 12:00")

    say(lost, ("knew", lost.contractor, str(ms("2022-06-23 10:00"))))

    assert "06-26 00:00" == due(lost, lost.contractor)[NOTICE]
    assert "06-25 00:00" == due(lost, lost.centre)[NOTICE]


def test_a_word_on_when_it_knew_that_is_taken_back_takes_its_deadlines(lost: Any) -> None:
    say(lost, ("knew", lost.contractor, str(ms("2022-06-22 03:05"))))
    assert due(lost, lost.contractor)

    say(lost, ("knew", lost.contractor, "unknown"))

    assert {} == due(lost, lost.contractor)
    assert [] == matched(lost, lost.contractor)[-1]["duties"]


def test_who_told_its_entrustor_owes_no_notice_and_no_report_more(lost: Any) -> None:
    assert {NOTICE, PROMPT} < set(due(lost, lost.centre))

    say(lost, ("told", lost.centre, str(ms("2022-06-22 03:08"))))

    assert {} == due(lost, lost.centre)
    assert {"met"} == {
        one["release"] for one in matched(lost, lost.centre)[-1]["duties"] if "release" in one
    }


def test_a_holder_right_under_the_city_has_told_it_by_declaring(city: Any) -> None:
    """The contractor's engineer had it: the declaration is that party's notice."""
    from azukari.desk.custody import pass_on

    hand = city.cast.hand
    for carrier in city.carriers:
        pass_on(city.office, carrier, "hand-over", hand("clerk"), hand("engineer"))
    city.clock.set("2022-06-22 03:10")
    city.incident = city.lose().incident
    tick.tick(city.office)

    assert {} == due(city, city.cast.parties["contractor"])
    (said,) = matched(city, city.cast.parties["contractor"])
    assert "2022-06-22T03:10" == said["facts"]["told_entrustor_at"][:16]


def test_attack_one_partys_word_does_not_answer_for_another(lost: Any) -> None:
    say(lost, ("knew", lost.contractor, str(ms("2022-06-22 03:00"))))
    assert due(lost, lost.contractor)[NOTICE] == due(lost, lost.centre)[NOTICE]

    by, duty = lost.person("officer"), NOTICE.removeprefix("duty/")
    closing.answer(lost.office, lost.incident, duty, "done", "例", by, lost.contractor)
    say(lost, ("special_care", "", "unknown"))  # matched anew: what is answered stays so

    assert NOTICE not in due(lost, lost.contractor)
    assert NOTICE in due(lost, lost.centre)
    assert [] == audit.audit(lost.office)
    unanswered = closing.standing(lost.office, lost.incident, dt.date(2022, 6, 22)).unanswered
    assert duty in unanswered

    closing.answer(lost.office, lost.incident, duty, "done", "例", by, lost.centre)
    assert duty not in closing.standing(lost.office, lost.incident, dt.date(2022, 6, 22)).unanswered


def test_when_the_incident_is_closed_nothing_of_any_party_is_due(lost: Any) -> None:
    on = dt.date(2022, 6, 22)
    by = lost.person("officer")
    for duty in closing.standing(lost.office, lost.incident, on).unanswered:
        closing.answer(lost.office, lost.incident, duty, "not-due", "例: 訓練のため", by)

    closing.close(lost.office, lost.incident, by, dict.fromkeys(lost.carriers, "例"), on)

    assert {} == due(lost, lost.centre) == due(lost, lost.city)
