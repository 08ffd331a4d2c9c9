"""Grants: one device, one one-time key, one signature of the key service."""

from __future__ import annotations

import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature, WrongKey
from azukari.names import id_of
from azukari.seal import grant
from azukari.seal.envelope import SigningKey, Use, base64_of, canonical, sign
from azukari.seal.grant import (
    QR_BYTES,
    GrantBody,
    PartKey,
    open_grant,
    open_subject,
    p256_der,
    p256_public,
    read_grant,
    seal_grant,
    seal_subject,
)

SERVICE = SigningKey.generate(Use.GRANT)
ONE_TIME = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
ONE_TIME_ID = id_of(b"o" * 16)
JOURNAL = ec.generate_private_key(ec.SECP256R1())
BODY = GrantBody(
    v=1,
    grant=id_of(b"g" * 16),
    carrier=id_of(b"c" * 16),
    envelope="0" * 64,
    order=id_of(b"r" * 16),
    device=id_of(b"d" * 16),
    person=id_of(b"p" * 16),
    person_key=id_of(b"k" * 16),
    role="call-centre",
    parts=[PartKey(id_of(bytes([n]) * 16), base64_of(bytes([n]) * 32)) for n in range(6)],
    not_before=1_655_776_800_000,
    not_after=1_655_863_200_000,
    journal_key=base64_of(p256_der(JOURNAL.public_key())),
    chain_length=1_000_000,
    chain_head="f" * 64,
)
PAPER = seal_grant(BODY, ONE_TIME_ID, p256_der(ONE_TIME.public_key()), SERVICE)
REFUSED = (BadFormat, BadSignature, WrongKey)
quick = settings(deadline=None, max_examples=100)


def opened(paper: bytes, private: ec.EllipticCurvePrivateKey = ONE_TIME) -> GrantBody:
    return open_grant(read_grant(paper, SERVICE.public), private)


def test_the_device_reads_what_was_granted() -> None:
    assert opened(PAPER) == BODY


def test_a_grant_of_six_parts_fits_one_qr_code() -> None:
    assert len(PAPER) < QR_BYTES


def test_outside_stand_only_five_things() -> None:
    """No carrier, device, person or date: a copied paper tells nothing of them."""
    outer = read_grant(PAPER, SERVICE.public)

    assert {"v", "grant", "key", "suite", "sealed"} == set(msgspec.to_builtins(outer))
    for inside in (BODY.carrier, BODY.device, BODY.person, BODY.order, BODY.role):
        assert inside.encode() not in PAPER


def test_grant_on_another_device() -> None:
    with pytest.raises(WrongKey):
        opened(PAPER, OTHER)


@pytest.mark.parametrize("field", ["grant", "key"])
def test_one_letter_of_the_info_is_another(field: str) -> None:
    """The grant's id and the one-time key's are bound into the sealing, not only signed."""
    outer = read_grant(PAPER, SERVICE.public)
    value = getattr(outer, field)
    changed = msgspec.structs.replace(
        outer, **{field: ("1" if value[0] == "0" else "0") + value[1:]}
    )

    with pytest.raises(WrongKey):
        open_grant(changed, ONE_TIME)


@quick
@given(st.integers(0, 39), st.integers(0, 7))
def test_one_bit_of_the_info_is_another(at: int, bit: int) -> None:
    info = bytearray(grant._info(BODY.grant, ONE_TIME_ID))
    info[at] ^= 1 << bit
    sealed = grant._HPKE.encrypt(canonical(BODY), ONE_TIME.public_key(), info=bytes(info))
    outer = grant.SealedGrant(1, BODY.grant, ONE_TIME_ID, grant.SUITE, base64_of(sealed))

    with pytest.raises(WrongKey):
        open_grant(outer, ONE_TIME)


@quick
@given(st.integers(0, len(PAPER) - 1), st.integers(0, 7))
def test_flip_any_bit_of_a_grant(at: int, bit: int) -> None:
    changed = bytearray(PAPER)
    changed[at] ^= 1 << bit

    with pytest.raises((BadFormat, BadSignature)):
        read_grant(bytes(changed), SERVICE.public)


@quick
@given(st.binary(max_size=300))
def test_any_bytes_as_a_grant_are_refused(data: bytes) -> None:
    with pytest.raises((BadFormat, BadSignature)):
        read_grant(data, SERVICE.public)


@quick
@given(st.binary(max_size=300))
def test_any_bytes_as_sealed_inside_are_refused(data: bytes) -> None:
    outer = grant.SealedGrant(1, BODY.grant, ONE_TIME_ID, grant.SUITE, base64_of(data))

    with pytest.raises(REFUSED):
        open_grant(outer, ONE_TIME)


@pytest.mark.parametrize("sealed", ["no base64", "QR==", "…"])
def test_an_inside_that_is_no_base64_is_refused(sealed: str) -> None:
    outer = grant.SealedGrant(1, BODY.grant, ONE_TIME_ID, grant.SUITE, sealed)

    with pytest.raises(BadFormat):
        open_grant(outer, ONE_TIME)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_rightly_sealed_are_refused(data: bytes) -> None:
    sealed = grant._HPKE.encrypt(
        data, ONE_TIME.public_key(), info=grant._info(BODY.grant, ONE_TIME_ID)
    )
    outer = grant.SealedGrant(1, BODY.grant, ONE_TIME_ID, grant.SUITE, base64_of(sealed))

    with pytest.raises(BadFormat):
        open_grant(outer, ONE_TIME)


def test_grant_with_edited_dates() -> None:
    """Nobody but the key service can sign a longer window, even who knows all that is inside."""
    longer = msgspec.structs.replace(BODY, not_after=BODY.not_after + 86_400_000)
    forger = SigningKey.generate(Use.GRANT)
    paper = seal_grant(longer, ONE_TIME_ID, p256_der(ONE_TIME.public_key()), forger)

    with pytest.raises(BadSignature):
        opened(paper)


def test_inside_of_one_grant_in_the_outside_of_another() -> None:
    body = msgspec.structs.replace(BODY, grant=id_of(b"x" * 16))
    info = grant._info(BODY.grant, ONE_TIME_ID)
    sealed = grant._HPKE.encrypt(canonical(body), ONE_TIME.public_key(), info=info)
    outer = grant.SealedGrant(1, BODY.grant, ONE_TIME_ID, grant.SUITE, base64_of(sealed))

    with pytest.raises(BadFormat):
        open_grant(outer, ONE_TIME)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.GRANT])
def test_a_right_signature_of_a_key_of_another_kind_is_refused(use: Use) -> None:
    signer = SigningKey.of(use, SERVICE.private)
    with pytest.raises(BadSignature):
        read_grant(PAPER, signer.public)

    paper = sign(canonical(read_grant(PAPER, SERVICE.public)), grant.TYPE, [signer])
    with pytest.raises(BadSignature):
        read_grant(paper, SERVICE.public)
    with pytest.raises(BadSignature):
        read_grant(paper, signer.public)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.GRANT])
def test_only_a_grant_key_seals_grants(use: Use) -> None:
    with pytest.raises(BadSignature):
        seal_grant(BODY, ONE_TIME_ID, p256_der(ONE_TIME.public_key()), SigningKey.generate(use))


@pytest.mark.parametrize(("field", "value"), [("v", 2), ("suite", "XWING"), ("suite", "")])
def test_another_version_or_suite_is_refused(field: str, value: object) -> None:
    outer = msgspec.structs.replace(read_grant(PAPER, SERVICE.public), **{field: value})

    with pytest.raises(BadFormat):
        read_grant(sign(canonical(outer), grant.TYPE, [SERVICE]), SERVICE.public)


def test_the_same_grant_sealed_twice_is_not_the_same_paper() -> None:
    again = seal_grant(BODY, ONE_TIME_ID, p256_der(ONE_TIME.public_key()), SERVICE)

    assert json.loads(PAPER)["payload"] != json.loads(again)["payload"]


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        x25519.X25519PrivateKey.generate().public_key(),
    ],
)
def test_a_one_time_key_on_another_curve_is_refused(
    key: ec.EllipticCurvePublicKey | x25519.X25519PublicKey,
) -> None:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(BadFormat):
        p256_public(der)


@quick
@given(st.binary(max_size=100))
def test_any_bytes_as_a_one_time_key_are_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        p256_public(data)


# --- the journal's subjects


@quick
@given(st.integers(-1, 2**31))
def test_a_subject_reads_back_at_the_city_and_only_there(position: int) -> None:
    sealed = seal_subject(position, p256_der(JOURNAL.public_key()), "device|7")

    assert position == open_subject(sealed, JOURNAL, "device|7")
    with pytest.raises(WrongKey):
        open_subject(sealed, OTHER, "device|7")
    with pytest.raises(WrongKey):
        open_subject(sealed, JOURNAL, "device|8")


def test_nobody_and_somebody_have_one_length() -> None:
    der = p256_der(JOURNAL.public_key())

    assert len({len(seal_subject(n, der, "x")) for n in (-1, 0, 465_176)}) == 1


@quick
@given(st.binary(max_size=120))
def test_any_bytes_as_a_subject_are_refused(data: bytes) -> None:
    with pytest.raises(WrongKey):
        open_subject(data, JOURNAL, "x")


@quick
@given(st.binary(max_size=20).filter(lambda data: len(data) != 8))
def test_a_subject_of_another_length_is_refused(data: bytes) -> None:
    sealed = grant._HPKE.encrypt(data, JOURNAL.public_key(), info=b"azukari/subject/1\0x")

    with pytest.raises(BadFormat):
        open_subject(sealed, JOURNAL, "x")
