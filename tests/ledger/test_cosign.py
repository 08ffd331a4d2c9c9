"""Cosignatures: whose word, on which head, when; and nothing that only looks like one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import AzukariError, BadFormat, BadSignature
from azukari.ledger import cosign as cosigning
from azukari.ledger.checkpoint import (
    Checkpoint,
    Signer,
    base64_of,
    bytes_of_base64,
    open_checkpoint,
    parse_vkey,
    sign_note,
    split_note,
)
from azukari.ledger.cosign import (
    Cosigner,
    cosign,
    cosignatures,
    find_cosignature,
    parse_witness,
    with_cosignatures,
)

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/witness.json").read_text("utf-8"))
LOG = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(bytes(32)))
COMMITTEE = Cosigner("committee.example/w1", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
AUDITOR = Cosigner("auditor.example/w1", Ed25519PrivateKey.from_private_bytes(b"\2" * 32))
HEAD = Checkpoint(LOG.name, 7, bytes(range(32)))
NOTE = sign_note(LOG, HEAD.text())
AT = 1_655_811_300


def answer(cosigner: Cosigner = COMMITTEE, at_s: int = AT, head: Checkpoint = HEAD) -> bytes:
    return f"{cosign(cosigner, head.text(), at_s)}\n".encode()


def test_a_cosignature_says_who_and_when() -> None:
    found = find_cosignature(answer(), HEAD.text(), COMMITTEE.witness())

    assert (COMMITTEE.witness(), AT) == (found.witness, found.at_s)


def test_a_cosigned_note_is_still_the_ledgers_own() -> None:
    found = find_cosignature(answer(), HEAD.text(), COMMITTEE.witness())

    note = with_cosignatures(NOTE, [found])

    assert HEAD == open_checkpoint(note, LOG.verifier())
    assert (found,) == cosignatures(note, [COMMITTEE.witness()])
    assert NOTE + answer() == note


def test_a_newer_word_of_a_witness_takes_the_place_of_its_older_one() -> None:
    older, newer = (
        find_cosignature(answer(at_s=at), HEAD.text(), COMMITTEE.witness()) for at in (AT, AT + 9)
    )
    other = find_cosignature(answer(AUDITOR), HEAD.text(), AUDITOR.witness())

    note = with_cosignatures(with_cosignatures(NOTE, [older, other]), [newer])

    found = cosignatures(note, [COMMITTEE.witness(), AUDITOR.witness()])
    assert {other, newer} == set(found)


def test_the_note_of_the_specification_has_its_time() -> None:
    """Source and what it cannot tell stand in the vector."""
    note, signed = VECTOR["cosigned"]["note"].encode(), VECTOR["cosigned"]["signed"]

    text, lines = split_note(note)

    assert ["example.com/behind-the-sofa", "witness.example.com/w1"] == [name for name, _ in lines]
    assert VECTOR["cosigned"]["time"] == int.from_bytes(lines[1][1][4:12], "big")
    assert len(lines[1][1]) == 4 + 8 + 64
    assert signed.encode() == cosigning._message(text, VECTOR["cosigned"]["time"])


@pytest.mark.parametrize("vkey", VECTOR["witness_verifiers"]["vkeys"])
def test_a_verifier_of_a_witness_that_runs_is_read(vkey: str) -> None:
    assert vkey == parse_witness(vkey).vkey()


def test_a_second_writer_of_the_format_agrees() -> None:
    """From the page alone: the message, the key id, the line."""
    key = COMMITTEE.key
    public = key.public_key().public_bytes_raw()
    identifier = hashlib.sha256(COMMITTEE.name.encode() + b"\n\x04" + public).digest()[:4]
    message = f"cosignature/v1\ntime {AT}\n".encode() + NOTE[: NOTE.index(b"\n\n") + 1]
    line = base64_of(identifier + AT.to_bytes(8, "big") + key.sign(message))

    assert f"— {COMMITTEE.name} {line}\n".encode() == answer()


# --- what is none


def test_wrong_key_kind_a_ledgers_key_is_no_witness_and_a_witness_no_ledger() -> None:
    with pytest.raises(BadFormat):
        parse_witness(LOG.verifier().vkey())
    with pytest.raises(BadFormat):
        parse_vkey(COMMITTEE.witness().vkey())


def test_wrong_key_kind_a_note_signature_by_a_witness_key_is_no_cosignature() -> None:
    as_log = Signer(COMMITTEE.name, COMMITTEE.key)
    line = sign_note(as_log, HEAD.text()).decode().splitlines()[-1]

    with pytest.raises(BadSignature, match="none by"):
        find_cosignature(f"{line}\n".encode(), HEAD.text(), COMMITTEE.witness())


def test_a_cosignature_never_stands_for_the_ledgers_own_signature() -> None:
    """Even where one key is used for both: the key ids differ."""
    same = Cosigner(LOG.name, LOG.key)
    note = HEAD.text().encode() + b"\n" + answer(same)

    with pytest.raises(BadSignature):
        open_checkpoint(note, LOG.verifier())


def test_cosignature_of_another_witness_key_under_the_same_name_is_refused() -> None:
    impostor = Cosigner(COMMITTEE.name, AUDITOR.key)

    with pytest.raises(BadSignature, match="none by"):
        find_cosignature(answer(impostor), HEAD.text(), COMMITTEE.witness())


def test_a_cosignature_with_another_witnesss_key_id_is_false() -> None:
    blob = bytes_of_base64(answer(AUDITOR).decode().split()[-1], "line")
    forged = base64_of(COMMITTEE.witness().key_id + blob[4:])
    line = f"— {COMMITTEE.name} {forged}\n".encode()

    with pytest.raises(BadSignature, match="false one"):
        find_cosignature(line, HEAD.text(), COMMITTEE.witness())


@pytest.mark.parametrize(
    "other", [Checkpoint(HEAD.origin, 8, HEAD.root), Checkpoint("another", 7, HEAD.root)]
)
def test_a_cosignature_of_another_head_is_false(other: Checkpoint) -> None:
    with pytest.raises(BadSignature):
        find_cosignature(answer(head=other), HEAD.text(), COMMITTEE.witness())


def test_a_moved_time_is_noticed() -> None:
    blob = bytes_of_base64(answer().decode().split()[-1], "line")
    later = blob[:4] + (AT + 3600).to_bytes(8, "big") + blob[12:]
    line = f"— {COMMITTEE.name} {base64_of(later)}\n".encode()

    with pytest.raises(BadSignature, match="false one"):
        find_cosignature(line, HEAD.text(), COMMITTEE.witness())


@pytest.mark.parametrize("at_s", [-1, 1 << 63])
def test_a_time_that_no_cosignature_can_carry_is_not_signed(at_s: int) -> None:
    with pytest.raises(BadFormat):
        cosign(COMMITTEE, HEAD.text(), at_s)


def test_a_time_that_no_cosignature_can_carry_is_not_read() -> None:
    blob = bytes_of_base64(answer().decode().split()[-1], "line")
    late = blob[:4] + bytes([255] * 8) + blob[12:]
    line = f"— {COMMITTEE.name} {base64_of(late)}\n".encode()

    with pytest.raises(BadSignature, match="no cosignature can carry"):
        find_cosignature(line, HEAD.text(), COMMITTEE.witness())


def test_lines_that_bring_a_text_of_their_own_are_refused() -> None:
    other = Checkpoint(HEAD.origin, 9, HEAD.root)
    lines = b"x\n\n" + answer(head=other)

    with pytest.raises(AzukariError):
        find_cosignature(lines, HEAD.text(), COMMITTEE.witness())


def test_two_cosignatures_by_one_key_spoil_a_note() -> None:
    with pytest.raises(BadFormat, match="two cosignatures"):
        cosignatures(NOTE + answer() + answer(at_s=AT + 1), [COMMITTEE.witness()])


def test_a_huge_answer_is_not_read() -> None:
    with pytest.raises(BadFormat, match="more than"):
        find_cosignature(answer() * 1000, HEAD.text(), COMMITTEE.witness())


def test_only_a_head_is_cosigned() -> None:
    with pytest.raises(BadFormat):
        cosign(COMMITTEE, "anything\n", AT)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_refused(raw: bytes) -> None:
    try:
        found = find_cosignature(raw, HEAD.text(), COMMITTEE.witness())
    except (BadFormat, BadSignature):
        return
    assert found.witness == COMMITTEE.witness()


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_cut_or_changed_byte_of_an_answer_passes(data: st.DataObject) -> None:
    whole = answer()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = data.draw(
        st.one_of(
            st.just(whole[:at]),
            st.integers(1, 255).map(
                lambda mask: whole[:at] + bytes((whole[at] ^ mask,)) + whole[at + 1 :]
            ),
        )
    )

    with pytest.raises((BadFormat, BadSignature)):
        find_cosignature(changed, HEAD.text(), COMMITTEE.witness())
