"""Bytes as they read once an escape is undone: JSON, percent, tables, HTML references, base64.

A value may leave in a form that shows none of its bytes.  A view holds the text with one kind of
escape undone and can say where in the original a place of it stood.  It undoes one layer of one
kind; compressed or encrypted bytes stay what they are.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class View:
    """One reading of some bytes.

    Attributes:
        name: which escape was undone.
        data: the bytes after.
        marks: (first byte in ``data``, first byte after, the same two in the original) of every
            passage that was undone, in order.
    """

    name: str
    data: bytes
    marks: tuple[tuple[int, int, int, int], ...]

    def origin(self, start: int, end: int) -> int | None:
        """Where ``data[start:end]`` began in the original; None if no escape stands in it."""
        index = bisect.bisect_right(self.marks, (start, len(self.data) + 1, 0, 0)) - 1
        if index >= 0 and self.marks[index][1] > start:
            return self.marks[index][2]
        later = index + 1
        if later < len(self.marks) and self.marks[later][0] < end:
            first, _, original, _ = self.marks[later]
            return original - (first - start)
        return None

    def after(self, end: int) -> int:
        """Where something in ``data`` that ends before ``end`` ended in the original.

        Asked only of what `origin` knows: an escape stands in it, or before its end.
        """
        index = bisect.bisect_left(self.marks, (end, 0, 0, 0)) - 1
        _, last, _, original = self.marks[index]
        return original + max(0, end - last)


def _unicode(text: bytes) -> bytes:
    units = re.sub(rb"\\+u", b"", text)
    return bytes.fromhex(units.decode()).decode("utf-16-be", "replace").encode()


def _quoted(text: bytes) -> bytes:
    """A passage of escapes as JSON reads them, one after the other."""
    try:
        return str(json.loads(b'"' + text + b'"')).encode("utf-8", "replace")
    except ValueError:
        return text


def _hex(text: bytes) -> bytes:
    return bytes.fromhex(re.sub(rb"%|\\+x", b"", text).decode())


def _once(text: bytes) -> bytes:
    return text[: len(text) // 2]


def _reference(text: bytes) -> bytes:
    return html.unescape(text.decode("ascii")).encode("utf-8", "replace")


def _base64(text: bytes) -> bytes:
    plain = text.translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4] if plain[-1:] != b"=" else plain)
    except binascii.Error:
        return text


# What one passage looks like (its first letter fixed, so that looking is quick), how it reads.
_ESCAPES: Final[tuple[tuple[str, re.Pattern[bytes], Callable[[bytes], bytes]], ...]] = (
    ("json", re.compile(rb"\\u[0-9a-fA-F]{4}(?:\\+u[0-9a-fA-F]{4})*"), _unicode),
    # The one before reads any number of layers at once, but of letters only; this one reads one
    # layer, and all of it: a value may hold a quotation mark.
    (
        "json, quoted",
        re.compile(rb'\\(?:u[0-9a-fA-F]{4}|["\\/])(?:\\(?:u[0-9a-fA-F]{4}|["\\/]))*'),
        _quoted,
    ),
    ("bytes", re.compile(rb"\\x[0-9a-fA-F]{2}(?:\\+x[0-9a-fA-F]{2})*"), _hex),
    ("percent", re.compile(rb"%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*"), _hex),
    # A cell of a table that holds a quotation mark shows it twice.
    ("table", re.compile(rb'(?:"")+|(?:"\x00"\x00)+'), _once),
    ("html", re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot);"), _reference),
    ("base64", re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}"), _base64),
)
ESCAPES: Final = tuple(name for name, *_ in _ESCAPES)
_APART: Final = bytes(16)  # no value holds so many zero bytes, in UTF-16 neither


def views(original: memoryview | bytes, reach: int) -> Iterator[View]:
    """Every reading of these bytes that differs from them.

    Only what stands within ``reach`` bytes of an escape is in a view: anything shorter that
    touches no escape is found in the original.
    """
    for name, pattern, undo in _ESCAPES:
        data = bytearray()
        marks: list[tuple[int, int, int, int]] = []
        done = 0
        for passage in pattern.finditer(original):
            if not marks or passage.start() - done > 2 * reach:
                data += original[done : done + reach] if marks else b""
                data += _APART
                done = max(done, passage.start() - reach)
            data += original[done : passage.start()]
            undone = undo(passage.group())
            place = (len(data), len(data) + len(undone))
            marks.append((*place, passage.start(), passage.end()))
            data += undone
            done = passage.end()
        if marks:
            data += original[done : done + reach]
            yield View(name, bytes(data), tuple(marks))
