"""A second writer of the formats of a carrier; it knows none of our code.

It follows ``docs/spec/carrier-v1.md`` with the standard library and ``cryptography`` only, one
plain function after the other, and is as slow as it likes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Vector = dict[str, Any]
SEGMENT, HEAD, TAG, LENGTH = 1 << 20, 40, 16, 8
DER, SPKI = Encoding.DER, PublicFormat.SubjectPublicKeyInfo


def fixed(words: str, size: int) -> bytes:
    """Bytes that look random and are the same everywhere."""
    return hashlib.shake_256(b"azukari vectors|" + words.encode()).digest(size)


def crockford(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    digits = [number >> 5 * place & 31 for place in reversed(range(26))]
    return "".join("0123456789abcdefghjkmnpqrstvwxyz"[digit] for digit in digits)


def hkdf(key: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869 with SHA-256."""
    return expand(hmac.digest(salt or bytes(32), key, "sha256"), info, size)


def expand(prk: bytes, info: bytes, size: int) -> bytes:
    out, last = b"", b""
    while len(out) < size:
        last = hmac.digest(prk, last + info + bytes([len(out) // 32 + 1]), "sha256")
        out += last
    return out[:size]


def context(use: str, carrier: str, part: str) -> bytes:
    return f"azukari/{use}/1|{carrier}|{part}".encode()


def seal(plain: bytes, key: bytes, carrier: str, part: str, head: bytes) -> bytes:
    """A whole stream; ``plain`` is content, padding and length already."""
    cipher = AESGCM(hkdf(key, head[1:33], context("part", carrier, part), 32))
    room = SEGMENT - HEAD - TAG
    starts = [0, *range(room, len(plain), SEGMENT - TAG)]
    out = head
    for number, start in enumerate(starts):
        end = room if number == 0 else start + SEGMENT - TAG
        nonce = head[33:] + number.to_bytes(4, "big") + bytes([number == len(starts) - 1])
        out += cipher.encrypt(nonce, plain[start:end], None)
    return out


def content_of(pattern: bytes, size: int) -> bytes:
    return (pattern * (size // len(pattern) + 1))[:size]


def built(vector: Vector) -> bytes:
    """The sealed file a vector of the stream speaks of, its edits made."""
    content = content_of(bytes.fromhex(vector["pattern"]), vector["size"])
    plain = bytearray(content.ljust(vector["step"] - LENGTH, b"\0"))
    plain += vector.get("length", len(content)).to_bytes(LENGTH, "big")
    for at, byte in vector.get("padding", []):
        plain[at] = byte
    key, head = bytes.fromhex(vector["key"]), bytes.fromhex(vector["head"])
    sealed = seal(bytes(plain), key, vector["carrier"], vector["part"], head)
    for edit, *numbers in vector.get("edits", []):
        sealed = EDITS[edit](sealed, *numbers)
    return sealed


EDITS: Final[dict[str, Any]] = {
    "flip": lambda s, at, bit: s[:at] + bytes([s[at] ^ 1 << bit]) + s[at + 1 :],
    "cut": lambda s, size: s[:size],
    "append": lambda s, count: s + bytes(count),
    "swap": lambda s, a, b: b"".join(swapped(s, a, b)),
}


def swapped(sealed: bytes, a: int, b: int) -> list[bytes]:
    pieces = [sealed[at : at + SEGMENT] for at in range(0, len(sealed), SEGMENT)]
    pieces[a], pieces[b] = pieces[b], pieces[a]
    return pieces


# --- signatures


def canonical(value: Any) -> bytes:
    """Sorted names, no spaces, UTF-8; no vector has a character whose escape could differ."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pae(kind: str, payload: bytes) -> bytes:
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


class Key:
    """A signing key for one use, from a fixed seed."""

    def __init__(self, use: str, name: str = "") -> None:
        self.use = use
        self.private = ed25519.Ed25519PrivateKey.from_private_bytes(fixed(f"{use}{name}", 32))
        self.der = self.private.public_key().public_bytes(DER, SPKI)
        digest = hashlib.sha256(b"\0".join([b"azukari/key/1", use.encode(), self.der])).digest()
        self.id = crockford(digest[:16])

    def public(self) -> Vector:
        return {"use": self.use, "id": self.id, "public": b64(self.der)}


def dsse(payload: bytes, kind: str, *keys: Key) -> Vector:
    marks = [{"keyid": k.id, "sig": b64(k.private.sign(pae(kind, payload)))} for k in keys]
    return {"payload": b64(payload), "payloadType": kind, "signatures": marks}


# --- HPKE (RFC 9180, base mode, P-256, HKDF-SHA256, AES-256-GCM)


def labeled_extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def labeled_expand(suite: bytes, prk: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return expand(prk, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def p256(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(fixed(name, 31), "big"), ec.SECP256R1())


def hpke(plain: bytes, to: ec.EllipticCurvePublicKey, info: bytes, ephemeral: str) -> bytes:
    """``enc ‖ ciphertext``, the ephemeral key fixed by a name."""
    own = p256(ephemeral)
    enc, theirs = (
        key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        for key in (own.public_key(), to)
    )
    kem, suite = b"KEM\x00\x10", b"HPKE\x00\x10\x00\x01\x00\x02"
    prk = labeled_extract(kem, b"", b"eae_prk", own.exchange(ec.ECDH(), to))
    shared = labeled_expand(kem, prk, b"shared_secret", enc + theirs, 32)
    schedule = b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"")
    schedule += labeled_extract(suite, b"", b"info_hash", info)
    secret = labeled_extract(suite, shared, b"secret", b"")
    key = labeled_expand(suite, secret, b"key", schedule, 32)
    nonce = labeled_expand(suite, secret, b"base_nonce", schedule, 12)
    return enc + AESGCM(key).encrypt(nonce, plain, b"")
