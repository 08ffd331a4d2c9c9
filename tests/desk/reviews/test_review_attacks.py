"""Answers to an access review that are none: forged, cut, replayed, signed by the wrong hand."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import answering, people, review
from azukari.errors import BadInput, BadSignature, Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, peek, sign

QUARTER = (ms("2022-04-01 00:00"), ms("2022-06-20 00:00"))
NEXT = (ms("2022-06-21 00:00"), ms("2022-09-19 00:00"))


def reasons(refused: Any) -> tuple[str, ...]:
    return tuple(refused.value.reasons)


def refused(centre: Any, half: bytes) -> tuple[str, ...]:
    before = centre.city.types("office")
    with pytest.raises(Refused) as why:
        review.look(centre.city.office, half)
    with pytest.raises(Refused):
        review.close(centre.city.office, half, centre.city.cast.hand("officer"), ())
    assert before == centre.city.types("office")
    return reasons(why)


@pytest.mark.parametrize("by", ["contractor_officer", "hidden_officer", "operator", "officer"])
def test_an_officer_answers_for_another_partys_people(centre: Any, by: str) -> None:
    """Of another party, of none, nobody's officer, or the city's own."""
    half = centre.answer(centre.roster(), by=by)

    assert ("officer_of_the_party_needed",) == refused(centre, half)


def test_an_officer_who_has_left_answers(centre: Any) -> None:
    city = centre.city
    half = centre.answer(centre.roster())
    people.leave(city.office, city.person("centre_officer"), city.person("officer"))

    assert ("officer_of_the_party_needed",) == refused(centre, half)


def test_a_review_with_a_line_left_out(centre: Any) -> None:
    """Whoever would be found out is simply not on it."""
    half = centre.answer(centre.roster())
    lines = doc.unverified(half, doc.Review).people
    for left in range(len(lines)):
        fewer = centre.changed(half, people=lines[:left] + lines[left + 1 :])
        assert ("review_lines_differ",) == refused(centre, fewer)


def test_a_review_with_a_line_twice_added_or_changed(centre: Any) -> None:
    half = centre.answer(centre.roster())
    lines = doc.unverified(half, doc.Review).people
    stranger = replace(lines[0], person=centre.city.person("engineer"))
    newer = replace(lines[0], since=lines[0].since + 1)
    for people_ in (
        [*lines, lines[0]],
        [*lines, stranger],
        [stranger, *lines[1:]],
        [newer, *lines[1:]],
        lines[::-1],
    ):
        assert ("review_lines_differ",) == refused(centre, centre.changed(half, people=people_))


def test_replay_of_last_quarters_review(centre: Any) -> None:
    """What was true in June is handed in again in September."""
    first = centre.answer(centre.roster())
    centre.close(first)
    centre.city.clock.set("2022-09-20 10:00")
    second = centre.roster(NEXT)

    assert ("review_of_another_roster",) == refused(centre, first)[:1]

    named = centre.changed(first, roster=centre.read(second).id)
    assert {"review_of_another_roster", "review_before_its_roster"} <= set(refused(centre, named))
    assert centre.close(centre.answer(second))


def test_a_review_is_closed_once(centre: Any) -> None:
    asked = centre.roster()
    centre.close(centre.answer(asked))

    other = centre.answer(asked, (centre.city.person("operator"),))
    with pytest.raises(Conflict):
        review.close(
            centre.city.office,
            other,
            centre.city.cast.hand("officer"),
            (centre.city.person("operator"),),
        )
    assert centre.city.person("operator") not in centre.city.keeper.believed.negative
    assert 1 == centre.city.types("office").count("access.reviewed")


def test_a_newer_list_replaces_the_one_before(centre: Any) -> None:
    older = centre.answer(centre.roster())
    newer = centre.roster()

    assert "review_of_another_roster" in refused(centre, older)
    assert centre.close(centre.answer(newer))


@pytest.mark.parametrize("by", ["centre_officer", "contractor_officer", "approver_1"])
def test_a_review_signed_twice_by_one_person_or_by_no_officer_of_the_city(
    centre: Any, by: str
) -> None:
    half = centre.answer(centre.roster())

    with pytest.raises(Refused) as why:
        review.close(centre.city.office, half, centre.city.cast.hand(by), ())

    assert ("officer_of_the_party_needed",) == reasons(why)
    assert "access.reviewed" not in centre.city.types("office")


def test_a_review_signed_twice_with_one_key(centre: Any) -> None:
    """The processor's officer closes it too: once more the same hand, or a second key of theirs."""
    city, half = centre.city, centre.answer(centre.roster())
    own = city.cast.signer("centre_officer")
    keys = {key.id: key for key in people.person_keys(city.office).values()}

    with pytest.raises(BadSignature):
        doc.add_signature(half, own)
    twice = sign(peek(half)[1], peek(half)[0], [own, own])
    with pytest.raises(BadSignature):
        doc.read(twice, doc.Review, keys.get)
    with pytest.raises(BadSignature):
        review.look(city.office, twice)
    with pytest.raises(BadSignature):
        review.look(city.office, doc.add_signature(half, SigningKey.generate(Use.PERSON)))


def test_a_list_that_the_city_did_not_sign(centre: Any) -> None:
    """A roster with a line left out by the way is answered by nobody."""
    roster = centre.read(centre.roster())
    forged = doc.issue(replace(roster, people=roster.people[1:]), SigningKey.generate(Use.ORDER))

    with pytest.raises(BadSignature):
        centre.read(forged)


def test_everybody_is_answered_for_and_nobody_else(centre: Any) -> None:
    roster = centre.read(centre.roster())
    said = {one.person: centre.party for one in roster.people}
    signer, now = centre.city.cast.signer("centre_officer"), centre.city.clock.now()
    fewer = dict(list(said.items())[1:])
    for wrong in (fewer, said | {centre.city.person("engineer"): centre.party}, {}):
        with pytest.raises(BadInput):
            answering.answer(roster, wrong, (), signer, now)
    with pytest.raises(BadInput):
        answering.answer(roster, said, (centre.city.person("engineer"),), signer, now)


def test_nobody_goes_whom_the_citys_officer_did_not_agree_to(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    half = centre.answer(centre.roster(), (operator,))
    for agreed in ((), (operator, city.person("supervisor")), (city.person("supervisor"),)):
        with pytest.raises(Refused) as why:
            review.close(city.office, half, city.cast.hand("officer"), agreed)
        assert ("review_not_agreed",) == reasons(why)
    assert operator not in city.keeper.believed.negative
    assert "access.reviewed" not in city.types("office")


def test_a_crash_between_the_statement_and_the_record_leaves_them_out(centre: Any) -> None:
    city, operator = centre.city, centre.city.person("operator")
    half = centre.answer(centre.roster(), (operator,))
    people.statement(city.office, left=[operator])  # and then the machine stood still
    city.restart()

    closed = centre.close(half)

    assert () == closed.left
    assert ["access.reviewed", "person.left"] == city.types("office")[-2:]


@pytest.mark.parametrize(
    "period", [QUARTER[::-1], (QUARTER[0], QUARTER[0]), (QUARTER[0], ms("2022-06-22 00:00"))]
)
def test_a_period_has_ended(centre: Any, period: tuple[int, int]) -> None:
    with pytest.raises(BadInput):
        centre.roster(period)
    assert "access.review_asked" not in centre.city.types("office")


def test_only_an_agreement_is_reviewed(centre: Any) -> None:
    city, hand = centre.city, centre.city.cast.hand("officer")
    for other in (new_id(), centre.party):
        with pytest.raises(NotFound):
            review.ask(city.office, other, *QUARTER, hand)
