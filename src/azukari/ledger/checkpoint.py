"""Checkpoints: a signed statement of a ledger's size and root, as a C2SP signed note.

Signing keys are handed in; nothing here reads a file or asks a clock, and a checkpoint carries no
time.  One key, one use: a key that signs checkpoints signs nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from azukari.errors import BadFormat, BadSignature
from azukari.ledger.entry import MAX_NUMBER
from azukari.ledger.tree import HASH_BYTES

ED25519: Final = 0x01
MAX_NOTE_BYTES: Final = 1_000_000
MAX_SIGNATURES: Final = 100
_P: Final = 2**255 - 19  # the field of Ed25519 and the constant of its curve
_D: Final = -121665 * pow(121666, -1, _P) % _P


@dataclass(frozen=True)
class Verifier:
    """A name and the public key that speaks for it."""

    name: str
    public: bytes  # 32 raw bytes of an Ed25519 key

    @property
    def key_id(self) -> bytes:
        """Four bytes that a signature line carries to find its key."""
        return key_id(self.name, ED25519, self.public)

    def vkey(self) -> str:
        """The verifier as one line of text, to be handed on by another way than the ledger."""
        return vkey_of(self.name, ED25519, self.public)


@dataclass(frozen=True)
class Signer:
    """A name and the private key that speaks for it."""

    name: str
    key: Ed25519PrivateKey

    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, self.key.public_key().public_bytes_raw())


@dataclass(frozen=True)
class Checkpoint:
    """How long a ledger was and what its root was."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64_of(self.root)}\n"


def parse_vkey(vkey: str) -> Verifier:
    """Read a ledger's verifier; its key id must be the one its name and key give."""
    return Verifier(*read_vkey(vkey, ED25519))


def read_vkey(vkey: str, kind: int) -> tuple[str, bytes]:
    """Name and public key of a line that others handed on, for signatures of one kind only."""
    # Split from the left: a name holds no plus sign, base 64 may.
    match = re.fullmatch(r"([^+\s\ud800-\udfff]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", vkey)
    if match is None:
        raise BadFormat("verifier: name, key id and key joined by plus signs are expected")
    name, typed = checked_name(match[1]), bytes_of_base64(match[3], "verifier")
    if len(typed) != 33 or typed[0] != kind:
        raise BadFormat(f"verifier: not an Ed25519 key of signature type {kind}")
    if key_id(name, kind, typed[1:]).hex() != match[2]:
        raise BadFormat("verifier: the key id is not that of this name and key")
    if _is_everybodys(typed[1:]):
        raise BadFormat("verifier: a key under which anybody's signature is right")
    return name, typed[1:]


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """The four bytes that find a key for one kind of signature."""
    return hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public).digest()[:4]


def vkey_of(name: str, kind: int, public: bytes) -> str:
    """A key for one kind of signature, as one line."""
    typed = bytes((kind,)) + public
    return f"{name}+{key_id(name, kind, public).hex()}+{base64_of(typed)}"


def sign_note(signer: Signer, text: str) -> bytes:
    """A note of that text with one signature."""
    _check_text(text)
    name = checked_name(signer.name)
    signature = signer.verifier().key_id + signer.key.sign(text.encode())
    return f"{text}\n— {name} {base64_of(signature)}\n".encode()


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """The text of a note and who of the known signed it, at least one.

    Signatures of unknown keys are skipped; a false one by a known key spoils the note.
    """
    text, lines = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed: list[Verifier] = []
    for name, signature in lines:
        verifier = known.get((name, signature[:4]))
        if verifier is None:
            continue
        if verifier in signed:
            raise BadFormat("note: two signatures by one key")
        _check_signature(verifier, signature[4:], text)
        signed.append(verifier)
    if not signed:
        raise BadSignature("note: no signature by a known key")
    return text, tuple(signed)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the signed text of a checkpoint; extension lines are refused."""
    match = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n", text)
    if match is None or int(match[2]) > MAX_NUMBER:
        raise BadFormat("checkpoint: three lines, origin, size and root, are expected")
    root = bytes_of_base64(match[3], "checkpoint")
    if len(root) != HASH_BYTES:
        raise BadFormat(f"checkpoint: a root is {HASH_BYTES} bytes, not {len(root)}")
    return Checkpoint(match[1], int(match[2]), root)


def open_checkpoint(note: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note, signed by its own log."""
    text, _ = open_note(note, (verifier,))
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin != verifier.name:
        raise BadSignature("checkpoint: signed by the key of another log")
    return checkpoint


def base64_of(raw: bytes) -> str:
    """Standard base 64 with padding."""
    return base64.b64encode(raw).decode("ascii")


def bytes_of_base64(text: str, what: str) -> bytes:
    """Standard base 64 with padding and no other spelling; ``what`` names it in the error."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadFormat(f"{what}: not base 64") from None
    if base64_of(raw) != text:
        raise BadFormat(f"{what}: not the one spelling in base 64")
    return raw


def split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and name and bytes of each signature; **nothing** is verified."""
    if len(note) > MAX_NOTE_BYTES:
        raise BadFormat(f"note: more than {MAX_NOTE_BYTES} bytes")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise BadFormat("note: not UTF-8") from None
    # The last empty line divides: a text may hold empty lines, signatures cannot.
    text, divider, signatures = whole.rpartition("\n\n")
    if not divider or not signatures.endswith("\n"):
        raise BadFormat("note: a text, an empty line and signature lines are expected")
    text += "\n"
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadFormat(f"note: more than {MAX_SIGNATURES} signatures")
    return text, [read_signature(line) for line in lines]


def read_signature(line: str) -> tuple[str, bytes]:
    """Name and bytes (key id, signature) of one line of a note."""
    match = re.fullmatch(r"— ([^ ]+) ([A-Za-z0-9+/=]+)", line)
    if match is None:
        raise BadFormat("note: a line is not a signature line")
    signature = bytes_of_base64(match[2], "note")
    if len(signature) < 5:
        raise BadFormat("note: a signature is too short")
    return checked_name(match[1]), signature


def _check_signature(verifier: Verifier, signature: bytes, text: str) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(verifier.public)
        key.verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        raise BadSignature("note: a false signature by a known key") from None


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(letter < " " and letter != "\n" for letter in text):
        raise BadFormat("note: the text ends in a line feed and holds no control character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadFormat("note: the text holds a lone surrogate") from None


def checked_name(name: str) -> str:
    """The name of a key, or `BadFormat`."""
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise BadFormat("note: a key name is not empty and holds no space and no plus sign")
    return name


def _is_everybodys(point: bytes) -> bool:
    """Is it a point of order 1, 2, 4 or 8, or a second spelling of a point?

    Anybody can make a signature that such a key finds right; RFC 8032 leaves it to the reader, and
    the library lets it pass.  The orders show in y alone: 1 has order 1, -1 order 2, 0 order 4;
    order 8 where doubling gives y = 0, that is d·y⁴ + 2·y² = 1.
    """
    y = int.from_bytes(point, "little") & ((1 << 255) - 1)
    return y >= _P or y in (0, 1, _P - 1) or (_D * y**4 + 2 * y**2 - 1) % _P == 0
