"""The Merkle tree of RFC 6962: hashes, roots, proofs and how they are checked.

It knows hashes only: no entries, no files, no signatures.  Proofs are read through
``hashes(level, index)``: the root of the complete subtree of ``2**level`` leaves that begins at
leaf ``index * 2**level``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from azukari.errors import BadFormat, LedgerBehind, LedgerBroken, LedgerFork

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Hashes = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hash of each entry."""
    sha256 = hashlib.sha256
    return [sha256(b"\0" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first."""

    def __init__(self, size: int = 0, roots: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(roots):
            raise BadFormat("frontier: a tree has one complete subtree for each one in its size")
        self.size = size
        self._roots = list(roots)

    def append(self, leaf: bytes) -> None:
        """Take in one more leaf hash."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Take in leaf hashes in order."""
        sha256, roots, size = hashlib.sha256, self._roots, self.size
        for leaf in leaves:
            node, merges = leaf, size
            while merges & 1:
                node = sha256(b"\1" + roots.pop() + node).digest()
                merges >>= 1
            roots.append(node)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self._roots:
            return EMPTY_ROOT
        root = self._roots[-1]
        for left in reversed(self._roots[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """The size as eight bytes, big end first, then the roots, largest first."""
        return self.size.to_bytes(8, "big") + b"".join(self._roots)

    @classmethod
    def from_bytes(cls, stored: bytes) -> Frontier:
        """Read what ``to_bytes`` wrote."""
        size = int.from_bytes(stored[:8], "big")
        if len(stored) != 8 + HASH_BYTES * size.bit_count():
            raise BadFormat("frontier: its length does not fit its size")
        return cls(size, [stored[at : at + HASH_BYTES] for at in range(8, len(stored), HASH_BYTES)])


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, or over the roots of equally high subtrees."""
    if not leaves:
        return EMPTY_ROOT
    sha256, level = hashlib.sha256, list(leaves)
    while len(level) > 1:
        odd = level[-1:] if len(level) & 1 else []
        pairs = iter(level)
        # zip takes one from the iterator before it finds the partner missing: ``odd`` keeps it.
        level = [sha256(b"\1" + a + b).digest() for a, b in zip(pairs, pairs, strict=False)] + odd
    return level[0]


def root_at(size: int, hashes: Hashes) -> bytes:
    """The root the tree had when it was ``size`` leaves long."""
    return _range_root(0, size, hashes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """The path from a leaf up to the root of the tree of ``size`` leaves."""
    if not 0 <= index < size:
        raise BadFormat(f"there is no entry {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, hashes))
            high = middle
        else:
            path.append(_range_root(low, middle, hashes))
            low = middle
    return path[::-1]


def consistency_proof(old: int, size: int, hashes: Hashes) -> list[bytes]:
    """What shows that the tree of ``old`` leaves is the beginning of the tree of ``size``."""
    if not 0 <= old <= size:
        raise BadFormat(f"a tree of {old} is not the beginning of a tree of {size}")
    if old in (0, size):
        return []
    proof: list[bytes] = []
    low, high, left_edge = 0, size, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(_range_root(middle, high, hashes))
            high = middle
        else:
            proof.append(_range_root(low, middle, hashes))
            low, left_edge = middle, False
    if not left_edge:  # the old root itself is known to whoever checks
        proof.append(_range_root(low, high, hashes))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise ``LedgerBroken`` unless the leaf hash stands at ``index`` under ``root``."""
    # The loop of RFC 9162 accepts some indexes that the tree does not have: refuse them first.
    if not 0 <= index < size:
        raise LedgerBroken(f"inclusion: there is no entry {index} in a tree of {size}")
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise LedgerBroken(f"inclusion: the proof of entry {index} has not its right shape")
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or node != root:
        raise LedgerBroken(f"inclusion: entry {index} is not in that tree of {size}")


def verify_consistency(
    old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise unless the new tree begins with the old one.

    Raises:
        LedgerBehind: the new tree is the smaller one.
        LedgerFork: it is another history, or the proof does not show that it is the same.
    """
    if not 0 <= old <= size:
        raise LedgerBehind(f"consistency: a tree of {size} comes after a tree of {old}")
    if old in (0, size):
        if proof or (old == size and root != old_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise LedgerFork(f"consistency: the tree of {size} does not continue that of {old}")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    _check_growth(old, old_root, size, root, path)


def _check_growth(old: int, old_root: bytes, size: int, root: bytes, path: list[bytes]) -> None:
    """RFC 9162, section 2.1.4.2, from the step where the path is known to begin in both trees."""
    fork = f"consistency: the tree of {size} does not continue that of {old}"
    if not path:
        raise LedgerFork(fork)
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise LedgerFork(fork)
        if at & 1 or at == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or old_node != old_root or new_node != root:
        raise LedgerFork(fork)


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(low: int, high: int, hashes: Hashes) -> bytes:
    """The root over leaves ``low`` to ``high``, where ``low`` is aligned as proofs have it."""
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return hashes(level, low >> level)
    middle = low + _split(count)
    return node_hash(_range_root(low, middle, hashes), _range_root(middle, high, hashes))
