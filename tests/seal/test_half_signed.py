"""Half-signed documents: each hand signs on its own machine, and nobody believes a half."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier import statement
from azukari.errors import AzukariError, BadFormat, BadSignature
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, SigningKey, Use

GIVER, TAKER = SigningKey.generate(Use.PERSON), SigningKey.generate(Use.PERSON)
ORDER, ENROL = SigningKey.generate(Use.ORDER), SigningKey.generate(Use.ENROL)
KEYS = {one.public.id: one.public for one in (GIVER, TAKER, ORDER, ENROL)}


def key_of(key: str) -> PublicKey | None:
    return KEYS.get(key)


def step() -> doc.HandOver:
    return doc.HandOver(
        id=new_id(),
        carrier=new_id(),
        envelope_sha256="00" * 32,
        giver=new_id(),
        taker=new_id(),
        at=1,
        due_at=2,
        step="hand-over",
    )


def test_two_hands_on_two_machines_make_one_document() -> None:
    document = step()

    half = doc.start(document, GIVER)
    whole = doc.add_signature(half, TAKER)

    assert doc.is_half(half)
    assert not doc.is_half(whole)
    assert document == doc.read(whole, doc.HandOver, key_of).document
    assert doc.issue(document, GIVER, TAKER) == whole


def test_a_half_signed_document_is_believed_nowhere() -> None:
    half = doc.start(step(), GIVER)

    with pytest.raises(BadSignature):
        doc.read(half, doc.HandOver, key_of)


def test_a_whole_document_is_no_half() -> None:
    with pytest.raises(BadSignature):
        doc.read_half(doc.issue(step(), GIVER, TAKER), doc.HandOver, key_of)
    with pytest.raises(BadSignature):
        doc.start(step(), GIVER, TAKER)
    with pytest.raises(BadSignature):
        doc.start(step())


def test_one_hand_cannot_be_both() -> None:
    with pytest.raises(BadSignature):
        doc.add_signature(doc.start(step(), GIVER), GIVER)


@pytest.mark.parametrize("wrong", [ORDER, ENROL])
def test_a_key_of_another_use_adds_nothing(wrong: SigningKey) -> None:
    with pytest.raises(BadSignature):
        doc.start(step(), wrong)
    with pytest.raises(BadSignature):
        doc.add_signature(doc.start(step(), GIVER), wrong)


def test_a_third_signature_is_one_too_many() -> None:
    third = SigningKey.generate(Use.PERSON)

    with pytest.raises(BadSignature):
        doc.add_signature(doc.issue(step(), GIVER, TAKER), third)


def test_a_half_signed_by_a_stranger_is_not_read() -> None:
    stranger = SigningKey.generate(Use.PERSON)

    with pytest.raises(BadSignature):
        doc.read_half(doc.start(step(), stranger), doc.HandOver, key_of)


@given(receipt=st.text(), lines=st.lists(st.text()))
@settings(deadline=None)
def test_any_receipt_with_its_journal_comes_back(receipt: str, lines: list[str]) -> None:
    raw = [line.encode("utf-8", "replace") for line in lines]

    data = statement.pack(receipt.encode("utf-8", "replace"), raw)

    assert (receipt.encode("utf-8", "replace"), raw) == statement.unpack(data)


@given(data=st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_statement_in_one_spelling_or_our_error(data: bytes) -> None:
    try:
        found = statement.unpack(data)
    except AzukariError:
        return
    assert statement.pack(*found) == data


@pytest.mark.parametrize(
    "data",
    [
        b'{"journal":[],"receipt":"","v":2,"word":"receipt-with-journal"}',
        b'{"journal":[],"receipt":"","v":1,"word":"receipt"}',
        b'{"journal": [],"receipt":"","v":1,"word":"receipt-with-journal"}',
        b'{"journal":["\\ud800"],"receipt":"","v":1,"word":"receipt-with-journal"}',
    ],
)
def test_another_version_or_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(BadFormat):
        statement.unpack(data)
