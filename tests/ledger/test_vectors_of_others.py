"""Bytes that others published: the C2SP pages, a log that runs, the reference of RFC 6962.

Source and expectation of each stand in its vector.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from azukari.errors import BadFormat, BadSignature, LedgerBroken
from azukari.ledger.checkpoint import (
    Checkpoint,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_vkey,
    split_note,
    vkey_of,
)
from azukari.ledger.proof import decode_proof
from azukari.ledger.tiles import WIDTH, bundle_path, parse_path, partials_of, tile_path, tiles_of
from azukari.ledger.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

FOLDER = Path(__file__).parents[1] / "vectors" / "ledger"
C2SP = json.loads((FOLDER / "c2sp.json").read_text("utf-8"))
RFC = json.loads((FOLDER / "rfc6962.json").read_text("utf-8"))
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in RFC["leaves"]]
RUNNING = C2SP["running_log"]


def node(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


def hexes(proof: list[bytes]) -> list[str]:
    return [one.hex() for one in proof]


@pytest.mark.parametrize("vector", RFC["proofs"]["inclusion"])
def test_the_inclusion_proofs_of_the_reference_are_ours(vector: dict[str, Any]) -> None:
    index, size = vector["index"], vector["size"]

    made = inclusion_proof(index, size, node)

    assert vector["proof"] == hexes(made)
    verify_inclusion(LEAVES[index], index, size, made, bytes.fromhex(RFC["roots"][size - 1]))


@pytest.mark.parametrize("vector", RFC["proofs"]["consistency"])
def test_the_consistency_proofs_of_the_reference_are_ours(vector: dict[str, Any]) -> None:
    old, size = vector["old"], vector["size"]
    before, after = (bytes.fromhex(RFC["roots"][n - 1]) for n in (old, size))

    made = consistency_proof(old, size, node)

    assert vector["proof"] == hexes(made)
    verify_consistency(old, before, size, after, made)


def test_the_checkpoint_of_the_specification_is_read() -> None:
    vector = C2SP["checkpoint"]

    text, lines = split_note(vector["note"].encode())

    root = bytes.fromhex(vector["root"])
    assert Checkpoint(vector["origin"], vector["size"], root) == parse_checkpoint(text)
    assert [vector["origin"]] == [name for name, _ in lines]


def test_a_head_of_a_log_that_runs_is_verified() -> None:
    verifier = parse_vkey(RUNNING["vkey"])

    text, signed = open_note(RUNNING["note"].encode(), [verifier])

    assert (verifier,) == signed
    assert parse_checkpoint(text).size == 6_476_701
    with pytest.raises(BadSignature, match="another log"):  # its key is not named as its origin
        open_checkpoint(RUNNING["note"].encode(), verifier)


def test_the_signature_of_the_specification_is_right_under_the_name_it_was_made_for() -> None:
    note, verifier = C2SP["checkpoint"]["note"], parse_vkey(RUNNING["vkey"])
    printed = C2SP["checkpoint"]["origin"]
    original = note.replace(f"— {printed}", f"— {verifier.name}")
    original = original.replace(f"{printed}\n", f"{RUNNING['sofa']['origin']}\n")

    assert (verifier,) == open_note(original.encode(), [verifier])[1]
    with pytest.raises(BadSignature, match="false signature"):
        open_note(note.replace(f"— {printed}", f"— {verifier.name}").encode(), [verifier])
    renamed = parse_vkey(vkey_of(printed, 1, verifier.public))
    with pytest.raises(BadSignature, match="no signature by a known key"):  # the id has the name
        open_note(note.encode(), [renamed])


def test_a_path_of_the_specification_is_ours() -> None:
    n, path = C2SP["tiles"]["path"]["n"], C2SP["tiles"]["path"]["path"]

    assert f"tile/3/{path}" == tile_path(3, n)
    assert f"tile/entries/{path}.p/7" == bundle_path(n, 7)
    assert (3, n, 7) == parse_path(f"tile/3/{path}.p/7")


@pytest.mark.parametrize("vector", C2SP["tiles"]["sizes"])
def test_a_tree_of_the_specification_has_these_tiles(vector: dict[str, Any]) -> None:
    size = vector["size"]
    widths = [(level, width) for level, _, width in tiles_of(size)]
    levels = range(1 + max(level for level, _ in widths))

    assert vector["full"] == [widths.count((level, WIDTH)) for level in levels]
    partial = {level: width for level, _, width in partials_of(size)}
    assert vector["partial"] == [partial.get(level, 0) for level in levels]


def test_the_proof_of_the_specification_is_refused_for_its_extra_line_and_read_without() -> None:
    vector = C2SP["proof"]
    text = vector["text"]
    with pytest.raises(BadFormat, match="an index is expected in line 2"):
        decode_proof(text.encode())

    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("extra ")]
    proof = decode_proof("".join(lines).encode())

    head = parse_checkpoint(proof.checkpoint.decode())
    assert (vector["index"], vector["hashes"]) == (proof.index, len(proof.path))
    assert (vector["origin"], vector["size"]) == (head.origin, head.size)
    with pytest.raises(LedgerBroken):
        verify_inclusion(bytes(32), proof.index, head.size, proof.path, head.root)
