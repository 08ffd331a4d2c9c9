"""Orders at the office: two approvers, each with their own key; enrolling; the city's status."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import order as orders
from azukari.desk import sitting
from azukari.errors import BadFormat, BadInput, BadSignature, ClockBehind, Conflict, Refused
from azukari.names import new_id
from azukari.rehearse.cast import sheet
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

LATER = {
    "receive_by": ms("2022-06-22 18:00"),
    "return_by": ms("2022-06-22 20:00"),
    "expires_at": ms("2022-06-30 17:00"),
}


@pytest.fixture
def order(city: Any) -> Any:
    return city.new_order(**LATER)


def approve(city: Any, order: Any, name: str, key: str | None = None) -> bytes:
    return orders.approve(city.office, order.id, city.person(name), city.cast.signer(key or name))


def enrolled(city: Any, *, by: tuple[str, str]) -> Any:
    """A new approver, enrolled at the office; their id and key."""
    signer = SigningKey.generate(Use.PERSON)
    two = [city.person(name) for name in by]
    entry = city.entry(signer, enrolled_by=two, vouched_by=two[1])
    orders.enrol(city.office, entry)
    return doc.unverified(entry, doc.Person).id, signer


def test_two_persons_approve_with_their_own_keys(city: Any, order: Any) -> None:
    for name in ("approver_1", "approver_2"):
        approve(city, order, name)

    assert ["order.approved"] * 2 == city.types("office")[-2:]
    assert 2 == len(orders.approvals_of(city.office, order.id))


def test_as_without_the_key(city: Any, order: Any) -> None:
    """``--as approver_2`` at a keyboard where only another person's key is."""
    before = city.types("office")

    with pytest.raises(BadSignature):
        approve(city, order, "approver_2", key="approver_1")
    with pytest.raises(BadSignature):
        orders.request(city.office, replace(order, id=new_id()), city.cast.signer("approver_1"))

    assert before == city.types("office")


def test_approver_approves_own_order(city: Any) -> None:
    own = city.new_order(requester=city.person("approver_1"), **LATER)

    with pytest.raises(Refused, match="approver_is_party_to_the_order"):
        approve(city, own, "approver_1")

    assert "order.refused" == city.types("office")[-1]


def test_one_person_two_approvals(city: Any, order: Any) -> None:
    approve(city, order, "approver_1")

    with pytest.raises(Conflict):
        approve(city, order, "approver_1")

    assert 1 == len(orders.approvals_of(city.office, order.id))


def test_attack_the_office_sends_one_persons_two_approvals(city: Any, order: Any) -> None:
    city.keeper.believe(orders.evidence(city.office, order.id))
    city.keeper.believe([city.approval(order, "approver_1") for _ in range(2)])

    with pytest.raises(Refused, match="approvals_missing"):
        city.keeper.create(new_id(), city.person("clerk"), new_id(), order.id)


@pytest.mark.parametrize("name", ["clerk", "engineer", "hidden"])
def test_nobody_who_is_no_approver_of_the_city(city: Any, order: Any, name: str) -> None:
    with pytest.raises(Refused):
        approve(city, order, name)


def test_approver_enrolled_by_requester_within_30_days(city: Any, order: Any) -> None:
    person, signer = enrolled(city, by=("requester", "officer"))
    city.clock.set("2022-06-22 17:30")

    with pytest.raises(Refused, match="approver_enrolled_by_requester"):
        orders.approve(city.office, order.id, person, signer)


def test_quiet_time(city: Any) -> None:
    """Enrolled an hour ago, by the right two persons: not yet."""
    person, signer = enrolled(city, by=("clerk", "officer"))
    sitting.take(city.office, sheet(person, signer, city.clock.now()))
    city.clock.set("2022-06-21 18:00")
    order = city.new_order(**LATER)

    with pytest.raises(Refused, match="approver_in_quiet_time"):
        orders.approve(city.office, order.id, person, signer)
    city.clock.set("2022-06-22 17:01")
    orders.approve(city.office, order.id, person, signer)


def test_an_order_that_contradicts_itself_is_nobodys_to_approve(city: Any) -> None:
    before = city.types("office")

    with pytest.raises(BadInput):
        city.new_order(grant_by=city.order.holder, **LATER)

    assert before == city.types("office")


def test_clock_set_back_on_the_office(city: Any, order: Any) -> None:
    city.clock.set("2022-06-21 10:00")

    with pytest.raises(ClockBehind):
        approve(city, order, "approver_1")
    with pytest.raises(ClockBehind):
        city.new_order(**LATER)


def test_enrolling_is_safe_to_repeat(city: Any) -> None:
    """A crash may have come between the key service's half and the office's."""
    enrol = city.office.signers["enrol"]
    documents = [
        doc.issue(doc.Party(id=new_id(), name="例", role="sub-contractor"), enrol) for _ in range(2)
    ]
    orders.enrol(city.office, documents[0])
    before = len(city.types("office"))

    orders.enrol(city.office, *documents)

    assert before + 1 == len(city.types("office"))


def test_what_the_key_service_refuses_is_not_kept(city: Any) -> None:
    forged = doc.issue(doc.Party(id=new_id(), name="例", role="x"), SigningKey.generate(Use.ENROL))
    before = city.types("office")

    with pytest.raises(BadSignature):
        orders.enrol(city.office, forged)
    with pytest.raises(BadFormat):
        orders.enrol(city.office, orders.status(city.office, 9, []))

    assert before == city.types("office")


def test_another_document_under_a_known_id(city: Any) -> None:
    enrol, party = city.office.signers["enrol"], doc.Party(id=new_id(), name="例", role="x")
    orders.enrol(city.office, doc.issue(party, enrol))

    with pytest.raises(Conflict):
        orders.enrol(city.office, doc.issue(replace(party, role="city"), enrol))


def test_the_status_names_every_suspension(city: Any) -> None:
    suspension = doc.Suspension(
        id=new_id(), agreement=city.agreements["centre"], at=city.clock.now()
    )
    orders.enrol(city.office, city.by_order_key(suspension))

    said = doc.unverified(orders.status(city.office, 9, [city.device]), doc.Status)

    assert [city.agreements["centre"]] == said.suspended
    assert [city.device] == said.revoked
    assert "agreement.suspended" == city.types("office")[-1]
