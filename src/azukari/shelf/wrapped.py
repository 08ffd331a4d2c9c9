"""A key wrapped for later: under a passphrase, or to the recovery key.

The context is part of what is wrapped: a key wrapped for one thing opens no other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from azukari.errors import BadFormat, WrongKey
from azukari.seal.envelope import Count, base64_of, unbase64
from azukari.seal.grant import p256_public

KEY_BYTES: Final = 32
COST: Final = 1 << 17  # scrypt's N: 128 MiB and about 0.4 s for each guess
MAX_COST: Final = 1 << 20
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Wrapped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wrapped key as it stands in a file."""

    ceremony: str  # whose recovery key opens it; empty under a passphrase
    n: Count  # scrypt's cost; 0 where the recovery key opens it
    salt: str
    sealed: str


@dataclass(frozen=True)
class Passphrase:
    """Wraps a backup's key for whoever knows a passphrase."""

    secret: bytes
    cost: int = COST

    def wrap(self, key: bytes, context: bytes) -> Wrapped:
        salt, nonce = os.urandom(16), os.urandom(12)
        stretched = stretch(self.secret, salt, self.cost)
        sealed = nonce + AESGCM(stretched).encrypt(nonce, key, context)
        return Wrapped("", self.cost, base64_of(salt), base64_of(sealed))

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        if not wrapped.n:
            raise WrongKey("it is sealed to the recovery key, not under a passphrase")
        sealed = unbase64(wrapped.sealed)
        stretched = stretch(self.secret, unbase64(wrapped.salt), wrapped.n)
        try:
            return AESGCM(stretched).decrypt(sealed[:12], sealed[12:], context)
        except (InvalidTag, ValueError):
            raise WrongKey("the passphrase does not open it") from None


@dataclass(frozen=True)
class Recovery:
    """Wraps a backup's key to the recovery key; nobody has to type anything to make one."""

    public: bytes  # P-256, DER
    ceremony: str
    private: ec.EllipticCurvePrivateKey | None = None

    def wrap(self, key: bytes, context: bytes) -> Wrapped:
        sealed = _HPKE.encrypt(key, p256_public(self.public), info=context)
        return Wrapped(self.ceremony, 0, "", base64_of(sealed))

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        if self.private is None or wrapped.n:
            raise WrongKey("it is under a passphrase, or the recovery key is not at hand")
        try:
            return _HPKE.decrypt(unbase64(wrapped.sealed), self.private, info=context)
        except (InvalidTag, ValueError):
            raise WrongKey("it is not sealed to this recovery key") from None


def stretch(secret: bytes, salt: bytes, cost: int) -> bytes:
    """A key from a passphrase; a cost that is none, or would take hours, is refused."""
    if not secret:
        raise BadFormat("an empty passphrase protects nothing")
    if cost < 2 or cost > MAX_COST or cost & (cost - 1):
        raise BadFormat("a cost of scrypt that is not ours")
    return Scrypt(salt, KEY_BYTES, cost, 8, 1).derive(secret)
