"""What a meet of terms lets somebody open, each of the terms lets them open."""

from __future__ import annotations

from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust.agreement import meet
from azukari.entrust.may import may_open, may_seal
from azukari.seal.documents import Terms

NOW = 1_655_800_000_000


def mostly(*words: str) -> st.SearchStrategy[list[str]]:
    """The words that the evening needs, and sometimes one of them less or another more."""
    more = st.lists(st.sampled_from(("another", *words)), max_size=2)
    less = st.lists(st.sampled_from(words), max_size=2)
    return st.one_of(more.map(lambda some: [*words, *some]), more.map(lambda s: [*s, *words]), less)


TERMS = st.builds(
    Terms,
    columns=mostly("households.answer", "households.name"),
    purposes=mostly("answer enquiries"),
    media=mostly("stick"),
    expires_at=st.integers(NOW - 1, NOW + 8),
    may_re_entrust=st.booleans(),
    depth=st.integers(0, 2),
    training=st.sampled_from((["course"], ["course"], ["course", "course"], ["more"])),
    approvers=st.sampled_from((0, 2, 2, 2, 3)),
    device_key=st.sampled_from(("file", "file", "file", "token")),
)


@settings(deadline=None, max_examples=600)
@given(TERMS, TERMS)
def test_an_opening_allowed_under_the_meet_is_allowed_under_each(
    evening: Any, one: Terms, other: Terms
) -> None:
    """Of terms that ask for a course, as all do under which somebody may open anything."""
    together = reasons(evening, meet(one, other))

    event(f"allowed together: {together == ((), ())}")
    for apart in (reasons(evening, one), reasons(evening, other)):
        for under_one, under_both in zip(apart, together, strict=True):
            assert set(under_one) <= set(under_both)


def reasons(evening: Any, terms: Terms) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why not, where these terms are all that the city agreed on with the centre."""
    link = replace(evening.known.agreements["lower"], parent="", entrustor="city", terms=terms)
    world = evening.with_person("engineer", party="centre", states_employer="centre").with_known(
        agreements={"lower": link}
    )
    at = evening.at
    return may_open(world.opening, world.known, at), may_seal(world.order, world.known, at)
