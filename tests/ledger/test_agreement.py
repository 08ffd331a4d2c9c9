"""Programs of others derive the same: every size from 1 to 700, roots, tiles, bundles and proofs.

One is Go's `sumdb` (tests/verifiers), one is `pymerkle`.  What we claim comes from the tiles of
that very size, as whoever holds an export has them.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest
from pymerkle import InmemoryTree, InvalidChallenge
from pymerkle import verify_consistency as verify_their_growth
from tests.ledger.exports import Stranger

from azukari.ledger.tiles import Nodes, Tower, bundle_path, bundles_of, encode_bundle, tile_path
from azukari.ledger.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 700
ENTRIES = [b"entry %d" % i for i in range(LARGEST)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
ALL_BELOW = 65  # up to here every index and every older size

pytestmark = pytest.mark.real

Claim = dict[str, Any]


def chosen(size: int, numbers: range) -> list[int]:
    """All of them in a small tree; in others both ends, the middle, where tiles end, and some."""
    if size < ALL_BELOW:
        return list(numbers)
    near = {0, 1, 2, 63, 64, 127, 128, 255, 256, 257, 511, 512, 513, size // 2, size - 1, size}
    some = random.Random(size).sample(numbers, 4)
    return sorted((near | set(some)) & set(numbers))


@cache
def claims() -> list[Claim]:
    """What we say of every size: once for all tests of this file."""
    tower, full, said = Tower(), dict[tuple[int, int], bytes](), list[Claim]()
    roots = [root_at(0, Nodes(0, lambda *_: b""))]
    for size in range(1, LARGEST + 1):
        full |= {(level, n): raw for level, n, raw in tower.extend([LEAVES[size - 1]])}
        held = full | {(level, n): raw for level, n, raw in tower.partial()}
        nodes = Nodes(size, lambda level, n, width, held=held: held[level, n][: 32 * width])  # type: ignore[misc]  # mypy sees no default in a lambda
        roots.append(root_at(size, nodes))
        assert roots[-1] == tower.frontier().root()
        growth = {
            old: {"root": roots[old].hex(), "proof": hexes(consistency_proof(old, size, nodes))}
            for old in chosen(size, range(1, size + 1))
        }
        paths = {i: hexes(inclusion_proof(i, size, nodes)) for i in chosen(size, range(size))}
        tiles = {path: digest(raw) for path, raw in files(size, held)}
        root = roots[-1].hex()
        said.append(
            {"size": size, "root": root, "tiles": tiles, "inclusion": paths, "consistency": growth}
        )
    return said


def files(size: int, held: dict[tuple[int, int], bytes]) -> Iterable[tuple[str, bytes]]:
    for (level, n), raw in held.items():
        yield tile_path(level, n, len(raw) // 32), raw
    for n, width in bundles_of(size):
        yield bundle_path(n, width), encode_bundle(ENTRIES[256 * n : 256 * n + width])


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def hexes(proof: Iterable[bytes]) -> list[str]:
    return [node.hex() for node in proof]


def counted(claim: Claim) -> int:
    return 1 + sum(len(claim[each]) for each in ("tiles", "inclusion", "consistency"))


def test_every_size_is_the_same_to_a_program_in_go(stranger: Stranger) -> None:
    """It derives roots, tiles, bundles and proofs itself, compares, and checks our proofs."""
    answers = stranger.judge(ENTRIES, claims())

    assert [{"ok": True, "count": counted(claim)} for claim in claims()] == answers
    assert sum(counted(claim) for claim in claims()) > 20_000


def test_a_program_in_go_finds_whatever_is_changed_in_a_claim(stranger: Stranger) -> None:
    whole = claims()[299]
    swapped = whole["inclusion"][0][1::-1] + whole["inclusion"][0][2:]
    old = whole["consistency"][255]
    changed: list[tuple[str, Claim]] = [
        ("root: another", whole | {"root": claims()[298]["root"]}),
        ("tile/0/001.p/44: another", whole | {"tiles": whole["tiles"] | {"tile/0/001.p/44": ""}}),
        ("tiles: 5 are expected, not 4", whole | {"tiles": dict([*whole["tiles"].items()][1:])}),
        ("inclusion of 0: another", whole | {"inclusion": {0: swapped}}),
        ("inclusion of 1: another", whole | {"inclusion": {1: whole["inclusion"][0]}}),
        ("consistency with 255: another", whole | {"consistency": {255: old | {"proof": []}}}),
        (
            "consistency with 255: another",
            whole | {"consistency": {255: old | {"root": whole["root"]}}},
        ),
    ]

    answers = stranger.judge(ENTRIES, [claim for _, claim in changed])

    assert [why for why, _ in changed] == [answer.get("error") for answer in answers]


def test_every_size_is_the_same_to_pymerkle() -> None:
    theirs = InmemoryTree(algorithm="sha256")

    for entry, claim in zip(ENTRIES, claims(), strict=True):
        theirs.append_entry(entry)
        size, root = claim["size"], bytes.fromhex(claim["root"])
        assert root == theirs.get_root(size)
        for i, path in claim["inclusion"].items():
            # Its indexes begin at 1, and its path begins with the leaf itself.
            assert [LEAVES[i].hex(), *path] == hexes(theirs.prove_inclusion(i + 1, size).path)
            verify_inclusion(LEAVES[i], i, size, [bytes.fromhex(node) for node in path], root)
        for old, one in claim["consistency"].items():
            before = bytes.fromhex(one["root"])
            # Its consistency proofs have another form: it judges our roots by its own.
            verify_their_growth(before, root, theirs.prove_consistency(old, size))
            proof = [bytes.fromhex(node) for node in one["proof"]]
            verify_consistency(old, before, size, root, proof)


def test_pymerkle_counts_from_one() -> None:
    """Who forgets it compares the proof of a neighbour, and in a tree of one nothing at all."""
    theirs = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES[:3]:
        theirs.append_entry(entry)

    assert [LEAVES[0], LEAVES[1], LEAVES[2]] == theirs.prove_inclusion(1, 3).path
    with pytest.raises(InvalidChallenge):
        theirs.prove_inclusion(0, 3)
