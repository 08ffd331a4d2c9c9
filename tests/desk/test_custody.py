"""Custody: from hand to hand, signed by both, due by a time; what comes back is destroyed."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk import custody, tick
from azukari.errors import BadInput, BadSignature, ClockBehind, Conflict, Refused
from azukari.vault import records


def step(
    city: Any, name: str, giver: str, taker: str, carrier: int = 0, happened: int | None = None
) -> bytes:
    hand = city.cast.hand
    return custody.pass_on(
        city.office, city.carriers[carrier], name, hand(giver), hand(taker), happened
    )


def state(city: Any, carrier: int = 0) -> str:
    with city.office.act() as tx:
        return str(records.carrier(tx, city.carriers[carrier]).state)


def there_and_back(city: Any) -> None:
    step(city, "hand-over", "clerk", "engineer")
    step(city, "receive", "engineer", "supervisor")
    step(city, "hand-over", "supervisor", "engineer")


def test_the_line_goes_from_hand_to_hand(city: Any) -> None:
    there_and_back(city)
    step(city, "return", "engineer", "clerk")

    line = custody.line_of(city.office, city.carriers[0])

    names = ("engineer", "supervisor", "engineer", "clerk")
    assert [city.person(name) for name in names] == [hold.holder for hold in line]
    assert [False, False, False, True] == [hold.to_at is None for hold in line]
    assert State.RETURNED == state(city)


def test_what_is_returned_loses_its_key_by_the_same_act(city: Any) -> None:
    there_and_back(city)
    step(city, "return", "engineer", "clerk")

    shredded, returned = city.entries("keys")[-1], city.entries("office")[-1]
    assert ("key.shredded", "carrier.returned") == (shredded.type, returned.type)
    assert shredded.act == returned.act


def test_a_return_while_the_key_service_is_locked_is_finished_by_the_tick(city: Any) -> None:
    there_and_back(city)
    city.restart(locked=True)
    step(city, "return", "engineer", "clerk")
    assert "key.shredded" not in city.types("keys")
    city.restart()

    first, second = tick.tick(city.office), tick.tick(city.office)

    assert 1 == city.types("keys").count("key.shredded")
    assert (1, 0) == (len(first.finished), len(second.finished))


def test_what_is_due_changes_with_every_step(city: Any) -> None:
    def due() -> list[tuple[str, int]]:
        city.clock.set("2022-06-21 17:00")
        with city.office.act() as tx:
            rows = records.late(tx, city.order.expires_at)
        return [(row.what, row.at) for row in rows if row.subject == city.carriers[0]]

    assert [("receive", city.order.receive_by)] == due()  # whoever keeps it in a drawer
    step(city, "hand-over", "clerk", "engineer")
    assert [("receive", city.order.receive_by)] == due()
    step(city, "receive", "engineer", "supervisor")
    assert [("return", city.order.return_by)] == due()
    step(city, "hand-over", "supervisor", "engineer")
    assert [("return", city.order.return_by)] == due()
    step(city, "return", "engineer", "clerk")
    assert [] == due()


@pytest.mark.parametrize(
    ("name", "giver", "taker", "why"),
    [
        ("hand-over", "clerk", "courier", "not_the_person_of_the_order"),
        ("hand-over", "clerk", "hidden", "not_the_person_of_the_order"),
        ("hand-over", "contractor_officer", "engineer", "first_giver_is_the_city"),
        ("hand-over", "engineer", "engineer", "giver_is_the_taker"),
    ],
)
def test_the_first_step_is_from_the_city_to_the_holder(
    city: Any, name: str, giver: str, taker: str, why: str
) -> None:
    before = city.types("office")

    with pytest.raises(Refused, match=why):
        step(city, name, giver, taker)

    # That it was refused is written down, and nothing else is.
    assert [*before, "custody.refused"] == city.types("office")
    assert State.SEALED == state(city)


def test_hidden_sub_sub_contractor_receives_nothing(city: Any) -> None:
    step(city, "hand-over", "clerk", "engineer")

    with pytest.raises(Refused, match="not_the_person_of_the_order"):
        step(city, "receive", "engineer", "hidden")


def test_a_carrier_is_returned_to_the_city_only(city: Any) -> None:
    there_and_back(city)

    with pytest.raises(Refused, match="return_is_to_the_city"):
        step(city, "return", "engineer", "contractor_officer")


def test_who_does_not_hold_it_cannot_give_it(city: Any) -> None:
    step(city, "hand-over", "clerk", "engineer")

    with pytest.raises(Conflict):
        step(city, "receive", "operator", "supervisor")


@pytest.mark.parametrize("which", ["giver", "taker"])
def test_as_without_the_key(city: Any, which: str) -> None:
    giver, taker = city.cast.hand("clerk"), city.cast.hand("engineer")
    if which == "giver":
        giver = (giver[0], city.cast.signer("officer"))
    else:
        taker = (taker[0], city.cast.signer("courier"))

    with pytest.raises(BadSignature):
        custody.pass_on(city.office, city.carriers[0], "hand-over", giver, taker)

    assert State.SEALED == state(city)


def test_nobody_unknown_takes_part(city: Any) -> None:
    from azukari.names import new_id

    with pytest.raises(Refused, match="person_unknown"):
        custody.pass_on(
            city.office,
            city.carriers[0],
            "hand-over",
            city.cast.hand("clerk"),
            (new_id(), city.cast.signer("engineer")),
        )


def test_a_step_that_may_not_follow(city: Any) -> None:
    with pytest.raises(Conflict):
        step(city, "receive", "engineer", "supervisor")
    with pytest.raises(BadInput):
        step(city, "throw", "clerk", "engineer")
    there_and_back(city)
    step(city, "return", "engineer", "clerk")
    with pytest.raises(Conflict):
        step(city, "hand-over", "clerk", "engineer")


def test_a_step_cannot_lie_ahead_or_before_the_one_it_follows(city: Any) -> None:
    step(city, "hand-over", "clerk", "engineer")
    now = city.clock.now()

    with pytest.raises(BadInput):
        step(city, "receive", "engineer", "supervisor", happened=now + 1)
    with pytest.raises(Conflict):
        step(city, "receive", "engineer", "supervisor", happened=now - 1)
    step(city, "receive", "engineer", "supervisor", happened=now)


def test_clock_set_back_on_the_office(city: Any) -> None:
    """Nothing is handed out; what comes back is taken all the same."""
    there_and_back(city)
    city.clock.set("2022-06-21 16:00")

    with pytest.raises(ClockBehind):
        step(city, "hand-over", "clerk", "engineer", carrier=1)
    with pytest.raises(Conflict):  # it cannot have come back before it went
        step(city, "return", "engineer", "clerk")


def test_attack_two_clerks_hand_one_carrier_over_twice(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw it at the city; the second one's transaction sees that it is gone."""
    check = custody._check

    def meanwhile(*given: Any) -> None:
        check(*given)
        monkeypatch.setattr(custody, "_check", check)
        step(city, "hand-over", "clerk", "engineer")

    monkeypatch.setattr(custody, "_check", meanwhile)

    with pytest.raises(Conflict, match="meanwhile"):
        step(city, "hand-over", "clerk", "engineer")

    assert 1 == len(custody.line_of(city.office, city.carriers[0]))
    assert 1 == city.types("office").count("carrier.handed_over")


def test_an_erased_medium_travels_back(at_six: Any) -> None:
    from azukari.desk import erase
    from azukari.desk import grant as grants

    grant, device = at_six.ask(), at_six.open_device()
    receipt, lines = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)
    grants.take_receipt(at_six.office, receipt, lines)
    assert State.ERASED == state(at_six)

    step(at_six, "hand-over", "supervisor", "engineer")
    assert State.ERASED == state(at_six)
    step(at_six, "return", "engineer", "clerk")

    assert State.RETURNED == state(at_six)
