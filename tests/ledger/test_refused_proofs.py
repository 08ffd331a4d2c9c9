"""Proofs that must be refused are refused twice: by our reader and by a stranger's."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from tests.ledger.exports import (
    COMMITTEE,
    FORGER,
    LINES,
    SIGNER,
    WHOLE,
    Stranger,
    bits_beyond,
    export,
    flip,
    line,
    note,
    text,
)

from azukari.errors import AzukariError, LedgerError
from azukari.ledger.proof import Proof, encode_proof, verify_proof
from azukari.ledger.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

pytestmark = pytest.mark.real


@cache
def node(level: int, index: int) -> bytes:
    return root_of([leaf_hash(one) for one in LINES[index << level : (index + 1) << level]])


def proved(index: int = 17, size: int = 300, path: list[bytes] | None = None) -> bytes:
    hashes = inclusion_proof(index, size, node) if path is None else path
    return encode_proof(Proof(index, tuple(hashes), note(text(size), COMMITTEE)))


PATH: Final = inclusion_proof(17, 300, node)
PROOF: Final = proved()
FIRST: Final = base64.b64encode(PATH[0])
PROOF_FAULTS: Final[dict[str, tuple[bytes, bytes]]] = {
    "of another entry": (PROOF, LINES[18]),
    "of an entry with a line feed": (PROOF, LINES[17] + b"\n"),
    "index of a neighbour": (PROOF.replace(b"index 17\n", b"index 18\n"), LINES[17]),
    "index not less than the size": (PROOF.replace(b"index 17\n", b"index 300\n"), LINES[17]),
    "index far beyond": (PROOF.replace(b"index 17\n", b"index 9007199254740991\n"), LINES[17]),
    "index beyond 2^53": (PROOF.replace(b"index 17\n", b"index 9007199254740992\n"), LINES[17]),
    "index with a leading zero": (PROOF.replace(b"index 17\n", b"index 017\n"), LINES[17]),
    "negative index": (PROOF.replace(b"index 17\n", b"index -17\n"), LINES[17]),
    "too long": (proved(path=[*PATH, PATH[0]]), LINES[17]),
    "too long by an empty line's worth": (proved(path=[*PATH, bytes(32)]), LINES[17]),
    "too short": (proved(path=PATH[:-1]), LINES[17]),
    "without its first hash": (proved(path=PATH[1:]), LINES[17]),
    "no path": (proved(path=[]), LINES[17]),
    "swapped siblings": (proved(path=[PATH[1], PATH[0], *PATH[2:]]), LINES[17]),
    "a hash altered": (proved(path=[flip(PATH[0]), *PATH[1:]]), LINES[17]),
    "a hash of 31 bytes": (
        PROOF.replace(FIRST, base64.b64encode(PATH[0][:-1])),
        LINES[17],
    ),
    "a hash in another spelling": (
        PROOF.replace(FIRST, bits_beyond(FIRST + b"\n")[:-1]),
        LINES[17],
    ),
    "64 hashes": (PROOF.replace(FIRST + b"\n", (FIRST + b"\n") * 64), LINES[17]),
    "under a head of another size": (
        PROOF.replace(PROOF[PROOF.index(b"\n\n") :], b"\n\n" + note(text(299))),
        LINES[17],
    ),
    "under a head by another key": (
        PROOF.replace(PROOF[PROOF.index(b"\n\n") :], b"\n\n" + note(text(300), signer=FORGER)),
        LINES[17],
    ),
    "an extra line": (PROOF.replace(b"index 17\n", b"extra AAAA\nindex 17\n"), LINES[17]),
    "another version": (PROOF.replace(b"proof@v1", b"proof@v2"), LINES[17]),
    "CRLF": (PROOF.replace(b"index 17\n", b"index 17\r\n"), LINES[17]),
    "no empty line": (PROOF.replace(b"\n\n", b"\n"), LINES[17]),
    "nothing": (b"", LINES[17]),
}


def test_a_proof_holds_to_both(stranger: Stranger, tmp_path: Path) -> None:
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(PROOF)
    given[1].write_bytes(LINES[17])

    assert (17, 300) == (verify_proof(PROOF, LINES[17], SIGNER.verifier())[0], 300)
    assert stranger.verify(WHOLE, "--proof", *given)["proofs"] == [
        {"file": str(given[0]), "index": 17, "size": 300}
    ]


@pytest.mark.parametrize("what", PROOF_FAULTS)
def test_a_proof_that_does_not_hold_is_refused_by_both(
    stranger: Stranger, tmp_path: Path, what: str
) -> None:
    proof, entry = PROOF_FAULTS[what]
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(proof)
    given[1].write_bytes(entry)

    with pytest.raises(AzukariError):
        verify_proof(proof, entry, SIGNER.verifier())
    assert stranger.verify(WHOLE, "--proof", *given)["error"].startswith(f"{given[0]}: ")


def test_a_proof_under_a_longer_head_cannot_be_held_against_the_export(
    stranger: Stranger, tmp_path: Path
) -> None:
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(PROOF)
    given[1].write_bytes(LINES[17])
    short = export(LINES[:200], {3: (COMMITTEE,)})

    said = stranger.verify(short, "--proof", *given)["error"]

    assert said == f"{given[0]}: its head has more entries than the ledger here"


def test_a_proof_from_another_history_is_held_against_the_export(
    stranger: Stranger, tmp_path: Path
) -> None:
    """By itself it holds: the ledger signed it.  Beside the export it is a fork."""
    other = [*LINES[:17], line(17, at=1_016), *LINES[18:300]]
    hashes = [leaf_hash(one) for one in other]
    path = inclusion_proof(17, 300, lambda level, i: root_of(hashes[i << level : (i + 1) << level]))
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(encode_proof(Proof(17, tuple(path), note(text(300, other)))))
    given[1].write_bytes(other[17])

    assert verify_proof(given[0].read_bytes(), other[17], SIGNER.verifier())[0] == 17
    assert "another history of 300 entries" in stranger.verify(WHOLE, "--proof", *given)["error"]


# --- proofs between trees, as they are asked for


def root(size: int) -> bytes:
    return root_of([leaf_hash(one) for one in LINES[:size]])


GROWTH: Final = consistency_proof(255, 300, node)
#: Old size, its root, size, its root, proof.
Between = tuple[int, bytes, int, bytes, list[bytes]]
FALSE_GROWTH: Final[dict[str, Between]] = {
    "old root of another size": (255, root(254), 300, root(300), GROWTH),
    "new root of another size": (255, root(255), 300, root(299), GROWTH),
    "both roots the old one": (255, root(255), 300, root(255), GROWTH),
    "roots swapped": (255, root(300), 300, root(255), GROWTH),
    "another old size": (254, root(255), 300, root(300), GROWTH),
    "sizes swapped": (300, root(300), 255, root(255), GROWTH),
    "too long": (255, root(255), 300, root(300), [*GROWTH, bytes(32)]),
    "a hash before it": (255, root(255), 300, root(300), [bytes(32), *GROWTH]),
    "too short": (255, root(255), 300, root(300), GROWTH[:-1]),
    "without its first hash": (255, root(255), 300, root(300), GROWTH[1:]),
    "empty": (255, root(255), 300, root(300), []),
    "swapped hashes": (255, root(255), 300, root(300), [GROWTH[1], GROWTH[0], *GROWTH[2:]]),
    "a hash altered": (255, root(255), 300, root(300), [flip(GROWTH[0]), *GROWTH[1:]]),
    "a power of two, with its root before it": (
        256,
        root(256),
        300,
        root(300),
        [root(256), *consistency_proof(256, 300, node)],
    ),
    "equal sizes, other roots": (300, root(299), 300, root(300), []),
    "equal sizes, a proof": (300, root(300), 300, root(300), [root(300)]),
    "from nothing, a proof": (0, root(0), 300, root(300), [root(300)]),
}
SIBLINGS: Final = inclusion_proof(299, 300, node)
#: Leaf, index, size, root, path.
FALSE_PLACES: Final[dict[str, tuple[bytes, int, int, bytes, list[bytes]]]] = {
    f"index {index} of {size}, the path of {real}": (
        leaf_hash(LINES[real]),
        index,
        size,
        root(size),
        inclusion_proof(real, size, node),
    )
    for size in (1, 7, 8, 300)
    for real in (0, size - 1)
    for index in (size, size + 1, 2 * size - 1 + real, 2**40)
} | {
    "of nothing": (leaf_hash(LINES[0]), 0, 0, root(0), []),
    "too long": (leaf_hash(LINES[299]), 299, 300, root(300), [*SIBLINGS, bytes(32)]),
    "too short": (leaf_hash(LINES[299]), 299, 300, root(300), SIBLINGS[:-1]),
    "swapped siblings": (leaf_hash(LINES[299]), 299, 300, root(300), SIBLINGS[::-1]),
    "the path of the other child": (
        leaf_hash(LINES[0]),
        1,
        2,
        root(2),
        inclusion_proof(0, 2, node),
    ),
}


def growing(old: int, before: bytes, size: int, after: bytes, proof: list[bytes]) -> dict[str, Any]:
    """As the stranger is asked whether one tree is the beginning of another."""
    said = {"old": old, "oldroot": before.hex(), "size": size, "root": after.hex()}
    return said | {"proof": [one.hex() for one in proof]}


def standing(leaf: bytes, index: int, size: int, under: bytes, path: list[bytes]) -> dict[str, Any]:
    """As the stranger is asked whether a leaf stands in a tree."""
    said = {"leaf": leaf.hex(), "index": index, "size": size, "root": under.hex()}
    return said | {"proof": [one.hex() for one in path]}


def test_false_growth_is_refused_by_both(stranger: Stranger) -> None:
    true = (255, root(255), 300, root(300), GROWTH)
    asked = [growing(*one) for one in [true, *FALSE_GROWTH.values()]]
    verify_consistency(*true)

    for old, before, size, after, proof in FALSE_GROWTH.values():
        with pytest.raises(LedgerError):
            verify_consistency(old, before, size, after, proof)
    verdicts = [answer["ok"] for answer in stranger.judge(LINES, asked)]
    assert [True] + [False] * len(FALSE_GROWTH) == verdicts


def test_false_places_are_refused_by_both(stranger: Stranger) -> None:
    """Most of all an index that the tree does not have: a published loop lets some of them pass."""
    true = (leaf_hash(LINES[299]), 299, 300, root(300), SIBLINGS)
    asked = [standing(*one) for one in [true, *FALSE_PLACES.values()]]
    verify_inclusion(true[0], 299, 300, SIBLINGS, root(300))

    for leaf, index, size, under, path in FALSE_PLACES.values():
        with pytest.raises(LedgerError):
            verify_inclusion(leaf, index, size, path, under)
    verdicts = [answer["ok"] for answer in stranger.judge(LINES, asked)]
    assert [True] + [False] * len(FALSE_PLACES) == verdicts


def test_what_hashes_alone_do_not_say_both_leave_to_the_signature(stranger: Stranger) -> None:
    """A size is believed because it is signed with its root, and a leaf because it was hashed here.

    Whoever checks a proof against a size or a leaf's hash that a stranger told has checked nothing.
    """
    growth = (255, root(255), 301, root(300), GROWTH)
    inner = node(1, 0)

    verify_consistency(*growth)
    verify_inclusion(inner, 0, 2, [node(1, 1)], root(4))
    asked = [growing(*growth), standing(inner, 0, 2, root(4), [node(1, 1)])]
    assert [True, True] == [answer["ok"] for answer in stranger.judge(LINES, asked)]
