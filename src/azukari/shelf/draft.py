"""A draft of an entry: what an act wants to say, before the ledger gave it time and commitment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from azukari.ledger.entry import VERSION, Entry, OtherHead, canonical, commitment, encode


@dataclass(frozen=True)
class Draft:
    """An entry before the ledger gave it its time, its log and its commitment."""

    act: str
    type: str
    by: str
    refs: tuple[str, ...] = ()
    n: Mapping[str, int] = field(default_factory=dict)  # counts of at least ten
    happened: int | None = None  # milliseconds since 1970 UTC, claimed
    detail: Mapping[str, Any] | None = None
    other: OtherHead | None = None


@dataclass(frozen=True)
class Made:
    """An entry, its line, and what it commits to."""

    entry: Entry
    line: bytes
    salt: bytes
    detail: bytes | None  # canonical


def make(draft: Draft, log: str, at: int, salt: bytes) -> Made:
    """The entry of a draft; ``salt`` is fresh, 32 bytes, and used only if there is a detail.

    Raises ``BadFormat`` where the draft is no entry.
    """
    body = commit = None
    if draft.detail is not None:
        body = canonical(draft.detail)
        commit = commitment(salt, log, draft.act, draft.type, body)
    entry = Entry(
        act=draft.act,
        at=at,
        by=draft.by,
        commit=commit,
        happened=draft.happened,
        log=log,
        n=dict(draft.n),
        other=draft.other,
        refs=tuple(draft.refs),
        type=draft.type,
        v=VERSION,
    )
    return Made(entry, encode(entry), salt, body)
