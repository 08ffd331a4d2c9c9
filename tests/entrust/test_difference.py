"""What changed between two agreements, each change said to be narrower, wider or other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust.agreement import narrows, normal
from azukari.entrust.difference import Change, How, difference, terms_difference
from azukari.seal.documents import Terms

SOME = st.lists(st.sampled_from(("a", "b", "c")), max_size=4)
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
    device_key=st.sampled_from(("file", "token", "card")),
)


@pytest.mark.parametrize(
    ("field", "old", "new", "how"),
    [
        ("columns", ["a", "b"], ["a"], How.NARROWER),
        ("columns", ["a"], ["a", "b"], How.WIDER),
        ("columns", ["a"], ["b"], How.OTHER),
        ("training", ["a"], ["a", "b"], How.NARROWER),
        ("training", ["a", "b"], ["b"], How.WIDER),
        ("expires_at", 5, 4, How.NARROWER),
        ("depth", 0, 1, How.WIDER),
        ("may_re_entrust", True, False, How.NARROWER),
        ("approvers", 2, 3, How.NARROWER),
        ("approvers", 3, 2, How.WIDER),
        ("device_key", "file", "token", How.NARROWER),
        ("device_key", "file", "card", How.OTHER),
    ],
)
def test_a_change_says_which_way_it_goes(
    evening: Any, field: str, old: Any, new: Any, how: How
) -> None:
    terms = evening.known.agreements["upper"].terms
    before, after = replace(terms, **{field: old}), replace(terms, **{field: new})

    assert (Change(field, old, new, how),) == terms_difference(before, after)


def test_who_entrusts_whom_is_neither_narrower_nor_wider(evening: Any) -> None:
    old = evening.known.agreements["upper"]
    new = replace(old, id="renewed", processor="another", from_at=old.from_at + 1)

    assert [("processor", How.OTHER), ("from_at", How.OTHER)] == [
        (change.field, change.how) for change in difference(old, new)
    ]


def test_a_list_in_another_order_is_no_change(evening: Any) -> None:
    old = evening.known.agreements["upper"]
    new = replace(old, terms=replace(old.terms, columns=[*old.terms.columns[::-1], "x", "x"]))
    other = replace(new, terms=replace(new.terms, columns=sorted({*new.terms.columns})))

    assert () == difference(new, other)


@settings(deadline=None, max_examples=300)
@given(TERMS, TERMS)
def test_terms_narrow_exactly_where_every_change_does(old: Terms, new: Terms) -> None:
    found = terms_difference(old, new)

    assert narrows(new, old) == all(change.how is How.NARROWER for change in found)
    assert narrows(old, new) == all(change.how is How.WIDER for change in found)
    assert (normal(old) == normal(new)) == (found == ())
