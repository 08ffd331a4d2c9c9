"""What a witness is asked, and what it must find before it signs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import (
    BadFormat,
    BadSignature,
    Conflict,
    LedgerBroken,
    LedgerFork,
)
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.ledger.tree import consistency_proof, leaf_hash, root_of
from azukari.ledger.witnessing import (
    MAX_REQUEST_BYTES,
    Request,
    decode_request,
    encode_request,
    judge,
)

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/witness.json").read_text("utf-8"))
LOG = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(bytes(32)))
OTHER = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
LEAVES = [leaf_hash(b"%d" % i) for i in range(40)]
FORK = LEAVES[:9] + [leaf_hash(b"another %d" % i) for i in range(9, 40)]


def head(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint(LOG.name, size, root_of(leaves[:size]))


def request(
    old: int,
    size: int,
    leaves: list[bytes] = LEAVES,
    signer: Signer = LOG,
    start: int | None = None,
) -> Request:
    """Proof from ``old``; ``start`` where the request claims to begin elsewhere."""

    def hashes(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : index + 1 << level])

    proof = consistency_proof(old, size, hashes)
    note = sign_note(signer, head(size, leaves).text())
    return decode_request(encode_request(old if start is None else start, proof, note))


def test_a_first_head_is_taken_as_it_comes() -> None:
    assert head(7) == judge(request(0, 7), LOG.verifier(), None)


@settings(deadline=None, max_examples=80)
@given(st.integers(1, 40), st.integers(1, 40))
def test_any_head_that_continues_is_taken_and_any_that_does_not_is_refused(a: int, b: int) -> None:
    old, size = sorted((a, b))

    assert head(size) == judge(request(old, size), LOG.verifier(), head(old))
    if old > 9 and size > old:
        with pytest.raises(LedgerBroken):
            judge(request(old, size, FORK), LOG.verifier(), head(old))


def test_fork_shown_to_the_witness_at_one_size() -> None:
    with pytest.raises(LedgerFork, match="two histories of 12"):
        judge(request(12, 12, FORK), LOG.verifier(), head(12))


def test_fork_shown_to_the_witness_is_seen_whatever_the_asker_says_of_the_old_size() -> None:
    with pytest.raises(LedgerFork):
        judge(request(3, 12, FORK), LOG.verifier(), head(12))


def test_fork_shown_to_the_witness_further_on_has_no_proof() -> None:
    with pytest.raises(LedgerBroken):
        judge(request(12, 20, FORK), LOG.verifier(), head(12))


@pytest.mark.parametrize("old", [0, 5, 9])
def test_rollback_to_a_shorter_history_is_refused(old: int) -> None:
    with pytest.raises(Conflict, match="12 entries were cosigned"):
        judge(request(old, 9), LOG.verifier(), head(12))


def test_replayed_old_request_is_refused() -> None:
    """It was right once, with a true proof; by now more was cosigned."""
    with pytest.raises(Conflict):
        judge(request(5, 9), LOG.verifier(), head(12))


def test_a_proof_for_another_old_size_is_refused() -> None:
    with pytest.raises((LedgerBroken, Conflict)):
        judge(request(5, 20, start=12), LOG.verifier(), head(12))


def test_beginning_anew_is_refused_once_something_was_cosigned() -> None:
    with pytest.raises(Conflict):
        judge(request(0, 20, FORK), LOG.verifier(), head(12))


def test_a_first_head_with_a_proof_of_nothing_is_refused() -> None:
    note = sign_note(LOG, head(7).text())

    with pytest.raises(LedgerBroken):
        judge(Request(0, (bytes(32),), note), LOG.verifier(), None)


def test_a_head_signed_by_another_key_of_that_name_is_refused() -> None:
    with pytest.raises(BadSignature):
        judge(request(0, 7, signer=OTHER), LOG.verifier(), None)


def test_an_unsigned_head_never_reaches_the_question_of_forks() -> None:
    """Else anybody could have a ledger suspected."""
    with pytest.raises(BadSignature):
        judge(request(12, 12, FORK, signer=OTHER), LOG.verifier(), head(12))


# --- the text


def test_the_example_of_the_specification_is_read_and_written_again() -> None:
    body = VECTOR["request_example"]["body"].encode()

    found = decode_request(body)

    assert (20852014, 4, 20852163) == (found.old, len(found.proof), found.claimed().size)
    assert body == encode_request(found.old, found.proof, found.checkpoint)


NOTE = sign_note(LOG, head(7).text())
HASH = b"A" * 43 + b"="


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"old 0\n",
        b"old 0\n" + NOTE,
        b"\n" + NOTE,
        b"old 00\n\n" + NOTE,
        b"old 07\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old +1\n\n" + NOTE,
        b"old  1\n\n" + NOTE,
        b"old 1 \n\n" + NOTE,
        b"old 1\r\n\n" + NOTE,
        b"OLD 1\n\n" + NOTE,
        b"old 8\n\n" + NOTE,  # larger than its checkpoint
        b"old 9007199254740992\n\n" + NOTE,
        "old １\n\n".encode() + NOTE,
        b"old 1\nAAAA\n\n" + NOTE,
        b"old 1\n" + HASH[:-1] + b"\n\n" + NOTE,
        b"old 1\n" + b"A" * 42 + b"B=\n\n" + NOTE,  # unused bits set
        b"old 1\n" + (HASH + b"\n") * 64 + b"\n" + NOTE,
        b"old 1\n\nnot a checkpoint\n",
        b"old 1\n\n" + NOTE[:-1],
        b"old 1\n\n" + NOTE[: len(NOTE) // 2],
        b"old 1\n\n" + head(7).text().encode(),
    ],
)
def test_truncated_note_and_every_other_spelling_is_refused(text: bytes) -> None:
    with pytest.raises(BadFormat):
        decode_request(text)


def test_huge_body_is_not_read() -> None:
    with pytest.raises(BadFormat, match="more than"):
        decode_request(b"old 0\n\n" + NOTE + b"x" * MAX_REQUEST_BYTES)


def test_a_proof_that_no_tree_has_is_not_written() -> None:
    with pytest.raises(BadFormat):
        encode_request(1, [bytes(32)] * 64, NOTE)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_request_or_refused(raw: bytes) -> None:
    try:
        found = decode_request(raw)
    except BadFormat:
        return
    assert raw == encode_request(found.old, found.proof, found.checkpoint)
