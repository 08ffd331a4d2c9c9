"""The ceremony: the two roots wrapped so that any two of three officers, or the sheet, open them.

One file, ``ceremony.json``: for each pair of officers the recovery secret, sealed under a key from
both their passphrases; under the secret, the key service's root key and the city's root signing
key; and the public half of the recovery key, to which backups are sealed.  The file is written
only after the printed sheet was typed back.  docs/spec/keys-v1.md specifies it.

Python cannot promise to wipe memory: secrets are held as short as the ceremony lasts, in a program
that does nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from azukari.errors import BadFormat, BadInput, Conflict, Damaged, Refused, WrongKey
from azukari.keys import backends, sheet
from azukari.names import new_id, raw_id
from azukari.seal.envelope import (
    Count,
    PublicKey,
    SigningKey,
    Use,
    base64_of,
    canonical,
    parse,
    unbase64,
)
from azukari.seal.grant import p256_der
from azukari.shelf import files
from azukari.shelf.wrapped import COST, stretch

FILE: Final = "ceremony.json"
OFFICERS: Final = 3
LEAST: Final = 12  # characters of an officer's passphrase: the file lies in every backup
_KEY: Final = 32
_NONCE: Final = 12
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


class Officer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may open with another; the name is what they are called at the ceremony."""

    n: Count  # scrypt's cost
    name: str
    salt: str


class Public(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What everything sealed in the box is bound to."""

    city_root: str
    id: str
    officers: list[Officer]
    recovery: str
    v: int


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: ``pairs`` in the order first-second, first-third, second-third."""

    contents: str
    pairs: list[str]
    public: Public


@dataclass(frozen=True)
class Opened:
    """What two officers or the sheet give back."""

    root: bytes  # of the key service
    city_root: SigningKey
    recovery: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return "<an opened ceremony>"


def hold(
    home: Path,
    root: bytes,
    city_root: SigningKey,
    officers: Mapping[str, bytes],
    typed_back: Callable[[str, tuple[str, ...]], Sequence[str]],
    *,
    again: bool = False,
    cost: int = COST,
) -> Public:
    """Hold a ceremony over a key service's home; durable and whole, or nothing was written.

    Args:
        root: the key service's root key.
        officers: name and passphrase of exactly three.
        typed_back: is given the ceremony's id and the sheet's rows, has them printed, and returns
            what was typed back from the paper.
        again: the officers or the sheet are replaced; else a home has one ceremony only.
    """
    _check_officers(officers)
    if not again and (home / FILE).exists():
        raise Conflict("the ceremony was held already")
    identifier, secret = new_id(), os.urandom(_KEY)
    box = _sealed(identifier, secret, root, city_root, officers, cost)
    typed = sheet.read(typed_back(identifier, sheet.rows(secret, identifier)), identifier)
    if not hmac.compare_digest(typed, secret):
        raise BadInput("the sheet", "what was typed back is not what was printed")
    # What is written is opened once before it counts: a box nobody can open would be found out
    # on the worst day.
    _open(box, secret)
    write = files.write_whole if again else files.write_new
    write(home / FILE, canonical(box))
    return box.public


def public(home: Path) -> Public:
    """What a home's ceremony says in the clear; nothing is verified."""
    return _read(home).public


def open_by_two(home: Path, words: Mapping[str, bytes]) -> Opened:
    """Open with the passphrases of two officers; `WrongKey` does not say whose is wrong."""
    box = _read(home)
    known = [officer for officer in box.public.officers if officer.name in words]
    if len(known) != 2 or len(words) != 2:
        raise Refused("opening the ceremony", ("two_officers_needed",))
    keys = [stretch(words[one.name], unbase64(one.salt), one.n) for one in known]
    names = [officer.name for officer in box.public.officers]
    places = [names.index(officer.name) for officer in known]
    which = list(combinations(range(OFFICERS), 2)).index((places[0], places[1]))
    return _open(box, _unseal(_pair_key(keys), box.pairs[which], _bound(box.public)))


def open_by_sheet(home: Path, typed: Sequence[str]) -> Opened:
    """Open with the rows of the printed sheet."""
    box = _read(home)
    return _open(box, sheet.read(typed, box.public.id))


def recovery_key(typed: Sequence[str], identifier: str) -> ec.EllipticCurvePrivateKey:
    """The recovery key from the sheet alone, for a backup that is all that is left."""
    return _recovery(sheet.read(typed, identifier), identifier)


def recover(home: Path, opened: Opened, passphrase: bytes) -> None:
    """Give the key service a new passphrase; its root key stays what it was.  Durable."""
    backends.new_passphrase(home, opened.root, passphrase)


def _check_officers(officers: Mapping[str, bytes]) -> None:
    if len(officers) != OFFICERS:
        raise Refused("ceremony", ("three_officers_needed",))
    if any(not name.isprintable() or not 0 < len(name) <= 64 for name in officers):
        raise BadFormat("an officer's name is one short line")
    words = list(officers.values())
    if any(len(word) < LEAST for word in words):
        raise Refused("ceremony", ("passphrase_too_short",))
    if len(set(words)) != OFFICERS:
        # Who knows one would open with two names.
        raise Refused("ceremony", ("passphrases_alike",))


def _sealed(
    identifier: str,
    secret: bytes,
    root: bytes,
    city_root: SigningKey,
    officers: Mapping[str, bytes],
    cost: int,
) -> Box:
    if city_root.public.use is not Use.ROOT or len(root) != _KEY:
        raise BadFormat("the ceremony is held over a root key and the city's root signing key")
    salts = {name: os.urandom(16) for name in officers}
    said = Public(
        base64_of(city_root.public.der),
        identifier,
        [Officer(cost, name, base64_of(salts[name])) for name in officers],
        base64_of(p256_der(_recovery(secret, identifier).public_key())),
        1,
    )
    keys = [stretch(word, salts[name], cost) for name, word in officers.items()]
    bound = _bound(said)
    pairs = [_seal(_pair_key(pair), secret, bound) for pair in combinations(keys, 2)]
    contents = root + city_root.private.private_bytes_raw()
    return Box(_seal(_derived(secret, "contents"), contents, bound), pairs, said)


def _open(box: Box, secret: bytes) -> Opened:
    contents = _unseal(_derived(secret, "contents"), box.contents, _bound(box.public))
    if len(contents) != 2 * _KEY:
        raise BadFormat("the ceremony's box holds something else")
    private = Ed25519PrivateKey.from_private_bytes(contents[_KEY:])
    recovery = _recovery(secret, box.public.id)
    opened = Opened(contents[:_KEY], SigningKey.of(Use.ROOT, private), recovery)
    said = PublicKey.load(Use.ROOT, unbase64(box.public.city_root))
    if said != opened.city_root.public or unbase64(box.public.recovery) != p256_der(
        recovery.public_key()
    ):
        raise Damaged("the ceremony's public keys are not those of its secrets")
    return opened


def _read(home: Path) -> Box:
    box = parse(files.read_small(home / FILE, 1 << 16), Box)
    raw_id(box.public.id)
    names = {officer.name for officer in box.public.officers}
    if box.public.v != 1 or len(names) != OFFICERS or len(box.pairs) != OFFICERS:
        raise BadFormat("a ceremony of another version")
    return box


def _bound(said: Public) -> bytes:
    return b"azukari/ceremony/1\0" + hashlib.sha256(canonical(said)).digest()


def _pair_key(keys: Sequence[bytes]) -> bytes:
    return _derived(b"".join(keys), "pair")


def _derived(secret: bytes, use: str, length: int = _KEY) -> bytes:
    info = f"azukari/ceremony/1|{use}".encode()
    return HKDF(hashes.SHA256(), length, None, info).derive(secret)


def _recovery(secret: bytes, identifier: str) -> ec.EllipticCurvePrivateKey:
    # 48 bytes reduced: no value is more likely than another by more than 2⁻¹²⁸.
    wide = int.from_bytes(_derived(secret, f"recovery|{identifier}", 48), "big")
    return ec.derive_private_key(wide % (_ORDER - 1) + 1, ec.SECP256R1())


def _seal(key: bytes, content: bytes, bound: bytes) -> str:
    nonce = os.urandom(_NONCE)
    return base64_of(nonce + AESGCM(key).encrypt(nonce, content, bound))


def _unseal(key: bytes, sealed: str, bound: bytes) -> bytes:
    raw = unbase64(sealed)
    try:
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise WrongKey(
            "the ceremony's box does not open: a word is another, or it changed"
        ) from None
