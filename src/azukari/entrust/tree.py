"""The chain of parties as a tree: who entrusts whom, what narrows at each link, which links hold.

A value for a page to draw or print; it looks nothing up and permits nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from azukari.entrust.agreement import holds_on
from azukari.entrust.difference import Change, terms_difference
from azukari.seal.documents import Agreement


class State(StrEnum):
    """Whether a link holds; of several reasons why not, the first that stands here."""

    BROKEN = "broken"  # it does not hold on to the one above, or there is none
    SUSPENDED = "suspended"
    WAITING = "waiting"  # asked for, not approved by the city
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    STOPPED = "stopped"  # it would hold, and one above does not
    HOLDS = "holds"


@dataclass(frozen=True)
class Branch:
    """One link, what it changes in the terms above, and the links below it."""

    link: Agreement
    state: State
    changes: tuple[Change, ...]  # none for a link under the city
    below: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """This branch and every one below, each after the one it hangs on."""
        yield self
        for branch in self.below:
            yield from branch.walk()


def tree(
    agreements: Iterable[Agreement],
    city: str,
    negative: Collection[str],
    at: int,
    waiting: Collection[str] = (),
) -> tuple[Branch, ...]:
    """Every agreement once: first the links under the city, then what does not hang on it.

    Args:
        negative: the ids of what was suspended.
        at: the instant at which links hold or not.
        waiting: the ids of links that the city has not approved.
    """
    links = {one.id: one for one in agreements}
    drawn: set[str] = set()

    def branch(link: Agreement, above: Agreement | None, stopped: bool) -> Branch:
        drawn.add(link.id)
        state = _state(link, above, city, negative, at, waiting)
        if state is State.HOLDS and stopped:
            state = State.STOPPED
        under = [one for one in links.values() if one.parent == link.id and one.id not in drawn]
        return Branch(
            link,
            state,
            () if above is None else terms_difference(above.terms, link.terms),
            tuple(branch(one, link, state is not State.HOLDS) for one in under),
        )

    under_city = [one for one in links.values() if not one.parent]
    hanging = [one for one in links.values() if one.parent and one.parent not in links]
    roots = [branch(one, None, False) for one in (*under_city, *hanging)]
    # What is not drawn yet hangs on itself, in a ring.
    roots.extend(branch(one, None, False) for one in links.values() if one.id not in drawn)
    return tuple(roots)


def _state(
    link: Agreement,
    above: Agreement | None,
    city: str,
    negative: Collection[str],
    at: int,
    waiting: Collection[str],
) -> State:
    if not holds_on(link, above, city):
        return State.BROKEN
    if link.id in negative:
        return State.SUSPENDED
    if link.id in waiting:
        return State.WAITING
    if at > link.terms.expires_at:
        return State.EXPIRED
    return State.NOT_YET if at < link.from_at else State.HOLDS
