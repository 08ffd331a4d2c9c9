"""Two sites introduce themselves: the key service's offer, and the city's answer to it, the pin.

Each is one file with public keys only, signed by those very keys.  That proves that whoever wrote
it has them, and not who that is: people compare the fingerprint by another way, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from azukari.errors import BadFormat, BadSignature
from azukari.ledger.checkpoint import parse_vkey
from azukari.names import id_of, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import (
    PublicKey,
    Signer,
    Use,
    base64_of,
    canonical,
    open_signed,
    parse,
    peek,
    sign,
    unbase64,
)

OFFER: Final = "application/vnd.azukari.keys-offer.v1+json"
PIN: Final = "application/vnd.azukari.keys-pin.v1+json"


class _Offer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    origin: str
    answer: str  # SubjectPublicKeyInfo, base64
    grant: str
    log: str  # the ledger's verifier, one line of text


class _Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    city: str
    to: str  # the id of the answer key that was offered
    enrol: str
    order: str
    ask: str
    documents: list[str]  # the city and its first officers


@dataclass(frozen=True)
class Service:
    """A key service by its public keys."""

    origin: str
    answer: PublicKey
    grant: PublicKey
    log: str


@dataclass(frozen=True)
class City:
    """A city by its public keys, and the first documents it wants believed."""

    city: str
    enrol: PublicKey
    order: PublicKey
    ask: PublicKey
    documents: tuple[bytes, ...]

    @property
    def founders(self) -> tuple[PublicKey, ...]:
        """The person keys of the first officers among the documents: they admit each other."""
        people = [
            doc.unverified(document, doc.Person)
            for document in self.documents
            if doc.word_of(document) is doc.Person
        ]
        return tuple(PublicKey.load(Use.PERSON, unbase64(person.public)) for person in people)


def offer(origin: str, log: str, answer: Signer, grant: Signer) -> bytes:
    """A key service's public keys, signed by the two of them that sign documents."""
    page = _Offer(1, origin, _text(answer.public), _text(grant.public), log)
    return sign(canonical(page), OFFER, [answer, grant])


def read_offer(envelope: bytes) -> Service:
    """An offer signed by the keys it names."""
    page = parse(_claimed(envelope, OFFER), _Offer)
    answer = PublicKey.load(Use.ANSWER, unbase64(page.answer))
    grant = PublicKey.load(Use.GRANT, unbase64(page.grant))
    _must_be_signed(envelope, OFFER, (answer, grant))
    if page.v != 1 or parse_vkey(page.log).name != page.origin:
        raise BadFormat("an offer of another version, or of another ledger")
    return Service(page.origin, answer, grant, page.log)


def pin(
    city: str,
    service: Service,
    enrol: Signer,
    order: Signer,
    ask: Signer,
    documents: Sequence[bytes],
) -> bytes:
    """The keys a key service is to believe, signed by all three of them."""
    page = _Pin(
        1,
        city,
        service.answer.id,
        _text(enrol.public),
        _text(order.public),
        _text(ask.public),
        [base64_of(each) for each in documents],
    )
    return sign(canonical(page), PIN, [enrol, order, ask])


def read_pin(envelope: bytes, answer: PublicKey) -> City:
    """A pin signed by the keys it names, and written for this key service."""
    page = parse(_claimed(envelope, PIN), _Pin)
    keys = {
        use: PublicKey.load(use, unbase64(text))
        for use, text in ((Use.ENROL, page.enrol), (Use.ORDER, page.order), (Use.ASK, page.ask))
    }
    _must_be_signed(envelope, PIN, tuple(keys.values()))
    raw_id(page.city)
    if page.v != 1 or page.to != answer.id:
        raise BadFormat("a pin of another version, or for another key service")
    documents = tuple(unbase64(text) for text in page.documents)
    return City(page.city, keys[Use.ENROL], keys[Use.ORDER], keys[Use.ASK], documents)


def fingerprint(envelope: bytes) -> str:
    """What people compare by another way: 26 letters over the whole file."""
    return id_of(hashlib.sha256(envelope).digest()[:16])


def _claimed(envelope: bytes, kind: str) -> bytes:
    found, payload = peek(envelope)
    if found != kind:
        raise BadFormat("not the file that one site gives the other at set-up")
    return payload


def _must_be_signed(envelope: bytes, kind: str, keys: Sequence[PublicKey]) -> None:
    known = {key.id: key for key in keys}
    if len(known) != len(keys):
        raise BadSignature("one key under two names")
    _, signed = open_signed(envelope, kind, known.get)
    if {key.id for key in signed} != set(known):
        raise BadSignature("every key that is named must sign")


def _text(key: PublicKey) -> str:
    return base64_of(key.der)
