"""Names of things: random ids for machines, short labels and eight words for people.

An id is 16 random bytes in Crockford's base 32, lower case, 26 characters.  It means nothing by
itself and is never derived from a person's value.  A label is for people, unique in one office
and never input to cryptography.
"""

from __future__ import annotations

import secrets

from azukari.errors import BadFormat

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i, l, o, u
ID_LENGTH = 26
ID_PATTERN = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def new_id(random: bytes | None = None) -> str:
    """A fresh id; ``random`` (16 bytes) only where a story must repeat itself."""
    return id_of(secrets.token_bytes(16) if random is None else random)


def id_of(raw: bytes) -> str:
    """The spelling of 16 bytes."""
    if len(raw) != 16:
        raise BadFormat(f"an id is 16 bytes, not {len(raw)}")
    number = int.from_bytes(raw, "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))


def raw_id(text: str) -> bytes:
    """The 16 bytes of an id; refuses every other spelling of the same number."""
    if len(text) != ID_LENGTH or text[0] > "7" or any(letter not in _VALUE for letter in text):
        raise BadFormat("not an id: 26 letters and digits of Crockford's base 32 are expected")
    number = 0
    for letter in text:
        number = number << 5 | _VALUE[letter]
    return number.to_bytes(16, "big")


def label(prefix: str, identifier: str, *, taken: frozenset[str] = frozenset()) -> str:
    """A short label such as ``C-7Q4M-2K`` for people, made from the end of an id.

    Tries further letters of the id while the label is already taken.
    """
    letters = identifier.upper()
    for start in range(len(letters) - 6, -1, -1):
        found = f"{prefix}-{letters[start : start + 4]}-{letters[start + 4 : start + 6]}"
        if found not in taken:
            return found
    raise BadFormat("no free label is left for this id")
