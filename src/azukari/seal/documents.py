"""Signed documents: what the key service believes.

Each is canonical JSON in a DSSE envelope of type ``application/vnd.azukari.<word>.v1+json``.  The
table `SIGNED_BY` says which uses of keys must stand under which word, and `admitting` which persons
sign an enrolment beside them; a document with another signature, one too few or one too many is
refused.  Instants are integer milliseconds UTC.

Not here: their fields (forms.py), what they permit (entrust/), who checks them (keys/policy.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from azukari.errors import BadFormat, BadSignature
from azukari.names import id_of, raw_id
from azukari.seal import envelope as envelopes
from azukari.seal.envelope import (
    PublicKey,
    Signer,
    Use,
    canonical,
    open_signed,
    parse,
    peek,
    sign,
)
from azukari.seal.forms import (
    Agreement,
    Answered,
    Approval,
    Device,
    Document,
    Employment,
    Enrolled,
    Erasure,
    HandOver,
    Hold,
    Inspection,
    Lift,
    Loss,
    OneTimeKey,
    OneTimeKeys,
    Order,
    OrderedTable,
    Party,
    Person,
    Receipt,
    Restoration,
    Review,
    Reviewed,
    Roster,
    Status,
    Suspension,
    Terms,
    Training,
)

#: The forms stand in a file of their own; whoever speaks of documents finds them here.
__all__ = [
    "SIGNED_BY",
    "Agreement",
    "Answered",
    "Approval",
    "D",
    "Device",
    "Document",
    "Employment",
    "Enrolled",
    "Erasure",
    "HandOver",
    "Hold",
    "Inspection",
    "Lift",
    "Loss",
    "OneTimeKey",
    "OneTimeKeys",
    "Order",
    "OrderedTable",
    "Party",
    "Person",
    "Receipt",
    "Restoration",
    "Review",
    "Reviewed",
    "Roster",
    "Signed",
    "Status",
    "Suspension",
    "Terms",
    "Training",
    "add_signature",
    "admitting",
    "apart",
    "digest",
    "hands",
    "hands_of",
    "is_half",
    "issue",
    "read",
    "read_half",
    "start",
    "unverified",
    "word_of",
]

D = TypeVar("D", bound=Document)

#: Which uses of keys must stand under a document, in any order; for persons and devices those of
#: `admitting` too.
SIGNED_BY: Final[dict[type[Document], tuple[Use, ...]]] = {
    Party: (Use.ENROL,),
    Agreement: (Use.ORDER, Use.PERSON, Use.PERSON),
    Suspension: (Use.ORDER,),
    Person: (Use.ENROL, Use.PERSON),
    Device: (Use.ENROL, Use.RECEIPT),
    Employment: (Use.PERSON,),
    OneTimeKeys: (Use.RECEIPT,),
    Training: (Use.ENROL, Use.PERSON),
    Order: (Use.ORDER, Use.PERSON),
    Approval: (Use.PERSON,),
    HandOver: (Use.PERSON, Use.PERSON),
    Status: (Use.ORDER,),
    Restoration: (Use.PERSON,),
    Loss: (Use.PERSON,),
    Receipt: (Use.RECEIPT,),
    Inspection: (Use.PERSON,),
    Roster: (Use.ORDER,),
    Review: (Use.PERSON, Use.PERSON),
    Erasure: (Use.PERSON, Use.PERSON),
    Hold: (Use.PERSON, Use.PERSON),
    Lift: (Use.PERSON, Use.PERSON),
}
_BY_TYPE: Final = {
    f"application/vnd.azukari.{kind.__name__.lower()}.v1+json": kind for kind in SIGNED_BY
}
_TYPE_OF: Final = {kind: name for name, kind in _BY_TYPE.items()}


@dataclass(frozen=True)
class Signed:
    """A document whose signatures were checked, its envelope and the keys under it."""

    document: Any
    envelope: bytes
    keys: tuple[PublicKey, ...]

    def key(self, use: Use) -> PublicKey:
        """The one key of that use under the document."""
        found = [key for key in self.keys if key.use is use]
        if len(found) != 1:
            raise BadSignature(f"{len(found)} {use} signatures where one is expected")
        return found[0]


def apart(envelope: bytes) -> str:
    """An id from the bytes themselves, for a document whose own id another one came under first."""
    return id_of(hashlib.sha256(b"azukari/apart/1\0" + envelope).digest()[:16])


def digest(document: Document) -> str:
    """SHA-256 of the canonical payload, hex: what approvals and eight words speak of."""
    return hashlib.sha256(canonical(document)).hexdigest()


def issue(document: Document, *signers: Signer) -> bytes:
    """Sign a document; refuses keys of the wrong kind before it signs."""
    _check_uses(document, tuple(s.public for s in signers))
    return sign(canonical(document), _TYPE_OF[type(document)], signers)


def admitting(document: Document) -> frozenset[str]:
    """The persons who sign an enrolment with their own keys; of any other document nobody."""
    if not isinstance(document, Person | Device):
        return frozenset()
    return frozenset({document.vouched_by, *document.enrolled_by})


def start(document: Document, *signers: Signer) -> bytes:
    """Sign a document whose other hands are elsewhere; half-signed, it is believed by nobody."""
    _must_be_half(document, [signer.public for signer in signers])
    return sign(canonical(document), _TYPE_OF[type(document)], signers)


def add_signature(envelope: bytes, signer: Signer) -> bytes:
    """The half-signed document with one signature more; what stands there already is not verified.

    Refuses a key of a use that the document does not ask for, and one signature too many.
    """
    wanted = _wanted(unverified(envelope, word_of(envelope)))
    if signer.public.use not in wanted or not is_half(envelope):
        raise BadSignature(f"this document is not waiting for a {signer.public.use} key")
    return envelopes.add_signature(envelope, signer)


def is_half(envelope: bytes) -> bool:
    """Does it claim fewer signatures than the document needs?"""
    given, needed = hands(envelope)
    return given < needed


def hands(envelope: bytes) -> tuple[int, int]:
    """How many signatures a document claims, and how many it needs; nothing is verified."""
    needed = _wanted(unverified(envelope, word_of(envelope))).total()
    return len(envelopes.signers_of(envelope)), needed


def read_half(
    envelope: bytes, kind: type[Document], key_of: Callable[[str], PublicKey | None]
) -> Signed:
    """A half-signed document and the keys under it so far, verified: to add one, no more."""
    payload, keys = open_signed(envelope, _TYPE_OF[kind], key_of)
    document = _parsed(payload, kind)
    _must_be_half(document, keys)
    return Signed(document, envelope, keys)


def hands_of(
    envelope: bytes, key_of: Callable[[str], PublicKey | None]
) -> tuple[tuple[PublicKey, ...], tuple[str, ...]]:
    """The keys under a half-signed document, verified, and the ids of those not known here."""
    _, known, unknown = envelopes.open_partly(envelope, _TYPE_OF[word_of(envelope)], key_of)
    return known, unknown


def word_of(envelope: bytes) -> type[Document]:
    """Which document an envelope claims to hold; nothing is verified."""
    name, _ = peek(envelope)
    if name not in _BY_TYPE:
        raise BadFormat("not a document of this house")
    return _BY_TYPE[name]


def read(envelope: bytes, kind: type[D], key_of: Callable[[str], PublicKey | None]) -> Signed:
    """Verify and read a document of one kind."""
    payload, keys = open_signed(envelope, _TYPE_OF[kind], key_of)
    document = _parsed(payload, kind)
    _check_uses(document, keys)
    return Signed(document, envelope, keys)


def unverified(envelope: bytes, kind: type[D]) -> D:
    """A document as it claims to be, to find out whose key is to be asked for."""
    name, payload = peek(envelope)
    if name != _TYPE_OF[kind]:
        raise BadFormat(f"not a {kind.__name__}")
    return parse(payload, kind)


def _parsed(payload: bytes, kind: type[D]) -> D:
    document = parse(payload, kind)
    if document.v != 1:
        raise BadFormat(f"a {kind.__name__} of another version")
    raw_id(document.id)
    return document


def _wanted(document: Document) -> Counter[Use]:
    """How many keys of each use must stand under this very document."""
    return Counter(SIGNED_BY[type(document)]) + Counter({Use.PERSON: len(admitting(document))})


def _check_uses(document: Document, keys: Iterable[PublicKey]) -> None:
    wanted = _wanted(document)
    if Counter(key.use for key in keys) != wanted:
        said = " and ".join(f"{count} {use}" for use, count in sorted(wanted.items()))
        raise BadSignature(f"a {type(document).__name__} must be signed by {said}")


def _must_be_half(document: Document, keys: Iterable[PublicKey]) -> None:
    given = Counter(key.use for key in keys)
    if not given or not given < _wanted(document):
        word = type(document).__name__
        raise BadSignature(f"a half-signed {word} lacks a signature and has no other")
