"""A declared loss is told at once: the city's officers and those of every party of its chain."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from azukari.desk import alarms, audit, first_word, tick
from azukari.desk.alarms import Alerting
from azukari.incident.overdue import Plan, Quiet
from azukari.shelf.mailing import Route
from azukari.vault import alarms as rows
from azukari.vault import schema

#: Nothing listens there: what is to be sent waits in the outbox.
NOBODY = Route(host="127.0.0.1", port=9, sender="azukari@kakuu.example")
OFFICERS = ("officer", "clerk", "deputy", "contractor_officer", "centre_officer")


@pytest.fixture
def lost(at_six: Any) -> Any:
    """Both carriers lost at three in the night; everybody has an address."""
    at_six.clock.set("2022-06-22 03:10")
    with at_six.office.act() as tx:
        for name, person in at_six.cast.people.items():
            rows.set_contact(tx, person, f"{name}@kakuu.example", at_six.clock.now())
    at_six.incident = at_six.lose().incident
    return at_six


def messages(city: Any) -> dict[str, int]:
    """To whom a mail waits, and from when on."""
    with city.office.act() as tx:
        found = tx.execute(select(schema.message)).all()
    names = {person: name for name, person in city.cast.people.items()}
    return {names[row.person]: row.after for row in found if row.channel == rows.MAIL}


def told(city: Any) -> list[tuple[str, str]]:
    """Of what people were told, and on which rung."""
    found = [one for one in alarms.owing(city.office) if one.owed.subject == city.incident]
    return sorted((one.owed.whose, str(one.rung)) for one in found)


def test_every_officer_of_the_chain_is_written_to_at_once_and_nobody_else(lost: Any) -> None:
    posted = first_word.tell(lost.office, Alerting(mail=NOBODY))

    assert set(OFFICERS) == set(messages(lost))
    assert 0 == posted.sent
    assert {"mail"} == {channel for channel, _ in posted.failed}  # it waits, and nothing fails
    assert [("例示受託", "officer"), ("架空市", "city"), ("見本コール", "officer")] == told(lost)


def test_attack_quiet_hours_never_silence_a_loss(lost: Any) -> None:
    night = Plan(quiet=Quiet.of("22:00-07:00"))

    first_word.tell(lost.office, Alerting(plan=night, mail=NOBODY))

    now = lost.clock.now()
    assert set(OFFICERS) == set(messages(lost))
    # A first try that failed waits a minute, and never for the morning.
    assert all(after <= now + 60_000 for after in messages(lost).values())


def test_it_is_told_once_and_the_tick_goes_on_with_it(lost: Any) -> None:
    first_word.tell(lost.office, Alerting(mail=NOBODY))
    before = lost.types("office").count("alarm.raised")

    first_word.tell(lost.office, Alerting(mail=NOBODY))
    assert before == lost.types("office").count("alarm.raised")

    lost.clock.set("2022-06-22 04:30")
    raised = tick.tick(lost.office, Alerting(mail=NOBODY)).raised
    assert {"city", "next"} == {one.rung for one in raised if one.what == "loss"}


def test_a_program_that_died_before_it_told_anybody_leaves_it_to_the_tick(lost: Any) -> None:
    raised = tick.tick(lost.office, Alerting(mail=NOBODY)).raised

    assert 3 == len([one for one in raised if one.what == "loss"])
    assert set(OFFICERS) == set(messages(lost))


def test_being_told_is_no_failure_and_opens_no_measure(lost: Any) -> None:
    first_word.tell(lost.office, Alerting())

    opened = tick.tick(lost.office).measures

    with lost.office.act() as tx:
        found = tx.execute(select(schema.measure.c.control)).scalars().all()
    assert opened
    assert "late" not in found
    assert "lost" in found
    assert [] == audit.audit(lost.office)


def test_whose_papers_are_broken_is_told_to_the_city_all_the_same(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.errors import Conflict

    def broken(*_: object) -> None:
        raise Conflict("the chain of agreements is broken")

    monkeypatch.setattr(first_word, "chain", broken)
    at_six.incident = at_six.lose().incident

    first_word.tell(at_six.office, Alerting())

    assert [("架空市", "city")] == told(at_six)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_message_says_that_it_is_a_loss_and_not_that_something_is_late(language: Any) -> None:
    from azukari.incident.notice import Notice

    loss = Notice("a", "loss", "C-7Q4M-2K", 0, 0, "officer", "", "00-0000-0000")
    late = Notice("a", "return", "C-7Q4M-2K", 0, 0, "officer", "", "00-0000-0000")

    words = {"ja": ("紛失が申告されました", "期限を過ぎた"), "en": ("was declared", "is late")}
    first, second = words[language]
    assert first in loss.text(language)
    assert first in loss.subject(language)
    assert second not in loss.text(language)
    assert second in late.text(language)
