"""The tree of RFC 6962: known roots, proofs of every size, and that false ones are refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from pymerkle import InmemoryTree
from pymerkle import verify_consistency as verify_their_growth

from azukari.errors import BadFormat, LedgerBehind, LedgerBroken, LedgerFork
from azukari.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/rfc6962.json").read_text("utf-8"))
LARGEST = 300
LEAVES = [leaf_hash(b"entry %d" % i) for i in range(LARGEST)]


@cache
def node(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


@cache
def root(size: int) -> bytes:
    return root_of(LEAVES[:size])


def test_the_roots_are_those_that_others_publish() -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTOR["leaves"]]

    assert VECTOR["roots"] == [root_of(leaves[:size]).hex() for size in range(1, 9)]
    assert root_of([]) == EMPTY_ROOT


def test_the_frontier_grows_to_the_same_roots() -> None:
    frontier = Frontier()

    for size, leaf in enumerate(LEAVES):
        assert root(size) == frontier.root()
        assert frontier.to_bytes() == Frontier.from_bytes(frontier.to_bytes()).to_bytes()
        frontier.append(leaf)


@pytest.mark.parametrize(
    "stored", [b"", bytes(7), bytes(8) + bytes(32), bytes(7) + b"\3" + bytes(32)]
)
def test_a_frontier_of_the_wrong_length_is_refused(stored: bytes) -> None:
    with pytest.raises(BadFormat, match="frontier"):
        Frontier.from_bytes(stored)


@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65, 127, 128, 129, 255, 256, 257, 300])
def test_every_entry_of_every_size_is_proved(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, node)
        verify_inclusion(LEAVES[index], index, size, proof, root(size))


@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65, 127, 128, 129, 255, 256, 257, 300])
def test_every_smaller_tree_is_proved_to_be_the_beginning(size: int) -> None:
    for old in range(size + 1):
        assert root(old) == root_at(old, node)
        proof = consistency_proof(old, size, node)
        verify_consistency(old, root(old), size, root(size), proof)


def test_proofs_are_those_of_another_program() -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for i in range(40):
        theirs.append_entry(b"entry %d" % i)

    for size in range(1, 41):
        assert root(size) == theirs.get_root(size)
        for index in range(size):
            path = theirs.prove_inclusion(index + 1, size).path
            ours = inclusion_proof(index, size, node)
            assert sorted(path) == sorted([LEAVES[index], *ours])
        for old in range(1, size):
            # Its consistency proofs have another form, so it judges our roots by its own.
            verify_their_growth(root(old), root(size), theirs.prove_consistency(old, size))


@pytest.mark.parametrize("index, size", [(8, 8), (9, 8), (-1, 8), (0, 0), (15, 8)])
def test_index_past_the_end_is_refused_before_the_loop(index: int, size: int) -> None:
    """The published loop accepts the path of another entry under such an index."""
    for real in range(8):
        with pytest.raises(LedgerBroken, match="there is no entry"):
            verify_inclusion(LEAVES[real], index, size, inclusion_proof(real, 8, node), root(8))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_changed_inclusion_proof_is_refused(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, node)
        false = [
            (LEAVES[index + 1], index, proof, root(size)),
            (LEAVES[index], index, [*proof, LEAVES[0]], root(size)),
            (LEAVES[index], index, proof, root(size + 1)),
            *((LEAVES[index], other, proof, root(size)) for other in range(size) if other != index),
            *(
                (LEAVES[index], index, proof[:at] + proof[at + 1 :], root(size))
                for at in range(len(proof))
            ),
            *(
                (LEAVES[index], index, [*proof[:at], bytes(32), *proof[at + 1 :]], root(size))
                for at in range(len(proof))
            ),
            *(
                (
                    LEAVES[index],
                    index,
                    [*proof[:at], proof[at] + b"\0", *proof[at + 1 :]],
                    root(size),
                )
                for at in range(len(proof))
            ),
        ]
        for leaf, at, path, under in false:
            with pytest.raises(LedgerBroken):
                verify_inclusion(leaf, at, size, path, under)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_changed_consistency_proof_is_refused(size: int) -> None:
    for old in range(1, size):
        proof = consistency_proof(old, size, node)
        false = [
            (root(old + 1), root(size), proof),
            (root(old), root(size + 1), proof),
            (root(old), root(size), [*proof, bytes(32)]),
            (root(old), root(size), []),
            *((root(old), root(size), proof[:at] + proof[at + 1 :]) for at in range(len(proof))),
            *(
                (root(old), root(size), [*proof[:at], bytes(32), *proof[at + 1 :]])
                for at in range(len(proof))
            ),
            *(
                (root(old), root(size), [*proof[:at], proof[at][1:], *proof[at + 1 :]])
                for at in range(len(proof))
            ),
        ]
        for before, after, path in false:
            with pytest.raises(LedgerFork):
                verify_consistency(old, before, size, after, path)


def test_a_forged_history_of_the_same_size_is_a_fork() -> None:
    with pytest.raises(LedgerFork):
        verify_consistency(5, root(5), 5, root(6), [])


def test_a_false_beginning_is_a_fork() -> None:
    with pytest.raises(LedgerFork):
        verify_consistency(0, bytes(32), 5, root(5), [])
    with pytest.raises(LedgerFork):
        verify_consistency(0, EMPTY_ROOT, 5, root(5), [bytes(32)])


def test_a_shorter_history_is_behind() -> None:
    with pytest.raises(LedgerBehind):
        verify_consistency(6, root(6), 5, root(5), [])


def test_what_is_not_there_cannot_be_proved() -> None:
    with pytest.raises(BadFormat):
        inclusion_proof(5, 5, node)
    with pytest.raises(BadFormat):
        consistency_proof(6, 5, node)
