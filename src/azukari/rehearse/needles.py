"""Many byte strings, found wherever they stand in other bytes: exactly, none missed, none guessed.

Three sieves, each cheaper than the next is exact.  A bitmap over the first eight bytes looks at
every offset; a sorted list of (first eight, last eight, length) looks at what is left, for the
lengths that this beginning can have; what passes is compared byte for byte.  Aho-Corasick over
the same strings takes minutes and gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from azukari.errors import BadFormat
from azukari.rehearse.written import Pack

WINDOW: Final = 8
CHUNK: Final = 1 << 19  # offsets looked at together; small enough to stay in the caches
_BITS: Final = 26
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_LAST_BIT: Final = 63

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """One needle at one place: which pack it came from, first byte, first byte after it."""

    pack: int
    start: int
    end: int


class Needles:
    """The strings of several packs, ready to be looked for; each at least eight bytes long."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._packs = [pack.blob for pack in packs]
        sizes = [len(pack.starts) for pack in packs]
        self._bases: I64 = np.cumsum([0, *sizes], dtype=np.int64)
        self._starts: I64 = np.concatenate([np.zeros(0, np.int64), *(p.starts for p in packs)])
        lengths: I64 = np.concatenate(
            [np.zeros(0, np.int64), *(p.ends - p.starts for p in packs)]
        ).astype(np.int64)
        if len(lengths) and int(lengths.min()) < WINDOW:
            raise BadFormat(f"a needle is at least {WINDOW} bytes")
        self._longest = int(lengths.max(initial=WINDOW))
        first = _joined([_windows(p.blob)[p.starts] for p in packs if len(p.starts)])
        last = _joined([_windows(p.blob)[p.ends - WINDOW] for p in packs if len(p.starts)])
        keys = _key(first, last, lengths)
        self._order = np.argsort(keys).astype(np.int32)
        self._keys = keys[self._order]
        self._lengths = lengths.astype(np.int32)
        del keys, last
        self._prefixes, self._masks = _lengths_by_prefix(first, lengths)
        self._bitmap = _bitmap_of(self._prefixes)
        beyond = lengths[lengths >= WINDOW + _LAST_BIT]
        self._long = [int(length) for length in np.unique(beyond)]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, data: memoryview, *, chunk: int = CHUNK) -> Iterator[Found]:
        """Every needle at every offset of ``data``; by chunks in order, within a chunk in none."""
        if not len(self) or len(data) < WINDOW:
            return
        raw = np.frombuffer(data, np.uint8)
        for start in range(0, len(raw) - WINDOW + 1, chunk):
            # Only the offsets are cut into chunks; the strings are read past the border.
            stop = min(start + chunk, len(raw) - WINDOW + 1)
            yield from self._find_between(data, raw, start, stop)

    def _find_between(self, data: memoryview, raw: U8, start: int, stop: int) -> Iterator[Found]:
        here = _windows(raw)[start:stop].copy()
        slot = (here * _SPREAD) >> np.uint64(64 - _BITS)
        passed = (self._bitmap[slot >> np.uint64(3)] >> (slot & np.uint64(7)).astype(np.uint8)) & 1
        offsets = np.flatnonzero(passed)
        group = np.searchsorted(self._prefixes, here[offsets])
        group[group == len(self._prefixes)] = 0
        known = self._prefixes[group] == here[offsets]
        offsets, group = offsets[known], group[known]
        if not len(offsets):
            return
        masks, first, offsets = self._masks[group], here[offsets], offsets + start
        for length, chosen in self._by_length(masks):
            at, begins = offsets[chosen], first[chosen]
            fits = at + length <= len(raw)
            at, begins = at[fits], begins[fits]
            ends = _windows(raw)[at + (length - WINDOW)]
            keys = _key(begins, ends, np.full(len(at), length, np.int64))
            place = np.searchsorted(self._keys, keys)
            place[place == len(self._keys)] = 0
            same = self._keys[place] == keys
            for offset, rank in zip(at[same].tolist(), place[same].tolist(), strict=True):
                yield from self._compare(data, offset, length, rank)

    def _by_length(self, masks: U64) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        present = int(np.bitwise_or.reduce(masks))
        for bit in range(_LAST_BIT + 1):
            if not present >> bit & 1:
                continue
            chosen = (masks >> np.uint64(bit) & np.uint64(1)).astype(bool)
            for length in self._long if bit == _LAST_BIT else [WINDOW + bit]:
                yield length, chosen

    def _compare(self, data: memoryview, offset: int, length: int, rank: int) -> Iterator[Found]:
        """The last sieve: the bytes themselves, for every needle with this key."""
        key = self._keys[rank]
        packs: set[int] = set()
        while rank < len(self._keys) and self._keys[rank] == key:
            needle = int(self._order[rank])
            pack = int(np.searchsorted(self._bases, needle, side="right")) - 1
            start = int(self._starts[needle])
            same = self._lengths[needle] == length and (
                self._packs[pack][start : start + length].data == data[offset : offset + length]
            )
            if same and pack not in packs:
                packs.add(pack)
                yield Found(pack, offset, offset + length)
            rank += 1


def _windows(raw: U8) -> U64:
    """The eight bytes at every offset as one number, without copying."""
    return np.ndarray((len(raw) - WINDOW + 1,), np.dtype("<u8"), raw, 0, (1,))


def _joined(parts: list[U64]) -> U64:
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def _key(first: U64, last: U64, lengths: I64) -> U64:
    mixed = (first * _SPREAD) ^ (last * _MIX + lengths.astype(np.uint64))
    mixed ^= mixed >> np.uint64(29)
    return mixed * _SPREAD


def _lengths_by_prefix(first: U64, lengths: I64) -> tuple[U64, U64]:
    """The distinct beginnings in order, and for each a bit per length that it can have."""
    bits = np.uint64(1) << np.minimum(lengths - WINDOW, _LAST_BIT).astype(np.uint64)
    order = np.argsort(first)
    ordered = first[order]
    if not len(ordered):
        return ordered, ordered
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[begins], np.bitwise_or.reduceat(bits[order], begins)


def _bitmap_of(prefixes: U64) -> U8:
    flags = np.zeros(1 << _BITS, np.bool_)
    flags[(prefixes * _SPREAD) >> np.uint64(64 - _BITS)] = True
    return np.packbits(flags, bitorder="little")
