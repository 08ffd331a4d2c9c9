"""Keys of small order: under them a signature that nobody made is right."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from azukari.errors import BadFormat
from azukari.ledger.checkpoint import ED25519, Checkpoint, parse_vkey, vkey_of
from azukari.ledger.cosign import COSIGNATURE, parse_witness

ORIGIN = "ledger.kakuu.example/office"
_P = 2**255 - 19
#: y of the eight points of small order, and the spellings of two of them beyond the field.
YS = (
    1,  # order 1
    _P - 1,  # order 2
    0,  # order 4
    *(
        int.from_bytes(bytes.fromhex(text), "little")  # order 8
        for text in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        )
    ),
    _P,
    _P + 1,
)
POINTS = [(y | sign << 255).to_bytes(32, "little") for y in YS for sign in (0, 1)]


def test_forged_head_under_a_key_of_small_order() -> None:
    """The attack itself: one signature, made without any key, is right for every text."""
    key = (1).to_bytes(32, "little")
    forged = key + bytes(32)
    public = Ed25519PublicKey.from_public_bytes(key)
    for size in (0, 7, 4711):
        public.verify(forged, Checkpoint(ORIGIN, size, bytes(32)).text().encode())

    with pytest.raises(BadFormat, match="anybody's signature"):
        parse_vkey(vkey_of(ORIGIN, ED25519, key))


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.hex()[:16])
@pytest.mark.parametrize("kind", [ED25519, COSIGNATURE])
def test_a_key_of_small_order_is_no_verifier(point: bytes, kind: int) -> None:
    read = parse_vkey if kind == ED25519 else parse_witness

    with pytest.raises(BadFormat, match="anybody's signature"):
        read(vkey_of(ORIGIN, kind, point))


def test_an_honest_key_is_one() -> None:
    for seed in range(64):
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32))
        public = key.public_key().public_bytes_raw()

        assert public == parse_vkey(vkey_of(ORIGIN, ED25519, public)).public
