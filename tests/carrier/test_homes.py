"""Households of a counterfoil: counted as plain sets count them; nothing else is read."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier import homes
from azukari.carrier.counterfoil import as_int, bitmap
from azukari.errors import BadFormat

LIVING = st.lists(st.integers(0, 9), max_size=60)  # the household of each, by any number


def first_of(living: list[int]) -> list[int]:
    return [living.index(home) for home in living]


def raw(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little", signed=True) for number in numbers)


@given(LIVING, st.sets(st.integers(0, 59)))
@settings(deadline=None)
def test_a_household_is_counted_once_however_many_of_it_are_there(
    living: list[int], persons: set[int]
) -> None:
    array = homes.decode(homes.encode(pa.array(first_of(living), pa.int64())))
    there = {ordinal for ordinal in persons if ordinal < len(living)}

    assert len({living[ordinal] for ordinal in there}) == homes.count(array, as_int(bitmap(there)))


@given(LIVING)
@settings(deadline=None)
def test_what_is_written_is_read_back(living: list[int]) -> None:
    written = homes.encode(pa.array(first_of(living), pa.int64()))

    assert raw(*first_of(living)) == written
    assert first_of(living) == homes.decode(written).to_pylist()


def test_a_slice_is_written_as_the_slice_it_is() -> None:
    assert raw(0, 0, 2) == homes.encode(pa.array([7, 0, 0, 2], pa.int32())[1:])


@given(st.binary(max_size=64))
@settings(deadline=None)
def test_any_bytes_are_households_or_refused(given_bytes: bytes) -> None:
    try:
        found = homes.decode(given_bytes).to_pylist()
    except BadFormat:
        return

    assert given_bytes == raw(*found)
    assert all(first <= i and found[first] == first for i, first in enumerate(found))


@pytest.mark.parametrize(
    "given_bytes",
    [b"abc", raw(1), raw(0, 2, 2), raw(-1), raw(0, 0, 1)],
    ids=["not fours", "a later one", "a later first", "nobody", "a first who is not"],
)
def test_what_is_no_list_of_first_members_is_refused(given_bytes: bytes) -> None:
    with pytest.raises(BadFormat, match="households"):
        homes.decode(given_bytes)


def test_a_person_beyond_the_list_is_refused() -> None:
    with pytest.raises(BadFormat, match="fewer households"):
        homes.count(homes.decode(raw(0, 0)), 0b100)
