"""What the office may ask of the key service, whether it runs in this process or on another host.

Words and shapes only; the keeper is handed in by whoever starts the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from azukari.entrust.may import Opening
from azukari.ledger.entry import OtherHead


@dataclass(frozen=True)
class BoundPart:
    """A part as the office sealed it: its table, columns and the roles that may see it."""

    part: str
    table: str
    columns: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Sealed:
    """What the office says it sealed."""

    envelope_sha256: str
    parts: tuple[BoundPart, ...]
    rows: Mapping[str, int]


@dataclass(frozen=True)
class GrantAsk:
    """A request for the keys of one carrier on one device."""

    carrier: str
    envelope_sha256: str
    opening: Opening
    journal_key: bytes  # P-256, DER
    chain_length: int
    chain_head: str


class Keys(Protocol):
    """The key service's door.

    Every act carries a random id; the same act asked again has the same effect once.  Nothing is
    returned before its entry in the keys' ledger is durable.
    """

    def believe(self, documents: Sequence[bytes]) -> None:
        """Take in signed documents; negative facts stay for good."""

    def create(self, act: str, by: str, carrier: str, order: str | None) -> None:
        """Make a carrier's key.  ``order`` is None only for what never travels (a roll)."""

    def release_to_seal(self, act: str, by: str, carrier: str) -> bytes:
        """The carrier's key, for the office that seals it, or opens its own roll."""

    def bind(self, act: str, by: str, carrier: str, sealed: Sealed) -> None:
        """Tie the carrier to one content, once, within its order's columns and rows."""

    def grant(self, act: str, by: str, ask: GrantAsk) -> bytes:
        """A grant document, or `Refused` with every reason; both are entries."""

    def revoke(self, act: str, by: str, carriers: Sequence[str], happened: int | None) -> None:
        """No release from now on, for all of them in one transaction."""

    def restore(self, act: str, by: str, carrier: str, words: Sequence[bytes]) -> None:
        """Undo a revocation on two persons' signed words."""

    def shred(self, act: str, by: str, carrier: str) -> str:
        """Destroy the key as far as the backend can; returns the backend's name."""

    def erase(self, act: str, by: str, erasure: bytes) -> bool:
        """Empty the details that two persons' signed list names; once for a list.

        False where something of them may be left in the database's files for now: ask again.
        """

    def heartbeat(self, act: str, by: str) -> None:
        """Write that it lives, where nothing was written for twenty hours."""

    def releases(self, carrier: str) -> list[dict[str, Any]]:
        """Every release of a carrier's keys, oldest first."""

    def entries(self, start: int) -> list[bytes]:
        """The keys' ledger from an index on."""

    def checkpoint(self) -> bytes:
        """The signed head of the keys' ledger."""

    def head(self) -> OtherHead:
        """The head of the keys' ledger, as other ledgers quote it."""
