"""The timeline of an incident, its tasks, and its end: nothing closes by itself or by default."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from azukari.desk import audit, closing, loss, tasks, tick, timeline
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.incident import tasks as checklist
from azukari.ledger.entry import decode
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.vault import media, records

LAW_ON = dt.date(2023, 4, 1)


@pytest.fixture
def lost(at_six: Any) -> Any:
    """Both carriers lost, known at three, declared a little later."""
    at_six.clock.set("2022-06-22 03:10")
    at_six.incident = at_six.lose().incident
    return at_six


def answer_all(city: Any) -> None:
    now = closing.standing(city.office, city.incident, LAW_ON)
    for duty in now.unanswered:
        closing.answer(
            city.office, city.incident, duty, "not-due", "例: 訓練のため", city.person("officer")
        )


def detail(city: Any, kind: str) -> Any:
    with city.office.act() as tx:
        lines = city.office.book.entries(tx, 0, city.office.book.head(tx).size)
        index = [i for i, line in enumerate(lines) if decode(line).type == kind][-1]
        return city.office.book.detail(tx, index)


# -- the timeline


def test_event_known_and_recorded_times_are_apart(lost: Any) -> None:
    found = timeline.timeline_of(lost.office, lost.incident)

    assert ms("2022-06-21 22:30") == found.last_held_at
    assert ms("2022-06-22 03:00") == found.known_at
    assert ms("2022-06-22 03:10") <= found.recorded_at
    assert found.revoked_at is not None
    assert found.revoked_at <= found.recorded_at


def test_the_acts_write_the_timeline_in_the_order_of_recording(lost: Any) -> None:
    kinds = [one.type for one in timeline.timeline_of(lost.office, lost.incident).events]

    for earlier, later in (
        ("carrier.sealed", "carrier.handed_over"),
        ("carrier.received", "carrier.revoked"),
        ("carrier.revoked", "carrier.lost"),
        ("carrier.lost", "incident.opened"),
    ):
        assert kinds.index(earlier) < kinds.index(later)


def test_a_note_stands_beside_and_its_words_in_no_entry(lost: Any) -> None:
    text = "例: 駅前の店に電話した"

    timeline.note(lost.office, lost.incident, lost.person("officer"), text, ms("2022-06-22 01:00"))

    found = timeline.timeline_of(lost.office, lost.incident)
    (note,) = [one for one in found.events if one.type == "incident.noted"]
    assert {"text": text} == note.told
    assert ms("2022-06-22 01:00") == note.happened_at
    with lost.office.act() as tx:
        lines = lost.office.book.entries(tx, 0, lost.office.book.head(tx).size)
        assert not [line for line in lines if text.encode() in line]
        lost.office.book.erase_detail(tx, note.index, at=lost.clock.now())
    found = timeline.timeline_of(lost.office, lost.incident)
    assert [{}] == [one.told for one in found.events if one.type == "incident.noted"]


def test_the_polices_number(lost: Any) -> None:
    timeline.police(lost.office, lost.incident, lost.person("officer"), "例: 架空東署", "第123号")

    (told,) = timeline.timeline_of(lost.office, lost.incident).police
    assert {"number": "第123号", "station": "例: 架空東署"} == told.told


@pytest.mark.parametrize("text", ["", "  ", "あ" * 2_001])
def test_a_note_of_nothing_or_of_pages_is_refused(lost: Any, text: str) -> None:
    before = lost.types("office")

    with pytest.raises(BadInput):
        timeline.note(lost.office, lost.incident, lost.person("officer"), text)

    assert before == lost.types("office")


def test_a_note_of_tomorrow_is_refused(lost: Any) -> None:
    with pytest.raises(BadInput):
        timeline.note(
            lost.office, lost.incident, lost.person("officer"), "例", lost.clock.now() + 60_000
        )


# -- tasks


def test_the_checklist_begins_with_the_incident(lost: Any) -> None:
    found = tasks.tasks_of(lost.office, lost.incident)

    assert [one.code for one in checklist.load()] == [one.code for one in found]
    recorded = timeline.timeline_of(lost.office, lost.incident).recorded_at
    for one, listed in zip(found, checklist.load(), strict=True):
        assert abs(listed.due_at(recorded) - one.due_at) < 1_000
        assert one.ja
        assert one.en.isascii()


def test_a_task_that_is_late_raises_the_alarm_once_and_a_done_one_never(lost: Any) -> None:
    found = {one.code: one for one in tasks.tasks_of(lost.office, lost.incident)}
    tasks.done(lost.office, lost.incident, "search", lost.person("officer"))
    lost.clock.set("2022-06-22 04:30")

    alarms = tick.tick(lost.office).alarms

    assert found["locate"].id in alarms
    assert found["search"].id not in alarms
    assert not {found["locate"].id} & set(tick.tick(lost.office).alarms)


def test_a_task_of_somebodys_own(lost: Any) -> None:
    by, due = lost.person("officer"), lost.clock.now() + 3_600_000

    own = tasks.add(lost.office, lost.incident, by, "例: 店にもう一度電話する", "lead", due)
    tasks.done(lost.office, lost.incident, own[:8], by)

    (one,) = [one for one in tasks.tasks_of(lost.office, lost.incident) if one.id == own]
    assert "例: 店にもう一度電話する" == one.ja
    assert by == one.done_by
    with pytest.raises(Conflict):
        tasks.done(lost.office, lost.incident, own, by)


@pytest.mark.parametrize("task", ["", "nothing", "0" * 26])
def test_a_task_nobody_knows(lost: Any, task: str) -> None:
    with pytest.raises(NotFound):
        tasks.done(lost.office, lost.incident, task, lost.person("officer"))


# -- duties


def test_an_answered_duty_is_due_no_more_and_a_closed_incident_owes_nothing(lost: Any) -> None:
    from azukari.desk import alarms

    def owed() -> set[str]:
        found = alarms.owing(lost.office, everything=True)
        return {one.owed.what for one in found if one.owed.subject == lost.incident}

    tick.tick(lost.office)
    duty = next(iter(sorted(what for what in owed() if what.startswith("duty/"))))
    by = lost.person("officer")

    closing.answer(lost.office, lost.incident, duty.partition("/")[2], "done", "例: 提出", by)
    tick.tick(lost.office)
    assert duty not in owed()

    answer_all(lost)
    why = dict.fromkeys(lost.carriers, "例: 理由")
    closing.close(lost.office, lost.incident, by, why, LAW_ON)
    tick.tick(lost.office)
    assert set() == owed()


# -- the end


def test_nothing_closes_while_a_carrier_is_missing_or_a_duty_unanswered(lost: Any) -> None:
    before = lost.types("office")

    with pytest.raises(Refused) as refused:
        closing.close(lost.office, lost.incident, lost.person("officer"), {}, LAW_ON)

    assert ["carrier_still_missing", "duty_not_answered"] == list(refused.value.reasons)
    assert before == lost.types("office")
    assert loss.OPEN == _state(lost)


def test_found_and_written_off_and_answered_it_closes_and_frees_the_media(lost: Any) -> None:
    loss.find(lost.office, lost.carriers[0], lost.media[0], *_hand(lost, "officer"))
    answer_all(lost)
    why = {lost.carriers[1]: "例: 焼却炉に落ちたのを二人が見た"}

    ended = closing.close(lost.office, lost.incident, lost.person("officer"), why, LAW_ON)

    assert dict(zip(lost.carriers, ("found", "written_off"), strict=True)) == ended.carriers
    assert "closed" == _state(lost)
    assert why == detail(lost, "incident.closed")["written_off"]
    assert "search" in detail(lost, "incident.closed")["left"]
    with lost.office.act() as tx:
        tags = [records.carrier(tx, carrier).tag for carrier in lost.carriers]
        assert [None, None] == [media.occupied(tx, tag) for tag in tags]
    lost.clock.set("2022-08-01 09:00")
    assert not {one.id for one in tasks.tasks_of(lost.office, lost.incident)} & set(
        tick.tick(lost.office).alarms
    )
    assert [] == audit.audit(lost.office)


def test_a_medium_is_not_free_while_one_of_two_incidents_is_open(lost: Any) -> None:
    lost.lose()
    answer_all(lost)
    why = dict.fromkeys(lost.carriers, "例: 理由")

    closing.close(lost.office, lost.incident, lost.person("officer"), why, LAW_ON)

    with lost.office.act() as tx:
        assert media.occupied(tx, records.carrier(tx, lost.carriers[0]).tag) is not None


def test_a_closed_incident_takes_nothing_more(lost: Any) -> None:
    answer_all(lost)
    by, why = lost.person("officer"), dict.fromkeys(lost.carriers, "例: 理由")
    closing.close(lost.office, lost.incident, by, why, LAW_ON)
    before = lost.types("office")

    for again in (
        lambda: closing.close(lost.office, lost.incident, by, why, LAW_ON),
        lambda: timeline.note(lost.office, lost.incident, by, "例"),
        lambda: tasks.done(lost.office, lost.incident, "search", by),
        lambda: closing.answer(lost.office, lost.incident, "x", "done", "例", by),
    ):
        with pytest.raises(Conflict):
            again()

    assert before == lost.types("office")


def test_a_revocation_that_is_owed_keeps_it_open(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from azukari.errors import Unreachable

    def away(*_: object, **__: object) -> None:
        raise Unreachable("it does not answer")

    monkeypatch.setattr(at_six.keeper, "revoke", away)
    at_six.incident = at_six.lose().incident
    answer_all(at_six)
    why = dict.fromkeys(at_six.carriers, "例: 理由")

    with pytest.raises(Refused, match="closing") as refused:
        closing.close(at_six.office, at_six.incident, at_six.person("officer"), why, LAW_ON)

    assert ["revocation_owed"] == list(refused.value.reasons)


def test_what_is_not_in_the_incident_is_not_written_off(lost: Any) -> None:
    with pytest.raises(NotFound):
        closing.close(lost.office, lost.incident, lost.person("officer"), {new_id(): "例"}, LAW_ON)


def test_said_again_the_newest_word_counts_and_both_stay(lost: Any) -> None:
    (duty, *_) = closing.standing(lost.office, lost.incident, LAW_ON).unanswered
    by = lost.person("officer")

    closing.answer(lost.office, lost.incident, duty, "not-due", "例: 一", by)
    closing.answer(lost.office, lost.incident, duty, "done", "例: 二", by)

    now = closing.standing(lost.office, lost.incident, LAW_ON)
    assert ("done", "例: 二") == (now.answers[duty].said, now.answers[duty].because)
    assert 2 == lost.types("office").count("duty.answered")


def _state(city: Any) -> str:
    from sqlalchemy import select

    from azukari.vault import schema

    rows = schema.incident.c
    with city.office.act() as tx:
        found = tx.execute(select(rows.state).where(rows.id == city.incident)).scalar_one()
        return str(found)


def _hand(city: Any, name: str) -> Any:
    return city.person(name), city.cast.signer(name)
