"""What a grant and an approval make due, and what settles it: a device's word, an order used."""

from __future__ import annotations

from typing import Any

from azukari.desk import alarms, erase, media, receipts, seal, tick
from azukari.desk import order as orders
from azukari.desk.custody import pass_on
from azukari.desk.enquire import open_carrier
from azukari.rehearse.clock import ms
from azukari.shelf import files

HOUR = 3_600_000
#: A grant until 20:30, a return by 20:30, and half a day to bring what proves it.
BROUGHT_BY = "2022-06-22 08:30"


def owing(city: Any, *kinds: str) -> list[alarms.Owing]:
    found = alarms.owing(city.office, everything=True)
    return [one for one in found if one.owed.what in kinds]


def test_a_sealed_carrier_is_due_from_the_moment_it_is_whole(city: Any) -> None:
    """Whoever sealed it owes it until two hands have signed that another has it."""
    (first, second) = owing(city, "receive")
    assert {city.order.receive_by} == {first.owed.due_at, second.owed.due_at}
    assert {city.person("clerk")} == {first.owed.owner, second.owed.owner}

    hand = city.cast.hand
    pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))

    found = {one.owed.subject: one.owed.owner for one in owing(city, "receive")}
    assert {
        city.carriers[0]: city.person("engineer"),
        city.carriers[1]: city.person("clerk"),
    } == found


def test_a_grant_makes_the_journal_and_the_proof_of_erasure_due(at_six: Any) -> None:
    assert [] == owing(at_six, "erase", "receipts")

    at_six.ask()

    found = owing(at_six, "erase", "receipts")
    assert ["erase", "receipts"] == sorted(one.owed.what for one in found)
    assert {ms(BROUGHT_BY)} == {one.owed.due_at for one in found}
    assert {at_six.person("operator")} == {one.owed.owner for one in found}
    at_six.clock.set("2022-06-22 08:31")
    raised = [one.what for one in tick.tick(at_six.office).raised]
    assert {"erase", "receipts"} <= set(raised)


def test_a_statement_settles_the_journal_and_only_a_destroyed_key_the_proof(at_six: Any) -> None:
    grant, device, carrier = at_six.ask(), at_six.open_device(), at_six.carriers[0]
    open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    at_six.clock.at += HOUR

    receipt, lines = erase.erase(device, carrier, [grant], medium=at_six.media[0], first=0)
    receipts.take_receipt(at_six.office, receipt, lines)

    assert [] == owing(at_six, "erase", "receipts")


def test_a_loss_settles_the_carrier_and_not_what_the_device_owes(at_six: Any) -> None:
    """The device may be far from the bag: its word is then worth more than ever."""
    at_six.ask()

    at_six.lose()

    assert [] == owing(at_six, "return", "receive")
    assert 2 == len(owing(at_six, "erase", "receipts"))


def test_an_approval_that_runs_out_unused_is_told_to_the_requester(city: Any) -> None:
    order = city.new_order(expires_at=ms("2022-06-22 17:00"))
    assert [] == owing(city, "unused")
    for name in ("approver_1", "approver_2"):
        orders.approve(city.office, order.id, *city.cast.hand(name))

    [found] = owing(city, "unused")
    city.clock.set("2022-06-22 17:01")
    raised = [one for one in tick.tick(city.office).raised if one.what == "unused"]

    assert (city.person("requester"), order.id) == (found.owed.owner, found.owed.subject)
    assert [order.id] == [one.subject for one in raised]


def test_an_order_that_was_used_is_not_told_of(city: Any) -> None:
    tag = "M-0003"
    order = city.new_order(
        carriers=1,
        media=[tag],
        receive_by=ms("2022-06-22 18:00"),
        return_by=ms("2022-06-22 20:00"),
        expires_at=ms("2022-06-30 17:00"),
    )
    place = files.folder(city.out / "carriers" / tag)
    media.register(city.office, tag, place, city.person("clerk"))
    for name in ("approver_1", "approver_2"):
        orders.approve(city.office, order.id, *city.cast.hand(name))
    by = city.person("clerk")
    cargo = seal.select_cargo(city.office, order.id, city.roll, city.determination, by)

    seal.seal(city.office, cargo, place, by, tag)

    assert [] == owing(city, "unused")


def test_a_task_of_the_holders_side_is_their_officers_the_rest_the_citys(at_six: Any) -> None:
    at_six.lose()

    found = owing(at_six, "task")
    ladders = {one.owed.ladder[0].rung: one.owed.ladder[0].people for one in found}

    assert {"officer": (at_six.person("centre_officer"),)}.items() <= ladders.items()
    city = sorted(at_six.person(name) for name in ("clerk", "officer", "deputy"))
    assert city == sorted(ladders["city"])
    assert all(one.owed.label.replace("_", "").isalpha() for one in found)


def test_a_measure_for_the_holders_side_is_their_officers(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 20:31")
    tick.tick(at_six.office)

    found = owing(at_six, "measure")

    assert found
    assert {"officer", "city"} >= {one.owed.ladder[0].rung for one in found}
