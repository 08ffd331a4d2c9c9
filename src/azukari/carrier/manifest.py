"""What a carrier says of itself: the envelope outside, the manifest inside.

The envelope is for whoever finds it: a random id, sizes and digests, nothing about content.  The
manifest is the sealed part ``m``, opened by every grant: it repeats the parts' digests and adds
the terms and the ledger's position, and says nothing of what a role may not see; which table and
columns a part holds stands in the part itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final

import msgspec

from azukari.errors import BadFormat, BadSignature
from azukari.names import raw_id
from azukari.seal.envelope import (
    PublicKey,
    Signer,
    Use,
    canonical,
    open_signed,
    parse,
    peek,
    sign,
)

TYPE: Final = "application/vnd.azukari.carrier.v1+json"
SUITE: Final = "AES256-GCM-HKDF-1MB"
MANIFEST_PART: Final = "m"
PAGES: Final = ("READ-ME.txt", "はじめに.txt")
_PART: Final = re.compile(r"m|[0-9]{4}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class EnvelopePart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed file as it must lie in the folder."""

    id: str  # m, or four random digits
    bytes: int
    sha256: str
    head: str  # its first 40 bytes, hex
    commit: str  # to its key, hex


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What everybody may read; signed by a *carrier* key."""

    v: int
    carrier: str
    label: str
    suite: str
    parts: list[EnvelopePart]
    pages: dict[str, str]  # the finder's pages and their SHA-256

    def part(self, part: str) -> EnvelopePart:
        """The line of one part."""
        for line in self.parts:
            if line.id == part:
                return line
        raise BadFormat("the envelope names no such part")


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a ledger stood."""

    origin: str
    size: int
    root: str


class ManifestPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every grant opens."""

    v: int
    carrier: str
    parts: list[ManifestPart]
    expires_at: int  # ms UTC; a reader refuses after it
    roles: list[str]
    ledger: Position


def seal_envelope(envelope: Envelope, signer: Signer) -> bytes:
    """The bytes of ``envelope.json``."""
    return sign(canonical(envelope), TYPE, [signer])


def read_envelope(data: bytes, key_of: Callable[[str], PublicKey | None]) -> Envelope:
    """Verify and read ``envelope.json``; only a *carrier* key may have signed it."""
    payload, keys = open_signed(
        data, TYPE, lambda key: k if (k := key_of(key)) and k.use is Use.CARRIER else None
    )
    if len(keys) != 1:
        raise BadSignature("an envelope has one signature")
    envelope = parse(payload, Envelope)
    raw_id(envelope.carrier)
    if envelope.v != 1 or envelope.suite != SUITE:
        raise BadFormat("an envelope of another version or suite")
    ids = [part.id for part in envelope.parts]
    if ids != sorted(set(ids)) or MANIFEST_PART not in ids:
        raise BadFormat("an envelope names each part once, in order, the manifest among them")
    for part in envelope.parts:
        # A part's id becomes a file name: nothing but four digits may stand there.
        if not _PART.fullmatch(part.id):
            raise BadFormat("an envelope names a part outside the folder")
        if not _HEX.fullmatch(part.sha256) or not _HEX.fullmatch(part.commit) or part.bytes < 0:
            raise BadFormat("an envelope's line of a part is not one")
    if sorted(envelope.pages) != sorted(PAGES):
        raise BadFormat("an envelope names the finder's two pages")
    return envelope


def claimed_carrier(data: bytes) -> str:
    """Which carrier an envelope speaks of, its signature **not** checked: enough to erase it."""
    _, payload = peek(data)
    return parse(payload, Envelope).carrier


def envelope_hash(data: bytes) -> str:
    """SHA-256 of ``envelope.json``, hex: what the key service binds a carrier to."""
    return hashlib.sha256(data).hexdigest()


def finder_pages(label: str, call: str) -> dict[str, bytes]:
    """The two plain pages for whoever finds the carrier."""
    ja = (
        f"この媒体は市役所の預かり物です（番号 {label}）。\r\n"
        "中のデータは封緘されており、鍵はこの媒体のどこにもありません。読むことはできません。\r\n"
        f"拾われた方は、中を開かず、{call} へお電話ください。交番に届けていただいても結構です。\r\n"
        "お名前をうかがうことはありません。ありがとうございます。\r\n"
    )
    en = (
        f"This medium belongs to a city office (number {label}).\r\n"
        "What is on it is sealed, and no key to it is on this medium. It cannot be read.\r\n"
        f"If you found it, please call {call}, or hand it to any police box.\r\n"
        "You will not be asked who you are. Thank you.\r\n"
    )
    return {"はじめに.txt": ja.encode("utf-8-sig"), "READ-ME.txt": en.encode()}
