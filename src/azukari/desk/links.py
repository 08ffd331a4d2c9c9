"""The links of the chain after a loss: each party with its own knowledge and so its own clock.

A party's clock begins when it knew.  The holder's began when the loss was noticed, the city's when
it was recorded here; of a party between them only its own word says so, and while nobody has given
it, no clock of it is counted and the page says that it is not known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from azukari.carrier.counterfoil import Counterfoil
from azukari.desk import agree, custody, people
from azukari.desk import order as orders
from azukari.desk.loss import Declared
from azukari.desk.office import Office
from azukari.desk.stated import KNEW, TOLD, Words
from azukari.errors import NotFound
from azukari.incident.duty import Duty, match
from azukari.incident.facts import Facts, answered
from azukari.incident.pack import ASKED_FOR, PACKS, Role, packs
from azukari.incident.rolls import OfRoll, at_least
from azukari.seal import documents as doc
from azukari.vault import records


@dataclass(frozen=True)
class Link:
    """One party of the chain, the city first; instants in ms.

    ``entrustor`` is whom it tells, empty for the city.  ``had_it``: it was the last to hold one of
    the carriers.  ``duties`` is empty while nobody has said when it knew.
    """

    party: str
    name: str
    role: Role
    entrustor: str
    had_it: bool
    known_at: int | None
    told_at: int | None
    duties: tuple[Duty, ...]


def facts_of(
    role: Role,
    known_at: dt.datetime,
    counted: Sequence[OfRoll],
    words: Words,
    told: dt.datetime | None,
) -> Facts:
    """What one party knows: the numbers, and what people answered."""
    persons, kinds, more = at_least(counted)
    facts = Facts(
        role,
        known_at,
        persons,
        kinds,
        told_entrustor_at=told,
        at_least=more,
        my_number_persons=words.my_number_persons,
    )
    return answered(facts, words.answers)


def duties_of(facts: Facts, law_on: dt.date) -> tuple[Duty, ...]:
    """The duties of one party; those of the GDPR where somebody said that it applies."""
    names = (*PACKS, *(ASKED_FOR if facts.gdpr else ()))
    return match(facts, packs(names), law_on)


def links_of(
    office: Office,
    foils: Sequence[Counterfoil],
    counted: Sequence[OfRoll],
    declared: Declared,
    recorded: int,
    words: Words,
    law_on: dt.date,
) -> tuple[Link, ...]:
    """Every party that has to do with the lost carriers, from the city down."""
    names = {party.id: party.name for party in people.parties_of(office)}
    above, held = _above(office, foils), _had_it(office, foils)
    found = []
    for party in (office.city, *above):
        role: Role = "organ" if party == office.city else "processor"
        known = words.instant(KNEW, party)
        if known is None:
            known = recorded if party == office.city else None
            known = declared.known_at if party in held and party != office.city else known
        told = words.instant(TOLD, party)
        if told is None and party in held and above.get(party) == office.city:
            # What was recorded here told the city: the declaration is the holder's notice.
            told = recorded
        duties: tuple[Duty, ...] = ()
        if known is not None:
            at = None if told is None else _instant(told)
            duties = duties_of(facts_of(role, _instant(known), counted, words, at), law_on)
        entrustor, name = above.get(party, ""), names.get(party, party)
        found.append(Link(party, name, role, entrustor, party in held, known, told, duties))
    return tuple(found)


def link_of(links: Sequence[Link], named: str) -> Link:
    """A link by its party's id, the beginning of it, or its name; `NotFound` if not just one."""
    fitting = [one for one in links if named and (one.name == named or one.party.startswith(named))]
    if len(fitting) != 1:
        raise NotFound("no one party of the chain is called so")
    return fitting[0]


def _above(office: Office, foils: Sequence[Counterfoil]) -> Mapping[str, str]:
    """Each processor and whom it tells, from the city's down to the recipient's."""
    known = {link.id: link for link in agree.agreements_of(office)}
    above: dict[str, str] = {}
    for foil in foils:
        line: list[doc.Agreement] = []
        link = known.get(_order(office, foil).agreement)
        while link is not None and link not in line:
            line.insert(0, link)
            link = known.get(link.parent)
        above |= {one.processor: one.entrustor for one in line if one.processor not in above}
    return above


def _had_it(office: Office, foils: Sequence[Counterfoil]) -> set[str]:
    of = {person.id: person.party for person in orders.people_of(office)}
    lines = [custody.line_of(office, foil.carrier) for foil in foils]
    return {of[line[-1].holder] for line in lines if line and line[-1].holder in of}


def _order(office: Office, foil: Counterfoil) -> doc.Order:
    with office.act() as tx:
        order = records.carrier(tx, foil.carrier).order_id
    return orders.order_of(office, order)


def _instant(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.timezone(dt.timedelta(hours=9), "JST"))
