"""Agreements: a chain in which each link may only narrow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust.agreement import allowed, broken, chain, meet, narrows, normal
from azukari.errors import Conflict
from azukari.seal.documents import Terms

WORDS = ("a", "b", "c")
SOME = st.lists(st.sampled_from(WORDS), max_size=4)
TERMS = st.builds(
    Terms,
    columns=SOME,
    purposes=SOME,
    media=SOME,
    expires_at=st.integers(0, 3),
    may_re_entrust=st.booleans(),
    depth=st.integers(0, 2),
    training=SOME,
    approvers=st.integers(0, 3),
    device_key=st.sampled_from(("file", "token")),
)


def content(terms: Terms) -> tuple[Any, ...]:
    """What terms say; the order and repetition of a list say nothing."""
    lists = (terms.columns, terms.purposes, terms.media, terms.training)
    sets = tuple(frozenset(some) for some in lists)
    rest = (terms.expires_at, terms.may_re_entrust, terms.depth)
    return (*sets, *rest, terms.approvers, terms.device_key)


@settings(deadline=None)
@given(TERMS)
def test_narrowing_is_reflexive(terms: Terms) -> None:
    assert narrows(terms, terms)


@settings(deadline=None, max_examples=300)
@given(TERMS, st.data())
def test_narrowing_is_transitive(top: Terms, data: st.DataObject) -> None:
    middle = data.draw(narrowed(top))
    bottom = data.draw(narrowed(middle))

    assert narrows(middle, top)
    assert narrows(bottom, middle)
    assert narrows(bottom, top)


@settings(deadline=None, max_examples=300)
@given(TERMS, TERMS, TERMS)
def test_narrowing_is_transitive_for_any_three(a: Terms, b: Terms, c: Terms) -> None:
    assert not (narrows(a, b) and narrows(b, c)) or narrows(a, c)


@settings(deadline=None, max_examples=300)
@given(TERMS, st.data())
def test_two_that_narrow_each_other_say_the_same(one: Terms, data: st.DataObject) -> None:
    other = data.draw(st.one_of(TERMS, narrowed(one)))

    assert (narrows(one, other) and narrows(other, one)) == (content(one) == content(other))


@settings(deadline=None)
@given(TERMS)
def test_the_normal_form_says_the_same_in_one_spelling(terms: Terms) -> None:
    assert content(terms) == content(normal(terms))
    assert normal(terms) == normal(normal(terms)) == meet(terms, terms)


@settings(deadline=None, max_examples=300)
@given(TERMS, st.data())
def test_two_of_one_meaning_have_one_normal_form(one: Terms, data: st.DataObject) -> None:
    other = data.draw(st.one_of(TERMS, narrowed(one)))

    assert (content(one) == content(other)) == (normal(one) == normal(other))


@settings(deadline=None)
@given(TERMS, TERMS, TERMS)
def test_meeting_does_not_care_for_order_or_repetition(a: Terms, b: Terms, c: Terms) -> None:
    assert meet(a, meet(b, c)) == meet(meet(a, b), c)
    assert meet(a, b) == meet(b, a)
    assert meet(a, meet(a, b)) == meet(a, b)


@settings(deadline=None, max_examples=300)
@given(TERMS, TERMS, st.data())
def test_the_meet_is_the_widest_that_narrows_both(a: Terms, b: Terms, data: st.DataObject) -> None:
    both = meet(a, b)
    other = data.draw(st.one_of(TERMS, narrowed(a), narrowed(both)))

    assert narrows(both, a)
    assert narrows(both, b)
    assert (narrows(other, a) and narrows(other, b)) == narrows(other, both)


@settings(deadline=None)
@given(TERMS, TERMS)
def test_to_narrow_is_to_be_ones_own_meet(a: Terms, b: Terms) -> None:
    assert narrows(a, b) == (meet(a, b) == normal(a))


def test_an_unbroken_chain_allows_what_its_lowest_link_does(evening: Any) -> None:
    links = chain("lower", evening.known.agreements)

    assert normal(links[-1].terms) == allowed(links)


def test_a_course_more_is_narrower_and_a_course_less_is_wider(evening: Any) -> None:
    parent = evening.known.agreements["upper"].terms
    more = replace(parent, training=["another course", *parent.training])

    assert narrows(more, parent)
    assert not narrows(parent, more)


def narrowed(parent: Terms) -> st.SearchStrategy[Terms]:
    def some(of: list[str]) -> st.SearchStrategy[list[str]]:
        return st.lists(st.sampled_from(sorted(set(of))), max_size=3) if of else st.just([])

    return st.builds(
        Terms,
        columns=some(parent.columns),
        purposes=some(parent.purposes),
        media=some(parent.media),
        expires_at=st.integers(0, parent.expires_at),
        may_re_entrust=st.booleans() if parent.may_re_entrust else st.just(False),
        depth=st.integers(0, parent.depth),
        training=SOME.map(lambda more: [*more, *parent.training]),
        approvers=st.integers(parent.approvers, 4),
        device_key=st.sampled_from(sorted({parent.device_key, "token"})),
    )


@pytest.mark.parametrize(
    "wider",
    [
        {"columns": ["households.answer", "households.name", "households.address"]},
        {"purposes": ["answer enquiries", "marketing"]},
        {"media": ["stick", "mail"]},
        {"expires_at": 1 << 52},
        {"depth": 2},
        {"training": ["another course"]},
        {"training": []},
        {"approvers": 1},
    ],
)
def test_widened_child_agreement(evening: Any, wider: dict[str, Any]) -> None:
    parent = evening.known.agreements["upper"].terms

    assert not narrows(replace(parent, **wider), parent)


def test_a_file_key_where_the_parent_asks_for_a_token(evening: Any) -> None:
    file = evening.known.agreements["upper"].terms
    token = replace(file, device_key="token")

    assert narrows(token, file)
    assert not narrows(file, token)


def test_a_right_that_the_parent_does_not_have_is_not_passed_on(evening: Any) -> None:
    parent = replace(evening.known.agreements["upper"].terms, may_re_entrust=False)

    assert not narrows(replace(parent, may_re_entrust=True), parent)


def test_the_chain_runs_from_the_city_downwards(evening: Any) -> None:
    links = chain("lower", evening.known.agreements)

    assert ["upper", "lower"] == [link.id for link in links]
    assert not broken(links, "city")


def test_a_missing_link_breaks_the_chain(evening: Any) -> None:
    known = dict(evening.known.agreements)
    del known["upper"]

    with pytest.raises(Conflict):
        chain("lower", known)
    with pytest.raises(Conflict):
        chain("nowhere", known)


def test_attack_a_chain_that_bites_its_own_tail(evening: Any) -> None:
    known = dict(evening.known.agreements)
    known["upper"] = replace(known["upper"], parent="lower")

    with pytest.raises(Conflict):
        chain("lower", known)


@pytest.mark.parametrize(
    ("link", "changed"),
    [
        ("upper", {"entrustor": "somebody"}),
        ("lower", {"entrustor": "city"}),
        ("lower", {"parent": "elsewhere"}),
    ],
)
def test_parties_that_do_not_hold_on_to_each_other_break_the_chain(
    evening: Any, link: str, changed: dict[str, Any]
) -> None:
    links = [
        replace(one, **changed) if one.id == link else one
        for one in chain("lower", evening.known.agreements)
    ]

    assert broken(links, "city")


@pytest.mark.parametrize(
    ("link", "changed"),
    [("upper", {"may_re_entrust": False}), ("upper", {"depth": 0}), ("lower", {"depth": 1})],
)
def test_re_entrusting_without_the_right_or_the_depth_breaks_the_chain(
    evening: Any, link: str, changed: dict[str, Any]
) -> None:
    made = evening.with_terms(link, **changed).known.agreements

    assert broken(chain("lower", made), "city")


def test_a_chain_of_nobody_is_broken() -> None:
    assert broken((), "city")
