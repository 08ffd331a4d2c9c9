"""The trust bundle: which keys are believed for what, from when to when.

Signed by the city's root key, which signs nothing else and lies in no program.  Every device holds
one and refuses a lower serial.  A key outside its window, revoked, or of another kind is not
believed.
"""

from __future__ import annotations

from typing import Final

import msgspec

from azukari.errors import BadFormat, BadSignature, Conflict
from azukari.seal.envelope import (
    Count,
    PublicKey,
    Signer,
    Use,
    base64_of,
    canonical,
    open_signed,
    parse,
    sign,
    unbase64,
)

TYPE: Final = "application/vnd.azukari.trust.v1+json"


class TrustedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One believed key."""

    use: str
    public: str  # SubjectPublicKeyInfo, base64
    from_at: Count
    to_at: Count


class TrustBundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All believed keys of a city's house."""

    v: int
    serial: Count
    from_at: Count
    to_at: Count
    keys: list[TrustedKey]
    revoked: list[str]

    def key(self, use: Use, at: int) -> PublicKey:
        """The one key of a use at an instant; `BadSignature` where none or several are."""
        found = [k for k in self.believed(at) if k.use is use]
        if len(found) != 1:
            raise BadSignature(f"the trust bundle knows {len(found)} {use} keys for this day")
        return found[0]

    def founders(self, at: int) -> tuple[PublicKey, ...]:
        """The person keys of the city's first officers, who admit each other."""
        return tuple(key for key in self.believed(at) if key.use is Use.PERSON)

    def believed(self, at: int) -> list[PublicKey]:
        """Every key that counts at an instant."""
        if not self.from_at <= at <= self.to_at:
            return []
        keys = [
            PublicKey.load(Use(k.use), unbase64(k.public))
            for k in self.keys
            if k.from_at <= at <= k.to_at
        ]
        return [key for key in keys if key.id not in self.revoked]


def trusted(key: PublicKey, from_at: int, to_at: int) -> TrustedKey:
    """A line of a bundle."""
    return TrustedKey(key.use, base64_of(key.der), from_at, to_at)


def issue_bundle(bundle: TrustBundle, root: Signer) -> bytes:
    """Sign a bundle with the city's root key."""
    if root.public.use is not Use.ROOT:
        raise BadSignature("only a root key signs trust bundles")
    return sign(canonical(bundle), TYPE, [root])


def read_bundle(document: bytes, root: PublicKey, *, known_serial: int = 0) -> TrustBundle:
    """Verify and read a bundle; one older than the one already known is refused."""
    if root.use is not Use.ROOT:
        raise BadSignature("only a root key signs trust bundles")
    payload, _ = open_signed(document, TYPE, lambda key: root if key == root.id else None)
    bundle = parse(payload, TrustBundle)
    if bundle.v != 1 or any(k.use not in set(Use) for k in bundle.keys):
        raise BadFormat("a trust bundle of another version")
    for line in bundle.keys:  # A bundle with one impossible key is refused now, not on some day.
        PublicKey.load(Use(line.use), unbase64(line.public))
    if bundle.serial < known_serial:
        raise Conflict(f"trust bundle {bundle.serial} is older than {known_serial}, already known")
    return bundle
