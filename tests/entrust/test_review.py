"""An access review as a pure question: whose word counts, and which answer is one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust.review import answer, compare, differs, trained_until, why_not
from azukari.errors import BadInput
from azukari.names import id_of
from azukari.seal.documents import Employment, Enrolled, Person, Review, Roster

OURS, THEIRS, CITY = (id_of(letter * 16) for letter in (b"o", b"t", b"c"))
PEOPLE = [id_of(bytes([number]) * 16) for number in range(4)]
WHO = st.sampled_from([OURS, THEIRS, ""])
AT = 1_655_776_800_000
quick = settings(deadline=None, max_examples=200)


def roster(people: list[str] = PEOPLE) -> Roster:
    return Roster(
        id=id_of(b"r" * 16),
        agreement=id_of(b"a" * 16),
        party=OURS,
        from_at=AT - 9,
        to_at=AT - 1,
        people=[
            Enrolled(person=one, since=AT - 9, last_used_at=0, trained_until=AT) for one in people
        ],
        at=AT,
    )


def entry(person: str) -> Person:
    return Person(
        id=person,
        party=OURS,
        states_employer=OURS,
        public="AA==",
        roles=["operator"],
        vouched_by=CITY,
        enrolled_by=[CITY],
        enrolled_at=AT - 9,
    )


def said(employers: list[str], removed: tuple[str, ...] = ()) -> Review:
    known = dict(zip(PEOPLE, employers, strict=True))
    return answer(roster(), known, removed, id_of(b"v" * 16), AT)


four = st.lists(WHO, min_size=4, max_size=4)
words = st.lists(st.tuples(st.sampled_from(PEOPLE), WHO, st.integers(0, 9)), max_size=6)


@quick
@given(four, words, st.sets(st.sampled_from(PEOPLE)))
def test_somebody_stays_only_if_nobody_ever_names_another(
    employers: list[str], told: list[tuple[str, str, int]], removed: set[str]
) -> None:
    review = said(employers, tuple(removed))
    stated = [Employment(id=CITY, person=p, employer=e, at=AT + at) for p, e, at in told]

    found = compare(review, {one: entry(one) for one in PEOPLE}, stated)

    assert [one.line for one in found] == review.people
    for one, employer in zip(found, employers, strict=True):
        own = {e for p, e, _ in told if p == one.line.person}
        named_another = employer != OURS or bool(own - {OURS})
        assert named_another == one.false_employer
        assert (named_another or one.line.person in removed) == bool(one.why)


@quick
@given(four, st.sets(st.sampled_from(PEOPLE)))
def test_every_answer_to_a_list_is_one(employers: list[str], removed: set[str]) -> None:
    assert [] == why_not(said(employers, tuple(removed)), roster())


@quick
@given(four, st.data())
def test_an_answer_to_any_other_list_is_none(employers: list[str], data: Any) -> None:
    kept = data.draw(st.permutations(PEOPLE))[: data.draw(st.integers(0, 4))]
    other = roster(kept)
    if other == roster():
        return

    assert "review_lines_differ" in why_not(said(employers), other)


@pytest.mark.parametrize(
    ("field", "value"),
    [("roster", CITY), ("agreement", CITY), ("from_at", 1), ("to_at", AT)],
)
def test_an_answer_about_something_else_is_none(field: str, value: object) -> None:
    assert ["review_of_another_roster"] == why_not(
        replace(said([OURS] * 4), **{field: value}), roster()
    )


@pytest.mark.parametrize("verdict", ["", "stay", "Keep", "keep "])
def test_a_verdict_is_keep_or_remove(verdict: str) -> None:
    review = said([OURS] * 4)
    lines = [replace(review.people[0], verdict=verdict), *review.people[1:]]

    assert ["review_contradicts_itself"] == why_not(replace(review, people=lines), roster())


def test_an_answer_is_not_older_than_its_list() -> None:
    assert ["review_before_its_roster"] == why_not(replace(said([OURS] * 4), at=AT - 1), roster())


def test_who_is_not_on_the_list_is_not_answered_for() -> None:
    known = dict.fromkeys([*PEOPLE, CITY], OURS)
    for employers in (known, dict.fromkeys(PEOPLE[:3], OURS)):
        with pytest.raises(BadInput):
            answer(roster(), employers, (), id_of(b"v" * 16), AT)


@pytest.mark.parametrize(
    ("courses", "passes", "until"),
    [
        (["a"], {"a": 5}, 5),
        (["a", "b"], {"a": 5, "b": 3, "c": 1}, 3),
        (["a", "b"], {"a": 5}, 0),
        ([], {"a": 5}, 0),
    ],
)
def test_somebody_is_trained_until_the_first_pass_ends(
    courses: list[str], passes: dict[str, int], until: int
) -> None:
    assert until == trained_until(courses, passes)


@pytest.mark.parametrize(("employer", "other"), [(OURS, False), (THEIRS, True), ("", True)])
def test_a_word_differs_where_it_names_another(employer: str, other: bool) -> None:
    stated = Employment(id=CITY, person=PEOPLE[0], employer=employer, at=AT)

    assert other == differs(stated, entry(PEOPLE[0]))
