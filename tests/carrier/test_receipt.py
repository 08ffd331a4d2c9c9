"""Receipts: a chain is continued by exactly its own records, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier.receipt import START, Chain, accept, follow, link
from azukari.errors import Conflict
from azukari.seal.documents import Receipt

RECORDS = st.lists(st.binary(max_size=20), max_size=6)


def receipt(first: int, chain: Chain) -> Receipt:
    return Receipt(
        id="x",
        device="d",
        carrier="c",
        first=first,
        length=chain.length,
        head=chain.head,
        answered=0,
        one_time_keys_destroyed=[],
        at=0,
    )


@settings(deadline=None)
@given(RECORDS, RECORDS)
def test_a_chain_is_the_same_however_it_is_cut(one: list[bytes], two: list[bytes]) -> None:
    assert follow(Chain(), one + two) == follow(follow(Chain(), one), two)


@settings(deadline=None)
@given(RECORDS, RECORDS)
def test_its_own_records_continue_it(known: list[bytes], more: list[bytes]) -> None:
    before = follow(Chain(), known)
    after = follow(before, more)

    assert after == accept(receipt(before.length, after), more, before)


@settings(deadline=None)
@given(RECORDS, RECORDS, RECORDS)
def test_any_other_records_are_refused(
    known: list[bytes], more: list[bytes], other: list[bytes]
) -> None:
    before = follow(Chain(), known)
    stated = receipt(before.length, follow(before, more))

    if other != more:
        with pytest.raises(Conflict):
            accept(stated, other, before)


@settings(deadline=None)
@given(RECORDS, RECORDS)
def test_receipts_that_do_not_continue_the_chain(a: list[bytes], b: list[bytes]) -> None:
    """Another history of the same length: a device that was copied and went on twice."""
    one, other = follow(Chain(), a), follow(Chain(), b)
    if one != other:
        with pytest.raises(Conflict):
            accept(receipt(one.length, follow(one, [b"x"])), [b"x"], other)


def test_the_empty_chain_has_a_head_of_its_own() -> None:
    assert (0, START) == (Chain().length, Chain().head)
    assert START != link(START, b"")
