"""The grant: keys for one device, sealed to one one-time key of it.

HPKE base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.  Outside stand the
version, the grant's random id, the number of the one-time key, the ciphertext (HPKE's ``enc``
first) and the signature of a *grant* key, which only the key service has.  Everything else is
inside.  A grant travels with another person or another way than the carrier and fits a QR code.

Not here: who may have one (keys/policy.py), where one-time keys lie (desk/device).
"""

from __future__ import annotations

from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from azukari.errors import BadFormat, BadSignature, WrongKey
from azukari.names import raw_id
from azukari.seal.envelope import (
    Count,
    PublicKey,
    Signer,
    Use,
    base64_of,
    canonical,
    open_signed,
    parse,
    peek,
    sign,
    unbase64,
)

SUITE: Final = "P256-HKDF-SHA256-AES256GCM"
TYPE: Final = "application/vnd.azukari.grant.v1+json"
QR_BYTES: Final = 2953  # version 40-L, binary
SUBJECT_BYTES: Final = 8
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class PartKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One part the grant opens."""

    part: str
    key: str  # 32 bytes, base64


class GrantBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only the device reads."""

    v: int
    grant: str
    carrier: str
    envelope: str  # SHA-256 of envelope.json, hex: a copy of another content is not this carrier
    order: str
    device: str
    person: str
    person_key: str  # id of that person's own key, which must open with the grant
    role: str
    parts: list[PartKey]
    not_before: Count  # ms since 1970 UTC
    not_after: Count
    journal_key: str  # the city's P-256 public key (DER, base64): subjects are sealed to it
    chain_length: Count  # what the city last saw of the device's chain
    chain_head: str  # hex


class SealedGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What everybody may read."""

    v: int
    grant: str
    key: str  # id of the one-time key
    suite: str
    sealed: str  # enc ‖ ciphertext, base64


def seal_grant(body: GrantBody, one_time_key: str, public_der: bytes, signer: Signer) -> bytes:
    """Seal a grant to a one-time public key and sign it."""
    if signer.public.use is not Use.GRANT:
        raise BadSignature("only a grant key signs grants")
    sealed = _HPKE.encrypt(
        canonical(body), p256_public(public_der), info=_info(body.grant, one_time_key)
    )
    outer = SealedGrant(1, body.grant, one_time_key, SUITE, base64_of(sealed))
    return sign(canonical(outer), TYPE, [signer])


def read_grant(document: bytes, grant_key: PublicKey) -> SealedGrant:
    """The outside of a grant, its signature verified before anything is decrypted."""
    if grant_key.use is not Use.GRANT:
        raise BadSignature("only a grant key signs grants")
    payload, _ = open_signed(document, TYPE, lambda key: grant_key if key == grant_key.id else None)
    outer = parse(payload, SealedGrant)
    if outer.v != 1 or outer.suite != SUITE:
        raise BadFormat("a grant of another version or suite")
    return outer


def unverified_outside(document: bytes) -> SealedGrant:
    """The outside of a grant whose signature was **not** checked.

    For destroying its one-time key only: nothing may hold an erasure up, an expired bundle or a
    revoked grant key least of all.
    """
    _, payload = peek(document)
    outer = parse(payload, SealedGrant)
    raw_id(outer.key)
    return outer


def open_grant(outer: SealedGrant, private: ec.EllipticCurvePrivateKey) -> GrantBody:
    """Decrypt with the one-time private key; `WrongKey` if it is another one."""
    raw = unbase64(outer.sealed)
    try:
        plain = _HPKE.decrypt(raw, private, info=_info(outer.grant, outer.key))
    except (InvalidTag, ValueError):
        raise WrongKey("the grant is not sealed to this one-time key") from None
    body = parse(plain, GrantBody)
    if body.grant != outer.grant or body.v != 1:
        raise BadFormat("the inside of the grant names another grant")
    return body


def seal_subject(position: int, journal_key_der: bytes, context: str) -> bytes:
    """A row's position (-1: nobody) for the city's eyes; all results have one length."""
    return _HPKE.encrypt(
        position.to_bytes(SUBJECT_BYTES, "big", signed=True),
        p256_public(journal_key_der),
        info=b"azukari/subject/1\0" + context.encode(),
    )


def open_subject(sealed: bytes, private: ec.EllipticCurvePrivateKey, context: str) -> int:
    """The position again, at the city."""
    try:
        plain = _HPKE.decrypt(sealed, private, info=b"azukari/subject/1\0" + context.encode())
    except (InvalidTag, ValueError):
        raise WrongKey("the journal's subject is not sealed to this key") from None
    if len(plain) != SUBJECT_BYTES:
        raise BadFormat(f"a journal's subject is {SUBJECT_BYTES} bytes, not {len(plain)}")
    return int.from_bytes(plain, "big", signed=True)


def p256_public(der: bytes) -> ec.EllipticCurvePublicKey:
    """A P-256 public key from SubjectPublicKeyInfo."""
    try:
        key = load_der_public_key(der)
    except Exception:  # noqa: BLE001  any failure of the parser is one error of ours
        raise BadFormat("not a public key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise BadFormat("a one-time key must be P-256")
    return key


def p256_der(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _info(grant: str, one_time_key: str) -> bytes:
    return b"\0".join([b"azukari/grant/1", SUITE.encode(), grant.encode(), one_time_key.encode()])
