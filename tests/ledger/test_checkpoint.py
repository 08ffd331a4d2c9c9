"""Signed notes and checkpoints: who signed, in one spelling, and nothing that only looks signed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import AzukariError, BadFormat, BadSignature
from azukari.ledger.checkpoint import (
    Checkpoint,
    Signer,
    Verifier,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_vkey,
    sign_note,
)

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/export-3.json").read_text("utf-8"))
LOG = Signer("ledger.kakuu.example/office", Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = Signer("witness.kakuu.example", Ed25519PrivateKey.from_private_bytes(b"\1" * 32))
CHECKPOINT = Checkpoint(LOG.name, 7, bytes(range(32)))
NOTE = sign_note(LOG, CHECKPOINT.text())
SIGNATURE = NOTE.decode().split("\n")[-2]


def signed_by(*signers: Signer) -> bytes:
    lines = [sign_note(signer, CHECKPOINT.text()).decode().split("\n")[-2] for signer in signers]
    return (CHECKPOINT.text() + "\n" + "".join(f"{line}\n" for line in lines)).encode()


def test_a_checkpoint_is_opened_by_its_log_s_verifier() -> None:
    verifier = parse_vkey(LOG.verifier().vkey())

    assert open_checkpoint(NOTE, verifier) == CHECKPOINT


def test_a_checkpoint_of_the_vector_is_opened() -> None:
    note = base64.b64decode(VECTOR["files"]["checkpoint"])

    assert VECTOR["size"] == open_checkpoint(note, parse_vkey(VECTOR["vkey"])).size


def test_a_name_and_a_key_give_one_verifier() -> None:
    assert VECTOR["vkey"] == parse_vkey(VECTOR["vkey"]).vkey()


def test_signatures_of_unknown_keys_are_skipped() -> None:
    note = signed_by(WITNESS, LOG)

    _, signed = open_note(note, [LOG.verifier()])

    assert (LOG.verifier(),) == signed


def test_sixteen_signatures_are_read() -> None:
    signers = [
        Signer(f"witness-{i}", Ed25519PrivateKey.from_private_bytes(bytes([i] * 32)))
        for i in range(16)
    ]

    _, signed = open_note(signed_by(*signers), [signer.verifier() for signer in signers])

    assert len(signed) == 16


def test_a_note_signed_by_nobody_known_is_refused() -> None:
    with pytest.raises(BadSignature, match="no signature by a known key"):
        open_note(NOTE, [WITNESS.verifier()])


def test_a_false_signature_by_a_known_key_spoils_a_note_that_another_signed() -> None:
    false = NOTE.replace(b"\n7\n", b"\n8\n").decode()
    true = sign_note(WITNESS, Checkpoint(LOG.name, 8, bytes(range(32))).text()).decode()
    both = (false + true.split("\n")[-2] + "\n").encode()

    with pytest.raises(BadSignature, match="false signature"):
        open_note(both, [LOG.verifier(), WITNESS.verifier()])


def test_a_checkpoint_signed_by_another_log_is_refused() -> None:
    with pytest.raises(BadSignature, match="another log"):
        open_checkpoint(sign_note(WITNESS, CHECKPOINT.text()), WITNESS.verifier())


def test_two_signatures_by_one_key_are_refused() -> None:
    with pytest.raises(BadFormat, match="two signatures"):
        open_note(signed_by(LOG, LOG), [LOG.verifier()])


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_checkpoint_is_found(at: int, change: int) -> None:
    changed = NOTE[:at] + bytes([NOTE[at] ^ change]) + NOTE[at + 1 :]

    with pytest.raises(AzukariError):
        open_checkpoint(changed, LOG.verifier())


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_refused_with_our_error(junk: bytes) -> None:
    with pytest.raises(AzukariError):
        open_note(junk, [LOG.verifier()])
    with pytest.raises(AzukariError):
        open_note(CHECKPOINT.text().encode() + b"\n" + junk, [LOG.verifier()])


@pytest.mark.parametrize(
    "note, why",
    [
        (NOTE[:-1], "signature lines are expected"),
        (NOTE + b"\n", "signature lines are expected"),
        (NOTE.replace(b"\n\n", b"\n"), "an empty line"),
        (NOTE.replace(b"\n7\n", b"\n7\r\n"), "control character"),
        (NOTE.replace("— ".encode(), b"- "), "not a signature line"),
        (NOTE.replace(b"=\n", b"\n"), "base 64"),
        (NOTE + b"more\n", "not a signature line"),
        (b"\xff" + NOTE, "not UTF-8"),
        (NOTE.replace("— ledger".encode(), "— led+ger".encode()), "no plus sign"),
        (CHECKPOINT.text().encode() + "\n— a AAAA\n".encode(), "too short"),
        (b"a" * 1_000_001, "more than 1000000 bytes"),
        (CHECKPOINT.text().encode() + b"\n" + f"{SIGNATURE}\n".encode() * 101, "more than 100"),
    ],
)
def test_a_note_in_another_spelling_is_refused(note: bytes, why: str) -> None:
    with pytest.raises(BadFormat, match=why):
        open_note(note, [LOG.verifier()])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n7\n",
        CHECKPOINT.text() + "extension\n",
        CHECKPOINT.text().replace("\n7\n", "\n07\n"),
        CHECKPOINT.text().replace("\n7\n", "\n-7\n"),
        CHECKPOINT.text().replace("\n7\n", "\n9007199254740992\n"),
        Checkpoint("origin", 7, bytes(31)).text(),
        CHECKPOINT.text().replace("=", ""),
        CHECKPOINT.text().replace("Hh8=", "Hh9="),
    ],
)
def test_a_checkpoint_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(BadFormat, match="checkpoint"):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        VECTOR["vkey"][:-4],
        VECTOR["vkey"] + "\n",
        VECTOR["vkey"].replace("office", "keys"),
        Verifier("", bytes(32)).vkey(),
        Verifier("a b", bytes(32)).vkey(),
        Verifier("a", bytes(31)).vkey(),
        VECTOR["vkey"].replace("+A", "+B"),
        VECTOR["vkey"].replace("o", "\udc8b", 1),  # as a command line hands over other bytes
    ],
)
def test_a_verifier_in_another_spelling_is_refused(vkey: str) -> None:
    with pytest.raises(BadFormat, match="verifier"):
        parse_vkey(vkey)


@pytest.mark.parametrize("text", ["no line end", "a\tb\n", "", "\ud800\n"])
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(BadFormat, match="note"):
        sign_note(LOG, text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b"])
def test_a_name_that_no_key_can_have_does_not_sign(name: str) -> None:
    with pytest.raises(BadFormat, match="key name"):
        sign_note(Signer(name, LOG.key), "text\n")
