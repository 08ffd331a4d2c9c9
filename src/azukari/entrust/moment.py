"""An instant that remembers how long what was asked of it goes on being so.

Decisions compare it with the beginnings and ends that documents name, by `within` alone, so that an
answer knows of itself from when until when it would be the same, and need not be found again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

FOR_EVER: Final = 1 << 63

T = TypeVar("T")


class Moment:
    """An instant in ms UTC; between ``from_at`` and ``until``, the last not included, all that was
    asked of it has one answer."""

    __slots__ = ("at", "from_at", "until")

    def __init__(self, at: int) -> None:
        self.at, self.from_at, self.until = at, -FOR_EVER, FOR_EVER

    def within(self, first: int, last: int) -> bool:
        """Does it lie between these two, both included?"""
        if self.at < first:
            self.until = min(self.until, first)
            return False
        if self.at > last:
            self.from_at = max(self.from_at, last + 1)
            return False
        self.from_at = max(self.from_at, first)
        self.until = min(self.until, last + 1)
        return True


@dataclass(frozen=True, slots=True)
class Spell(Generic[T]):
    """What was found at a moment, and for how long it is so: ``until`` is not in it."""

    from_at: int
    until: int
    found: T

    @classmethod
    def of(cls, when: Moment, found: T) -> Spell[T]:
        return cls(when.from_at, when.until, found)
