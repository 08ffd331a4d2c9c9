"""A person's word that they open a carrier: their own key over a challenge made this moment.

The challenge names the device, the grant and the head of the device's journal, so that no answer
serves twice.  The answer stands in the journal: whoever has the person's entry can verify it later.
Our reader asks for it; a reader of somebody else's, with the grant and the one-time key, need not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from azukari.errors import BadFormat, BadSignature
from azukari.names import new_id, raw_id
from azukari.seal.envelope import PublicKey, Signer, Use, base64_of, unbase64

NONCE_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True)
class Challenge:
    """What is signed beside the number used once."""

    device: str
    grant: str
    chain_length: int  # of the device's journal before this opening
    chain_head: str  # hex


def answer(challenge: Challenge, signer: Signer) -> str:
    """Sign a fresh challenge; what the journal keeps, base64."""
    _must_be_a_person(signer.public)
    nonce = raw_id(new_id())
    return base64_of(nonce + signer.sign(_message(challenge, nonce)))


def verify(challenge: Challenge, answered: str, key: PublicKey) -> None:
    """Raise `BadSignature` unless this person's key answered this very challenge."""
    _must_be_a_person(key)
    raw = unbase64(answered)
    if len(raw) != NONCE_BYTES + SIGNATURE_BYTES:
        raise BadFormat("not an answer to a challenge")
    key.verify(raw[NONCE_BYTES:], _message(challenge, raw[:NONCE_BYTES]))


def _must_be_a_person(key: PublicKey) -> None:
    if key.use is not Use.PERSON:
        raise BadSignature("only a person's own key opens a carrier")


def _message(challenge: Challenge, nonce: bytes) -> bytes:
    raw_id(challenge.device)
    raw_id(challenge.grant)
    fields = (
        "azukari/opening/1",
        challenge.device,
        challenge.grant,
        str(challenge.chain_length),
        challenge.chain_head,
        nonce.hex(),
    )
    return "\0".join(fields).encode()
