"""Supervision: who may check, what a draw is, what is late, and that nobody closes their own."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import people, supervise, supervision
from azukari.desk.audit import audit
from azukari.desk.tick import tick
from azukari.entrust.supervision import Kind, State, sample
from azukari.errors import BadInput, BadSignature, Conflict, NotFound, Refused
from azukari.rehearse.clock import ms

pytestmark = pytest.mark.real

BY = ms("2022-07-15 23:59")
LATER = ms("2022-08-01 23:59")


def test_a_check_is_planned_and_done_with_one_entry_each(checks: Any) -> None:
    before = len(checks.city.types("office"))

    check = checks.plan()
    checks.city.clock.set("2022-07-14 10:00")
    checks.done(check, looked=[checks.city.person("engineer")])

    assert ["supervision.planned", "supervision.done"] == checks.city.types("office")[before:]
    found = checks.only()
    assert State.DONE is found.state(checks.city.clock.now())
    assert checks.city.person("approver_1") == found.done_by == checks.entry().by
    assert (checks.city.person("engineer"),) == found.looked
    assert checks.secret == found.findings
    assert [] == audit(checks.office)


def test_a_check_that_is_not_recorded_by_its_day_raises_the_alarm_once(checks: Any) -> None:
    check = checks.plan()
    checks.city.clock.set("2022-07-15 23:00")
    assert check not in tick(checks.office).alarms

    checks.city.clock.set("2022-07-16 00:01")

    assert check in tick(checks.office).alarms
    assert check not in tick(checks.office).alarms
    assert State.LATE is checks.only().state(checks.city.clock.now())
    checks.done(check, on=ms("2022-07-14 10:00"))
    # What counts is when it was recorded, whatever day is named.
    assert State.DONE_LATE is checks.only().state(checks.city.clock.now())


def test_a_check_that_was_recorded_raises_nothing(checks: Any) -> None:
    check = checks.plan()
    checks.done(check)

    checks.city.clock.set("2022-07-16 00:01")

    assert check not in tick(checks.office).alarms


def test_a_follow_up_that_nobody_closed_raises_the_alarm(checks: Any) -> None:
    one = checks.followed("contractor_officer")

    checks.city.clock.set("2022-08-02 00:01")

    assert one in tick(checks.office).alarms
    supervise.follow_up(checks.office, one, "00" * 32, "見た", checks.hand)
    assert State.DONE_LATE is checks.only().follow_ups[0].state(checks.city.clock.now())


def test_whoever_had_to_do_it_does_not_close_it(checks: Any) -> None:
    one = checks.followed("approver_1")

    with pytest.raises(Refused) as refused:
        supervise.follow_up(checks.office, one, "00" * 32, "済み", checks.hand)

    assert ("closed_by_who_had_to_do_it",) == refused.value.reasons
    assert checks.only().follow_ups[0].closed_at is None
    supervise.follow_up(checks.office, one, "00" * 32, "見た", checks.city.cast.hand("approver_2"))
    closed = checks.only().follow_ups[0]
    assert (checks.city.person("approver_2"), "00" * 32) == (closed.closed_by, closed.evidence)
    assert "supervision.followed_up" == checks.entry().type
    with pytest.raises(Conflict):
        supervise.follow_up(checks.office, one, "00" * 32, "見た", checks.hand)


def test_a_draw_is_recorded_and_everybody_draws_the_same_from_it(checks: Any) -> None:
    _, drawn = checks.sampled()

    entry = checks.entry()

    assert "supervision.drawn" == entry.type
    assert drawn == entry.refs[2:]
    assert drawn == sample(checks.city.carriers, entry.act, 1)
    assert len(checks.city.carriers) == checks.only().among


def test_attack_a_draw_that_nobody_saw_because_the_ledger_failed(
    checks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its entry there is no draw: nobody draws until they like it."""
    check = checks.plan(Kind.SAMPLE, 1)
    with monkeypatch.context() as broken:
        broken.setattr(type(checks.office), "write", _fails)
        with pytest.raises(Conflict):
            supervise.draw(checks.office, check, checks.hand)

    assert () == checks.only().drawn


def test_attack_draw_again_until_the_good_ones_come(checks: Any) -> None:
    check, drawn = checks.sampled()

    with pytest.raises(Conflict):
        supervise.draw(checks.office, check, checks.hand)

    assert drawn == checks.only().drawn


def test_attack_leave_out_the_carrier_that_was_drawn(checks: Any) -> None:
    check, drawn = checks.sampled()
    [other] = set(checks.city.carriers) - set(drawn)

    with pytest.raises(Refused) as refused:
        checks.done(check, looked=[other])

    assert ("sample_not_looked_at",) == refused.value.reasons
    assert checks.only().done_at is None
    checks.done(check, looked=[other, *drawn])


def test_a_sample_is_drawn_before_it_is_done(checks: Any) -> None:
    check = checks.plan(Kind.SAMPLE, 2)

    with pytest.raises(Refused) as refused:
        checks.done(check)

    assert ("sample_not_drawn",) == refused.value.reasons


def test_a_sample_of_more_than_there_are_takes_all_of_them(checks: Any) -> None:
    _, drawn = checks.sampled(9)

    assert set(checks.city.carriers) == set(drawn)


@pytest.mark.parametrize("who", ["engineer", "contractor_officer"])
def test_attack_the_processor_checks_itself(checks: Any, who: str) -> None:
    with pytest.raises(Refused) as refused:
        checks.plan(hand=checks.city.cast.hand(who))

    assert ("person_not_of_city",) == refused.value.reasons
    assert [] == supervision.checks_of(checks.office)


def test_attack_a_check_in_the_name_of_another(checks: Any) -> None:
    person, _ = checks.city.cast.hand("approver_2")

    with pytest.raises(BadSignature):
        checks.plan(hand=(person, checks.city.cast.signer("approver_1")))


def test_somebody_who_left_checks_nothing(checks: Any) -> None:
    people.leave(checks.office, checks.city.person("approver_1"), checks.city.person("officer"))

    with pytest.raises(Refused) as refused:
        checks.plan()

    assert ("person_left",) == refused.value.reasons


def test_a_plan_that_means_nothing_is_refused(checks: Any) -> None:
    for kind, carriers, due_at in (
        (Kind.VISIT, 2, BY),  # carriers of a visit
        (Kind.SAMPLE, 0, BY),
        (Kind.SAMPLE, 1_001, BY),
        (Kind.VISIT, 0, 1),  # in the past
    ):
        with pytest.raises(BadInput):
            checks.plan(kind, carriers, due_at=due_at)

    assert [] == supervision.checks_of(checks.office)


def test_a_plan_names_an_agreement_of_this_office(checks: Any) -> None:
    with pytest.raises(NotFound):
        checks.plan(agreement=checks.city.device)


def test_what_was_not_looked_at_is_not_recorded(checks: Any) -> None:
    check = checks.plan()

    for changed in (
        {"text": "  "},
        {"on": ms("2022-06-01 10:00")},  # before the plan
        {"on": ms("2030-01-01 10:00")},  # ahead of now
        {"entries": (0, 10_000)},
        {"entries": (5, 4)},
        {"looked": ["C-0000-00"]},
    ):
        with pytest.raises(BadInput):
            checks.done(check, **changed)

    assert checks.only().done_at is None


def test_a_review_of_logs_says_which_entries_were_read(checks: Any) -> None:
    check = checks.plan(Kind.LOG)

    with pytest.raises(BadInput):
        checks.done(check)

    checks.done(check, entries=(3, 9))
    assert (3, 9) == checks.only().entries


def test_people_of_another_processor_are_not_looked_at_here(checks: Any) -> None:
    """The contractor's agreement reaches down to the centre; the centre's own does not reach up."""
    check = checks.plan(agreement=checks.city.agreements["centre"])

    with pytest.raises(BadInput):
        checks.done(check, looked=[checks.city.person("engineer")])

    checks.done(check, looked=[checks.city.person("operator")])


def test_findings_are_recorded_once(checks: Any) -> None:
    check = checks.plan()
    checks.done(check)

    with pytest.raises(Conflict):
        checks.done(check, text="何もなかった")

    assert checks.secret == checks.only().findings


def test_a_crash_between_leaves_nothing_half(checks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check = checks.plan()
    with monkeypatch.context() as broken:
        broken.setattr(type(checks.office), "write", _fails)
        with pytest.raises(Conflict):
            checks.done(check, follow_ups=[(checks.city.person("engineer"), LATER, "直す")])

    found = checks.only()

    assert found.done_at is None
    assert () == found.follow_ups


def _fails(*_: object) -> None:
    raise Conflict("the database failed")
