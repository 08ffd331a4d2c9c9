"""Agreements: a chain from the city downwards in which each link may only narrow."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from azukari.errors import Conflict
from azukari.seal.documents import Agreement, Terms


def narrows(child: Terms, parent: Terms) -> bool:
    """May ``child`` stand below ``parent``?  A partial order: reflexive, transitive."""
    return (
        set(child.columns) <= set(parent.columns)
        and set(child.purposes) <= set(parent.purposes)
        and set(child.media) <= set(parent.media)
        and child.expires_at <= parent.expires_at
        and (parent.may_re_entrust or not child.may_re_entrust)
        and child.depth <= parent.depth
        and child.training == parent.training
        and child.approvers >= parent.approvers
        and (child.device_key == parent.device_key or child.device_key == "token")
    )


def chain(lowest: str, known: Mapping[str, Agreement]) -> tuple[Agreement, ...]:
    """The links from the city down to ``lowest``; `Conflict` where one is missing or turns back."""
    links: list[Agreement] = []
    at = lowest
    while at:
        if at not in known or any(link.id == at for link in links):
            raise Conflict("the chain of agreements is broken")
        links.append(known[at])
        at = known[at].parent
    return tuple(reversed(links))


def broken(links: Collection[Agreement], city: str) -> bool:
    """Does some link not hold on to the one above: parties, narrowing, re-entrusting, depth?"""
    above: Agreement | None = None
    for link in links:
        if above is None:
            if link.entrustor != city or link.parent:
                return True
        elif (
            link.parent != above.id
            or link.entrustor != above.processor
            or not above.terms.may_re_entrust
            or link.terms.depth >= above.terms.depth
            or not narrows(link.terms, above.terms)
        ):
            return True
        above = link
    return above is None
