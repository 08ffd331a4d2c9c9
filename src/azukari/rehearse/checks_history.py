"""Checks of the history: whole, cosigned by keys that are not the city's, and not to be rewritten.

Promise 8.  Everything is read from the exported folder alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from azukari.desk.witnesses import WHICH, Which
from azukari.ledger.entry import Entry
from azukari.rehearse import attacks_history, witnessing
from azukari.rehearse.attempts import Attack
from azukari.rehearse.checks import Checks
from azukari.rehearse.exported import Verified
from azukari.rehearse.night import Night
from azukari.rehearse.witnessing import Shown

#: What was shown at once, and the first entry that must have been among it.
AT_ONCE: Final[tuple[tuple[str, Which, str], ...]] = (
    ("release", "keys", "key.released"),
    ("release", "office", "grant.issued"),
    ("loss", "keys", "carrier.revoked"),
    ("loss", "office", "carrier.lost"),
)


def nothing_rewritten(
    checks: Checks, night: Night, found: Verified, attacks: Sequence[Attack]
) -> None:
    """Promise 8."""
    checks.add(8, "the two ledgers pair act by act, by their files alone", not found.findings)
    checks.add(
        8,
        "two keys that are not the city's cosigned both ledgers to their ends",
        found.outside >= witnessing.ENOUGH and found.whole(),
    )
    shown: dict[str, Shown] = night.known["shown"]
    checks.add(
        8,
        "every witness cosigned at once after the release and after the loss",
        all(
            shown[moment].sizes[which] > _first(found.entries[which], kind)
            and _all_cosigned(shown[moment])
            for moment, which, kind in AT_ONCE
        ),
    )
    checks.refused(8, attacks, *attacks_history.names(night))


def a_stranger_agrees(checks: Checks, said: Mapping[str, Any]) -> None:
    """Promise 8: what the program in Go says of the very same folder, where it could be built."""
    if said["checked"]:
        checks.add(8, "a program in Go that is not ours verified the same", said["agrees"])
    else:
        checks.lack(8, f"the verifier in Go: {said['why']}")


def _all_cosigned(shown: Shown) -> bool:
    names = {who.name for who in witnessing.EVERY}
    return set(shown.cosigned) == names and all(
        each == {which: shown.sizes[which] for which in WHICH} for each in shown.cosigned.values()
    )


def _first(entries: Sequence[Entry], kind: str) -> int:
    """Where the first entry of a kind stands; behind all others where there is none."""
    return next((i for i, entry in enumerate(entries) if entry.type == kind), len(entries))
