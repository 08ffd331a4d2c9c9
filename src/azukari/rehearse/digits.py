"""Numbers of given lengths in other bytes, where no ASCII letter or digit stands beside them.

Looks at whole runs of digits, so a number inside a longer one, a digest or a word is not found:
that is what keeps counters, sizes and fingerprints from being taken for somebody's number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from azukari.errors import BadFormat

CHUNK: Final = 1 << 20
_ZERO: Final = 48
_MOST: Final = 18  # digits that surely fit 64 bits
_REACH: Final = 40  # units read past the border of a chunk: two runs and what joins them
# What may stand between a branch and an account number, in units of the text.
_JOINTS: Final = tuple(
    tuple(joint.encode()) for joint in ("-", ",", " ", "\t", "/", ";", "_", ":", '","', '", "')
)

I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Number:
    """One number at one place, in bytes: what it is, first byte, first byte after it."""

    kind: str
    start: int
    end: int


class Numbers:
    """Sets of digit strings by kind, ready to be looked for.

    Args:
        whole: kind → digit strings, each looked for as one run.
        joined: kind → (digits of the first part, digit strings of both parts as one); each is
            looked for as one run and as two with one joint between them.
    """

    def __init__(
        self, whole: Mapping[str, pa.Array], joined: Mapping[str, tuple[int, pa.Array]]
    ) -> None:
        self._sets: dict[int, list[tuple[str, I64]]] = {}
        self._cuts: dict[str, int] = {kind: cut for kind, (cut, _) in joined.items()}
        self._count = 0
        for kind, texts in [*whole.items(), *((k, texts) for k, (_, texts) in joined.items())]:
            if pc.all(pc.match_substring_regex(texts, f"^[0-9]{{1,{_MOST}}}$")).as_py() is False:
                raise BadFormat(f"a number is 1 to {_MOST} ASCII digits")
            lengths = pc.utf8_length(texts)
            for length in pc.unique(lengths).to_pylist():
                same = texts.filter(pc.equal(lengths, length)).cast(pa.int64())
                numbers = np.unique(same.to_numpy(zero_copy_only=False))
                self._sets.setdefault(length, []).append((kind, numbers))
                self._count += len(numbers)

    def __len__(self) -> int:
        return self._count

    def samples(self) -> Iterator[tuple[str, str]]:
        """(kind, digits) of the least and greatest number of each kind, in every form."""
        for length, sets in self._sets.items():
            for kind, numbers in sets:
                for number in (int(numbers[0]), int(numbers[-1])):
                    digits = f"{number:0{length}d}"
                    yield kind, digits
                    cut = self._cuts.get(kind)
                    for joint in _JOINTS if cut is not None else ():
                        yield kind, digits[:cut] + bytes(joint).decode() + digits[cut:]

    def find(self, raw: NDArray[Any], *, chunk: int = CHUNK) -> Iterator[Number]:
        """Every number in ``raw``, one code unit an element: bytes, or UTF-16 as uint16."""
        width = raw.dtype.itemsize
        for start in range(0, len(raw), chunk):
            for kind, at, end in self._find_from(raw, start, min(start + chunk, len(raw))):
                yield Number(kind, at * width, end * width)

    def _find_from(
        self, raw: NDArray[Any], start: int, stop: int
    ) -> Iterator[tuple[str, int, int]]:
        back = max(0, start - 1)
        units = raw[back : stop + _REACH]
        begins, ends = _runs(units)
        mine = (begins + back >= start) & (begins + back < stop)
        open_before, open_after = _open(units, begins, ends)
        lengths = ends - begins
        for length, sets in self._sets.items():
            at = begins[mine & (lengths == length) & open_before & open_after]
            values = _value(units, at, length)
            for kind, numbers in sets:
                for offset in at[_in(numbers, values)].tolist():
                    yield kind, back + offset, back + offset + length
                cut = self._cuts.get(kind)
                if cut is None or len(begins) < 2:
                    continue
                fits = (mine & open_before & (lengths == cut))[:-1]
                fits &= (open_after & (lengths == length - cut))[1:]
                fits &= _joint(units, ends[:-1], begins[1:])
                one, two = begins[:-1][fits], begins[1:][fits]
                both = _value(units, one, cut) * 10 ** (length - cut)
                found = _in(numbers, both + _value(units, two, length - cut))
                for offset, then in zip(one[found].tolist(), two[found].tolist(), strict=True):
                    yield kind, back + offset, back + then + length - cut


def _runs(units: NDArray[Any]) -> tuple[I64, I64]:
    """Where runs of ASCII digits begin and end."""
    digit = (units >= _ZERO) & (units <= _ZERO + 9)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], digit, [False]])))
    return edges[0::2].astype(np.int64), edges[1::2].astype(np.int64)


def _open(units: NDArray[Any], begins: I64, ends: I64) -> tuple[Mask, Mask]:
    """Of each run: no ASCII letter right before it; none right after it."""
    lower = np.concatenate([[0], units, [0]]) | 0x20
    letter = (lower >= 97) & (lower <= 122)
    return ~letter[begins], ~letter[ends + 1]


def _joint(units: NDArray[Any], begins: I64, ends: I64) -> Mask:
    """What stands between two runs is exactly one of the joints."""
    found = np.zeros(len(begins), np.bool_)
    for joint in _JOINTS:
        same = ends - begins == len(joint)
        for place, unit in enumerate(joint):
            # Read anywhere inside; a gap of another length is already out.
            same &= units[np.minimum(begins + place, len(units) - 1)] == unit
        found |= same
    return found


def _value(units: NDArray[Any], at: I64, length: int) -> I64:
    value = np.zeros(len(at), np.int64)
    for place in range(length):
        value = value * 10 + (units[at + place].astype(np.int64) - _ZERO)
    return value


def _in(numbers: I64, values: I64) -> Mask:
    place = np.searchsorted(numbers, values)
    place[place == len(numbers)] = 0
    found: Mask = numbers[place] == values
    return found
