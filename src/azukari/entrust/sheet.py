"""What an order says, laid out for whoever is asked to sign it: one value for page and terminal.

Everything that a movement order names, with names for ids as far as this site knows them, the chain
of parties, and of each approval whether it counts or why not.  It decides nothing: `may` does, and
is asked here with one approval at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from azukari import words
from azukari.entrust.known import Known
from azukari.entrust.may import Why, may_seal
from azukari.seal.documents import Agreement, Approval, Order, Party, digest

#: The city makes its word of the day anew whenever a key is asked for: its age is no obstacle here.
_NOT_HERE = frozenset({Why.STATUS_OLD})


@dataclass(frozen=True)
class Name:
    """Somebody by id, and of which party; the party is empty where this site does not know it."""

    id: str
    party: str


@dataclass(frozen=True)
class Table:
    """One table, at most how many rows of it, and the columns each role may see."""

    name: str
    rows: int
    roles: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Link:
    """One agreement of the chain."""

    id: str
    entrustor: Name
    processor: Name
    from_at: int
    until: int
    suspended: bool


@dataclass(frozen=True)
class Said:
    """Somebody approved, or tried to; with a reason it does not count."""

    approver: Name
    at: int
    until: int | None  # None: it was refused at once, nothing was signed
    why: tuple[str, ...]

    @property
    def counts(self) -> bool:
        return not self.why


@dataclass(frozen=True)
class Sheet:
    """An order as this site knows it."""

    order: Order
    sha256: str
    words: str
    kana: str
    tables: tuple[Table, ...]
    people: tuple[tuple[str, Name], ...]  # what somebody is to the order -> who, in its order
    device: Name
    chain: tuple[Link, ...]  # empty where this site does not know all of it
    needed: int  # approvals
    said: tuple[Said, ...]  # in their order
    in_the_way: tuple[str, ...]  # why no key may be made under it; only where the chain is known
    withdrawn: bool


def laid_out(
    order: Order,
    known: Known,
    parties: Mapping[str, Party],
    at: int,
    refused: Sequence[tuple[str, int, tuple[str, ...]]] = (),
) -> Sheet:
    """The sheet of an order.

    Args:
        known: what this site believes; of its approvals only those of this order are looked at.
        at: the instant it is looked at.
        refused: who tried to approve, when, and the reasons why that was refused.
    """
    sha256 = digest(order)
    eight = words.eight_words(sha256)
    links = known.chain_of(order.agreement).links
    given = sorted(
        (one for one in known.approvals if one.order == order.id), key=lambda one: (one.at, one.id)
    )
    said = [Said(_person(p, known, parties), when, None, why) for p, when, why in refused]
    said += [
        Said(
            _person(one.approver, known, parties),
            one.at,
            one.expires_at,
            _why_not(order, one, known, at),
        )
        for one in given
    ]
    in_the_way = may_seal(order, replace(known, approvals=tuple(given)), at) if links else ()
    return Sheet(
        order=order,
        sha256=sha256,
        words=eight,
        kana=words.in_kana(eight),
        tables=_tables(order),
        people=tuple(
            (name, _person(getattr(order, name), known, parties))
            for name in ("requester", "holder", "recipient", "grant_by", "device_holder")
        ),
        device=_device(order.device, known, parties),
        chain=tuple(_link(one, known, parties) for one in links),
        needed=max([2, *(one.terms.approvers for one in links)]),
        said=tuple(sorted(said, key=lambda one: one.at)),
        in_the_way=tuple(code for code in in_the_way if code not in _NOT_HERE),
        withdrawn=order.id in known.negative,
    )


def _why_not(order: Order, approval: Approval, known: Known, at: int) -> tuple[str, ...]:
    """What this one approval adds to the reasons why not, which is all that is wrong with it."""
    if {approval.id, approval.approver} & known.negative:
        return (Why.PERSON_LEFT,)
    without = may_seal(order, replace(known, approvals=()), at)
    alone = may_seal(order, replace(known, approvals=(approval,)), at)
    return tuple(code for code in alone if code not in without)


def _tables(order: Order) -> tuple[Table, ...]:
    return tuple(Table(one.table, one.rows, _roles(one.columns)) for one in order.tables)


def _roles(columns: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The columns of a table by role, in the order of the alphabet."""
    roles = sorted({role for seen in columns.values() for role in seen})
    return tuple(
        (role, tuple(sorted(column for column, seen in columns.items() if role in seen)))
        for role in roles
    )


def _link(link: Agreement, known: Known, parties: Mapping[str, Party]) -> Link:
    return Link(
        id=link.id,
        entrustor=_party(link.entrustor, parties),
        processor=_party(link.processor, parties),
        from_at=link.from_at,
        until=link.terms.expires_at,
        suspended=link.id in known.negative,
    )


def _party(identifier: str, parties: Mapping[str, Party]) -> Name:
    return Name(identifier, parties[identifier].name if identifier in parties else "")


def _person(identifier: str, known: Known, parties: Mapping[str, Party]) -> Name:
    person = known.people.get(identifier)
    return Name(identifier, "" if person is None else _party(person.party, parties).party)


def _device(identifier: str, known: Known, parties: Mapping[str, Party]) -> Name:
    device = known.devices.get(identifier)
    return Name(identifier, "" if device is None else _party(device.party, parties).party)
