"""What entries say of each other: the two halves of an act, what may not follow a revocation, and
which carriers never had a key released.

It needs complete entries that somebody verified before, an office with its databases or a stranger
with two folders; it reads neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from azukari.ledger.entry import Entry, known
from azukari.ledger.tree import Frontier

#: For an entry of one ledger, the entries of the other that may complete its act.
PAIRS: Final = {
    "key.created": ("carrier.sealed", "carrier.abandoned", "roll.taken_in", "benefit.determined"),
    "key.released.seal": ("carrier.sealed", "carrier.abandoned"),
    "key.bound": ("carrier.sealed", "carrier.abandoned"),
    # Refused: the answer never reached the office, and when it asked again the carrier was revoked.
    "key.released": ("grant.issued", "grant.refused"),
    "grant.asked": ("key.released", "key.refused"),
    "carrier.revoked": ("carrier.lost",),
    "carrier.sealed": ("key.bound",),
    "roll.taken_in": ("key.created",),
    "benefit.determined": ("key.created",),
    "grant.issued": ("key.released",),
    "grant.refused": ("key.refused",),
    "carrier.lost": ("carrier.revoked",),
}
_RELEASED: Final = "key.released"
#: To the office itself, which knows the content anyway.  Any other use counts as an opening.
_TO_THE_OFFICE: Final = ("key.released.seal", "key.released.roll")


#: Sections of docs/operate.md, by name.
CHANGED: Final = "When a ledger was changed"
RESTORED: Final = "An older copy"
STORE_LOST: Final = "A lost store"
UNPAIRED: Final = "After a crash or a power cut"
_OTHER: Final = "the other ledger"


@dataclass(frozen=True)
class Finding:
    """Something an auditor must know; ``what`` is a sentence without a resident's value."""

    ledger: str
    index: int  # -1: the ledger as a whole
    what: str
    by: str = ""  # who noticed it
    see: str = ""  # the section of docs/operate.md that says what to do


@dataclass(frozen=True)
class Fate:
    """What the complete entries of the keys' ledger say of one carrier, by number of entry."""

    carrier: str
    revoked: int | None  # the revocation that stands at the end
    released: int | None  # the first release to a device

    def never_released(self, reach: int | None) -> bool:
        """Is *never released* a fact about the whole world, under a root of ``reach`` entries?

        Before the root that others saw lies past the revocation, a release could still be written
        in front of it.
        """
        if self.revoked is None or reach is None:
            return False
        return self.released is None and self.revoked < reach


def pair(office: Sequence[Entry], keys: Sequence[Entry]) -> list[Finding]:
    """Entries of one ledger whose act lacks its other half, about the same things."""
    findings = []
    standing = revoked(keys)
    for name, entries, others in (("office", office, keys), ("keys", keys, office)):
        done: dict[str, list[Entry]] = {}
        for entry in others:
            done.setdefault(entry.act, []).append(entry)
        for i, entry in enumerate(entries):
            wanted = PAIRS.get(entry.type)
            if not wanted or _answers(entry, done.get(entry.act, []), wanted):
                continue
            # A loss that is declared again finds its carriers revoked by the first declaration.
            again = entry.type == "carrier.lost" and set(entry.refs) <= standing
            if not again:
                what = f"{entry.type} is unpaired: no {wanted[0]}"
                findings.append(Finding(name, i, what, _OTHER, UNPAIRED))
    return findings


def revoked(keys: Sequence[Entry]) -> set[str]:
    """The carriers whose revocation stands at the end of the keys' ledger."""
    return {fate.carrier for fate in fates(keys) if fate.revoked is not None}


def fates(keys: Iterable[Entry]) -> list[Fate]:
    """What became of every carrier that was ever revoked, in the order of their revocations."""
    standing, released = _looked_through(keys)
    return [Fate(carrier, at, released.get(carrier)) for carrier, at in standing.items()]


def fate(keys: Iterable[Entry], carrier: str) -> Fate:
    """The same of one carrier, which may never have been revoked."""
    standing, released = _looked_through(keys)
    return Fate(carrier, standing.get(carrier), released.get(carrier))


def order_of_revocations(keys: Sequence[Entry], name: str = "keys") -> list[Finding]:
    """No release of a carrier stands after its revocation, unless a restoration is between."""
    standing: set[str] = set()
    findings = []
    for i, entry in enumerate(keys):
        if entry.type == "carrier.revoked":
            standing |= set(entry.refs)
        elif entry.type == "carrier.restored":
            standing -= set(entry.refs)
        elif _is_release(entry) and set(entry.refs) & standing:
            what = "a key was released after its revocation"
            findings.append(Finding(name, i, what, "the order of its entries", CHANGED))
    return findings


def quotes(
    name: str, entries: Iterable[Entry], origin: str, root_at: Callable[[int], bytes | None]
) -> list[Finding]:
    """Heads of the other ledger that entries quote and that it never had.

    ``root_at``: the root that the ledger ``origin`` has at a size; None where it is shorter.
    """
    findings = []
    for i, entry in enumerate(entries):
        head = entry.other
        if head is None or head.origin != origin:
            continue
        root = root_at(head.size)
        if root is None:
            what = f"it quotes {head.size} entries of the other ledger, which has fewer"
            findings.append(Finding(name, i, what, _OTHER, CHANGED))
        elif root.hex() != head.root:
            what = f"it quotes another history of {head.size} entries of the other ledger"
            findings.append(Finding(name, i, what, _OTHER, CHANGED))
    return findings


def roots_at(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The roots that a ledger of these leaves had at those sizes that it reached."""
    frontier, found = Frontier(), dict[int, bytes]()
    for size in sorted(set(sizes)):
        if 0 <= size <= len(leaves):
            frontier.extend(leaves[frontier.size : size])
            found[size] = frontier.root()
    return found


def unknown(name: str, entries: Iterable[Entry]) -> list[Finding]:
    """Entries of a type this version does not know: reported, not refused."""
    return [
        Finding(name, i, f"an entry of the unknown type {entry.type}")
        for i, entry in enumerate(entries)
        if not known(entry.type)
    ]


def _answers(entry: Entry, others: Sequence[Entry], wanted: Sequence[str]) -> bool:
    """Is one of the others its other half?  Of a bag every single carrier must be revoked."""
    about = set(entry.refs)
    found = [set(other.refs) for other in others if other.type in wanted]
    whole = entry.type == "carrier.lost"
    return any(about <= refs if whole else about & refs for refs in found)


def _looked_through(keys: Iterable[Entry]) -> tuple[dict[str, int | None], dict[str, int]]:
    """Per carrier the revocation that stands, None once restored; per id its first opening."""
    standing: dict[str, int | None] = {}
    released: dict[str, int] = {}
    for i, entry in enumerate(keys):
        if entry.type == "carrier.revoked":
            for carrier in entry.refs:
                if standing.get(carrier) is None:
                    standing[carrier] = i
        elif entry.type == "carrier.restored":
            standing |= {carrier: None for carrier in entry.refs if carrier in standing}
        elif _is_release(entry) and entry.type not in _TO_THE_OFFICE:
            for ref in entry.refs:
                released.setdefault(ref, i)
    return standing, released


def _is_release(entry: Entry) -> bool:
    return entry.type == _RELEASED or entry.type.startswith(f"{_RELEASED}.")
