"""A signed request: what a device puts beside one request to the office's API.

The signature is over method, path, range, time, a number used once and the host that is meant, so
that it is worth nothing at another host, for another file, or a second time.  Whether the device
may have what it asks for, and whether the number was used, is decided elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from azukari.errors import BadFormat, BadSignature
from azukari.names import ID_PATTERN, new_id
from azukari.seal.envelope import PublicKey, Signer, Use, base64_of, unbase64

HEADER: Final = "Azukari-Signature"
_FORM: Final = re.compile(
    rf"device=({ID_PATTERN}), at=(0|[1-9][0-9]{{0,15}}), nonce=({ID_PATTERN}),"
    r" sig=([A-Za-z0-9+/]{86}==)"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Asked:
    """One request as it is signed; ``path`` decoded, ``range`` empty where there is none."""

    method: str
    path: str
    range: str
    host: str


@dataclass(frozen=True)
class Mark:
    """What the header says; claimed until `verify`."""

    device: str
    at: int
    nonce: str
    signature: bytes


def sign_request(asked: Asked, device: str, at: int, signer: Signer, nonce: str = "") -> str:
    """The header's value; ``nonce`` only where a story must repeat itself."""
    if signer.public.use is not Use.RECEIPT:
        raise BadSignature("only a device's own key signs its requests")
    nonce = nonce or new_id()
    signature = base64_of(signer.sign(_message(asked, at, nonce)))
    return f"device={device}, at={at}, nonce={nonce}, sig={signature}"


def read_mark(header: str) -> Mark:
    """The parts of a header; one spelling, nothing is verified."""
    found = _FORM.fullmatch(header)
    if found is None:
        raise BadFormat("not a signature of a request")
    device, at, nonce, signature = found.groups()
    return Mark(device, int(at), nonce, unbase64(signature))


def verify(asked: Asked, mark: Mark, key: PublicKey) -> None:
    """Raise `BadSignature` unless this device's key signed this very request."""
    if key.use is not Use.RECEIPT:
        raise BadSignature("only a device's own key signs its requests")
    key.verify(mark.signature, _message(asked, mark.at, mark.nonce))


def _message(asked: Asked, at: int, nonce: str) -> bytes:
    fields = (asked.method, asked.path, asked.range, str(at), nonce, asked.host)
    if any(_CONTROL.search(field) for field in fields):
        raise BadFormat("a request with a control character")  # it could move a border
    try:
        return "\0".join(("azukari/request/1", *fields)).encode()
    except UnicodeEncodeError:
        raise BadFormat("a request that is no text") from None
