"""The proof of one entry travels as a text and is checked without the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import AzukariError, BadFormat, BadSignature, LedgerBroken
from azukari.ledger.checkpoint import Verifier, parse_vkey
from azukari.ledger.proof import decode_proof, encode_proof, verify_proof

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/export-3.json").read_text("utf-8"))
VERIFIER = parse_vkey(VECTOR["vkey"])
LINES = [line.encode() for line in VECTOR["lines"]]
PROOFS = [proof.encode() for proof in VECTOR["proofs"]]


@pytest.mark.parametrize("i", [0, 1, 2])
def test_a_proof_of_the_vector_holds_for_its_entry(i: int) -> None:
    index, checkpoint = verify_proof(PROOFS[i], LINES[i], VERIFIER)

    assert (i, 3) == (index, checkpoint.size)
    assert PROOFS[i] == encode_proof(decode_proof(PROOFS[i]))


def test_a_proof_holds_for_no_other_entry() -> None:
    for i, proof in enumerate(PROOFS):
        for line in (*LINES[:i], *LINES[i + 1 :], LINES[i] + b" ", b""):
            with pytest.raises(LedgerBroken):
                verify_proof(proof, line, VERIFIER)


def test_a_proof_under_another_log_s_key_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify_proof(PROOFS[0], LINES[0], Verifier(VERIFIER.name, bytes(32)))


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(PROOFS[0]) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_proof_is_found(at: int, change: int) -> None:
    proof = PROOFS[0]
    changed = proof[:at] + bytes([proof[at] ^ change]) + proof[at + 1 :]

    with pytest.raises(AzukariError):
        verify_proof(changed, LINES[0], VERIFIER)


@pytest.mark.parametrize(
    "was, becomes",
    [
        (b"proof@v1", b"proof@v2"),
        (b"index 0\n", b""),
        (b"index 0\n", b"index 00\n"),
        (b"index 0\n", b"index 9007199254740992\n"),
        (b"index 0\n", b"extra AAAA\nindex 0\n"),
        (b"index 0\n", b"index 0\r\n"),
        (b"index 0\n", b"index 0\nAAAA\n"),
        (b"index 0\n", b"index 0\n!\n"),
        (b"index 0\n", b"index 0\n\xff\n"),
        (b"index 0\n", b"index 0\n" + b"A" * 43 + b"=\n" * 64),
        (b"\n\n", b"\n"),
    ],
)
def test_a_proof_in_another_spelling_is_refused(was: bytes, becomes: bytes) -> None:
    with pytest.raises(BadFormat, match=r"^proof: "):
        decode_proof(PROOFS[0].replace(was, becomes))


def test_more_hashes_than_any_tree_has_are_refused() -> None:
    long = b"index 0\n" + (b"A" * 43 + b"=\n") * 64

    with pytest.raises(BadFormat, match="more than 63"):
        decode_proof(PROOFS[0].replace(b"index 0\n", long))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=100))
def test_any_bytes_are_refused_with_our_error(junk: bytes) -> None:
    with pytest.raises(AzukariError):
        verify_proof(junk, LINES[0], VERIFIER)
