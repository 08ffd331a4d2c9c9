"""No valid pass, no approval, no grant, no custody; and what comes back comes back."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import custody, people, sitting, training
from azukari.desk import order as orders
from azukari.errors import Refused
from azukari.rehearse.clock import ms

LATER = {
    "receive_by": ms("2023-04-02 18:00"),
    "return_by": ms("2023-04-02 20:00"),
    "expires_at": ms("2023-04-30 17:00"),
}


def reasons(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.reasons


def sat(city: Any, name: str) -> bytes:
    half: bytes = city.cast.sat(name, city.clock.now())
    return half


@pytest.fixture
def a_year_later(city: Any) -> Any:
    """Every pass of 1 April 2022 has ended; the carriers still wait at the city."""
    city.clock.set("2023-04-02 10:00")
    return city


def test_expired_training_approves_nothing(a_year_later: Any) -> None:
    city = a_year_later
    order = city.new_order(**LATER)

    with pytest.raises(Refused) as refused:
        orders.approve(
            city.office, order.id, city.person("approver_1"), city.cast.signer("approver_1")
        )

    assert ("approver_untrained",) == reasons(refused)
    assert "order.refused" == city.types("office")[-1]
    sitting.take(city.office, sat(city, "approver_1"))
    orders.approve(city.office, order.id, city.person("approver_1"), city.cast.signer("approver_1"))
    assert "order.approved" == city.types("office")[-1]


def test_the_pass_of_another_person_is_not_mine(a_year_later: Any) -> None:
    city = a_year_later
    order = city.new_order(**LATER)
    sitting.take(city.office, sat(city, "approver_2"))

    with pytest.raises(Refused, match="approver_untrained"):
        orders.approve(
            city.office, order.id, city.person("approver_1"), city.cast.signer("approver_1")
        )


@pytest.mark.parametrize("untrained", ["clerk", "engineer"])
def test_expired_training_takes_nothing_into_custody(a_year_later: Any, untrained: str) -> None:
    """Neither the hand that gives nor the one that takes may lack it."""
    city = a_year_later
    other = {"clerk": "engineer", "engineer": "clerk"}[untrained]
    sitting.take(city.office, sat(city, other))
    hands = city.cast.hand("clerk"), city.cast.hand("engineer")
    before = city.types("office")

    with pytest.raises(Refused) as refused:
        custody.pass_on(city.office, city.carriers[0], "hand-over", *hands)
    (giver, signer), (taker, _) = hands
    with pytest.raises(Refused, match="training_missing"):
        custody.start(city.office, city.carriers[0], "hand-over", giver, taker, signer)

    assert ("training_missing",) == reasons(refused)
    # That it was refused is written down, and nothing else is; a half is nobody's word yet.
    assert [*before, "custody.refused"] == city.types("office")
    sitting.take(city.office, sat(city, untrained))
    custody.pass_on(city.office, city.carriers[0], "hand-over", *hands)


def test_what_comes_back_is_never_refused_for_a_pass_that_has_ended(at_six: Any) -> None:
    city = at_six
    city.clock.set("2023-04-02 10:00")
    hands = city.cast.hand("supervisor"), city.cast.hand("clerk")

    custody.pass_on(city.office, city.carriers[0], "return", *hands)

    assert "carrier.returned" in city.types("office")[-2:]


def test_a_pass_that_the_city_took_back_gets_no_grant(at_six: Any) -> None:
    city = at_six
    mine = city.person("operator")
    held = [one.id for one in training.passes_of(city.office) if one.person == mine]
    people.statement(city.office, revoked=held)

    with pytest.raises(Refused) as refused:
        city.ask()

    assert ("training_missing",) == reasons(refused)
    assert mine not in training.until(city.office)
    sitting.take(city.office, sat(city, "operator"))
    assert city.ask()
