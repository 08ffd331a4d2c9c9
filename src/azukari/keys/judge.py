"""Whether a carrier may be bound, or opened: what the key service adds to who may.

Pure: over what the register holds of a carrier, the keeper's own copy of its order and what it
believes.  Who may at all is decided in entrust/may.py; who has a key already is the register's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

import msgspec

from azukari.entrust import may, order
from azukari.errors import BadFormat
from azukari.keys.client import GrantAsk, Sealed
from azukari.keys.policy import Believed
from azukari.ledger.entry import MAX_NUMBER
from azukari.names import raw_id
from azukari.seal.documents import Order, digest
from azukari.seal.grant import p256_public

_PART: Final = re.compile(r"[0-9]{4}")  # never the manifest's: that one is in every grant
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def spelled(asked: GrantAsk | Sealed) -> bytes:
    """The one spelling of a question: a repeat of an act must be the same."""
    return msgspec.json.encode(asked, order="sorted")


def is_id(text: str) -> bool:
    """May this stand in the ledger as the name of something?"""
    try:
        raw_id(text)
    except BadFormat:
        return False
    return True


def must_be_sealed(sealed: Sealed) -> None:
    """`BadFormat` for a description that no sealing of ours has.

    A part's id goes into the derivation of its key: two parts under one id would share a key.
    """
    ids = [part.part for part in sealed.parts]
    tables = {part.table for part in sealed.parts}
    if not _SHA256.fullmatch(sealed.envelope_sha256):
        raise BadFormat("a binding names no envelope")
    if len(set(ids)) != len(ids) or not all(_PART.fullmatch(part) for part in ids):
        raise BadFormat("a binding names each part once, by four digits")
    # A table without a number of rows would be one of any number.
    if not ids or tables != set(sealed.rows) or min(sealed.rows.values()) < 0:
        raise BadFormat("a binding says of each table in its parts how many rows it has")


def must_be_readable(asked: GrantAsk) -> None:
    """`BadFormat` where no device could read the grant: its one-time key would be used up."""
    p256_public(asked.journal_key)
    if not 0 <= asked.chain_length <= MAX_NUMBER or not _SHA256.fullmatch(asked.chain_head):
        raise BadFormat("a grant quotes no head of a device's journal")


def binding(state: str, by_its_act: bool, asked: Order | None, sealed: Sealed) -> tuple[str, ...]:
    """Why a carrier may not be bound to a content; empty: it may."""
    if state != "created" or not by_its_act:
        return (f"carrier_is_{state}",)
    if asked is None:
        return (may.Why.ORDER_UNKNOWN,)
    reasons = []
    allowed = order.rows_of(asked)
    if any(
        f"{part.table}.{column}" not in order.columns_for(asked, role)
        for part in sealed.parts
        for column in part.columns
        for role in part.roles
    ):
        reasons.append("more_columns_than_approved")
    if any(rows > allowed.get(table, 0) for table, rows in sealed.rows.items()):
        reasons.append("more_rows_than_approved")
    return tuple(reasons)


def bound(sealed: Sealed, asked: Order) -> dict[str, Any]:
    """What the ledger's detail says of a binding."""
    return {
        "envelope": sealed.envelope_sha256,
        "order": digest(asked),
        "columns": sorted({column for part in sealed.parts for column in part.columns}),
        "rows": dict(sealed.rows),
    }


def opening(
    state: str,
    content: Sealed | None,
    asked: Order | None,
    ask: GrantAsk,
    taken: bool,
    believed: Believed,
    at: int,
) -> tuple[str, ...]:
    """Why a carrier may not be opened on a device; empty: it may."""
    reasons: list[str] = []
    if state != "bound":
        reasons.append(f"carrier_is_{state}")
    elif content is None or content.envelope_sha256 != ask.envelope_sha256:
        reasons.append("carrier_is_bound_to_another_content")
    if asked is not None and (ask.opening.order is None or ask.opening.order.id != asked.id):
        reasons.append("carrier_of_another_order")
    if taken:
        reasons.append("one_time_key_used")
    may_not = may.may_open(replace(ask.opening, order=asked), believed.known(), at)
    return tuple(dict.fromkeys([*reasons, *may_not]))


def parts_for(content: Sealed | None, role: str) -> tuple[str, ...]:
    """The parts a role may open."""
    return () if content is None else tuple(p.part for p in content.parts if role in p.roles)
