"""Which promise holds where: the rows of the table in docs/security.md, and which one applies.

Only what was verified in the very run counts: a witness that is said to exist is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Row:
    """A set-up, and how far three of the promises hold in it."""

    setup: str
    holds: Mapping[str, str]  # number of the promise -> words


def _row(setup: str, released: str, persons: str, history: str) -> Row:
    return Row(
        setup,
        {
            "2": f"never released: {released}",
            "4": f"two persons: {persons}",
            "8": f"history: {history}",
        },
    )


_OUTSIDERS: Final = "against outsiders"
ALONE: Final = _row("one machine, no witness", _OUTSIDERS, _OUTSIDERS, _OUTSIDERS)
WITNESSED: Final = _row("one machine + a witness elsewhere", _OUTSIDERS, "yes", "yes")


def applies(*, witnessed: bool) -> Row:
    """The row for what a run verified: did witnesses enough, by the caller's policy, cosign?"""
    return WITNESSED if witnessed else ALONE


def lines(row: Row) -> Iterator[str]:
    """The row as people read it."""
    yield f"set-up: {row.setup}"
    yield from (f"  promise {number}, {words}" for number, words in row.holds.items())
