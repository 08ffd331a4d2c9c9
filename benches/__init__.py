"""Ratios side by side in one run: ours beside what somebody would write or use instead.

A bench is a module of this package with ``run(residents, repeat) -> list[Row]``, or with
``section() -> str`` where it has something else than seconds to tell; ``__main__`` finds them, runs
them and writes ``RESULTS.md``.  Nothing here is asserted by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table: seconds of every repeat, in the order they were measured."""

    work: str
    ours: str  # what was run of ours
    ours_s: tuple[float, ...]
    against: str = ""  # "" where nothing comparable exists
    against_s: tuple[float, ...] = ()
    goal: str = ""

    @property
    def ratio(self) -> float | None:
        """Median of ours over theirs, repeat by repeat."""
        pairs = zip(self.ours_s, self.against_s, strict=False)
        ratios = [ours / theirs for ours, theirs in pairs]
        return median(ratios) if ratios else None


def side_by_side(
    repeat: int, ours: Callable[[], Any], theirs: Callable[[], Any]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of both, taken in turns so that a busy machine troubles both alike.

    Each runs once before, unmeasured: imports and first touches are not what is compared.
    """
    ours(), theirs()
    pairs = [(timed(ours), timed(theirs)) for _ in range(repeat)]
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that work took."""
    start = perf_counter()
    work()
    return perf_counter() - start
