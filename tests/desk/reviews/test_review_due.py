"""Access reviews by when: due again, late, and who asks for them no more."""

from __future__ import annotations

from typing import Any

from azukari.desk import agree, review
from azukari.desk.tick import tick
from azukari.rehearse.clock import ms

QUARTER = (ms("2022-04-01 00:00"), ms("2022-06-20 00:00"))
DAY_MS = 86_400_000


def alarms(city: Any, at: str) -> list[str]:
    city.clock.set(at)
    return [one for one in tick(city.office).alarms if one in city.agreements.values()]


def test_a_review_that_is_late_raises_the_alarm_once(centre: Any) -> None:
    city, both = centre.city, set(centre.city.agreements.values())

    assert [] == alarms(city, "2022-07-02 08:59")
    assert both == set(alarms(city, "2022-07-02 10:01"))
    assert [] == alarms(city, "2022-07-03 10:00")
    assert both <= {
        ref for e in city.entries("office") if e.type == "alarm.raised" for ref in e.refs
    }


def test_the_next_review_is_due_a_period_after_the_end_of_this_one(centre: Any) -> None:
    city, at = centre.city, QUARTER[1] + 92 * DAY_MS
    tick(city.office)
    centre.close(centre.answer(centre.roster()))

    assert at == review.due_at(city.office, centre.agreement)
    assert centre.agreement not in alarms(city, "2022-09-19 23:00")
    assert centre.agreement in alarms(city, "2022-09-20 00:01")
    assert QUARTER[1] == review.begins_at(city.office, centre.agreement)


def test_a_review_before_the_first_tick_is_not_due_twice(centre: Any) -> None:
    centre.close(centre.answer(centre.roster()))

    assert centre.agreement not in alarms(centre.city, "2022-07-02 10:01")


def test_what_is_suspended_is_reviewed_no_more(centre: Any) -> None:
    city = centre.city
    tick(city.office)
    agree.suspend(city.office, centre.agreement)

    assert centre.agreement not in alarms(city, "2022-07-02 10:01")
    assert review.due_at(city.office, centre.agreement) is None


def test_an_agreement_that_expired_is_reviewed_once_more_and_then_rests(centre: Any) -> None:
    city = centre.city
    assert centre.agreement in alarms(city, "2023-01-10 10:00")

    centre.close(centre.answer(centre.roster((QUARTER[0], ms("2022-12-31 23:59")))))

    assert review.due_at(city.office, centre.agreement) is None
    assert centre.agreement not in alarms(city, "2024-01-10 10:00")
