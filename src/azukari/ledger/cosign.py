"""Cosignatures (C2SP tlog-cosignature, Ed25519): a witness's word on one head of one ledger.

A cosignature says: at this time this was the longest history of this ledger that I was shown, and
it continues all that I was shown before.  It is one signature line more under the ledger's own
note.  A witness's key is of another kind than a ledger's, and neither counts as the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from azukari.errors import BadFormat, BadSignature
from azukari.ledger.checkpoint import (
    base64_of,
    checked_name,
    key_id,
    parse_checkpoint,
    read_signature,
    read_vkey,
    split_note,
    vkey_of,
)

COSIGNATURE: Final = 0x04
MAX_LINES_BYTES: Final = 1 << 14  # what a witness answers: one line, perhaps several
_TIME_BYTES: Final = 8
_LATEST: Final = (1 << 63) - 1


@dataclass(frozen=True)
class Witness:
    """A name and the public key with which that witness cosigns."""

    name: str
    public: bytes  # 32 raw bytes of an Ed25519 key

    @property
    def key_id(self) -> bytes:
        """Four bytes that a signature line carries to find its key."""
        return key_id(self.name, COSIGNATURE, self.public)

    def vkey(self) -> str:
        """The witness as one line of text, to be handed on by another way than its signatures."""
        return vkey_of(self.name, COSIGNATURE, self.public)


@dataclass(frozen=True)
class Cosigner:
    """A witness's name and private key."""

    name: str
    key: Ed25519PrivateKey

    def witness(self) -> Witness:
        """Its public half."""
        return Witness(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class Cosignature:
    """A witness's word, verified: who, and when by that witness's clock."""

    witness: Witness
    at_s: int  # seconds since 1970 UTC
    line: str  # as it stands in a note, without its line feed


def parse_witness(vkey: str) -> Witness:
    """Read a witness's line; a ledger's key is refused, though its bytes may be the same."""
    return Witness(*read_vkey(vkey, COSIGNATURE))


def cosign(cosigner: Cosigner, text: str, at_s: int) -> str:
    """The signature line for a checkpoint's text, without its line feed.

    Whether it may be signed is decided before (`witnessing.judge`), and kept before it is sent.
    """
    parse_checkpoint(text)
    if not 0 <= at_s <= _LATEST:
        raise BadFormat("cosignature: a time that no cosignature can carry")
    name = checked_name(cosigner.name)
    blob = at_s.to_bytes(_TIME_BYTES, "big") + cosigner.key.sign(_message(text, at_s))
    return f"— {name} {base64_of(cosigner.witness().key_id + blob)}"


def cosignatures(note: bytes, witnesses: Iterable[Witness]) -> tuple[Cosignature, ...]:
    """Which of these witnesses cosigned a note, in the order of its lines; perhaps none.

    The log's own signature is another question: `checkpoint.open_checkpoint`.  Lines of unknown
    keys are skipped; a false one by a known key, or a second one, spoils the note.
    """
    text, lines = split_note(note)
    parse_checkpoint(text)
    known = {(witness.name, witness.key_id): witness for witness in witnesses}
    found: list[Cosignature] = []
    for name, signature in lines:
        witness = known.get((name, signature[:4]))
        if witness is None:
            continue
        if any(witness == other.witness for other in found):
            raise BadFormat("note: two cosignatures by one key")
        found.append(_verified(witness, text, signature))
    return tuple(found)


def find_cosignature(lines: bytes, text: str, witness: Witness) -> Cosignature:
    """The one cosignature by a witness on a checkpoint's text, among the lines that it answered.

    `BadSignature` where there is none, or it is false; lines of other keys are skipped.
    """
    if len(lines) > MAX_LINES_BYTES:
        raise BadFormat(f"cosignature: an answer of more than {MAX_LINES_BYTES} bytes")
    note = text.encode() + b"\n" + lines
    if split_note(note)[0] != text:  # an empty line among them would end another text
        raise BadFormat("cosignature: lines of signatures are expected, and nothing else")
    found = cosignatures(note, (witness,))
    if not found:
        raise BadSignature(f"cosignature: none by {witness.name} on this head")
    return found[0]


def with_cosignatures(note: bytes, added: Sequence[Cosignature]) -> bytes:
    """A log's note with witnesses' lines under its own, older ones of the same witnesses gone."""
    text, _ = split_note(note)
    names = {(one.witness.name, one.witness.key_id) for one in added}
    lines = note.decode().rpartition("\n\n")[2].splitlines()
    kept = []
    for line in lines:
        name, signature = read_signature(line)
        if (name, signature[:4]) not in names:
            kept.append(line)
    kept += [one.line for one in added]
    whole = (text + "\n" + "".join(f"{line}\n" for line in kept)).encode()
    split_note(whole)  # no more lines than a reader takes
    return whole


def _verified(witness: Witness, text: str, signature: bytes) -> Cosignature:
    blob = signature[4:]
    if len(blob) != _TIME_BYTES + 64:
        raise BadSignature("cosignature: a time and an Ed25519 signature are expected")
    at_s = int.from_bytes(blob[:_TIME_BYTES], "big")
    if at_s > _LATEST:
        raise BadSignature("cosignature: a time that no cosignature can carry")
    try:
        key = Ed25519PublicKey.from_public_bytes(witness.public)
        key.verify(blob[_TIME_BYTES:], _message(text, at_s))
    except (InvalidSignature, ValueError):
        raise BadSignature(f"cosignature: a false one in the name of {witness.name}") from None
    return Cosignature(witness, at_s, f"— {witness.name} {base64_of(signature)}")


def _message(text: str, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n{text}".encode()
