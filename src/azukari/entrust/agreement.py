"""Agreements: a chain from the city downwards in which each link may only narrow.

Terms are ordered field by field; `narrows` is that order and `meet` its greatest lower bound, so
what a whole chain allows is one `Terms`.  Lists are sets: neither their order nor a word that
stands twice says anything, and `normal` spells them in one way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Final

from msgspec.structs import replace

from azukari.errors import Conflict
from azukari.seal.documents import Agreement, Terms

TOKEN: Final = "token"  # noqa: S105  a kind of device key: one that nobody can copy


def narrows(child: Terms, parent: Terms) -> bool:
    """May ``child`` stand below ``parent``?  A partial order over terms in their normal form."""
    return (
        set(child.columns) <= set(parent.columns)
        and set(child.purposes) <= set(parent.purposes)
        and set(child.media) <= set(parent.media)
        and child.expires_at <= parent.expires_at
        and (parent.may_re_entrust or not child.may_re_entrust)
        and child.depth <= parent.depth
        and set(child.training) >= set(parent.training)
        and child.approvers >= parent.approvers
        and child.device_key in (parent.device_key, TOKEN)
    )


def meet(one: Terms, other: Terms) -> Terms:
    """The widest terms that narrow both, in their normal form."""
    return Terms(
        columns=_both(one.columns, other.columns),
        purposes=_both(one.purposes, other.purposes),
        media=_both(one.media, other.media),
        expires_at=min(one.expires_at, other.expires_at),
        may_re_entrust=one.may_re_entrust and other.may_re_entrust,
        depth=min(one.depth, other.depth),
        training=sorted({*one.training, *other.training}),
        approvers=max(one.approvers, other.approvers),
        device_key=one.device_key if one.device_key == other.device_key else TOKEN,
    )


def normal(terms: Terms) -> Terms:
    """The same terms in the one spelling that two of the same meaning share."""
    return replace(
        terms,
        columns=sorted(set(terms.columns)),
        purposes=sorted(set(terms.purposes)),
        media=sorted(set(terms.media)),
        training=sorted(set(terms.training)),
    )


def allowed(links: Iterable[Agreement]) -> Terms:
    """What every one of these links allows, of which there is one at least."""
    return reduce(meet, (normal(link.terms) for link in links))


def chain(lowest: str, known: Mapping[str, Agreement]) -> tuple[Agreement, ...]:
    """The links from the city down to ``lowest``; `Conflict` where one is missing or turns back."""
    links: dict[str, Agreement] = {}
    at = lowest
    while at:
        if at not in known or at in links:
            raise Conflict("the chain of agreements is broken")
        links[at] = known[at]
        at = known[at].parent
    return tuple(reversed(links.values()))


def broken(links: Sequence[Agreement], city: str) -> bool:
    """Does some link of a chain not hold on to the one above, or is there no link?"""
    pairs = zip(links, (None, *links), strict=False)
    return not links or not all(holds_on(link, above, city) for link, above in pairs)


def holds_on(link: Agreement, above: Agreement | None, city: str) -> bool:
    """Parties, narrowing, re-entrusting, depth: does a link hold on to the one above, or the city?

    Nothing above means that the city entrusts.
    """
    if above is None:
        return link.entrustor == city and not link.parent
    return (
        link.parent == above.id
        and link.entrustor == above.processor
        and above.terms.may_re_entrust
        and link.terms.depth < above.terms.depth
        and narrows(link.terms, above.terms)
    )


def _both(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return sorted(set(one) & set(other))
