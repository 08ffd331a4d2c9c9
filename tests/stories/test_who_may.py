"""Who may: attacks by name on agreements and on people, from the desk to the key service.

Each is tried with everything else in order; where it makes sense, the same without the attack goes
through first.  The page on security names the test of every attack.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import agree, custody, enrol, entrusting, people, sitting
from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.errors import BadSignature, Conflict, Refused
from azukari.names import new_id
from azukari.rehearse.cast import sheet
from azukari.rehearse.clock import ms
from azukari.rehearse.house import TERMS
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

pytestmark = pytest.mark.real


def why(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.reasons


# -- agreements


def test_widened_child(desk: Any) -> None:
    """Below a link that must not re-entrust and wider than it: refused, even by its own key."""
    city = desk.city
    link = desk.link(city.agreements["centre"], "centre", "hidden", TERMS)
    request = desk.asked(link, "centre_officer", "hidden_officer")

    with pytest.raises(Refused) as refused:
        agree.approve(city.office, request, city.cast.hand("officer"))
    assert ("agreement_widens",) == why(refused)

    # The city's own order key is misused: it can sign the link, and it changes nothing.
    desk.agreed(link, "centre_officer", "hidden_officer")
    hidden = city.person("hidden")
    order = desk.order(agreement=link.id, recipient=hidden, device_holder=hidden)
    desk.approve(order)
    assert ("chain_broken",) == desk.reasons(order)


def test_widened_child_of_columns_that_the_city_never_allowed(desk: Any) -> None:
    """The lowest link says more columns than those above: what all of them allow is allowed."""
    wide = desk.terms("centre")
    narrow = replace(desk.terms("contractor"), columns=wide.columns[:2])
    above = desk.link("", "city", "contractor", narrow)
    desk.agreed(above, "officer", "contractor_officer")
    below = desk.link(above.id, "contractor", "centre", wide)
    desk.agreed(below, "contractor_officer", "centre_officer")
    order = desk.order(agreement=below.id)
    desk.approve(order)

    assert ("chain_broken", "columns_not_allowed") == desk.reasons(order)


def test_suspended_grandparent(desk: Any) -> None:
    """Three links deep: the topmost is suspended, and the lowest lets nothing out any more."""
    city = desk.city
    top = desk.link("", "city", "contractor", desk.terms("contractor", depth=2))
    middle = desk.link(top.id, "contractor", "hidden", desk.terms("contractor", depth=1))
    low = desk.link(middle.id, "hidden", "centre", desk.terms("centre"))
    desk.agreed(top, "officer", "contractor_officer")
    desk.agreed(middle, "contractor_officer", "hidden_officer")
    desk.agreed(low, "hidden_officer", "centre_officer")
    order = desk.order(agreement=low.id, carriers=2)
    desk.approve(order)
    carrier = desk.seal(order).carrier
    asked = {**city.asked(), "not_after": order.return_by}
    grants.issue(city.office, carrier, **asked)

    agree.suspend(city.office, top.id)

    assert ("agreement_suspended",) == desk.reasons(order, 1)
    with pytest.raises(Refused) as refused:
        grants.issue(city.office, carrier, **asked | {"one_time_key": city.one_time_keys[1]})
    assert ("agreement_suspended",) == why(refused)


def test_forged_party_key(desk: Any) -> None:
    """Somebody signs as a party's officer, or as the city, with a key of their own making."""
    city, office = desk.city, desk.city.office
    link = desk.link(city.agreements["contractor"], "contractor", "centre", desk.terms("centre"))
    half = doc.start(link, city.cast.signer("contractor_officer"), SigningKey.generate(Use.PERSON))
    before = city.types("office"), city.types("keys")

    with pytest.raises(BadSignature):
        agree.approve(office, half, city.cast.hand("officer"))
    with pytest.raises(BadSignature):
        orders.enrol(office, doc.add_signature(half, office.signers["order"]))
    # A party that the city did not enrol, and another behind the id of one that it did.
    party = doc.Party(id=city.cast.parties["hidden"], name="例示受託", role="sub-contractor")
    with pytest.raises(BadSignature):
        orders.enrol(office, doc.issue(party, SigningKey.generate(Use.ENROL)))
    with pytest.raises(Conflict):
        orders.enrol(office, doc.issue(party, office.signers["enrol"]))

    assert before == (city.types("office"), city.types("keys"))


def test_hidden_sub_contractor(desk: Any) -> None:
    """Neither asked for below a link that forbids it, nor approved, nor given anything at all."""
    city, office, hand = desk.city, desk.city.office, desk.city.cast.hand
    known = {one.id: one for one in agree.agreements_of(office)}
    everybody = {one.id: one for one in orders.people_of(office)}
    hidden = city.cast.parties["hidden"]

    def ask(party: str) -> bytes:
        return entrusting.narrow(
            known,
            everybody,
            city.city,
            city.agreements[party],
            hidden,
            desk.terms("centre"),
            hand(f"{party}_officer"),
            city.clock.now(),
        )

    with pytest.raises(Refused) as refused:
        ask("centre")
    assert ("agreement_widens",) == why(refused)
    request = doc.add_signature(ask("contractor"), city.cast.signer("hidden_officer"))
    agree.refuse(office, request, hand("officer"), "nobody here knows this company")
    assert "agreement.refused" == city.types("office")[-1]

    order = desk.order(recipient=city.person("hidden"))
    desk.approve(order)
    assert ("person_not_of_recipient",) == desk.reasons(order)
    custody.pass_on(office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    with pytest.raises(Refused, match="not_the_person_of_the_order"):
        custody.pass_on(office, city.carriers[0], "receive", hand("engineer"), hand("hidden"))
    with pytest.raises(Refused) as refused:
        city.ask(person=city.person("hidden"))
    assert ("person_not_of_recipient",) == why(refused)


# -- people


def test_false_employer(desk: Any) -> None:
    """Said to be the centre's; the person says that another party pays them."""
    city = desk.city
    signer = SigningKey.generate(Use.PERSON)
    person = doc.Person(
        id=new_id(),
        party=city.cast.parties["centre"],
        states_employer=city.cast.parties["hidden"],
        public=base64.b64encode(signer.public.der).decode(),
        roles=["operator"],
        vouched_by=city.person("centre_officer"),
        enrolled_by=[city.person("clerk"), city.person("officer")],
        enrolled_at=city.clock.now(),
    )
    half, officer = doc.start(person, signer), city.cast.hand("centre_officer")
    before = city.types("office")

    # The officer says the one or the other of the two, or signs without looking.
    for party in (person.party, person.states_employer):
        with pytest.raises(Refused) as refused:
            enrol.vouch(half, party, *officer)
        assert ("employer_disagrees",) == why(refused)
    vouched = doc.add_signature(half, officer[1])
    hands = [city.cast.hand("clerk"), city.cast.hand("officer")]
    with pytest.raises(Refused) as refused:
        people.admit(city.office, vouched, "", hands)
    assert ("employer_disagrees",) == why(refused)
    # Nor is the key service told by two of the city who sign it all the same.
    for _, key in hands:
        vouched = doc.add_signature(vouched, key)
    with pytest.raises(Refused) as refused:
        orders.enrol(city.office, doc.add_signature(vouched, city.office.signers["enrol"]))
    assert ("employer_disagrees",) == why(refused)

    assert before == city.types("office")
    with pytest.raises(Refused, match="person_unknown"):
        city.ask(person=person.id)


def test_requester_enrolled_the_approver(desk: Any) -> None:
    """A day ago the requester let in somebody who is to approve: nowhere does that count."""
    city, office, signer = desk.city, desk.city.office, SigningKey.generate(Use.PERSON)
    two = [city.person("requester"), city.person("officer")]
    entry = city.entry(signer, enrolled_by=two, vouched_by=two[1])
    orders.enrol(office, entry)
    friend = doc.unverified(entry, doc.Person).id
    sitting.take(office, sheet(friend, signer, city.clock.now()))
    desk.tomorrow()
    order = desk.order(carriers=2)
    desk.approve(order, "approver_1")

    with pytest.raises(Refused) as refused:
        orders.approve(office, order.id, friend, signer)
    assert ("approver_enrolled_by_requester",) == why(refused)
    # A hostile office sends the approval to the key service itself.
    said = doc.Approval(
        id=new_id(),
        order=order.id,
        order_sha256=doc.digest(order),
        approver=friend,
        at=city.clock.now(),
        expires_at=order.expires_at,
    )
    office.keys.believe([*orders.evidence(office, order.id), doc.issue(said, signer)])
    assert ("approvals_missing", "approver_enrolled_by_requester") == desk.reasons(order)

    desk.approve(order, "approver_2")
    desk.seal(order, 1)


def test_two_credentials_of_one_person(desk: Any) -> None:
    """One key in two names, two keys in one name, one key twice under one order."""
    city, office = desk.city, desk.city.office
    order = desk.order()
    desk.approve(order, "approver_1")
    mine = city.cast.signer("approver_1")
    before = city.types("office")

    with pytest.raises(Conflict):
        orders.enrol(office, city.entry(mine))
    with pytest.raises(Conflict):
        orders.enrol(
            office, city.entry(SigningKey.generate(Use.PERSON), id=city.person("approver_1"))
        )
    with pytest.raises(Conflict):
        desk.approve(order, "approver_1")
    with pytest.raises(BadSignature):
        orders.approve(office, order.id, city.person("approver_2"), mine)
    assert before == city.types("office")
    # A hostile office sends a second approval of the first one's, and one in the other's name.
    office.keys.believe([city.approval(order, "approver_1")])
    with pytest.raises(BadSignature):
        office.keys.believe([city.approval(order, "approver_2", mine)])

    assert ("approvals_missing",) == desk.reasons(order)


def test_expired_training(desk: Any) -> None:
    """A year on, everybody sat the course anew but one: no seal for them, then no grant."""
    city, office = desk.city, desk.city.office
    desk.tomorrow("2023-04-02 10:00")
    until = ms("2023-12-31 23:59")
    top = desk.link("", "city", "contractor", desk.terms("contractor", expires_at=until))
    low = desk.link(top.id, "contractor", "centre", desk.terms("centre", expires_at=until))
    desk.agreed(top, "officer", "contractor_officer")
    desk.agreed(low, "contractor_officer", "centre_officer")
    order = desk.order(
        agreement=low.id,
        carriers=2,
        receive_by=ms("2023-04-02 18:00"),
        return_by=ms("2023-04-02 20:00"),
        expires_at=ms("2023-04-30 17:00"),
    )

    def sits(*names: str) -> None:
        for name in names:
            sitting.take(office, city.cast.sat(name, city.clock.now()))

    with pytest.raises(Refused, match="approver_untrained"):
        desk.approve(order)
    sits("approver_1", "approver_2", "engineer")
    desk.approve(order)
    assert ("training_missing",) == desk.reasons(order)  # of who receives, and brings the grant
    sits("supervisor", "courier")
    carrier = desk.seal(order, 1).carrier
    asked = {**city.asked(), "not_before": city.clock.now(), "not_after": order.return_by}

    with pytest.raises(Refused) as refused:
        grants.issue(office, carrier, **asked)
    assert ("training_missing",) == why(refused)
    sits("operator")
    grants.issue(office, carrier, **asked)
