"""Custody as a fold: each giver is the last taker, and time runs forward."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.custody import late, line
from azukari.errors import Conflict
from azukari.seal.documents import HandOver


def step(giver: str, taker: str, at: int, name: str = "hand-over", due: int = 100) -> HandOver:
    return HandOver(
        id="x",
        carrier="c",
        envelope_sha256="",
        giver=giver,
        taker=taker,
        at=at,
        due_at=due,
        step=name,
    )


def test_nobody_has_had_what_was_never_given() -> None:
    assert () == line([])
    assert not late([], 10**15)


def test_each_holds_until_the_next() -> None:
    holds = line([step("a", "b", 1), step("b", "c", 5), step("c", "a", 9)])

    assert [("b", 1, 5), ("c", 5, 9), ("a", 9, None)] == [
        (hold.holder, hold.from_at, hold.to_at) for hold in holds
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), min_size=1, max_size=6))
def test_a_line_has_no_gap_and_no_overlap(drawn: list[tuple[str, int]]) -> None:
    steps, giver, at = [], "city", 0
    for taker, later in drawn:
        at += later
        steps.append(step(giver, taker, at))
        giver = taker

    holds = line(steps)

    assert len(steps) == len(holds)
    assert all(one.to_at == two.from_at for one, two in pairwise(holds))
    assert [None] == [hold.to_at for hold in holds if hold.to_at is None]
    assert steps[-1].taker == holds[-1].holder


def test_who_does_not_hold_it_cannot_give_it() -> None:
    with pytest.raises(Conflict):
        line([step("a", "b", 1), step("c", "d", 2)])


def test_a_step_before_the_one_it_follows() -> None:
    line([step("a", "b", 2), step("b", "c", 2)])
    with pytest.raises(Conflict):
        line([step("a", "b", 2), step("b", "c", 1)])


def test_late_is_after_the_due_time_and_never_after_the_return() -> None:
    assert not late([step("a", "b", 1)], 100)
    assert late([step("a", "b", 1)], 101)
    assert not late([step("a", "b", 1), step("b", "a", 2, "return")], 10**15)
