"""Who lives together, as a counterfoil keeps it: for every resident the first of their household.

Four bytes a resident, little end first, by ordinal: the ordinal of the household's first member.
It holds no household number, and counts households from sets of persons alone, so that a loss can
be counted while the roll stays sealed.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from azukari.errors import BadFormat

WIDTH: Final = 4
_MOST: Final = (1 << 31) - 1


def encode(first: pa.Array) -> bytes:
    """The bytes of an array by ordinal; integers of any width, none of them null."""
    array = first.cast(pa.int32())
    raw: bytes = array.buffers()[1].to_pybytes()
    start = array.offset * WIDTH
    return raw[start : start + len(array) * WIDTH]


def decode(raw: bytes) -> pa.Array:
    """The array by ordinal; refused where it is not one of first members."""
    if len(raw) % WIDTH or len(raw) > _MOST:
        raise BadFormat("households: four bytes a resident are expected")
    size = len(raw) // WIDTH
    array = pa.Array.from_buffers(pa.int32(), size, [None, pa.py_buffer(raw)])
    ordinal = pa.arange(0, size)
    earlier = pc.and_(pc.greater_equal(array, 0), pc.less_equal(array, ordinal))
    if size and not pc.all(earlier).as_py():
        raise BadFormat("households: a first member comes after another, or is nobody")
    if not array.take(array).equals(array):
        raise BadFormat("households: somebody's first member lives elsewhere")
    return array


def count(first: pa.Array, persons: int) -> int:
    """In how many households a set of persons lives; ``persons`` is a bitmap over ordinals."""
    if persons.bit_length() > len(first):
        raise BadFormat("the roll has fewer households than the counterfoil has persons")
    bits = persons.to_bytes((len(first) + 7) >> 3, "little")
    # A bitmap of ours is a column of yes and no as the engine lays it out: nothing is converted.
    chosen = pa.Array.from_buffers(pa.bool_(), len(first), [None, pa.py_buffer(bits)])
    found: int = pc.count_distinct(first.filter(chosen)).as_py()
    return found
