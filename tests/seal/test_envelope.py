"""Signed envelopes: one spelling, one use a key, and nothing half believed."""

from __future__ import annotations

import base64
import json

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature
from azukari.seal.envelope import (
    MAX_BYTES,
    PublicKey,
    SigningKey,
    Use,
    base64_of,
    canonical,
    key_id,
    open_signed,
    parse,
    peek,
    sign,
    unbase64,
)

TYPE = "application/vnd.azukari.trial.v1+json"
ONE, TWO = SigningKey.generate(Use.ENROL), SigningKey.generate(Use.PERSON)
PAYLOAD = b'{"n":1,"text":"\xe9\xa0\x90\xe3\x81\x8b\xe3\x82\x8a"}'
SIGNED = sign(PAYLOAD, TYPE, [ONE])
REFUSED = (BadFormat, BadSignature)
quick = settings(deadline=None, max_examples=150)


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A small document."""

    n: int
    text: str
    inner: dict[str, list[str]] = {}


def believing(*keys: SigningKey) -> dict[str, PublicKey]:
    return {key.public.id: key.public for key in keys}


def opened(envelope: bytes, *keys: SigningKey) -> bytes:
    return open_signed(envelope, TYPE, believing(*keys).get)[0]


def rewritten(envelope: bytes, **fields: object) -> bytes:
    """The envelope with other fields, in canonical spelling."""
    return canonical({**json.loads(envelope), **fields})


def test_what_was_signed_is_given_back_with_its_keys() -> None:
    payload, keys = open_signed(sign(PAYLOAD, TYPE, [ONE, TWO]), TYPE, believing(ONE, TWO).get)

    assert payload == PAYLOAD
    assert (ONE.public, TWO.public) == keys


@quick
@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 7))
def test_flip_any_bit_of_an_envelope(at: int, bit: int) -> None:
    changed = bytearray(SIGNED)
    changed[at] ^= 1 << bit

    with pytest.raises(REFUSED):
        opened(bytes(changed), ONE)


@quick
@given(st.binary(max_size=300))
def test_any_bytes_as_an_envelope_are_refused(data: bytes) -> None:
    with pytest.raises(REFUSED):
        opened(data, ONE)
    with pytest.raises(BadFormat):
        peek(data)


def test_signed_by_a_key_nobody_believes() -> None:
    with pytest.raises(BadSignature):
        opened(SIGNED, TWO)


def test_one_unknown_signature_refuses_the_whole() -> None:
    with pytest.raises(BadSignature):
        opened(sign(PAYLOAD, TYPE, [ONE, TWO]), ONE)


def test_no_signature_at_all() -> None:
    with pytest.raises(BadSignature):
        opened(rewritten(SIGNED, signatures=[]), ONE)


def test_the_same_key_twice_does_not_count_as_two() -> None:
    with pytest.raises(BadSignature):
        opened(sign(PAYLOAD, TYPE, [ONE, ONE]), ONE)


def test_too_many_signatures_are_not_even_looked_at() -> None:
    keys = [SigningKey.generate(Use.PERSON) for _ in range(17)]

    with pytest.raises(BadSignature):
        opened(sign(PAYLOAD, TYPE, keys), *keys)


def test_signed_as_another_type() -> None:
    with pytest.raises(BadSignature):
        open_signed(SIGNED, TYPE + "x", believing(ONE).get)
    with pytest.raises(BadSignature):
        open_signed(rewritten(SIGNED, payloadType=TYPE + "x"), TYPE + "x", believing(ONE).get)


def test_payload_put_under_another_signature() -> None:
    other = json.loads(sign(b'{"n":2,"text":""}', TYPE, [ONE]))

    with pytest.raises(BadSignature):
        opened(rewritten(SIGNED, payload=other["payload"]), ONE)


def test_signature_under_the_id_of_another_key() -> None:
    marks = json.loads(SIGNED)["signatures"]
    marks[0]["keyid"] = TWO.public.id

    with pytest.raises(BadSignature):
        opened(rewritten(SIGNED, signatures=marks), ONE, TWO)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length(length: int) -> None:
    marks = json.loads(SIGNED)["signatures"]
    marks[0]["sig"] = base64_of(bytes(length))

    with pytest.raises(BadSignature):
        opened(rewritten(SIGNED, signatures=marks), ONE)


def test_type_and_payload_cannot_trade_bytes() -> None:
    """The signed message counts both, so `ab`+`c` is not `a`+`bc`."""
    envelope = sign(b"c" + PAYLOAD, TYPE, [ONE])

    with pytest.raises(BadSignature):
        opened(rewritten(envelope, payloadType=TYPE, payload=base64_of(PAYLOAD)), ONE)


def test_an_envelope_larger_than_any_document_is_refused_on_both_sides() -> None:
    with pytest.raises(BadFormat):
        sign(bytes(MAX_BYTES), TYPE, [ONE])
    with pytest.raises(BadFormat):
        opened(b" " * (MAX_BYTES + 1), ONE)


def test_a_document_larger_than_any_is_refused_however_well_spelled() -> None:
    with pytest.raises(BadFormat):
        parse(canonical(Trial(1, "x" * MAX_BYTES)), Trial)


# --- one spelling

trials = st.builds(
    Trial,
    st.integers(0, 2**53 - 1),
    st.text(max_size=20),
    st.dictionaries(st.text(max_size=5), st.lists(st.text(max_size=5), max_size=3), max_size=3),
)


@quick
@given(trials)
def test_a_document_reads_back_from_its_one_spelling(trial: Trial) -> None:
    assert trial == parse(canonical(trial), Trial)


@quick
@given(trials, st.booleans(), st.booleans())
def test_no_other_spelling_of_python_json_means_the_same(
    trial: Trial, ascii_only: bool, spaced: bool
) -> None:
    ours = canonical(trial)
    separators = (", ", ": ") if spaced else (",", ":")
    other = json.dumps(msgspec.to_builtins(trial), ensure_ascii=ascii_only, separators=separators)
    theirs = other.encode("utf-8", "surrogatepass")

    if theirs == ours:
        assert trial == parse(theirs, Trial)
    else:
        with pytest.raises(BadFormat):
            parse(theirs, Trial)


@quick
@given(trials)
def test_python_json_writes_the_same_bytes_with_sorted_keys(trial: Trial) -> None:
    plain = msgspec.to_builtins(trial)
    theirs = json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    # Only the escapes of control characters may differ; a second reader takes ours as they are.
    assert json.loads(canonical(trial)) == json.loads(theirs)
    if not any(letter < " " for letter in trial.text + "".join(trial.inner)):
        values = "".join("".join(v) for v in trial.inner.values())
        if not any(letter < " " for letter in values):
            assert theirs.encode() == canonical(trial)


@quick
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_parse_or_are_refused(data: bytes) -> None:
    try:
        trial = parse(data, Trial)
    except BadFormat:
        return
    assert data == canonical(trial)


@pytest.mark.parametrize(
    "data",
    [
        b'{"inner":{},"n":1,"n":1,"text":""}',
        b'{"inner":{},"n":1,"n":2,"text":""}',
        b'{"inner":{"a":[],"a":[]},"n":1,"text":""}',
        b'{"inner":{},"n":1,"text":"","text":""}',
    ],
)
def test_duplicate_keys_are_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        parse(data, Trial)


@pytest.mark.parametrize(
    "data",
    [
        b'{"inner":{},"n":1,"text":""} ',
        b'\xef\xbb\xbf{"inner":{},"n":1,"text":""}',
        b'{"inner":{},"n":1,"text":""}\n',
        b'{"n":1,"inner":{},"text":""}',
        b'{"n":1,"text":""}',  # a field with a default, left out
        b'{"inner":{},"n":1.0,"text":""}',
        b'{"inner":{},"n":1e0,"text":""}',
        b'{"inner":{},"n":01,"text":""}',
        b'{"inner":{},"n":-0,"text":""}',
        b'{"inner":{},"n":true,"text":""}',
        b'{"inner":{},"n":"1","text":""}',
        b'{"inner":null,"n":1,"text":""}',
        b'{"inner":{},"n":1,"text":"\\u0041"}',
        b'{"inner":{},"n":1,"text":"\\/"}',
        b'{"inner":{},"n":1,"text":"\\ud800"}',
        b'{"inner":{},"n":1,"text":"\xed\xa0\x80"}',
        b'{"inner":{},"n":1,"text":"\xc0\x80"}',
        b'{"extra":1,"inner":{},"n":1,"text":""}',
        b'{"inner":{},"n":' + b"9" * 5000 + b',"text":""}',
        b'{"inner":' + b"[" * 100_000,
        b'{"inner":' + b'{"a":' * 100_000,
        b"[1]",
        b"null",
        b"",
    ],
)
def test_every_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        parse(data, Trial)


@pytest.mark.parametrize("text", ["QQ", "QQ=", "QR==", "QQ==\n", " QQ==", "QQ==QQ==", "-_==", "Ａ"])
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(BadFormat):
        unbase64(text)


@quick
@given(st.binary(max_size=100))
def test_base64_reads_back(data: bytes) -> None:
    assert data == unbase64(base64_of(data)) == base64.b64decode(base64_of(data))


# --- keys


def test_a_key_of_two_uses_has_two_ids() -> None:
    der = ONE.public.der

    assert len(Use) == len({key_id(use, der) for use in Use})


def test_a_use_and_a_key_cannot_trade_bytes() -> None:
    assert key_id("log", b"/keys") != key_id("log/keys", b"")


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()).public_key(),
        rsa.generate_private_key(65537, 2048).public_key(),
    ],
)
def test_a_signing_key_of_another_kind_of_mathematics_is_refused(
    key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
) -> None:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    with pytest.raises(BadFormat):
        PublicKey.load(Use.PERSON, der)


@quick
@given(st.binary(max_size=60))
def test_any_bytes_as_a_public_key_are_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        PublicKey.load(Use.PERSON, data)


def _eighths() -> list[int]:
    """The y of the points of order 8: roots of d y⁴ + 2 y² = 1, found by hand as RFC 8032 does."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    i = pow(2, (p - 1) // 4, p)
    found = set[int]()
    for plus in (1, -1):
        root = pow(1 + d, (p + 3) // 8, p)
        root = root if root * root % p == (1 + d) % p else root * i % p
        square = (plus * root - 1) * pow(d, -1, p) % p
        y = pow(square, (p + 3) // 8, p)
        for one in (y, y * i % p):
            if one * one % p == square:
                found |= {one, p - one}
    return sorted(found)


def test_attack_a_key_under_which_anybodys_signature_is_right() -> None:
    p = 2**255 - 19
    weak = [0, 1, p - 1, p, p + 1, p + 18, *_eighths()]
    header = ONE.public.der[:-32]

    assert 8 == len(weak)
    for y in weak:
        for sign_bit in (0, 1 << 255):
            with pytest.raises(BadFormat):
                PublicKey.load(Use.PERSON, header + (y | sign_bit).to_bytes(32, "little"))


def test_a_loaded_key_is_the_key_it_was() -> None:
    assert ONE.public == PublicKey.load(Use.ENROL, ONE.public.der)


def test_a_signing_key_shows_its_id_and_never_itself() -> None:
    secret = ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32)

    shown = repr(SigningKey.of(Use.PERSON, secret))

    assert f"<person signing key {PublicKey.of(Use.PERSON, secret.public_key()).id}>" == shown
