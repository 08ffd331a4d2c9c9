"""Entrusting at a party's own site: a link below is asked for, and signed by the one entrusted.

Imports nothing that holds a vault.  What the city says to it comes back as a whole agreement, or as
a status statement that names it.
"""

from __future__ import annotations

from collections.abc import Mapping

from azukari.entrust import agreement as agreements
from azukari.errors import Conflict, NotFound, Refused
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer


def link_under(
    known: Mapping[str, doc.Agreement],
    city: str,
    parent: str,
    entrustor: str,
    processor: str,
    terms: doc.Terms,
    at: int,
    replaces: str = "",
) -> doc.Agreement:
    """A new link, refused where the chain up to the city would not hold.

    One that renews another stands between the same parties, under the same parent.
    """
    if parent and parent not in known:
        raise NotFound("no such agreement is known here")
    if replaces and replaces not in known:
        raise NotFound("no agreement is known here that could be renewed")
    link = doc.Agreement(
        id=new_id(),
        parent=parent,
        replaces=replaces,
        entrustor=entrustor,
        processor=processor,
        terms=terms,
        from_at=at,
    )
    if replaces:
        old = known[replaces]
        if (old.parent, old.entrustor, old.processor) != (parent, entrustor, processor):
            raise Conflict("an agreement is renewed between its own parties, under its own parent")
    if agreements.broken(agreements.chain(link.id, {**known, link.id: link}), city):
        raise Refused("agreement", ("agreement_widens",))
    return link


def narrow(
    known: Mapping[str, doc.Agreement],
    people: Mapping[str, doc.Person],
    city: str,
    parent: str,
    processor: str,
    terms: doc.Terms,
    hand: tuple[str, Signer],
    at: int,
    replaces: str = "",
) -> bytes:
    """The entrustor's half of a link below one of its own: a request to the city."""
    person, signer = hand
    if parent not in known:
        raise NotFound("no such agreement is known here")
    entrustor = known[parent].processor
    officer = people.get(person)
    if officer is not None and (officer.party != entrustor or "officer" not in officer.roles):
        raise Refused("agreement", ("officer_of_the_party_needed",))
    link = link_under(known, city, parent, entrustor, processor, terms, at, replaces)
    return doc.start(link, signer)
