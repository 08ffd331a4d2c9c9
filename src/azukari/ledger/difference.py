"""Where two copies of one ledger first differ, and how, in words: edited, taken out, put in, moved,
or shorter.

Which copy is the right one it does not know: for that there are signed heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from azukari.errors import BadFormat
from azukari.ledger.entry import decode


@dataclass(frozen=True)
class Difference:
    """The number of the first entry that is another, and what is another about it."""

    index: int
    what: str


def first(kept: Sequence[bytes], shown: Sequence[bytes]) -> Difference | None:
    """How ``shown`` departs from what was ``kept`` of it before; None where it only goes on."""
    same = min(len(kept), len(shown))
    i = next((i for i in range(same) if kept[i] != shown[i]), same)
    if i == len(kept):
        return None
    if i == len(shown):
        return Difference(i, f"its tail was dropped: {len(kept)} entries were there, {i} are")
    was, now = kept[i], shown[i]
    before = kept.index(now) if now in kept else None
    after = shown.index(was) if was in shown else None
    if before is not None and after is not None:
        what = f"reordered: what was entry {before} stands here, and what was here is entry {after}"
    elif before is not None:
        what = f"taken out: {_type(was)} was there, and what came after it has moved up"
    elif after is not None:
        what = f"put in: {_type(now)} is there, and what was there is entry {after}"
    else:
        what = f"edited: {_type(was)} was there, {_type(now)} is, another in {_fields(was, now)}"
    return Difference(i, what)


def _type(line: bytes) -> str:
    try:
        return decode(line).type
    except BadFormat:
        return "no entry"


def _fields(was: bytes, now: bytes) -> str:
    try:
        old, new = (msgspec.to_builtins(decode(line)) for line in (was, now))
    except BadFormat:
        return "its bytes"
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    return ", ".join(names)
