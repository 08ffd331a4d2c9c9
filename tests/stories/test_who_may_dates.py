"""Who may: attacks with dates that somebody chose, hands that stand aside, and a power cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import agree, entrusting, people, sitting
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.errors import Refused
from azukari.rehearse.cast import sheet
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

pytestmark = pytest.mark.real
DAY_MS = 86_400_000


def test_attack_an_approval_dated_to_when_the_pass_still_held(desk: Any) -> None:
    """What an approver writes as the day of their approval is their own choice, down to a limit:
    before the order was requested there was nothing to approve.
    """
    city, office = desk.city, desk.city.office
    order = desk.order(carriers=2)
    desk.approve(order, "approver_1")
    early = city.approval(order, "approver_2", at=order.requested_at - DAY_MS)
    slow_clock = city.approval(order, "approver_2", at=order.requested_at - 120_000)

    with pytest.raises(Refused) as refused:
        orders.take_approval(office, early)
    assert ("approval_before_its_order",) == refused.value.reasons
    # A hostile office sends it to the key service itself.
    office.keys.believe([*orders.evidence(office, order.id), early])
    assert ("approvals_missing", "approval_before_its_order") == desk.reasons(order)

    orders.take_approval(office, slow_clock)
    desk.seal(order, 1)


def test_attack_an_entry_dated_ahead_of_its_enrollers_quiet_time(desk: Any) -> None:
    """Two who came in an hour ago admit a third, dated to a day on which they may."""
    city, office = desk.city, desk.city.office
    two = [SigningKey.generate(Use.PERSON) for _ in range(2)]
    entries = [city.entry(key) for key in two]
    orders.enrol(office, *entries)
    ids = [doc.unverified(entry, doc.Person).id for entry in entries]

    def admitted_by_them(at: int) -> bytes:
        friend = SigningKey.generate(Use.PERSON)
        half = doc.unverified(city.entry(friend), doc.Person)
        entry = replace(half, enrolled_by=ids, enrolled_at=at)
        officer = city.cast.signer("officer")
        return doc.issue(entry, office.signers["enrol"], friend, officer, *two)

    with pytest.raises(Refused) as refused:
        office.keys.believe([admitted_by_them(city.clock.now() + DAY_MS)])
    assert ("enroller_in_quiet_time",) == refused.value.reasons

    desk.tomorrow()
    office.keys.believe([admitted_by_them(city.clock.now())])


def test_attack_who_vouched_for_somebody_asks_them_to_approve(desk: Any) -> None:
    """Standing aside when two others admit somebody does not make that person independent."""
    city, office, signer = desk.city, desk.city.office, SigningKey.generate(Use.PERSON)
    two, deputy = [city.person("clerk"), city.person("officer")], city.person("deputy")
    entry = city.entry(signer, enrolled_by=two, vouched_by=deputy)
    orders.enrol(office, entry)
    friend = doc.unverified(entry, doc.Person).id
    sitting.take(office, sheet(friend, signer, city.clock.now()))
    desk.tomorrow()
    order = desk.order(requester=deputy)

    with pytest.raises(Refused) as refused:
        orders.approve(office, order.id, friend, signer)

    assert ("approver_enrolled_by_requester",) == refused.value.reasons


def _leaves(city: Any) -> None:
    people.leave(city.office, city.person("engineer"), city.person("clerk"))


def _suspends_a_device(city: Any) -> None:
    people.suspend_device(city.office, city.device, city.person("clerk"))


def _refuses_an_order(city: Any) -> None:
    people.refuse(city.office, city.order.id, *city.cast.hand("approver_1"))


def _refuses_a_link(city: Any) -> None:
    agree.refuse(city.office, city.request, city.cast.hand("officer"), "nobody knows them")


@pytest.mark.parametrize(
    ("act", "entry"),
    [
        (_leaves, "person.left"),
        (_suspends_a_device, "device.suspended"),
        (_refuses_an_order, "order.refused"),
        (_refuses_a_link, "agreement.refused"),
    ],
)
def test_attack_the_power_goes_between_a_no_and_its_entry(
    desk: Any, monkeypatch: pytest.MonkeyPatch, act: Callable[[Any], None], entry: str
) -> None:
    """The key service heard it, the ledger did not: said again it is written, once."""
    city, office = desk.city, desk.city.office
    city.request = _asked_for(desk)
    before = city.types("office")

    def cut(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dark:
        dark.setattr(Office, "write", cut)
        with pytest.raises(KeyboardInterrupt):
            act(city)
    assert before == city.types("office")
    assert set() == people.withdrawn(office)

    city.clock.set("2022-06-21 17:01")
    act(city)
    assert [*before, entry] == city.types("office")


def _asked_for(desk: Any) -> bytes:
    """A link that the contractor and a hidden party ask for."""
    city = desk.city
    known = {one.id: one for one in agree.agreements_of(city.office)}
    half = entrusting.narrow(
        known,
        {one.id: one for one in orders.people_of(city.office)},
        city.city,
        city.agreements["contractor"],
        city.cast.parties["hidden"],
        desk.terms("centre"),
        city.cast.hand("contractor_officer"),
        city.clock.now(),
    )
    return doc.add_signature(half, city.cast.signer("hidden_officer"))
