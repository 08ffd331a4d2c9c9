"""Signed envelopes: DSSE over canonical JSON, one spelling each.

DSSE (github.com/secure-systems-lab/dsse, protocol 1.0.2) signs
``"DSSEv1" SP len(type) SP type SP len(payload) SP payload``.  Every key of ours is made for one
use, its *kind*; a right signature of a key of another kind is refused.

Not here: which documents exist (documents.py), which keys are believed (trust.py).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from azukari.errors import BadFormat, BadSignature
from azukari.names import id_of

MAX_BYTES: Final = 1 << 20  # no signed document is larger
MAX_SIGNATURES: Final = 16
_P: Final = 2**255 - 19  # the field of Ed25519
#: A whole number that every JSON library reads alike.
Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]
T = TypeVar("T", bound=msgspec.Struct)


class Use(StrEnum):
    """The kinds of signing keys: one key, one use."""

    ROOT = "root"
    ENROL = "enrol"
    ORDER = "order"
    CARRIER = "carrier"
    GRANT = "grant"
    LOG_OFFICE = "log/office"
    LOG_KEYS = "log/keys"
    WITNESS = "witness"
    RECEIPT = "receipt"
    PERSON = "person"
    PRESS = "press"
    ASK = "ask"
    ANSWER = "answer"
    ALARM = "alarm"


@dataclass(frozen=True)
class PublicKey:
    """A verification key and the one use it is for."""

    use: Use
    id: str
    der: bytes

    @classmethod
    def of(cls, use: Use, key: Ed25519PublicKey) -> PublicKey:
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(use, key_id(use, der), der)

    @classmethod
    def load(cls, use: Use, der: bytes) -> PublicKey:
        """From SubjectPublicKeyInfo; only Ed25519 is known."""
        try:
            key = load_der_public_key(der)
        except Exception:  # noqa: BLE001  any failure of the parser is one error of ours
            raise BadFormat("not a public key") from None
        if not isinstance(key, Ed25519PublicKey):
            raise BadFormat("a signing key must be Ed25519")
        if _is_everybodys(key.public_bytes_raw()):
            raise BadFormat("a signing key under which anybody's signature is right")
        return cls.of(use, key)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `BadSignature` unless this key signed ``message``."""
        try:
            key = load_der_public_key(self.der)
            assert isinstance(key, Ed25519PublicKey)  # noqa: S101  load() and of() saw to it
            key.verify(signature, message)
        except InvalidSignature:
            raise BadSignature(f"the signature of {self.use} key {self.id} is wrong") from None


class Signer(Protocol):
    """Something that can sign: a key here, later a token or an agent."""

    @property
    def public(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key in this process's memory."""

    public: PublicKey
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, use: Use) -> SigningKey:
        return cls.of(use, Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, use: Use, private: Ed25519PrivateKey) -> SigningKey:
        return cls(PublicKey.of(use, private.public_key()), private)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def __repr__(self) -> str:
        return f"<{self.public.use} signing key {self.public.id}>"


class _Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    payload: str
    payloadType: str  # noqa: N815  DSSE's name
    signatures: list[_Signature]


def key_id(use: str, der: bytes) -> str:
    """16 bytes of SHA-256 over the use and the key, so that no key has one id for two uses."""
    return id_of(hashlib.sha256(b"azukari/key/1\0" + use.encode() + b"\0" + der).digest()[:16])


def canonical(value: msgspec.Struct | Mapping[str, Any]) -> bytes:
    """The one spelling of a document: JSON, keys sorted, no spaces, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def parse(data: bytes, type_: type[T]) -> T:
    """Read a document; any other spelling of the same content is refused."""
    if len(data) > MAX_BYTES:
        raise BadFormat(f"a document of more than {MAX_BYTES} bytes")
    try:
        value = msgspec.json.decode(data, type=type_)
        same = canonical(value) == data
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadFormat(f"not a {type_.__name__}") from None
    if not same:
        raise BadFormat(f"a {type_.__name__} in another spelling than the canonical one")
    return value


def sign(payload: bytes, payload_type: str, signers: Iterable[Signer]) -> bytes:
    """A DSSE envelope; signatures in the order of the signers."""
    message = _pae(payload_type, payload)
    marks = [_Signature(s.public.id, base64_of(s.sign(message))) for s in signers]
    envelope = canonical(_Envelope(base64_of(payload), payload_type, marks))
    if len(envelope) > MAX_BYTES:
        raise BadFormat(f"a document of more than {MAX_BYTES} bytes")
    return envelope


def add_signature(envelope: bytes, signer: Signer) -> bytes:
    """The same envelope with one signature more; nothing is verified."""
    outer = parse(envelope, _Envelope)
    if signer.public.id in {mark.keyid for mark in outer.signatures}:
        raise BadSignature("signed twice by one key")
    message = _pae(outer.payloadType, unbase64(outer.payload))
    mark = _Signature(signer.public.id, base64_of(signer.sign(message)))
    marks = [*outer.signatures, mark]
    return canonical(_Envelope(outer.payload, outer.payloadType, marks))


def signers_of(envelope: bytes) -> tuple[str, ...]:
    """The ids of the keys an envelope claims to be signed by; nothing is verified."""
    return tuple(mark.keyid for mark in parse(envelope, _Envelope).signatures)


def open_signed(
    envelope: bytes, payload_type: str, key_of: Callable[[str], PublicKey | None]
) -> tuple[bytes, tuple[PublicKey, ...]]:
    """The payload and the keys that signed it.

    ``key_of`` answers a believed key for a key id, or None.  Every signature must be by a believed
    key and right; one wrong or unknown signature refuses the whole.
    """
    payload, keys, unknown = open_partly(envelope, payload_type, key_of)
    if unknown:
        raise BadSignature("signed by a key that is not believed here")
    return payload, keys


def open_partly(
    envelope: bytes, payload_type: str, key_of: Callable[[str], PublicKey | None]
) -> tuple[bytes, tuple[PublicKey, ...], tuple[str, ...]]:
    """As `open_signed`, for whoever adds a hand and does not know every other.

    Returns the ids of keys not believed here too: what they signed was **not** verified.
    """
    outer = parse(envelope, _Envelope)
    if outer.payloadType != payload_type:
        raise BadSignature(f"signed as another type than {payload_type}")
    payload = unbase64(outer.payload)
    if not 1 <= len(outer.signatures) <= MAX_SIGNATURES:
        raise BadSignature(f"between 1 and {MAX_SIGNATURES} signatures are expected")
    if len({mark.keyid for mark in outer.signatures}) != len(outer.signatures):
        raise BadSignature("signed twice by one key")
    message = _pae(payload_type, payload)
    keys: list[PublicKey] = []
    unknown: list[str] = []
    for mark in outer.signatures:
        key = key_of(mark.keyid)
        if key is None:
            unknown.append(mark.keyid)
            continue
        key.verify(unbase64(mark.sig), message)
        keys.append(key)
    return payload, tuple(keys), tuple(unknown)


def peek(envelope: bytes) -> tuple[str, bytes]:
    """The type and payload of an envelope whose signatures were **not** checked."""
    outer = parse(envelope, _Envelope)
    return outer.payloadType, unbase64(outer.payload)


def base64_of(data: bytes) -> str:
    """The one base64 spelling of some bytes: standard alphabet, padded."""
    return base64.b64encode(data).decode()


def unbase64(text: str) -> bytes:
    """The bytes of a field; refuses every other spelling of them."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadFormat("not base64") from None
    if base64_of(data) != text:  # unused bits: a second spelling
        raise BadFormat("base64 in another spelling than the canonical one")
    return data


def _is_everybodys(point: bytes) -> bool:
    """Is it one of the points of order 1, 2, 4 or 8, or a second spelling of a point?

    Under these a signature that nobody made is right (RFC 8032 leaves the check to the reader), and
    the library takes them.  By their y: 1, -1, 0, and where d y⁴ + 2 y² = 1, d = -121665/121666.
    """
    y = int.from_bytes(point, "little") % 2**255
    eighth = (243332 * y**2 - 121665 * y**4 - 121666) % _P == 0
    return y >= _P or y in (0, 1, _P - 1) or eighth


def _pae(payload_type: str, payload: bytes) -> bytes:
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
