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

BY = ms("2022-07-15 23:59")
LATER = ms("2022-08-01 23:59")
SECRET = "金庫の鍵が机の上にあった"


class Checks:
    """The city's checks of the contractor, by its approver."""

    def __init__(self, city: Any) -> None:
        self.city, self.office = city, city.office
        self.agreement = city.agreements["contractor"]
        self.hand = city.cast.hand("approver_1")

    def plan(self, kind: Kind = Kind.VISIT, carriers: int = 0, **changed: Any) -> str:
        said = {"agreement": self.agreement, "due_at": BY, "hand": self.hand} | changed
        return supervise.plan(self.office, kind=kind, carriers=carriers, **said)

    def sampled(self, carriers: int = 1) -> tuple[str, tuple[str, ...]]:
        check = self.plan(Kind.SAMPLE, carriers)
        return check, supervise.draw(self.office, check, self.hand)

    def found(self, **changed: Any) -> supervise.Found:
        said: dict[str, Any] = {"text": SECRET, "on": self.city.clock.now()}
        return supervise.Found(**(said | changed))

    def done(self, check: str, **changed: Any) -> list[str]:
        return supervise.done(self.office, check, self.found(**changed), self.hand)

    def followed(self, who: str) -> str:
        """A visit after which somebody has to put something right."""
        person = self.city.person(who)
        [one] = self.done(self.plan(), follow_ups=[(person, LATER, "鍵を金庫に入れる")])
        return one

    def only(self) -> Any:
        [check] = supervision.checks_of(self.office)
        return check

    def entry(self) -> Any:
        return self.city.entries("office")[-1]


@pytest.fixture
def checks(city: Any) -> Checks:
    return Checks(city)


def test_a_check_is_planned_and_done_with_one_entry_each(checks: Checks) -> None:
    before = len(checks.city.types("office"))

    check = checks.plan()
    checks.city.clock.set("2022-07-14 10:00")
    checks.done(check, looked=[checks.city.person("engineer")])

    assert ["supervision.planned", "supervision.done"] == checks.city.types("office")[before:]
    found = checks.only()
    assert State.DONE is found.state(checks.city.clock.now())
    assert checks.city.person("approver_1") == found.done_by == checks.entry().by
    assert (checks.city.person("engineer"),) == found.looked
    assert SECRET == found.findings
    assert [] == audit(checks.office)


def test_what_was_found_stands_in_no_line_and_can_be_erased(checks: Checks) -> None:
    checks.done(checks.plan(), follow_ups=[(checks.city.person("engineer"), LATER, SECRET)])
    with checks.office.act() as tx:
        size = checks.office.book.head(tx).size
        lines = checks.office.book.entries(tx, 0, size)
        assert not any(SECRET.encode() in line for line in lines)
        checks.office.book.erase_detail(tx, size - 1, at=checks.city.clock.now())

    found = checks.only()

    assert found.findings is None
    assert found.done_at is not None
    assert [None] == [one.what for one in found.follow_ups]


def test_a_check_that_is_not_recorded_by_its_day_raises_the_alarm_once(checks: Checks) -> None:
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


def test_a_check_that_was_recorded_raises_nothing(checks: Checks) -> None:
    check = checks.plan()
    checks.done(check)

    checks.city.clock.set("2022-07-16 00:01")

    assert check not in tick(checks.office).alarms


def test_a_follow_up_that_nobody_closed_raises_the_alarm(checks: Checks) -> None:
    one = checks.followed("contractor_officer")

    checks.city.clock.set("2022-08-02 00:01")

    assert one in tick(checks.office).alarms
    supervise.follow_up(checks.office, one, "00" * 32, "見た", checks.hand)
    assert State.DONE_LATE is checks.only().follow_ups[0].state(checks.city.clock.now())


def test_whoever_had_to_do_it_does_not_close_it(checks: Checks) -> None:
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


def test_a_draw_is_recorded_and_everybody_draws_the_same_from_it(checks: Checks) -> None:
    _, drawn = checks.sampled()

    entry = checks.entry()

    assert "supervision.drawn" == entry.type
    assert drawn == entry.refs[2:]
    assert drawn == sample(checks.city.carriers, entry.act, 1)
    assert len(checks.city.carriers) == checks.only().among


def test_attack_a_draw_that_nobody_saw_because_the_ledger_failed(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its entry there is no draw: nobody draws until they like it."""
    check = checks.plan(Kind.SAMPLE, 1)
    with monkeypatch.context() as broken:
        broken.setattr(type(checks.office), "write", _fails)
        with pytest.raises(Conflict):
            supervise.draw(checks.office, check, checks.hand)

    assert () == checks.only().drawn


def test_attack_draw_again_until_the_good_ones_come(checks: Checks) -> None:
    check, drawn = checks.sampled()

    with pytest.raises(Conflict):
        supervise.draw(checks.office, check, checks.hand)

    assert drawn == checks.only().drawn


def test_attack_leave_out_the_carrier_that_was_drawn(checks: Checks) -> None:
    check, drawn = checks.sampled()
    [other] = set(checks.city.carriers) - set(drawn)

    with pytest.raises(Refused) as refused:
        checks.done(check, looked=[other])

    assert ("sample_not_looked_at",) == refused.value.reasons
    assert checks.only().done_at is None
    checks.done(check, looked=[other, *drawn])


def test_a_sample_is_drawn_before_it_is_done(checks: Checks) -> None:
    check = checks.plan(Kind.SAMPLE, 2)

    with pytest.raises(Refused) as refused:
        checks.done(check)

    assert ("sample_not_drawn",) == refused.value.reasons


def test_a_sample_of_more_than_there_are_takes_all_of_them(checks: Checks) -> None:
    _, drawn = checks.sampled(9)

    assert set(checks.city.carriers) == set(drawn)


@pytest.mark.parametrize("who", ["engineer", "contractor_officer"])
def test_attack_the_processor_checks_itself(checks: Checks, who: str) -> None:
    with pytest.raises(Refused) as refused:
        checks.plan(hand=checks.city.cast.hand(who))

    assert ("person_not_of_city",) == refused.value.reasons
    assert [] == supervision.checks_of(checks.office)


def test_attack_a_check_in_the_name_of_another(checks: Checks) -> None:
    person, _ = checks.city.cast.hand("approver_2")

    with pytest.raises(BadSignature):
        checks.plan(hand=(person, checks.city.cast.signer("approver_1")))


def test_somebody_who_left_checks_nothing(checks: Checks) -> None:
    people.leave(checks.office, checks.city.person("approver_1"), checks.city.person("officer"))

    with pytest.raises(Refused) as refused:
        checks.plan()

    assert ("person_left",) == refused.value.reasons


def test_a_plan_that_means_nothing_is_refused(checks: Checks) -> None:
    for kind, carriers, due_at in (
        (Kind.VISIT, 2, BY),  # carriers of a visit
        (Kind.SAMPLE, 0, BY),
        (Kind.SAMPLE, 1_001, BY),
        (Kind.VISIT, 0, 1),  # in the past
    ):
        with pytest.raises(BadInput):
            checks.plan(kind, carriers, due_at=due_at)

    assert [] == supervision.checks_of(checks.office)


def test_a_plan_names_an_agreement_of_this_office(checks: Checks) -> None:
    with pytest.raises(NotFound):
        checks.plan(agreement=checks.city.device)


def test_what_was_not_looked_at_is_not_recorded(checks: Checks) -> None:
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


def test_a_review_of_logs_says_which_entries_were_read(checks: Checks) -> None:
    check = checks.plan(Kind.LOG)

    with pytest.raises(BadInput):
        checks.done(check)

    checks.done(check, entries=(3, 9))
    assert (3, 9) == checks.only().entries


def test_people_of_another_processor_are_not_looked_at_here(checks: Checks) -> None:
    """The contractor's agreement reaches down to the centre; the centre's own does not reach up."""
    check = checks.plan(agreement=checks.city.agreements["centre"])

    with pytest.raises(BadInput):
        checks.done(check, looked=[checks.city.person("engineer")])

    checks.done(check, looked=[checks.city.person("operator")])


def test_findings_are_recorded_once(checks: Checks) -> None:
    check = checks.plan()
    checks.done(check)

    with pytest.raises(Conflict):
        checks.done(check, text="何もなかった")

    assert SECRET == checks.only().findings


def test_the_record_counts_what_is_under_the_agreement(checks: Checks) -> None:
    checks.city.hand_over()
    checks.city.clock.set("2022-06-21 23:00")
    tick(checks.office)
    checks.city.lose()
    checks.plan()

    found = supervision.record(checks.office, checks.agreement)

    assert {"orders": 1, "carriers": 2, "alarms": 2, "losses": 1} == found.counts
    assert found.in_force
    assert ["例示受託"] == [link.processor.party for link in found.chain]
    assert {"engineer", "courier", "contractor_officer"} == {
        name
        for name, person in checks.city.cast.people.items()
        if person in {one.person.id for one in found.trained}
    }
    assert [check.id for check in found.checks] == [checks.only().id]


def test_a_crash_between_leaves_nothing_half(
    checks: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
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
