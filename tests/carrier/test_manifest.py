"""The envelope: one spelling, one signature of one kind, no part outside the folder."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.carrier.manifest import (
    PAGES,
    SUITE,
    TYPE,
    Envelope,
    EnvelopePart,
    claimed_carrier,
    envelope_hash,
    finder_pages,
    read_envelope,
    seal_envelope,
)
from azukari.errors import AzukariError, BadFormat, BadSignature
from azukari.names import new_id
from azukari.seal.envelope import PublicKey, SigningKey, Use, canonical, sign

KEY = SigningKey.generate(Use.CARRIER)
HEX = "0" * 64


def part(name: str, **changed: Any) -> EnvelopePart:
    said: dict[str, Any] = {
        "id": name,
        "bytes": 65_536,
        "sha256": HEX,
        "head": "28" + "0" * 78,
        "commit": HEX,
    }
    return EnvelopePart(**(said | changed))


ENVELOPE = Envelope(
    1, new_id(), "C-7Q4M-2K", SUITE, [part("0042"), part("m")], dict.fromkeys(PAGES, HEX)
)


def believed(*keys: SigningKey) -> Any:
    known: dict[str, PublicKey] = {key.public.id: key.public for key in keys}
    return known.get


def test_an_envelope_comes_back() -> None:
    raw = seal_envelope(ENVELOPE, KEY)

    assert ENVELOPE == read_envelope(raw, believed(KEY))
    assert ENVELOPE.carrier == claimed_carrier(raw)
    assert 64 == len(envelope_hash(raw))
    assert part("m") == ENVELOPE.part("m")
    with pytest.raises(BadFormat):
        ENVELOPE.part("0001")


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.CARRIER])
def test_a_right_signature_of_the_wrong_kind(use: Use) -> None:
    other = SigningKey.of(use, KEY.private)
    raw = sign(canonical(ENVELOPE), TYPE, [other])

    with pytest.raises(BadSignature):
        read_envelope(raw, believed(other, KEY))


def test_a_key_nobody_believes_and_two_signatures() -> None:
    stranger = SigningKey.generate(Use.CARRIER)

    with pytest.raises(BadSignature):
        read_envelope(seal_envelope(ENVELOPE, stranger), believed(KEY))
    with pytest.raises(BadSignature):
        read_envelope(sign(canonical(ENVELOPE), TYPE, [KEY, stranger]), believed(KEY, stranger))


@pytest.mark.parametrize(
    "name", ["../../etc", "envelope", "00042", "004", "M", "", "0042/..", "００４２"]
)
def test_parts_named_outside_the_folder(name: str) -> None:
    wrong = replace(ENVELOPE, parts=sorted([part(name), part("m")], key=lambda p: p.id))

    with pytest.raises(BadFormat):
        read_envelope(seal_envelope(wrong, KEY), believed(KEY))


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"suite": "ROT13"},
        {"carrier": "c"},
        {"parts": []},
        {"parts": [part("0042")]},
        {"parts": [part("m"), part("0042")]},
        {"parts": [part("0042"), part("0042"), part("m")]},
        {"parts": [part("m", sha256="0" * 63)]},
        {"parts": [part("m", sha256="G" * 64)]},
        {"parts": [part("m", commit="")]},
        {"parts": [part("m", bytes=-1)]},
        {"pages": {}},
        {"pages": {"READ-ME.txt": HEX, "autorun.inf": HEX}},
    ],
)
def test_an_envelope_that_no_sealing_writes(changed: dict[str, Any]) -> None:
    raw = seal_envelope(replace(ENVELOPE, **changed), KEY)

    with pytest.raises(BadFormat):
        read_envelope(raw, believed(KEY))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_flipped_byte_is_refused(data: st.DataObject) -> None:
    raw = seal_envelope(ENVELOPE, KEY)
    at, bit = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(0, 7))
    wrong = raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :]

    with pytest.raises(AzukariError):
        read_envelope(wrong, believed(KEY))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(AzukariError):
        read_envelope(raw, believed(KEY))
    with pytest.raises(AzukariError):
        claimed_carrier(raw)


def test_the_finders_pages_say_whom_to_call_and_nothing_of_the_content() -> None:
    pages = finder_pages("C-7Q4M-2K", "00-0000-0000")

    assert set(PAGES) == set(pages)
    for text in pages.values():
        said = text.decode("utf-8-sig")
        assert "C-7Q4M-2K" in said
        assert "00-0000-0000" in said
        assert "\r\n" in said
