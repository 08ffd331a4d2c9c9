"""What is said of an alarm, signed: by the office to a program that listens, by who answers.

`Raised` is posted to whoever the city chose, under a key made for nothing else.  `Answer` is one
person's word that they have taken it up.  Neither lets anything out.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from azukari.errors import BadFormat, BadSignature
from azukari.seal.envelope import (
    Count,
    PublicKey,
    Signer,
    Use,
    canonical,
    open_signed,
    parse,
    sign,
)

RAISED: Final = "application/vnd.azukari.alarm.v1+json"
ANSWER: Final = "application/vnd.azukari.alarm-answer.v1+json"
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Raised(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rung of one alarm; the id of a message that comes again is the same."""

    v: int = 1
    id: _Word  # of the alarm's act
    log: _Word  # the ledger in which it stands
    what: _Word
    subject: _Word
    label: _Word
    level: Count
    due_at: Count
    raised_at: Count
    since: Annotated[str, msgspec.Meta(max_length=16)]  # empty, done, answered
    repeat: bool  # it may have been sent before


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person has taken up what an alarm tells of."""

    v: int = 1
    alarm: _Word
    subject: _Word
    by: _Word
    at: Count


def issue_raised(raised: Raised, key: Signer) -> bytes:
    """Sign what is posted; refuses a key of another use."""
    _must_be(key.public, Use.ALARM)
    return sign(canonical(raised), RAISED, [key])


def read_raised(document: bytes, key: PublicKey) -> Raised:
    """Verify and read what was posted."""
    _must_be(key, Use.ALARM)
    payload, _ = open_signed(document, RAISED, lambda known: key if known == key.id else None)
    raised = parse(payload, Raised)
    _first_version(raised.v)
    return raised


def issue_answer(answer: Answer, person: Signer) -> bytes:
    """Sign an answer with the person's own key."""
    _must_be(person.public, Use.PERSON)
    return sign(canonical(answer), ANSWER, [person])


def read_answer(document: bytes, key: PublicKey) -> Answer:
    """Verify and read an answer."""
    _must_be(key, Use.PERSON)
    payload, _ = open_signed(document, ANSWER, lambda known: key if known == key.id else None)
    answer = parse(payload, Answer)
    _first_version(answer.v)
    return answer


def _must_be(key: PublicKey, use: Use) -> None:
    if key.use is not use:
        raise BadSignature(f"a key of use {use} is wanted, this is one of use {key.use}")


def _first_version(version: int) -> None:
    if version != 1:
        raise BadFormat("a document of another version")
