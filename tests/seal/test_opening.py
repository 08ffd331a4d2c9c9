"""A person's word that they open: fresh, of one device, grant and head, by a person's key only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from azukari.errors import AzukariError, BadFormat, BadSignature
from azukari.names import id_of
from azukari.seal import opening
from azukari.seal.envelope import SigningKey, Use, base64_of, unbase64
from azukari.seal.opening import Challenge

PERSON = SigningKey.generate(Use.PERSON)
ASKED = Challenge(id_of(b"d" * 16), id_of(b"g" * 16), 7, "f" * 64)


def test_an_answer_is_verified_with_the_persons_key() -> None:
    opening.verify(ASKED, opening.answer(ASKED, PERSON), PERSON.public)


def test_no_two_answers_are_alike() -> None:
    assert opening.answer(ASKED, PERSON) != opening.answer(ASKED, PERSON)


@pytest.mark.parametrize(
    "changed",
    [
        {"device": id_of(b"e" * 16)},
        {"grant": id_of(b"h" * 16)},
        {"chain_length": 8},
        {"chain_head": "e" * 64},
    ],
)
def test_an_answer_serves_no_other_opening(changed: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        opening.verify(replace(ASKED, **changed), opening.answer(ASKED, PERSON), PERSON.public)


def test_another_persons_key_verifies_nothing() -> None:
    with pytest.raises(BadSignature):
        opening.verify(ASKED, opening.answer(ASKED, PERSON), SigningKey.generate(Use.PERSON).public)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.PERSON])
def test_a_key_of_another_kind_opens_nothing(use: Use) -> None:
    other = SigningKey.of(use, PERSON.private)
    with pytest.raises(BadSignature, match="only a person's own key"):
        opening.answer(ASKED, other)
    with pytest.raises(BadSignature, match="only a person's own key"):
        opening.verify(ASKED, opening.answer(ASKED, PERSON), other.public)


def test_any_bit_changed_is_refused() -> None:
    raw = unbase64(opening.answer(ASKED, PERSON))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(BadSignature):
            opening.verify(ASKED, base64_of(changed), PERSON.public)


@pytest.mark.parametrize("answered", ["", "AAAA", "-", "A" * 200])
def test_what_is_no_answer_is_our_error(answered: str) -> None:
    with pytest.raises((BadFormat, BadSignature)):
        opening.verify(ASKED, answered, PERSON.public)


def test_a_challenge_of_no_id_cannot_move_a_border() -> None:
    with pytest.raises(AzukariError):
        opening.answer(replace(ASKED, grant="g\0" + "0" * 24), PERSON)
