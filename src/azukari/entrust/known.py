"""What the verified documents say, laid out so that a decision looks it up.

A `Known` never changes: when documents do, another one is made, and everything that was laid out
or found in this one goes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from azukari.entrust import agreement
from azukari.errors import Conflict
from azukari.seal.documents import (
    Agreement,
    Approval,
    Device,
    Document,
    Person,
    Terms,
    Training,
)

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Chain:
    """The links from the city down to one agreement, and what all of them together allow."""

    links: tuple[Agreement, ...] = ()
    terms: Terms | None = None  # none where a link is missing
    broken: bool = True


@dataclass(frozen=True)
class Known:
    """What the documents say; everything in it was verified."""

    city: str
    agreements: Mapping[str, Agreement]
    people: Mapping[str, Person]
    devices: Mapping[str, Device]
    trainings: tuple[Training, ...]
    approvals: tuple[Approval, ...]
    negative: frozenset[str]  # suspended, left, revoked or withdrawn: ids of any document or key
    status_at: int | None  # when the newest status statement was made
    cases: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    _chains: dict[str, Chain] = field(default_factory=dict, init=False, repr=False, compare=False)

    def chain_of(self, lowest: str) -> Chain:
        """The chain down to an agreement; without links where it does not reach the city."""
        if lowest not in self.agreements:
            return Chain()
        if lowest not in self._chains:
            self._chains[lowest] = _chain(lowest, self.agreements, self.city)
        return self._chains[lowest]

    @cached_property
    def here(self) -> Mapping[str, Person]:
        """The people who have not left."""
        return {key: one for key, one in self.people.items() if key not in self.negative}

    @cached_property
    def passes(self) -> Mapping[str, tuple[Training, ...]]:
        """The passes of each person that were not revoked."""
        return _by(self.trainings, "person", self.negative)

    @cached_property
    def words(self) -> Mapping[str, tuple[Approval, ...]]:
        """The approvals of each order that were not withdrawn."""
        return _by(self.approvals, "order", self.negative)


def _chain(lowest: str, known: Mapping[str, Agreement], city: str) -> Chain:
    try:
        links = agreement.chain(lowest, known)
    except Conflict:
        return Chain()
    return Chain(links, agreement.allowed(links), agreement.broken(links, city))


def _by(documents: Iterable[D], name: str, negative: frozenset[str]) -> dict[str, tuple[D, ...]]:
    found: dict[str, list[D]] = {}
    for document in documents:
        if document.id not in negative:
            found.setdefault(getattr(document, name), []).append(document)
    return {key: tuple(some) for key, some in found.items()}
