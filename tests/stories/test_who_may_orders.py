"""Who may: attacks by name on orders, on the city's word of the day and on kinds of keys.

The desk seals and asks as it does every day; a hostile office tells the key service what it likes.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.desk import people
from azukari.errors import BadSignature, Conflict, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, canonical, sign

pytestmark = pytest.mark.real

HOUR = 3_600_000


def why(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.reasons


# -- orders and approvals


def test_approval_reused(desk: Any) -> None:
    """What two persons approved lets its own carriers out, once, and nothing else."""
    city, office = desk.city, desk.city.office
    order = desk.order()
    desk.approve(order)
    desk.seal(order)
    # The same approvals once more: the order is used up.
    with pytest.raises(Refused) as refused:
        office.keys.create(new_id(), city.person("clerk"), new_id(), order.id)
    assert ("order_used_up",) == why(refused)

    # The same approvals under another order, of which only the id differs.
    other = desk.order()
    for name in ("approver_1", "approver_2"):
        said = city.approval(other, name, order_sha256=doc.digest(order))
        with pytest.raises(Refused, match="approval_of_another_order"):
            orders.take_approval(office, said)
        office.keys.believe([*orders.evidence(office, other.id), said])
    assert ("approvals_missing", "approval_of_another_order") == desk.reasons(other)


def test_approval_after_expiry(desk: Any) -> None:
    """An approval that has run out when it is used, and one of an order that has."""
    city, office = desk.city, desk.city.office
    order = desk.order(carriers=2)
    short = city.approval(order, "approver_1", expires_at=city.clock.now() + HOUR)
    orders.take_approval(office, short)
    desk.approve(order, "approver_2")
    desk.seal(order)
    city.clock.at += HOUR + 1

    assert ("approvals_missing", "approval_expired") == desk.reasons(order, 1)

    late = desk.order()
    desk.tomorrow("2022-06-30 17:00")
    city.clock.at += 1
    with pytest.raises(Refused, match="approval_expired"):
        desk.approve(late)
    assert "order.refused" == city.types("office")[-1]


def test_order_changed_after_approval(desk: Any) -> None:
    """Approved for so many rows; the key service is shown an order of the same id for more."""
    city, office = desk.city, desk.city.office
    order = desk.order()
    desk.approve(order)
    more = replace(order.tables[0], rows=order.tables[0].rows + 1000)
    changed = replace(order, tables=[more])

    with pytest.raises(Conflict):
        orders.request(office, changed, city.cast.signer("requester"))
    with pytest.raises(Conflict):
        orders.approve(office, order.id, *city.cast.hand("approver_1"), shown=doc.digest(changed))
    # The key service has not heard of the order yet: the changed one comes first.
    keys = office.signers["order"], city.cast.signer("requester")
    office.keys.believe([doc.issue(changed, *keys), *orders.evidence(office, order.id)[1:]])
    with pytest.raises(Refused) as refused:
        office.keys.create(new_id(), city.person("clerk"), new_id(), order.id)
    assert ("approvals_missing", "approval_of_another_order") == why(refused)
    with pytest.raises(Conflict):
        desk.seal(order)


def test_more_rows_sealed_than_approved(desk: Any) -> None:
    """Ten rows approved and the whole city sealed: the carrier is bound to nothing."""
    table = replace(desk.city.order.tables[0], rows=10)
    order = desk.order(tables=[table])
    desk.approve(order)

    assert ("more_rows_than_approved",) == desk.reasons(order)


# -- the city's word of the day


def test_status_statement_withheld(desk: Any) -> None:
    """No word from the city for more than a day: silence is not consent, a restart no word."""
    city = desk.city
    order = desk.order(carriers=2)
    desk.approve(order)
    carrier = desk.seal(order).carrier
    asked = {**city.asked(), "not_after": order.return_by}
    city.clock.set("2022-06-22 10:01")

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            grants.issue(city.office, carrier, **asked)
        assert ("status_old",) == why(refused)
        city.restart()
    assert ("status_old",) == desk.reasons(order, 1)

    people.statement(city.office)
    grants.issue(city.office, carrier, **asked)


def test_status_serial_going_back(desk: Any) -> None:
    """Yesterday's statement, rightly signed, from before somebody left."""
    city, keys = desk.city, desk.city.office.keys
    innocent = people.statement(city.office)
    city.clock.at += HOUR
    people.leave(city.office, city.person("operator"), city.person("officer"))

    with pytest.raises(Conflict):
        keys.believe([innocent])
    city.restart()
    with pytest.raises(Conflict):
        city.office.keys.believe([innocent])

    with pytest.raises(Refused) as refused:
        city.ask()
    assert ("person_left",) == why(refused)


# -- kinds of keys


def test_right_signature_of_the_wrong_key_kind(desk: Any) -> None:
    """Keys that the key service knows, under documents that ask for one of another kind; and the
    very key that should sign, said to be of another kind."""
    city, office, cast = desk.city, desk.city.office, desk.city.cast
    at, enrol, ordering = city.clock.now(), office.signers["enrol"], office.signers["order"]
    # What it is, whose key it wants beside others, and the others.
    deeds: list[tuple[doc.Document, SigningKey, list[SigningKey]]] = [
        (doc.Party(id=new_id(), name="例", role="contractor"), enrol, []),
        (
            doc.unverified(cast.sat("hidden", at), doc.Training),
            enrol,
            [cast.signer("hidden")],
        ),
        (doc.Suspension(id=new_id(), agreement=city.agreements["centre"], at=at), ordering, []),
        (
            doc.Status(id=new_id(), serial=at, at=at, suspended=[], left=[city.city], revoked=[]),
            ordering,
            [],
        ),
        (replace(city.order, id=new_id()), ordering, [cast.signer("requester")]),
        (
            doc.unverified(city.approval(city.order, "approver_1"), doc.Approval),
            cast.signer("approver_1"),
            [],
        ),
    ]
    known = [*office.signers.values(), cast.signer("approver_2"), cast.signer("officer")]

    for document, right, others in deeds:
        use = right.public.use
        wrong = [SigningKey.of(other, right.private) for other in Use if other is not use]
        wrong += [key for key in known if key.public.use is not use]
        kind = f"application/vnd.azukari.{type(document).__name__.lower()}.v1+json"
        for signer in wrong:
            with pytest.raises(BadSignature):
                office.keys.believe([sign(canonical(document), kind, [signer, *others])])
    city.ask()  # nobody was suspended, and the word of the day still counts


# -- what a refusal says


def test_uniform_refusals_tell_the_enrolled_office_every_reason(desk: Any) -> None:
    """All that is wrong at once, each named once; a stranger gets one silence (web, keys)."""
    city = desk.city
    desk.tomorrow("2022-06-23 10:00")
    city.clock.set("2022-06-24 10:01")

    with pytest.raises(Refused) as refused:
        city.ask(person=city.person("hidden"), one_time_key=new_id(), role="supervisor")

    wrong = ("person_not_of_recipient", "role_not_allowed", "one_time_key_unknown")
    assert (*wrong, "window_outside_order", "status_old") == why(refused)
    assert ["key.refused"] == city.types("keys")[-1:]
    (told,) = [one for one in city.types("office") if one == "grant.refused"]
    assert told
