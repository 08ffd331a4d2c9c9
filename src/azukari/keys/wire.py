"""What goes over the line between an office and its key service: questions and answers as bytes.

A question is signed by the office and names a one-time key; its answer is sealed to that key and
signed by the service over the question's digest.  So neither can be read on the way, changed,
swapped for another or sent a second time, whatever carries them.  docs/spec/keys-v1.md has every
byte.  No socket here, and no decision: what is asked is answered in door.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from azukari import errors
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    Refused,
    Unreachable,
    WrongKey,
)
from azukari.keys.client import Sealed
from azukari.names import new_id, raw_id
from azukari.seal import documents
from azukari.seal.envelope import (
    MAX_BYTES,
    Count,
    PublicKey,
    Signer,
    Use,
    base64_of,
    canonical,
    open_signed,
    parse,
    sign,
    unbase64,
)
from azukari.seal.grant import SUITE, p256_der, p256_public

QUESTION: Final = "application/vnd.azukari.keys-question.v1+json"
ANSWER: Final = "application/vnd.azukari.keys-answer.v1+json"
LOSS: Final = "application/vnd.azukari.keys-loss.v1+json"
MAX_MESSAGE: Final = MAX_BYTES
#: What one message carries at most, before base 64 is laid around it three times.
MAX_CONTENT: Final = 1 << 18
_HPKE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="ask"):
    """One thing that is asked; bytes are base 64."""


class Believe(Ask, frozen=True, tag="believe"):
    documents: list[str]


class Create(Ask, frozen=True, tag="create"):
    act: str
    by: str
    carrier: str
    order: str  # empty: it never travels


class Release(Ask, frozen=True, tag="release_to_seal"):
    act: str
    by: str
    carrier: str


class Bind(Ask, frozen=True, tag="bind"):
    act: str
    by: str
    carrier: str
    sealed: Sealed


class Grant(Ask, frozen=True, tag="grant"):
    act: str
    by: str
    asked: str  # the question in its one spelling


class Revoke(Ask, frozen=True, tag="revoke"):
    act: str
    by: str
    carriers: list[str]
    happened: Count | None


class Restore(Ask, frozen=True, tag="restore"):
    act: str
    by: str
    carrier: str
    words: list[str]


class Shred(Ask, frozen=True, tag="shred"):
    act: str
    by: str
    carrier: str


class Erase(Ask, frozen=True, tag="erase"):
    act: str
    by: str
    erasure: str


class Heartbeat(Ask, frozen=True, tag="heartbeat"):
    act: str
    by: str


class Releases(Ask, frozen=True, tag="releases"):
    carrier: str
    start: Count


class Entries(Ask, frozen=True, tag="entries"):
    start: Count


class Checkpoint(Ask, frozen=True, tag="checkpoint"):
    """The signed head; the head itself is read out of it."""


AnyAsk = (
    Believe
    | Create
    | Release
    | Bind
    | Grant
    | Revoke
    | Restore
    | Shred
    | Heartbeat
    | Erase
    | Releases
    | Entries
    | Checkpoint
)
#: Asked by an office whose clock is wrong, these are done all the same.
ANY_CLOCK: Final = (Believe, Revoke, Shred, Releases, Entries, Checkpoint)


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the keys' ledger the office holds, durably; its signature acknowledges it."""

    root: str  # hex
    size: Count


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the office signs."""

    v: int
    id: str  # used once
    at: Count
    to: str  # the id of the service's answer key
    key: str  # P-256, SubjectPublicKeyInfo: the answer is sealed to it
    seen: Seen
    what: AnyAsk


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The inside of an answer: what came of it, or why not."""

    kind: str  # empty: done; else the kind of an error, or one of the two words below
    more: bool  # the list goes on
    reasons: list[str]  # of a refusal; nothing else says why
    result: list[str]


#: Done and written down, but the office has not acknowledged the entry yet.
ACKNOWLEDGE: Final = "acknowledge"
#: Not done: the question is of another time than the service's.
ANOTHER_TIME: Final = "another-time"
#: Errors that cross by their kind; their words do not.
_KINDS: Final[dict[str, type[AzukariError]]] = {
    kind.__name__: kind
    for kind in (
        errors.BadFormat,
        errors.BadSignature,
        errors.ClockBehind,
        errors.Conflict,
        errors.Damaged,
        errors.LedgerBehind,
        errors.LedgerBroken,
        errors.LedgerError,
        errors.LedgerFork,
        errors.Locked,
        errors.NotFound,
        errors.Unreachable,
        errors.WrongKey,
    )
}
_FACTS: Final = {
    "BadFormat": "what was asked is in another form than the key service expects",
    "BadSignature": "the key service does not believe a signature under it",
    "ClockBehind": "the key service's clock and its ledger, or ours, do not agree",
    "Conflict": "the key service did this already, or differently before",
    "Damaged": "the key service's own copy of the key was changed",
    "LedgerBehind": "the key service's ledger lacks what it showed this office or its store",
    "LedgerFork": "the key service's ledger is another than it showed this office or its store",
    "Locked": "the key service is locked: it releases nothing until it is unlocked",
    "NotFound": "the key service knows no such carrier, or its key is destroyed",
    "Unreachable": "the key service cannot reach its own records",
}


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a person's signed declaration: in the clear, for whoever sent it."""

    v: int
    at: Count
    loss: str  # SHA-256 of the declaration as it was sent, hex
    revoked: list[str]  # ids
    left: list[str]  # words that only the office can look up, or that fit nothing
    reasons: list[str]  # of a refusal; then nothing was revoked


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What everybody on the line may read."""

    v: int
    at: Count
    question: str  # SHA-256 of the question as it was sent, hex
    sealed: str  # enc ‖ ciphertext


@dataclass(frozen=True)
class Sent:
    """A question on its way, and what opens its answer."""

    message: bytes
    private: ec.EllipticCurvePrivateKey

    def __repr__(self) -> str:
        return "<a question to the key service>"


def ask(what: AnyAsk, signer: Signer, to: str, seen: Seen, at: int) -> Sent:
    """A fresh question; `BadFormat` where it is longer than one message."""
    if signer.public.use is not Use.ASK:
        raise BadSignature("only an office's ask key signs questions")
    private = ec.generate_private_key(ec.SECP256R1())
    key = base64_of(p256_der(private.public_key()))
    question = Question(1, new_id(), at, to, key, seen, what)
    return Sent(sign(canonical(question), QUESTION, [signer]), private)


def read_question(message: bytes, office: PublicKey, to: str) -> Question:
    """A question to this service, signed by this office; anything else is an error."""
    if office.use is not Use.ASK:
        raise BadSignature("only an office's ask key signs questions")
    payload, _ = open_signed(message, QUESTION, {office.id: office}.get)
    question = parse(payload, Question)
    raw_id(question.id)
    p256_public(unbase64(question.key))
    if question.v != 1 or question.to != to:
        raise BadSignature("a question to another key service, or of another version")
    return question


def answer(message: bytes, question: Question, said: Said, at: int, signer: Signer) -> bytes:
    """Seal what came of a question to its one-time key, and sign it over the question's digest."""
    if signer.public.use is not Use.ANSWER:
        raise BadSignature("only a key service's answer key signs answers")
    of = hashlib.sha256(message).hexdigest()
    key = p256_public(unbase64(question.key))
    sealed = _HPKE.encrypt(canonical(said), key, info=_info(of))
    return sign(canonical(_Answer(1, at, of, base64_of(sealed))), ANSWER, [signer])


def read_answer(message: bytes, sent: Sent, service: PublicKey) -> tuple[Said, int]:
    """What came of our question, and when by the service's clock.

    `BadSignature` for an answer that is not the service's, or to another question.
    """
    if service.use is not Use.ANSWER:
        raise BadSignature("only a key service's answer key signs answers")
    payload, _ = open_signed(message, ANSWER, {service.id: service}.get)
    outer = parse(payload, _Answer)
    of = hashlib.sha256(sent.message).hexdigest()
    if outer.v != 1 or outer.question != of:
        raise BadSignature("an answer to another question")
    try:
        plain = _HPKE.decrypt(unbase64(outer.sealed), sent.private, info=_info(of))
    except (InvalidTag, ValueError):
        raise WrongKey("the answer is not sealed to the key of its question") from None
    return parse(plain, Said), outer.at


def is_loss(message: bytes) -> bool:
    """Does this claim to be a person's declaration, and no question of an office?"""
    try:
        return documents.word_of(message) is documents.Loss
    except BadFormat:
        return False


def digest(message: bytes) -> str:
    """By what an answer names what it answers."""
    return hashlib.sha256(message).hexdigest()


def answer_loss(said: Loss, signer: Signer) -> bytes:
    """Sign what came of a declaration."""
    if signer.public.use is not Use.ANSWER:
        raise BadSignature("only a key service's answer key signs answers")
    return sign(canonical(said), LOSS, [signer])


def read_loss(message: bytes, declaration: bytes, service: PublicKey) -> Loss:
    """What came of this declaration; `BadSignature` for an answer to another, or of another."""
    payload, _ = open_signed(message, LOSS, {service.id: service}.get)
    found = parse(payload, Loss)
    if found.v != 1 or found.loss != digest(declaration) or service.use is not Use.ANSWER:
        raise BadSignature("an answer to another declaration")
    return found


def done(*result: bytes, more: bool = False) -> Said:
    return Said("", more, [], [base64_of(each) for each in result])


def failed(error: AzukariError) -> Said:
    """What crosses of an error: a refusal's reasons, of any other its kind."""
    if isinstance(error, Refused):
        return Said(Refused.__name__, False, list(error.reasons), [])
    known = [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _KINDS]
    return Said(known[0] if known else Unreachable.__name__, False, [], [])


def result(said: Said, what: str) -> list[bytes]:
    """What was asked for, or the error that the service answered with."""
    if said.kind == Refused.__name__ and said.reasons:
        raise Refused(what, said.reasons)
    if said.kind:
        fact = _FACTS.get(said.kind, "the key service's ledger is not what it must be")
        raise _KINDS.get(said.kind, Unreachable)(fact)
    return [unbase64(each) for each in said.result]


def _info(of: str) -> bytes:
    return b"\0".join([b"azukari/keys-answer/1", SUITE.encode(), of.encode()])
