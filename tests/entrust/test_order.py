"""Movement orders: what they let out, and whose approval counts."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.entrust.moment import Moment
from azukari.entrust.order import (
    ENROLLER_MS,
    QUIET_MS,
    check,
    columns_for,
    columns_of,
    counting,
    roles_of,
    rows_of,
    tied,
)
from azukari.errors import BadInput

TIED = "approver_enrolled_by_requester"


def counted(evening: Any) -> tuple[list[str], list[str]]:
    return counting_at(evening.order, evening, evening.at)


def counting_at(order: Any, evening: Any, at: int) -> tuple[list[str], list[str]]:
    """As it stands at an instant, when everybody is trained."""
    known = evening.known
    return counting(
        order, known.approvals, known.people, known.city, Moment(at), lambda person, then: True
    )


def test_a_role_sees_its_columns_only(evening: Any) -> None:
    order = evening.order

    assert {"households.answer", "households.name"} == columns_of(order)
    assert {"households.answer"} == columns_for(order, "operator")
    assert columns_of(order) == columns_for(order, "supervisor")
    assert set() == columns_for(order, "guest")
    assert {"operator", "supervisor"} == roles_of(order)
    assert {"households": 100} == rows_of(order)


def test_a_column_that_no_role_sees_is_not_let_out(evening: Any) -> None:
    table = replace(evening.order.tables[0], columns={"answer": ["operator"], "name": []})

    assert {"households.answer"} == columns_of(replace(evening.order, tables=[table]))


@pytest.mark.parametrize(
    "changed",
    [
        {"holder": "courier"},
        {"holder": "requester"},
        {"recipient": "requester"},
        {"grant_by": "requester"},
        {"receive_by": 1},
        {"return_by": 2},
        {"expires_at": 3},
        {"carriers": 0, "media": []},
        {"carriers": 3},
        {"tables": []},
        {"media": ["M-0001", "M-0001"]},
    ],
)
def test_an_order_that_contradicts_itself_is_refused(evening: Any, changed: dict[str, Any]) -> None:
    check(evening.order)

    with pytest.raises(BadInput):
        check(replace(evening.order, **changed))


def test_an_order_of_no_rows_is_refused(evening: Any) -> None:
    table = replace(evening.order.tables[0], rows=0)

    with pytest.raises(BadInput):
        check(replace(evening.order, tables=[table]))


def test_attack_one_table_ordered_twice_with_few_rows_and_with_all(evening: Any) -> None:
    """What is bound looks at the last one; an approver may have looked at the first."""
    table = evening.order.tables[0]

    with pytest.raises(BadInput, match="once"):
        check(replace(evening.order, tables=[replace(table, rows=1), table]))


def test_two_independent_approvals_count(evening: Any) -> None:
    assert (["first", "second"], []) == counted(evening)


def test_one_person_two_approvals(evening: Any) -> None:
    twice = evening.with_approvals(
        evening.approval("first"), evening.approval("first", id="another", at=evening.at - 5)
    )

    assert ["first"] == counted(twice)[0]


@pytest.mark.parametrize("role", ["requester", "holder", "recipient", "grant_by"])
def test_approver_approves_own_order(evening: Any, role: str) -> None:
    own = evening.with_order(**{role: "first"})

    assert (["second"], ["approver_is_party_to_the_order"]) == counted(own)


@pytest.mark.parametrize("changed", [{"order": "another"}, {"order_sha256": "0" * 64}])
def test_an_approval_of_something_else(evening: Any, changed: dict[str, Any]) -> None:
    made = evening.with_approvals(evening.approval("first", **changed), evening.approval("second"))

    assert (["second"], ["approval_of_another_order"]) == counted(made)


def test_an_order_edited_after_it_was_approved(evening: Any) -> None:
    wider = replace(evening.order, carriers=3, media=["M-1", "M-2", "M-3"])

    found = counting_at(wider, evening, evening.at)

    assert ([], ["approval_of_another_order"] * 2) == found


@pytest.mark.parametrize(
    "changed",
    [
        {"party": "contractor", "states_employer": "contractor"},
        {"roles": ["requester"]},
        {"states_employer": "contractor"},
    ],
)
def test_somebody_who_is_no_approver_of_the_city(evening: Any, changed: dict[str, Any]) -> None:
    assert (["second"], ["approver_unknown"]) == counted(evening.with_person("first", **changed))


def test_an_approval_of_nobody(evening: Any) -> None:
    made = evening.with_approvals(evening.approval("ghost"), evening.approval("second"))

    assert (["second"], ["approver_unknown"]) == counted(made)


def test_an_approval_has_an_end_and_a_beginning(evening: Any) -> None:
    for changed in ({"expires_at": evening.at - 1}, {"at": evening.at + 1}):
        made = evening.with_approvals(evening.approval("first", **changed))

        assert ([], ["approval_expired"]) == counted(made)


def test_quiet_time(evening: Any) -> None:
    """Who was enrolled or reset less than a day before does not count; waiting does not help."""
    given = evening.known.approvals[0].at
    fresh = evening.with_person("first", enrolled_at=given - QUIET_MS + 1)
    old_enough = evening.with_person("first", enrolled_at=given - QUIET_MS)

    assert (["second"], ["approver_in_quiet_time"]) == counted(fresh)
    assert ["first", "second"] == counted(old_enough)[0]


@pytest.mark.parametrize(("who", "by"), [("first", "requester"), ("requester", "first")])
def test_approver_enrolled_by_requester_within_30_days(evening: Any, who: str, by: str) -> None:
    given = evening.known.approvals[0].at
    tied_ = evening.with_person(who, enrolled_by=[by, "x"], enrolled_at=given - ENROLLER_MS + 1)
    long_ago = evening.with_person(who, enrolled_by=[by, "x"], enrolled_at=given - ENROLLER_MS)

    assert (["second"], [TIED]) == counted(tied_)
    assert ["first", "second"] == counted(long_ago)[0]


def test_attack_wait_until_the_tie_is_thirty_days_old(evening: Any) -> None:
    """The tie of the day of the approval counts, not that of the day it is used."""
    order = evening.with_order(expires_at=evening.at + 60 * 86_400_000)
    given = evening.known.approvals[0].at
    tied_ = order.with_approvals(
        *(replace(a, expires_at=order.order.expires_at) for a in order.known.approvals)
    ).with_person("first", enrolled_by=["requester", "x"], enrolled_at=given - ENROLLER_MS + 1)

    later = counting_at(tied_.order, tied_, evening.at + 10**9)

    assert (["second"], [TIED]) == later


def test_approvers_who_enrolled_each_other_count_as_one(evening: Any) -> None:
    made = evening.with_person("second", enrolled_by=["first", "x"], enrolled_at=evening.at - 10**8)

    assert (["first"], [TIED]) == counted(made)


def test_the_largest_set_that_can_count_together_is_taken(evening: Any) -> None:
    """Otherwise somebody tied to both others could spoil an order by approving first."""
    three = evening.with_approvals(*(evening.approval(n) for n in ("first", "second", "third")))
    for other in ("second", "third"):
        three = three.with_person(other, enrolled_by=["first", "x"], enrolled_at=evening.at - 10**8)

    assert ["second", "third"] == counted(three)[0]


def test_two_persons_are_tied_for_thirty_days(evening: Any) -> None:
    people = evening.with_person("first", enrolled_by=["second", "x"]).known.people
    enrolled = people["first"].enrolled_at

    assert tied(people["first"], people["second"], enrolled + ENROLLER_MS - 1)
    assert tied(people["second"], people["first"], enrolled)
    assert not tied(people["first"], people["second"], enrolled + ENROLLER_MS)
