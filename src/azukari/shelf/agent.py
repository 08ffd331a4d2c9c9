"""A person's key in an ssh-agent: it signs there, and never comes here.

The smallest client of the agent protocol (draft-ietf-sshm-ssh-agent, read 2026-11): ask which keys
there are, ask one to sign.  Only Ed25519, whose signature is over the raw bytes, as everywhere in
this house; what is signed begins with ``DSSEv1``, which no login of SSH does.

An agent that is forwarded signs for whoever is at the other end; docs/operate.md says what to do.
"""

from __future__ import annotations

import base64
import binascii
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from azukari.errors import BadFormat, BadSignature, Unreachable
from azukari.seal.envelope import PublicKey, Use
from azukari.shelf import files

KIND: Final = b"ssh-ed25519"
_REQUEST_IDENTITIES: Final = 11
_IDENTITIES_ANSWER: Final = 12
_SIGN_REQUEST: Final = 13
_SIGN_RESPONSE: Final = 14
_LIMIT: Final = 1 << 18  # bytes of an answer
_PATIENCE_S: Final = 120  # somebody may be asked to confirm


@dataclass(frozen=True)
class AgentKey:
    """A signer whose private half is in the agent; satisfies `azukari.seal.envelope.Signer`."""

    public: PublicKey
    blob: bytes
    path: str

    def sign(self, message: bytes) -> bytes:
        """Have the agent sign; `BadSignature` where it does not, or signs something else."""
        asked = bytes([_SIGN_REQUEST]) + _string(self.blob) + _string(message) + bytes(4)
        answer = _ask(self.path, asked)
        if answer[:1] != bytes([_SIGN_RESPONSE]):
            raise BadSignature("the agent did not sign: refused, locked, or the key is gone")
        signature, rest = _take(answer[1:])
        kind, raw = _take(signature)
        found, after = _take(raw)
        if kind != KIND or rest or after:
            raise BadFormat("the agent's signature is none of Ed25519")
        self.public.verify(found, message)
        return found


def find(path: str, public: PublicKey) -> AgentKey:
    """The agent's key with this public half; `BadSignature` where it holds none."""
    for key in keys(path, public.use):
        if key.public == public:
            return key
    raise BadSignature("the agent does not hold the key of the person who is named")


def keys(path: str, use: Use) -> list[AgentKey]:
    """Every Ed25519 key the agent offers; others are passed over."""
    answer = _ask(path, bytes([_REQUEST_IDENTITIES]))
    if answer[:1] != bytes([_IDENTITIES_ANSWER]) or len(answer) < 5:
        raise BadFormat("the agent does not say which keys it holds")
    count, rest = int.from_bytes(answer[1:5], "big"), answer[5:]
    found = []
    for _ in range(count):
        blob, rest = _take(rest)
        _, rest = _take(rest)  # its comment, which says nothing
        if blob.startswith(_string(KIND)):
            found.append(AgentKey(_public(blob, use), blob, path))
    return found


def read_public(path: Path, use: Use) -> PublicKey:
    """A public key as ``ssh-keygen`` writes it: one line, kind, base 64, comment."""
    words = files.read_small(path, 1 << 12).split(None, 2)
    if len(words) < 2 or words[0] != KIND:
        raise BadFormat(f"{path.name}: a line that begins with ssh-ed25519 is expected")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        raise BadFormat(f"{path.name}: not base 64") from None
    return _public(blob, use)


def _public(blob: bytes, use: Use) -> PublicKey:
    kind, rest = _take(blob)
    raw, after = _take(rest)
    if kind != KIND or after or len(raw) != 32:
        raise BadFormat("not an Ed25519 key of SSH")
    return PublicKey.of(use, Ed25519PublicKey.from_public_bytes(raw))


def _ask(path: str, message: bytes) -> bytes:
    with _connected(path) as line:
        line.sendall(_string(message))
        length = int.from_bytes(_exactly(line, 4), "big")
        if not 1 <= length <= _LIMIT:
            raise BadFormat("the agent's answer has an impossible length")
        return _exactly(line, length)


@contextmanager
def _connected(path: str) -> Iterator[socket.socket]:
    family = getattr(socket, "AF_UNIX", None)
    if not path or family is None:
        raise Unreachable("no ssh-agent is known: SSH_AUTH_SOCK names none")
    try:
        with socket.socket(family, socket.SOCK_STREAM) as line:
            line.settimeout(_PATIENCE_S)
            line.connect(path)
            yield line
    except OSError:
        raise Unreachable("the ssh-agent does not answer") from None


def _exactly(line: socket.socket, count: int) -> bytes:
    held = bytearray()
    while len(held) < count:
        piece = line.recv(count - len(held))
        if not piece:
            raise Unreachable("the ssh-agent went away")
        held += piece
    return bytes(held)


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _take(data: bytes) -> tuple[bytes, bytes]:
    """A length and so many bytes, and what comes after."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 or len(data) - 4 < length:
        raise BadFormat("the agent's answer ends too early")
    return data[4 : 4 + length], data[4 + length :]
