"""Answering an access review at the processor's own site: its officer says who works for it.

The roster is verified with the city's key that the site pinned.  Imports nothing that holds a
vault: a contractor has none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from azukari.entrust import review
from azukari.errors import BadSignature
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use


def read(envelope: bytes, order_key: PublicKey) -> doc.Roster:
    """The roster the city asks about; signed with its order key."""
    found: doc.Roster = doc.read(envelope, doc.Roster, {order_key.id: order_key}.get).document
    return found


def answer(
    roster: doc.Roster,
    employers: Mapping[str, str],
    removed: Collection[str],
    signer: Signer,
    at: int,
) -> bytes:
    """The officer's half of a review; every person of the roster is answered for.

    ``employers``: person -> the party that pays them, or empty; ``removed``: who needs no access
    any more.  The city checks that the signer is an officer of the roster's party.
    """
    if signer.public.use is not Use.PERSON:
        raise BadSignature("an officer answers with a person's key")
    return doc.start(review.answer(roster, employers, removed, new_id(), at), signer)
