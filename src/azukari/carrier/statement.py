"""A receipt together with the journal lines it speaks of, as one file that crosses sites.

``{"journal":["…"],"receipt":"…","v":1,"word":"receipt-with-journal"}``: canonical JSON; the receipt
is its DSSE envelope as text, a line is a record of the journal as the device chained it.  Nothing
is verified here: what the device signed is the chain, and the desk follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from azukari.errors import BadFormat
from azukari.seal.envelope import canonical

WORD: Final = "receipt-with-journal"
MAX_BYTES: Final = 64 << 20


class _Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    word: str
    receipt: str
    journal: list[str]


def pack(receipt: bytes, journal: Sequence[bytes]) -> bytes:
    """The file of a receipt and its journal lines."""
    lines = [line.decode() for line in journal]
    data = canonical(_Statement(1, WORD, receipt.decode(), lines))
    if len(data) > MAX_BYTES:
        raise BadFormat(f"a receipt with its journal of more than {MAX_BYTES} bytes")
    return data


def unpack(data: bytes) -> tuple[bytes, list[bytes]]:
    """The receipt's envelope and the journal lines; any other spelling is refused."""
    if len(data) > MAX_BYTES:
        raise BadFormat(f"a receipt with its journal of more than {MAX_BYTES} bytes")
    try:
        found = msgspec.json.decode(data, type=_Statement)
        same = canonical(found) == data
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadFormat("not a receipt with its journal") from None
    if not same or found.v != 1 or found.word != WORD:
        raise BadFormat("a receipt with its journal in another version or spelling")
    return found.receipt.encode(), [line.encode() for line in found.journal]
