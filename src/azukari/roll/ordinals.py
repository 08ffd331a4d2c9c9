"""Sets of persons as bitmaps and rows in a keyed order: what a counterfoil keeps.

A set of persons is an int whose bit *i* stands for the resident with ordinal *i*; on paper and
disk it is that int in little-endian bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from azukari.errors import BadFormat

SEED_BYTES: Final = 32


def bitmap(ordinals: pa.Array | Iterable[int]) -> int:
    """The set of these ordinals as an int; their order and repetition do not matter."""
    if isinstance(ordinals, pa.Array | pa.ChunkedArray):
        ordinals = ordinals.to_pylist()
    bits = bytearray()
    for ordinal in ordinals:
        at = ordinal >> 3
        if at >= len(bits):
            bits.extend(bytes(at + 1 - len(bits)))
        bits[at] |= 1 << (ordinal & 7)
    return int.from_bytes(bits, "little")


def bitmap_bytes(persons: int, size: int) -> bytes:
    """A set over ``size`` ordinals as little-endian bytes, ⌈size / 8⌉ of them."""
    if persons < 0 or persons.bit_length() > size:
        raise BadFormat(f"the set holds an ordinal beyond {size}")
    return persons.to_bytes((size + 7) // 8, "little")


def shuffle_order(n: int, seed: bytes) -> pa.Array:
    """A permutation of 0 … n−1 out of a 32-byte seed, the same in every version.

    The key stream of AES-256 in counter mode under the seed, its first counter block the eight
    ASCII bytes ``order/v1`` and eight zero bytes (big-endian counter), is read as n unsigned
    64-bit little-endian numbers.  The result lists the indices 0 … n−1 by ascending number,
    equal numbers by ascending index: row ``i`` of the shuffled table is row ``result[i]``.
    """
    numbers = pa.Array.from_buffers(
        pa.uint64(), n, [None, pa.py_buffer(key_stream(seed, b"order/v1", 8 * n))]
    )
    return pc.cast(pc.sort_indices(numbers), pa.int64())


def key_stream(seed: bytes, label: bytes, size: int) -> bytes:
    """``size`` bytes out of a 32-byte seed: AES-256 in counter mode over zeros.

    The first counter block is the label, eight bytes, and eight zero bytes; one label serves one
    use of a seed.
    """
    if len(seed) != SEED_BYTES or len(label) != 8:
        raise BadFormat(f"a seed is {SEED_BYTES} bytes and a label 8")
    encryptor = Cipher(algorithms.AES256(seed), modes.CTR(label + bytes(8))).encryptor()
    return encryptor.update(bytes(size)) + encryptor.finalize()
