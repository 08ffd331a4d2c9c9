"""Which promise holds where: the rows of the table in docs/security.md, and which one applies.

Only what was verified in the very run counts: a witness that is said to exist is none.  What no
program can see, who administers a host, rests on the word of whoever asked, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_OUTSIDERS: Final = "against outsiders"
_MACHINE: Final = "one machine, no witness"
_WITNESS: Final = "one machine + a witness elsewhere"
_APART: Final = "key service on another host with another administrator"
_TWO: Final = "two witnesses outside the city"
_VERIFIED: Final = "for an outsider to verify"


@dataclass(frozen=True)
class Row:
    """A set-up, how far three of the promises hold in it, and what of it was not verified."""

    setup: str
    holds: Mapping[str, str]  # number of the promise -> words
    on_word: tuple[str, ...] = ()  # what only whoever asked knows

    def against_outsiders(self, promise: int) -> bool:
        """Is this promise held against outsiders only, so that who administers it may break it?"""
        return self.holds.get(str(promise), "").endswith(_OUTSIDERS)


def _row(setup: str, released: str, persons: str, history: str, *on_word: str) -> Row:
    return Row(
        setup,
        {
            "2": f"never released: {released}",
            "4": f"two persons: {persons}",
            "8": f"history: {history}",
        },
        on_word,
    )


ALONE: Final = _row(_MACHINE, _OUTSIDERS, _OUTSIDERS, _OUTSIDERS)


def applies(*, outside: int, keys_apart: bool = False) -> Row:
    """The row for what a run verified.

    Args:
        outside: how many witnesses that are not the city's own the caller's policy asks for at
            least, where enough of them cosigned both ledgers; else 0.
        keys_apart: the key service answered from another host, and the caller says that another
            person administers it.
    """
    if outside == 0:
        return ALONE
    words = []
    setup, released, history = _WITNESS, _OUTSIDERS, "yes"
    if keys_apart:
        setup, released = _APART, "yes, but for that host's owner"
        words.append("who administers the key service's host")
    if outside >= 2:
        setup += f" + {_TWO}"
        history = _VERIFIED
        words.append("that the policy's witnesses are not the city's")
        if keys_apart:
            released += f", {_VERIFIED}"
    return _row(setup, released, "yes", history, *words)


def as_value(row: Row) -> dict[str, object]:
    """The row for a program."""
    return {"setup": row.setup, "holds": dict(row.holds), "on_your_word": list(row.on_word)}


def of_value(value: Mapping[str, Any]) -> Row:
    """The row again, from such a value."""
    return Row(value["setup"], value["holds"], tuple(value["on_your_word"]))


def lines(row: Row) -> Iterator[str]:
    """The row as people read it."""
    yield f"set-up: {row.setup}"
    yield from (f"  promise {number}, {words}" for number, words in row.holds.items())
    yield from (f"  on your word alone: {one}" for one in row.on_word)
