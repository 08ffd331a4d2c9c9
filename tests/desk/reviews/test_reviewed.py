"""Access reviews: false employees found, by the officer's word and by their own, and revoked."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import people, post, post_office, receipts, review
from azukari.desk.enquire import open_carrier
from azukari.desk.erase import erase
from azukari.errors import Refused
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey


def take_in(city: Any, envelope: bytes) -> post.Look:
    look = post_office.look(city.office, post.open_post(envelope))
    post_office.take(city.office, look)
    return look


def reasons(refused: Any) -> tuple[str, ...]:
    return tuple(refused.value.reasons)


def test_false_employers_are_found_and_get_nothing_any_more(centre: Any) -> None:
    """Four work at the call centre on paper; two of them are paid by somebody else."""
    city = centre.city
    newcomer = centre.newcomer()
    operator, hidden = city.person("operator"), city.cast.parties["hidden"]
    city.ask()
    asked = centre.roster()
    assert 4 == len(centre.read(asked).people)

    take_in(city, centre.state(operator, hidden))  # one says it, on their own
    half = centre.answer(asked, (newcomer,))  # of the other the officer does
    looked = review.look(city.office, half)
    closed = centre.close(half)

    why = {one.line.person: one.why for one in looked.findings if one.why}
    assert {operator: ("employer_disagrees",), newcomer: ("officer_disowns",)} == why
    assert 2 == sum(one.false_employer for one in looked.findings)
    assert (newcomer,) == closed.left  # the other went by their own word, before
    assert {operator, newcomer} <= city.keeper.believed.negative
    for person in (operator, newcomer):
        with pytest.raises(Refused) as refused:
            city.ask(person=person, one_time_key=city.one_time_keys[1])
        assert "person_left" in reasons(refused)
    assert city.ask(
        person=city.person("supervisor"), role="supervisor", one_time_key=city.one_time_keys[1]
    )


def test_a_review_is_one_entry_and_one_for_each_who_leaves(centre: Any) -> None:
    before = len(centre.city.entries("office"))
    half = centre.answer(centre.roster(), (centre.city.person("operator"),))
    closed = centre.close(half)

    asked, reviewed, left = centre.city.entries("office")[before:]
    kinds = [asked.type, reviewed.type, left.type]
    assert ["access.review_asked", "access.reviewed", "person.left"] == kinds
    assert centre.agreement in reviewed.refs
    assert (reviewed.act, {}) == (left.act, reviewed.n)  # counts under ten stand in the detail
    with centre.city.office.act() as tx:
        detail = centre.city.office.book.detail(tx, before + 1)
    assert {"people": 3, "false_employers": 1} == {
        name: detail[name] for name in ("people", "false_employers")
    }
    assert {centre.city.person("operator"): ["officer_disowns"]} == detail["going"]
    signers = {key.id for key in _persons(centre.city, closed.envelope)}
    assert 2 == len(signers)


def _persons(city: Any, envelope: bytes) -> tuple[PublicKey, ...]:
    keys = {key.id: key for key in people.person_keys(city.office).values()}
    return doc.read(envelope, doc.Review, keys.get).keys


def test_who_needs_no_access_any_more_goes_and_is_no_false_employee(centre: Any) -> None:
    supervisor = centre.city.person("supervisor")
    half = centre.answer(centre.roster(), removed=(supervisor,))

    closed = centre.close(half)

    (gone,) = [one for one in closed.looked.findings if one.why]
    assert (("no_longer_needed",), False) == (gone.why, gone.false_employer)
    assert supervisor in people.withdrawn(centre.city.office)


def test_the_list_says_since_when_last_used_and_until_when_trained(centre: Any) -> None:
    city = centre.city
    city.clock.set("2022-06-21 18:10")
    city.ask()

    listed = {one.person: one for one in centre.read(centre.roster()).people}

    operator, officer = (listed[city.person(name)] for name in ("operator", "centre_officer"))
    assert ms("2022-06-21 18:10") <= operator.last_used_at <= city.clock.now()
    assert 0 == officer.last_used_at  # never
    assert listed[city.person("supervisor")].last_used_at  # took the carriers
    assert ms("2022-04-01 09:00") <= operator.since < operator.trained_until


def test_what_a_device_states_counts_as_the_last_use(centre: Any) -> None:
    city = centre.city
    grant, device = city.ask(), city.open_device()
    city.clock.set("2022-06-21 18:40")
    open_carrier(device, city.media[0], grant, city.cast.signer("operator"))
    opened_at = next(r.at for r in device.journal.records() if r.kind == "opened")
    city.clock.set("2022-06-21 19:30")  # what is erased then is no use
    told = erase(device, city.carriers[0], [grant], medium=None, first=0)
    receipts.take_receipt(city.office, *told)

    listed = {one.person: one for one in centre.read(centre.roster()).people}

    assert opened_at == listed[city.person("operator")].last_used_at


def test_who_counts_no_more_is_asked_about_no_more(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    people.leave(city.office, operator, city.person("officer"))

    listed = {one.person for one in centre.read(centre.roster()).people}

    assert {city.person("centre_officer"), city.person("supervisor")} == listed
