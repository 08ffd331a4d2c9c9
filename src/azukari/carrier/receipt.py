"""Receipts: one chain per device over its whole life, and what the city makes of it.

A receipt is *the device's statement*.  A device whose next receipt does not continue the chain the
city last saw is not believed any more: it was rolled back, copied, or it lies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from azukari.errors import Conflict
from azukari.seal.documents import Receipt

START: Final = hashlib.sha256(b"azukari/journal/1").hexdigest()  # the head of an empty chain


@dataclass(frozen=True)
class Chain:
    """How far the city knows a device's chain."""

    length: int = 0
    head: str = START


def link(previous: str, record: bytes) -> str:
    """The head after one record."""
    return hashlib.sha256(bytes.fromhex(previous) + record).hexdigest()


def follow(known: Chain, records: Sequence[bytes]) -> Chain:
    """The chain after more records."""
    head = known.head
    for record in records:
        head = link(head, record)
    return Chain(known.length + len(records), head)


def contradicts(receipt: Receipt, records: Sequence[bytes], known: Sequence[bytes]) -> bool:
    """Did the device sign another history than ``known``, its records from 0 as stated before?

    Only what it signed counts: lines that lead nowhere may have been changed by whoever carried
    them, and prove nothing against the device.
    """
    if receipt.length <= len(known):
        return receipt.head != follow(Chain(), known[: receipt.length]).head
    if receipt.first > len(known):
        return False
    led = follow(follow(Chain(), known[: receipt.first]), records)
    shared = known[receipt.first :]
    leads = (led.length, led.head) == (receipt.length, receipt.head)
    return leads and list(records[: len(shared)]) != list(shared)


def accept(receipt: Receipt, records: Sequence[bytes], known: Chain) -> Chain:
    """Check that a receipt and its records continue what is known; the chain afterwards."""
    if receipt.first != known.length:
        raise Conflict(
            f"the device's receipt begins at record {receipt.first}, expected {known.length}"
        )
    chain = follow(known, records)
    if (receipt.length, receipt.head) != (chain.length, chain.head):
        raise Conflict("the device's records do not lead to the head it signed")
    return chain
