from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.roll.ordinals import bitmap, bitmap_bytes, key_stream, shuffle_order

_ORDINALS = st.sets(st.integers(0, 300))


@given(_ORDINALS)
@settings(deadline=None)
def test_a_bit_stands_for_an_ordinal(ordinals: set[int]) -> None:
    assert sum(1 << ordinal for ordinal in ordinals) == bitmap(ordinals)
    assert bitmap(ordinals) == bitmap(pa.array(ordinals, pa.int32()))


@given(_ORDINALS)
@settings(deadline=None)
def test_a_set_is_the_same_after_bytes(ordinals: set[int]) -> None:
    raw = bitmap_bytes(bitmap(ordinals), 301)

    assert len(raw) == 38
    assert bitmap(ordinals) == int.from_bytes(raw, "little")


def test_a_set_larger_than_its_roll_is_refused() -> None:
    with pytest.raises(BadFormat, match="beyond 8"):
        bitmap_bytes(1 << 8, 8)


@given(st.integers(0, 200), st.binary(min_size=32, max_size=32))
@settings(deadline=None)
def test_an_order_names_every_row_once(n: int, seed: bytes) -> None:
    order = shuffle_order(n, seed)

    assert pa.int64() == order.type
    assert list(range(n)) == sorted(order.to_pylist())


def test_an_order_is_the_same_in_every_version() -> None:
    """Computed apart with the openssl command line.

    openssl enc -aes-256-ctr -K 00…00 -iv 6f726465722f76310000000000000000 -in 64-zeros
    """
    assert shuffle_order(8, bytes(32)).to_pylist() == [5, 0, 2, 1, 4, 3, 6, 7]


def test_another_seed_is_another_order() -> None:
    assert shuffle_order(50, bytes(32)) != shuffle_order(50, b"\x01" * 32)


def test_one_seed_serves_two_labels_apart() -> None:
    assert key_stream(bytes(32), b"order/v1", 32) != key_stream(bytes(32), b"canary/1", 32)


def test_a_short_seed_is_refused() -> None:
    with pytest.raises(BadFormat, match="32 bytes"):
        shuffle_order(3, b"short")
