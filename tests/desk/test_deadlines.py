"""Deadlines of law as due rows: there when an incident opens, moved by knowledge, told early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from azukari.desk import closing, deadlines, respond, stating, tick, timeline
from azukari.incident import duty, matched, pack
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
        deadlines.opened(city.office, tx, identifier, new_id())
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
        deadlines.follow(city.office, tx, incident, city.city, duties)


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


# -- what was matched is written down


def lose(city: Any) -> str:
    city.clock.set(KNEW)
    when = {"known_at": ms(KNEW), "last_held_at": ms(KNEW), "lost_before": ms(KNEW)}
    return str(city.lose(**when).incident)


def kept(city: Any, incident: str) -> list[Mapping[str, Any]]:
    """What the timeline tells that the city's duties were matched to, each time."""
    events = timeline.timeline_of(city.office, incident).events
    found = [one.told for one in events if one.type == "duty.matched"]
    return [one for one in found if one["party"] == city.city]


def another_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on every pack with days says forty of them, under another digest."""
    real = pack.load

    def load(name: str) -> pack.Pack:
        found = real(name)
        changed = tuple(
            msgspec.structs.replace(one, days=(40, 40), days_if_improper_purpose=None)
            if one.days
            else one
            for one in found.obligation
        )
        return msgspec.structs.replace(found, obligation=changed, sha256="0" * 64)

    monkeypatch.setattr(pack, "load", load)


def test_the_duties_are_an_entry_from_the_moment_the_incident_opens(at_six: Any) -> None:
    incident = lose(at_six)

    (said,) = kept(at_six, incident)
    assert "duty.matched" == at_six.types("office")[-1]
    assert {"appi-organ", "my-number"} == set(said["packs"])
    assert pack.load("appi-organ").sha256 == said["packs"]["appi-organ"]
    assert "2023-06-01" == said["law_on"]
    prompt = next(one for one in said["duties"] if one["text"]["id"] == "appi-organ.report.prompt")
    assert ("not_known", "2023-06-03") == (prompt["state"], prompt["due_on"])
    assert prompt["text"]["sentence_ja"]
    assert prompt["text"]["date_read"]


def test_what_more_is_known_is_an_entry_more_and_nothing_new_is_none(at_six: Any) -> None:
    incident = lose(at_six)
    tick.tick(at_six.office)
    opened, counted = kept(at_six, incident)
    tick.tick(at_six.office)
    assert 2 == len(kept(at_six, incident))
    assert "persons" not in opened["facts"]
    assert counted["facts"]["persons"] > 0

    word = ("improper_purpose", "", "yes")
    stating.state(at_six.office, incident, [word], at_six.person("officer"), at_six.clock.now())
    before = due(at_six, incident)
    tick.tick(at_six.office)

    assert kept(at_six, incident)[-1]["facts"]["possibly_improper_purpose"] is True
    assert (
        before["duty/appi-organ.report.final"]
        < due(at_six, incident)["duty/appi-organ.report.final"]
    )


def test_attack_another_pack_afterwards_changes_nothing_of_what_was_owed(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = lose(at_six)
    tick.tick(at_six.office)
    before, owed = kept(at_six, incident), due(at_six, incident)

    another_law(monkeypatch)
    tick.tick(at_six.office)

    assert before == kept(at_six, incident)
    assert owed == due(at_six, incident)


def test_attack_another_pack_is_never_matched_without_an_entry_that_says_so(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A word more matches anew, by the law as it reads then: seen, and what was before stands."""
    incident = lose(at_six)
    tick.tick(at_six.office)
    before = kept(at_six, incident)

    another_law(monkeypatch)
    word = ("special_care", "", "yes")
    stating.state(at_six.office, incident, [word], at_six.person("officer"), at_six.clock.now())
    tick.tick(at_six.office)

    *old, new = kept(at_six, incident)
    assert before == old
    assert {"0" * 64} == set(new["packs"].values())
    assert matched.summary(new).first_due_on > matched.summary(old[-1]).first_due_on


def test_what_was_matched_and_is_erased_leaves_a_line_without_words(at_six: Any) -> None:
    incident = lose(at_six)
    with at_six.office.act() as tx:
        index = at_six.office.book.head(tx).size - 1
        at_six.office.book.erase_detail(tx, index, at=at_six.clock.now())

    events = timeline.timeline_of(at_six.office, incident).events

    assert [{}] == [one.told for one in events if one.type == "duty.matched"]
