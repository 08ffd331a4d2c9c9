"""The tree of parties: every agreement once, with its state and what it narrows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust.tree import State, tree


def drawn(evening: Any, *more: Any, **asked: Any) -> list[tuple[str, State, list[str]]]:
    links = [*evening.known.agreements.values(), *more]
    said = {"negative": evening.known.negative, "at": evening.at} | asked
    return [
        (branch.link.id, branch.state, [change.field for change in branch.changes])
        for root in tree(links, "city", **said)
        for branch in root.walk()
    ]


def test_each_link_hangs_on_the_one_above_and_says_what_it_narrows(evening: Any) -> None:
    assert [
        ("upper", State.HOLDS, []),
        ("lower", State.HOLDS, ["may_re_entrust", "depth"]),
    ] == drawn(evening)


def test_a_suspended_link_stops_everything_below_it(evening: Any) -> None:
    found = drawn(evening.with_negative("upper"))

    assert [State.SUSPENDED, State.STOPPED] == [state for _, state, _ in found]


def test_a_suspended_child_leaves_the_link_above_as_it_is(evening: Any) -> None:
    found = drawn(evening.with_negative("lower"))

    assert [State.HOLDS, State.SUSPENDED] == [state for _, state, _ in found]


@pytest.mark.parametrize(
    ("when", "state"), [(1 << 50, State.EXPIRED), (0, State.NOT_YET)], ids=["over", "not yet"]
)
def test_a_link_holds_in_its_time_only(evening: Any, when: int, state: State) -> None:
    assert [state, state] == [found for _, found, _ in drawn(evening, at=when)]


def test_a_link_that_waits_for_the_city_is_drawn_as_waiting(evening: Any) -> None:
    asked = replace(evening.known.agreements["lower"], id="asked", processor="third")

    found = drawn(evening, asked, waiting=["asked"])

    assert ("asked", State.WAITING) in [(name, state) for name, state, _ in found]


@pytest.mark.parametrize(
    "changed", [{"entrustor": "hidden"}, {"parent": "nowhere"}, {"parent": ""}]
)
def test_hidden_sub_contractor_is_drawn_as_broken(evening: Any, changed: dict[str, Any]) -> None:
    hidden = replace(evening.known.agreements["lower"], id="hidden", **changed)

    assert ("hidden", State.BROKEN) in [(n, state) for n, state, _ in drawn(evening, hidden)]


def test_attack_a_ring_of_agreements_is_drawn_and_ends(evening: Any) -> None:
    one = replace(evening.known.agreements["lower"], id="one", parent="two")
    two = replace(evening.known.agreements["lower"], id="two", parent="one")

    found = drawn(evening, one, two)

    assert [("one", State.BROKEN), ("two", State.BROKEN)] == [(n, s) for n, s, _ in found[2:]]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-1, 6)), max_size=7))
def test_every_agreement_is_drawn_once(evening: Any, pairs: list[tuple[int, int]]) -> None:
    links = {
        str(name): replace(
            evening.known.agreements["lower"], id=str(name), parent="" if up < 0 else str(up)
        )
        for name, up in pairs
    }

    found = [b.link.id for root in tree(links.values(), "city", (), 0) for b in root.walk()]

    assert sorted(links) == sorted(found)
