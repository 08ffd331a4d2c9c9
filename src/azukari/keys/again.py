"""Deciding again from documents alone: what whoever pins the city's keys believes.

A reader needs no office and no key service: documents verify exactly as the key service verifies
them, and the same function decides (entrust/may.py).  A document that is kept from a reader can
only turn a yes into a no, but for those that say who no longer counts: the city's newest status
statement names them all, and one that is older than a day is a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from azukari.errors import AzukariError, BadFormat
from azukari.keys.policy import Believed, Pinned, public_text
from azukari.names import raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, canonical, parse, unbase64

PINNED: Final = "pinned.json"  # how the city's keys are named beside the documents
#: Read after all others: a key that counts no more has signed what it signed.
_LAST: Final = (doc.Employment, doc.Suspension, doc.Status)


class _Pinned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The city and its keys, as whoever decides again must know them from elsewhere."""

    city: str
    enrol: str  # SubjectPublicKeyInfo, base64
    order: str
    founders: list[str]  # person keys of the first officers
    v: int = 1


def page(keys: Pinned) -> bytes:
    """The city's id and keys as a file."""
    founders = [public_text(key) for key in keys.founders]
    return canonical(_Pinned(keys.city, public_text(keys.enrol), public_text(keys.order), founders))


def pinned(content: bytes) -> Pinned:
    """The city's id and keys from their file."""
    found = parse(content, _Pinned)
    raw_id(found.city)
    if found.v != 1:
        raise BadFormat("pinned keys of another version")
    return Pinned(
        found.city,
        PublicKey.load(Use.ENROL, unbase64(found.enrol)),
        PublicKey.load(Use.ORDER, unbase64(found.order)),
        tuple(PublicKey.load(Use.PERSON, unbase64(key)) for key in found.founders),
    )


def believe(keys: Pinned, documents: Mapping[str, bytes]) -> tuple[Believed, dict[str, str]]:
    """What these documents make somebody believe who pins these keys, and why not the others.

    In whatever order they come: one may need the key that another enrols.  Days are those that the
    entries state; the key service lets a quiet time run from when it heard of somebody, if later.
    """
    believed, why = Believed(keys), dict[str, str]()
    first = {name: one for name, one in documents.items() if _kind(one) not in _LAST}
    last = {name: one for name, one in documents.items() if name not in first}
    for waiting in (first, last):
        before = -1
        while waiting and len(waiting) != before:
            before = len(waiting)
            for name, envelope in list(waiting.items()):
                try:
                    believed.take(envelope, at=0)
                except AzukariError as error:
                    why[name] = str(error)
                else:
                    del waiting[name]
                    why.pop(name, None)
    return believed, why


def _kind(envelope: bytes) -> type[doc.Document] | None:
    try:
        return doc.word_of(envelope)
    except BadFormat:
        return None
