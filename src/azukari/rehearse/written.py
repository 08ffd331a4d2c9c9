"""Texts as the bytes they are written in: UTF-8, CP932 in both its spellings, UTF-16.

Not a codec of its own: every byte comes from Python's.  It exists because a city's values come by
the million and because Windows spells some 400 characters of CP932 differently from Python (髙 is
FB FC there and EE E0 here; both read as the same character), so each must be looked for.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from azukari.errors import BadFormat

ENCODINGS: Final = ("utf-8", "cp932", "cp932-windows", "utf-16")
_END: Final = "\0"  # intake refuses it, so no value of a roll holds it
_GAP: Final = "\x01"  # stands where a character has no CP932 code


@dataclass(frozen=True)
class Pack:
    """Byte strings end to end: string ``i`` is ``blob[starts[i]:ends[i]]``."""

    blob: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def at_least(self, size_bytes: int) -> Pack:
        """The strings of at least that many bytes."""
        keep = self.ends - self.starts >= size_bytes
        return Pack(self.blob, self.starts[keep], self.ends[keep])


def written(texts: pa.Array) -> Iterator[tuple[str, Pack]]:
    """Every text in every encoding that can hold it, as (encoding, pack).

    Args:
        texts: strings without nulls and without U+0000; one that holds it is ``BadFormat``.
    """
    listed = texts.to_pylist()
    joined = _END.join([*listed, ""])
    if joined.count(_END) != len(listed):
        raise BadFormat("a value holds U+0000, which no intake keeps")
    yield "utf-8", _utf8(joined)
    yield "cp932", _cp932(joined)
    yield "cp932-windows", _windows(texts)
    yield "utf-16", _utf16(joined)


def _utf8(joined: str) -> Pack:
    # Private use passes; a lone surrogate cannot stand in an Arrow string.
    return _split(np.frombuffer(joined.encode(), np.uint8), 1)


def _utf16(joined: str) -> Pack:
    return _split(np.frombuffer(joined.encode("utf-16-le"), np.uint8), 2)


def _cp932(joined: str) -> Pack:
    raw = np.frombuffer(joined.encode("cp932", _gap_handler()), np.uint8)
    return _whole(_split(raw, 1))


def _windows(texts: pa.Array) -> Pack:
    """Only the texts that Windows would spell differently, in that spelling."""
    table = _windows_table()
    # A character class of RE2; none of these characters means anything inside it.
    differs = pc.match_substring_regex(texts, "[" + "".join(map(chr, table)) + "]")
    joined = _END.join([*texts.filter(differs).to_pylist(), ""])
    mapping: dict[int, bytes] = {}
    for letter in set(joined):
        mapping[ord(letter)] = table.get(ord(letter)) or letter.encode("cp932", _gap_handler())
    raw, _ = codecs.charmap_encode(joined, "strict", mapping)
    return _whole(_split(np.frombuffer(raw, np.uint8), 1))


def _split(raw: NDArray[np.uint8], unit: int) -> Pack:
    # 00 is never a trailing byte in UTF-8 or CP932; in UTF-16 a whole unit must be zero.
    units = raw.view(np.uint16) if unit == 2 else raw
    stops = np.flatnonzero(units == 0).astype(np.int64) * unit
    starts = np.concatenate([np.zeros(min(1, len(stops)), np.int64), stops[:-1] + unit])
    return Pack(raw, starts, stops)


def _whole(pack: Pack) -> Pack:
    """Without the strings that hold a gap: such a text cannot stand in a CP932 file at all."""
    gaps = np.flatnonzero(pack.blob == ord(_GAP))
    if not len(gaps):
        return pack
    broken = np.searchsorted(gaps, pack.starts) < np.searchsorted(gaps, pack.ends)
    return Pack(pack.blob, pack.starts[~broken], pack.ends[~broken])


@cache
def _windows_table() -> dict[int, bytes]:
    """Character → the other CP932 code that reads as it, where Python writes a different one."""
    table: dict[int, bytes] = {}
    for lead in [*range(0x81, 0xA0), *range(0xE0, 0xFD)]:
        for trail in range(0x40, 0xFD):
            code = bytes([lead, trail])
            try:
                letter = code.decode("cp932")
            except UnicodeDecodeError:
                continue
            if len(letter) == 1 and letter.encode("cp932") != code:
                # Several codes read as one: the last is IBM's own block, which Windows writes.
                table[ord(letter)] = code
    return table


@cache
def _gap_handler() -> str:
    def gap(error: Any) -> tuple[str, int]:
        return _GAP * (error.end - error.start), error.end

    codecs.register_error("azukari.gap", gap)
    return "azukari.gap"
