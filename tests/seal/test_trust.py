"""Trust bundles: only the root signs them, and time, kind and revocation count."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature, Conflict
from azukari.seal import trust
from azukari.seal.envelope import SigningKey, Use, base64_of, canonical, sign
from azukari.seal.trust import TrustBundle, TrustedKey, issue_bundle, read_bundle, trusted

ROOT = SigningKey.generate(Use.ROOT)
CARRIER, OLD_CARRIER = SigningKey.generate(Use.CARRIER), SigningKey.generate(Use.CARRIER)
GRANT = SigningKey.generate(Use.GRANT)
BUNDLE = TrustBundle(
    v=1,
    serial=7,
    from_at=1000,
    to_at=9000,
    keys=[
        trusted(OLD_CARRIER.public, 1000, 4999),
        trusted(CARRIER.public, 5000, 9000),
        trusted(GRANT.public, 1000, 20_000),
    ],
    revoked=[],
)
SIGNED = issue_bundle(BUNDLE, ROOT)
quick = settings(deadline=None, max_examples=100)


def test_a_bundle_reads_back_and_finds_its_keys() -> None:
    bundle = read_bundle(SIGNED, ROOT.public)

    assert bundle == BUNDLE
    assert CARRIER.public == bundle.key(Use.CARRIER, 6000)
    assert OLD_CARRIER.public == bundle.key(Use.CARRIER, 2000)


@pytest.mark.parametrize(
    ("at", "known"), [(999, 0), (1000, 2), (4999, 2), (5000, 2), (9000, 2), (9001, 0)]
)
def test_a_key_is_believed_from_its_first_to_its_last_instant(at: int, known: int) -> None:
    assert known == len(BUNDLE.believed(at))


def test_a_key_outside_the_bundle_s_own_window_is_not_believed() -> None:
    with pytest.raises(BadSignature):
        BUNDLE.key(Use.GRANT, 9001)


def test_a_revoked_key_is_not_believed() -> None:
    bundle = msgspec.structs.replace(BUNDLE, revoked=[GRANT.public.id])

    with pytest.raises(BadSignature):
        bundle.key(Use.GRANT, 6000)


def test_a_use_nobody_has_or_two_have_finds_no_key() -> None:
    twice = msgspec.structs.replace(BUNDLE, keys=[*BUNDLE.keys, trusted(CARRIER.public, 1, 9000)])

    with pytest.raises(BadSignature):
        BUNDLE.key(Use.WITNESS, 6000)
    with pytest.raises(BadSignature):
        twice.key(Use.CARRIER, 6000)


def test_a_key_under_another_use_has_another_id() -> None:
    """A bundle that calls the grant key a carrier key makes no signature of it count as such."""
    line = TrustedKey("carrier", base64_of(GRANT.public.der), 1000, 9000)
    bundle = msgspec.structs.replace(BUNDLE, keys=[line])

    assert GRANT.public.id != bundle.key(Use.CARRIER, 6000).id


def test_older_bundle_put_in_place_of_the_newer() -> None:
    with pytest.raises(Conflict):
        read_bundle(SIGNED, ROOT.public, known_serial=8)
    assert read_bundle(SIGNED, ROOT.public, known_serial=7) == BUNDLE


def test_bundle_of_another_root() -> None:
    with pytest.raises(BadSignature):
        read_bundle(SIGNED, SigningKey.generate(Use.ROOT).public)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.ROOT])
def test_a_right_signature_of_a_key_of_another_kind_is_refused(use: Use) -> None:
    signer = SigningKey.of(use, ROOT.private)

    with pytest.raises(BadSignature):
        issue_bundle(BUNDLE, signer)
    with pytest.raises(BadSignature):
        read_bundle(sign(canonical(BUNDLE), trust.TYPE, [signer]), ROOT.public)
    with pytest.raises(BadSignature):
        read_bundle(sign(canonical(BUNDLE), trust.TYPE, [signer]), signer.public)


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 2},
        {"keys": [TrustedKey("king", base64_of(GRANT.public.der), 1, 2)]},
        {"keys": [TrustedKey("grant", "no base64", 1, 2)]},
        {"keys": [TrustedKey("grant", base64_of(b"no key"), 1, 2)]},
    ],
)
def test_a_bundle_with_an_impossible_line_is_refused_whole(fields: dict[str, object]) -> None:
    bundle = msgspec.structs.replace(BUNDLE, **fields)

    with pytest.raises(BadFormat):
        read_bundle(sign(canonical(bundle), trust.TYPE, [ROOT]), ROOT.public)


@pytest.mark.parametrize(("field", "value"), [("serial", -1), ("from_at", 2**53), ("to_at", 1.5)])
def test_a_number_that_libraries_read_differently_is_refused(field: str, value: object) -> None:
    payload = json.dumps({**msgspec.to_builtins(BUNDLE), field: value}, sort_keys=True)

    with pytest.raises(BadFormat):
        read_bundle(sign(payload.replace(" ", "").encode(), trust.TYPE, [ROOT]), ROOT.public)


@quick
@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 7))
def test_flip_any_bit_of_a_bundle(at: int, bit: int) -> None:
    changed = bytearray(SIGNED)
    changed[at] ^= 1 << bit

    with pytest.raises((BadFormat, BadSignature)):
        read_bundle(bytes(changed), ROOT.public)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_rightly_signed_are_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        read_bundle(sign(data, trust.TYPE, [ROOT]), ROOT.public)
