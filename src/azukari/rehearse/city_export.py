"""How a city's system writes its export: CP932 bytes as Windows writes them, CRLF, loose quoting.

Columns of bytes in, one file out; it knows no resident and no rule.  Tables are encoded once and
taken by index, so that a city of half a million is written in seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from azukari.rehearse.city_plan import Ints, Mask

Texts = Any  # a pyarrow array of type binary; pyarrow ships no types
Report = Callable[[int], None]  # rows written since the last time

BLOCK_ROWS: Final = 65_536


def encode(text: str, encoding: str) -> bytes:
    """The bytes that Windows writes; Python chooses another twin for 360 characters of CP932."""
    if encoding != "cp932":
        return text.encode(encoding)
    if text.isascii():
        return text.encode("ascii")
    twins = _windows_twins()
    return b"".join(twins.get(sign) or sign.encode("cp932") for sign in text)


def table(rows: Iterable[str], encoding: str) -> Texts:
    """A table of texts to take from by index."""
    return pa.array([encode(row, encoding) for row in rows], type=pa.binary())


def take(texts: Texts, index: Ints) -> Texts:
    """A column: for every row the text of its index."""
    return texts.take(pa.array(index))


def joined(*parts: Texts | bytes) -> Texts:
    """Columns and constants side by side, row by row."""
    scalars = [pa.scalar(part, pa.binary()) if isinstance(part, bytes) else part for part in parts]
    return pc.binary_join_element_wise(*scalars, pa.scalar(b"", pa.binary()))


def either(where: Mask, one: Texts, other: Texts) -> Texts:
    """Row by row the one or the other."""
    return pc.if_else(pa.array(where), one, other)


def whole_numbers(numbers: Ints, known: Mask | None = None) -> Texts:
    """Decimal digits; an empty cell where the number is not known."""
    texts = pa.array(numbers).cast(pa.string()).cast(pa.binary())
    return (
        texts if known is None else pc.if_else(pa.array(known), texts, pa.scalar(b"", pa.binary()))
    )


def padded(numbers: Ints, digits: int, prefix: bytes = b"") -> Texts:
    """So many digits with zeros in front, behind a prefix."""
    width = len(prefix) + digits
    cells = np.empty((len(numbers), width), dtype=np.uint8)
    cells[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    rest = numbers.copy()
    for place in range(width - 1, len(prefix) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        cells[:, place] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * width
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(cells)]
    return pa.Array.from_buffers(pa.binary(), len(numbers), buffers)


def scattered(count: int, random: np.random.Generator) -> Ints:
    """``count`` different numbers of eight digits in no order: four rounds of a Feistel network."""
    left, right = np.divmod(np.arange(count, dtype=np.int64), 10_000)
    for _ in range(4):
        left, right = right, (left + random.integers(0, 10_000, 10_000)[right]) % 10_000
    return left * 10_000 + right


def write_csv(
    path: Path,
    headers: Sequence[str],
    columns: Sequence[Texts],
    quoted: Sequence[Mask | None],
    encoding: str,
    report: Report,
) -> None:
    """One file, header first, every line ending in CRLF.

    Args:
        columns: binary arrays of one length, without nulls, quotes inside already doubled.
        quoted: per column where the cell stands in quotes; ``None`` where never.
    """
    quotes = pa.array([b"", b'"'], type=pa.binary())
    with path.open("wb") as file:
        file.write(encode(",".join(headers) + "\r\n", encoding))
        for start in range(0, len(columns[0]), BLOCK_ROWS):
            parts: list[Texts | bytes] = []
            for column, where in zip(columns, quoted, strict=True):
                cell = column.slice(start, BLOCK_ROWS)
                if where is None:
                    parts += [cell, b","]
                else:
                    quote = quotes.take(pa.array(where[start : start + BLOCK_ROWS].astype(np.int8)))
                    parts += [quote, cell, quote, b","]
            lines = joined(*parts[:-1], b"\r\n")
            file.write(_bytes_of(lines))
            report(len(lines))


def _bytes_of(lines: Texts) -> memoryview:
    """The values of a fresh binary array, end to end."""
    offsets = np.frombuffer(lines.buffers()[1], dtype=np.int32)
    return memoryview(lines.buffers()[2])[: int(offsets[len(lines)])]


@cache
def _windows_twins() -> dict[str, bytes]:
    """Characters that CP932 holds twice and of which Windows writes the later one (FA to FC)."""
    twins = {}
    for lead in range(0xFA, 0xFD):
        for trail in range(0x40, 0xFD):
            try:
                sign = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
            if sign.encode("cp932")[0] in (0xED, 0xEE):
                twins[sign] = bytes((lead, trail))
    return twins
