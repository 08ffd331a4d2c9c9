"""What the duties of one party were matched to, as the detail of a ledger's entry.

With the facts, the law's text as it stood in the pack, the pack's digest and the day it was read:
a later pack, or a later law, changes nothing of what is written down here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from azukari.incident.duty import Duty, Tri


@dataclass(frozen=True)
class Matched:
    """What such a detail says, in short."""

    party: str
    law_on: str  # ISO days
    first_due_on: str  # empty: nothing with a day may be due
    date_read: str  # the oldest of its texts
    packs: tuple[str, ...]  # each by its name and the beginning of its digest
    possible: int  # how many may be due


def detail(party: str, duties: Sequence[Duty]) -> dict[str, Any]:
    """All that was matched; strings, whole numbers and yes or no only, nothing where not known."""
    read = [msgspec.json.decode(one.snapshot) for one in duties]
    said: dict[str, Any] = {
        "party": party,
        "law_on": read[0]["law_on"] if read else "",
        "facts": _known(read[0]["facts"]) if read else {},
        "packs": {each["pack"]: each["pack_sha256"] for each in read},
        "duties": [
            _known(
                {
                    "state": one.state.value,
                    "due_on": None if one.due_on is None else one.due_on.isoformat(),
                    "due_at": None if one.due_at is None else int(one.due_at.timestamp() * 1000),
                    "release": None if one.release is None else one.release.value,
                    "pack": each["pack"],
                    "text": each["obligation"],
                }
            )
            for one, each in zip(duties, read, strict=True)
        ],
    }
    return said


def summary(said: Mapping[str, Any]) -> Matched:
    """What a detail says, in short; as it was written, whatever the packs say by now."""
    possible = [one for one in said["duties"] if one["state"] != Tri.NOT_MET]
    return Matched(
        party=said["party"],
        law_on=said["law_on"],
        first_due_on=min((one["due_on"] for one in possible if "due_on" in one), default=""),
        date_read=min((one["text"]["date_read"] for one in said["duties"]), default=""),
        packs=tuple(f"{name} {sha256[:8]}" for name, sha256 in sorted(said["packs"].items())),
        possible=len(possible),
    )


def _known(value: Any) -> Any:
    """The value without what is not known: a detail holds no nulls."""
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items() if one is not None}
    return [_known(one) for one in value] if isinstance(value, list) else value
