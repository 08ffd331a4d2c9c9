"""A signed declaration at the key service itself: who is believed, of which carriers, how often."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.desk import audit, declaring, loss, tick
from azukari.errors import AzukariError, BadSignature, Refused, Unreachable
from azukari.keys import losing, remote
from azukari.keys.door import Door
from azukari.ledger import acts
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.vault import records


def said(city: Any, who: str, signer: Any = None, **changed: Any) -> bytes:
    """A declaration of both carriers by their ids, as somebody in the cast signs it."""
    words: dict[str, Any] = {
        "id": new_id(),
        "carriers": city.carriers,
        "media": [],
        "bag": "",
        "known_at": city.clock.now(),
        "last_held_at": 0,
        "in_the_bag": "unknown",
        "by": city.person(who),
        "at": city.clock.now(),
    }
    return doc.issue(doc.Loss(**(words | changed)), signer or city.cast.signer(who))


def act_of(envelope: bytes) -> str:
    return doc.unverified(envelope, doc.Loss).id


def standing(city: Any) -> set[str]:
    return acts.revoked(city.entries("keys")) & set(city.carriers)


def restore(city: Any, revocation: str) -> None:
    """Two persons of the city undo it, at the key service."""
    for carrier in city.carriers:
        words = [
            doc.issue(
                doc.Restoration(
                    id=new_id(),
                    carrier=carrier,
                    person=city.person(name),
                    revocation=revocation,
                    at=city.clock.now(),
                ),
                city.cast.signer(name),
            )
            for name in ("officer", "approver_1")
        ]
        city.keeper.restore(new_id(), city.person("officer"), carrier, words)


def refused(city: Any, envelope: bytes, why: str) -> None:
    """Refused for this reason, which is an entry; nothing is revoked."""
    before = standing(city)
    with pytest.raises(Refused, match=why):
        city.keeper.lost(envelope)
    assert "key.refused" == city.types("keys")[-1]
    assert before == standing(city)


# -- who is believed


@pytest.mark.parametrize("who", ["engineer", "operator", "contractor_officer", "officer"])
def test_whoever_it_concerns_revokes_without_any_office(at_six: Any, who: str) -> None:
    envelope = said(at_six, who)

    taken = at_six.keeper.lost(envelope)

    entry = at_six.entries("keys")[-1]
    assert ("carrier.revoked", act_of(envelope)) == (entry.type, entry.act)
    assert at_six.person(who) == entry.by
    assert set(at_six.carriers) == set(taken.revoked) == standing(at_six)
    with pytest.raises(Refused, match="carrier_is_revoked"):
        at_six.ask()


def test_locked_and_with_a_wrong_clock_it_revokes(at_six: Any) -> None:
    envelope = said(at_six, "engineer")
    at_six.restart(locked=True)
    at_six.clock.set("2021-01-01 00:00")

    at_six.keeper.lost(envelope)

    assert set(at_six.carriers) == standing(at_six)


def test_attack_declare_by_a_strangers_signature(at_six: Any) -> None:
    """With a key of their own, in the name of somebody who is known."""
    refused(at_six, said(at_six, "engineer", SigningKey.generate(Use.PERSON)), "person_unknown")
    assert () == at_six.entries("keys")[-1].refs


def test_attack_declare_in_the_name_of_another_who_is_known(at_six: Any) -> None:
    forged = said(at_six, "engineer", at_six.cast.signer("operator"))

    refused(at_six, forged, "person_unknown")


def test_attack_declare_by_a_person_of_another_party(at_six: Any) -> None:
    refused(at_six, said(at_six, "hidden"), "nothing_fits")


def test_attack_declare_a_carrier_that_is_none_of_ones_own(at_six: Any) -> None:
    """A roll never travels; it is answered as an id that nobody made."""
    for carrier in (at_six.roll, new_id()):
        refused(at_six, said(at_six, "engineer", carriers=[carrier]), "nothing_fits")


def test_attack_strangers_fill_no_disk(at_six: Any) -> None:
    stranger, before = SigningKey.generate(Use.PERSON), len(at_six.types("keys"))

    for _ in range(losing.MOST_STRANGERS + 5):
        with pytest.raises(Refused):
            at_six.keeper.lost(said(at_six, "engineer", stranger))

    assert losing.MOST_STRANGERS == len(at_six.types("keys")) - before
    at_six.keeper.lost(said(at_six, "engineer"))  # whoever is known is not held up
    assert set(at_six.carriers) == standing(at_six)


@given(st.binary(max_size=64))
def test_any_bytes_are_refused_with_an_error_of_ours(data: bytes) -> None:
    from azukari.keys.wire import is_loss

    assert not is_loss(data)


# -- which carriers


def test_attack_a_label_instead_of_an_id(at_six: Any) -> None:
    with at_six.office.act() as tx:
        label = records.carrier(tx, at_six.carriers[0]).label

    refused(at_six, said(at_six, "engineer", carriers=[label]), "carrier_not_by_id")
    refused(at_six, said(at_six, "engineer", carriers=[], bag=new_id()), "carrier_not_by_id")


def test_what_it_cannot_look_up_holds_up_nothing_and_is_left_to_the_office(at_six: Any) -> None:
    with at_six.office.act() as tx:
        label = records.carrier(tx, at_six.carriers[1]).label
    envelope = said(at_six, "engineer", carriers=[at_six.carriers[0], label])

    taken = at_six.keeper.lost(envelope)

    assert ((at_six.carriers[0],), (label,)) == (taken.revoked, taken.left)
    assert {at_six.carriers[0]} == standing(at_six)


# -- how often


def test_the_same_again_is_no_second_entry(at_six: Any) -> None:
    envelope = said(at_six, "engineer")
    at_six.keeper.lost(envelope)
    before = at_six.types("keys")

    assert set(at_six.carriers) == set(at_six.keeper.lost(envelope).revoked)

    assert before == at_six.types("keys")


def test_attack_another_declaration_under_the_same_id(at_six: Any) -> None:
    envelope = said(at_six, "engineer", carriers=at_six.carriers[:1])
    at_six.keeper.lost(envelope)

    # Whoever saw the true one under way handed in the first: the true one revokes all the same.
    true = said(at_six, "engineer", id=act_of(envelope))
    assert set(at_six.carriers) == set(at_six.keeper.lost(true).revoked)
    before = at_six.types("keys")
    assert set(at_six.carriers) == set(at_six.keeper.lost(true).revoked)

    assert set(at_six.carriers) == standing(at_six)
    assert before == at_six.types("keys")


def test_attack_an_old_declaration_after_two_persons_undid_it(at_six: Any) -> None:
    envelope = said(at_six, "engineer")
    at_six.keeper.lost(envelope)
    restore(at_six, act_of(envelope))

    refused(at_six, envelope, "loss_undone")

    assert set() == standing(at_six)
    assert at_six.ask()
    at_six.keeper.lost(said(at_six, "engineer"))  # lost again is declared anew
    assert set(at_six.carriers) == standing(at_six)


def test_attack_an_old_declaration_that_came_by_the_office_first(at_six: Any) -> None:
    envelope = said(at_six, "engineer")
    declaring.take(at_six.office, envelope)
    restore(at_six, act_of(envelope))

    refused(at_six, envelope, "loss_undone")


def test_an_office_that_repeats_its_question_does_not_undo_a_restoration(at_six: Any) -> None:
    act, by = new_id(), at_six.person("officer")
    at_six.keeper.revoke(act, by, at_six.carriers, None)
    restore(at_six, act)
    before = at_six.types("keys")

    at_six.keeper.revoke(act, by, at_six.carriers, None)

    assert before == at_six.types("keys")
    assert set() == standing(at_six)


# -- the office, when it is back


@pytest.mark.parametrize("ticked", [False, True])
def test_the_office_takes_the_same_declaration_and_both_ledgers_pair(
    at_six: Any, ticked: bool
) -> None:
    envelope = said(at_six, "engineer", in_the_bag="yes")
    at_six.keeper.lost(envelope)
    if ticked:  # it found the revocation before the paper came
        tick.tick(at_six.office)

    declaring.take(at_six.office, envelope)
    declaring.take(at_six.office, envelope)
    tick.tick(at_six.office)

    (incident,) = loss.incidents(at_six.office)
    found, declared = loss.incident_of(at_six.office, incident)
    assert (act_of(envelope), True) == (found.act, found.revoked)
    assert (at_six.person("engineer"), True) == (declared.by, declared.in_the_bag)
    assert 1 == at_six.types("keys").count("carrier.revoked")
    assert [] == audit.audit(at_six.office)


@pytest.mark.parametrize("ticked", [False, True])
def test_what_only_the_office_could_look_up_is_revoked_in_the_same_act(
    at_six: Any, ticked: bool
) -> None:
    with at_six.office.act() as tx:
        label = records.carrier(tx, at_six.carriers[1]).label
    envelope = said(at_six, "engineer", carriers=[at_six.carriers[0], label])
    at_six.keeper.lost(envelope)
    if ticked:
        tick.tick(at_six.office)

    declaring.take(at_six.office, envelope)

    (incident,) = loss.incidents(at_six.office)
    found, _ = loss.incident_of(at_six.office, incident)
    assert (act_of(envelope), set(at_six.carriers)) == (found.act, set(found.carriers))
    assert set(at_six.carriers) == standing(at_six)
    assert [] == audit.audit(at_six.office)


# -- over its door


@pytest.fixture
def door(at_six: Any) -> Door:
    """The door with its own keys; nothing listens, and the office is away."""
    at_six.answer, at_six.ask_key = SigningKey.generate(Use.ANSWER), SigningKey.generate(Use.ASK)
    now, lost = at_six.clock.now, at_six.keeper.lost
    return Door(at_six.keeper, at_six.answer, at_six.ask_key.public, now, lost=lost)


def test_a_party_tells_the_door_and_is_told_what_is_revoked(at_six: Any, door: Door) -> None:
    envelope = said(at_six, "operator", media=["M-0001"])

    revoked, left = remote.declare(envelope, lambda m: door.answer(m)[1], at_six.answer.public)

    assert set(at_six.carriers) == set(revoked) == standing(at_six)
    assert ("M-0001",) == left


def test_a_refusal_crosses_with_its_reasons(at_six: Any, door: Door) -> None:
    with pytest.raises(Refused, match="nothing_fits"):
        remote.declare(said(at_six, "hidden"), lambda m: door.answer(m)[1], at_six.answer.public)


def test_attack_a_stranger_at_the_door_is_answered_nothing(at_six: Any, door: Door) -> None:
    with pytest.raises(BadSignature):
        door.answer(said(at_six, "engineer", SigningKey.generate(Use.PERSON)))

    assert set() == standing(at_six)


def test_a_door_that_takes_no_declarations_answers_none(at_six: Any) -> None:
    answer, ask = SigningKey.generate(Use.ANSWER), SigningKey.generate(Use.ASK)

    with pytest.raises(AzukariError):
        Door(at_six.keeper, answer, ask.public, at_six.clock.now).answer(said(at_six, "engineer"))


def test_attack_whoever_holds_the_line_makes_nobody_believe_it_is_revoked(
    at_six: Any, door: Door
) -> None:
    """By an answer of another key, or the right one to another declaration."""
    other = door.answer(said(at_six, "engineer"))[1]
    envelope = said(at_six, "engineer")
    forged = Door(
        at_six.keeper,
        SigningKey.generate(Use.ANSWER),
        at_six.ask_key.public,
        at_six.clock.now,
        lost=lambda _: losing.Taken(act_of(envelope), tuple(at_six.carriers)),
    )

    for line in (lambda _: other, lambda m: forged.answer(m)[1], lambda _: b"yes"):
        with pytest.raises(Unreachable):
            remote.declare(envelope, line, at_six.answer.public)
