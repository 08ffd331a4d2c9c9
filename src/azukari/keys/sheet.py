"""The recovery sheet: 32 secret bytes as four rows that a person can read, print and type.

A row is 8 bytes and 2 of checksum over the ceremony's id, the row's number and the bytes, in
Crockford's base 32: a mistyped row is named, and so is a sheet of another ceremony.  Small
letters, spaces and dashes, o for 0 and i or l for 1 are taken as they are meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from azukari.errors import BadInput
from azukari.names import ALPHABET, raw_id

ROWS: Final = 4
_CHUNK: Final = 8
_LETTERS: Final = 16
_MEANT: Final = str.maketrans("oil", "011", " -\t\r\n")


def rows(secret: bytes, ceremony: str) -> tuple[str, ...]:
    """The four rows of a secret, four groups of four letters each."""
    if len(secret) != ROWS * _CHUNK:
        raise BadInput("the sheet", f"{ROWS * _CHUNK} bytes are expected")
    return tuple(_row(i, secret[i * _CHUNK : (i + 1) * _CHUNK], ceremony) for i in range(ROWS))


def read(typed: Sequence[str], ceremony: str) -> bytes:
    """The secret again; `BadInput` names the first row that is not right, not what stood there."""
    if len(typed) != ROWS:
        raise BadInput("the sheet", f"{ROWS} rows are expected, not {len(typed)}")
    return b"".join(_chunk(i, row, ceremony) for i, row in enumerate(typed))


def _row(i: int, chunk: bytes, ceremony: str) -> str:
    number = int.from_bytes(chunk + _check(i, chunk, ceremony), "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -5, -5)).upper()
    return "-".join(letters[at : at + 4] for at in range(0, _LETTERS, 4))


def _chunk(i: int, row: str, ceremony: str) -> bytes:
    letters = row.lower().translate(_MEANT)
    wrong = BadInput("the sheet", "mistyped, or of another ceremony", line=i + 1)
    if len(letters) != _LETTERS or any(letter not in ALPHABET for letter in letters):
        raise wrong
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    raw = number.to_bytes(_CHUNK + 2, "big")
    if raw[_CHUNK:] != _check(i, raw[:_CHUNK], ceremony):
        raise wrong
    return raw[:_CHUNK]


def _check(i: int, chunk: bytes, ceremony: str) -> bytes:
    said = b"azukari/sheet/1\0" + raw_id(ceremony) + bytes([i]) + chunk
    return hashlib.sha256(said).digest()[:2]
