"""The documents of a busy city, and fifty thousand questions about them; one in three is lawful.

Nothing in it is signed: what is measured is the decision over documents that were verified.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from azukari.entrust.known import Known
from azukari.entrust.may import Opening
from azukari.seal import documents as doc

CITY: Final = "city"
COURSES: Final = ("handling", "media")
CHAINS, PEOPLE, ORDERS, KEYS = 40, 2_000, 400, 50
DAY: Final = 86_400_000
HOUR: Final = 3_600_000
NOW: Final = 1_655_800_000_000
_APPROVERS: Final = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class World:
    """What is known, what was ordered, and who asks for what at which instant."""

    known: Known
    orders: list[doc.Order]
    questions: list[tuple[Opening, int]]


def invent(questions: int) -> World:
    """The same world every time: chains of three links, orders, approvals; some of it wrong."""
    chance = random.Random(1)
    agreements = {one.id: one for n in range(CHAINS) for one in _chain(n, chance)}
    parties = [link.processor for link in agreements.values()]
    people = {f"n{n}": _person(f"n{n}", parties[n % len(parties)], chance) for n in range(PEOPLE)}
    people |= {name: _person(name, CITY, chance) for name in ("requester", *_APPROVERS)}
    orders = [_order(n, people) for n in range(ORDERS)]
    wrong = {name for name in (*people, *agreements) if chance.random() < 0.01}
    known = Known(
        city=CITY,
        agreements=agreements,
        people=people,
        devices={f"d{n}": _device(n) for n in range(CHAINS)},
        trainings=tuple(one for name in people for one in _passes(name, chance)),
        approvals=tuple(one for order in orders for one in _approvals(order, chance)),
        negative=frozenset(
            (wrong - {"requester", *_APPROVERS}) | {f"k{n}.0" for n in range(CHAINS)}
        ),
        status_at=NOW - DAY // 2,
    )
    return World(known, orders, [_question(orders, people, chance) for _ in range(questions)])


def _chain(number: int, chance: random.Random) -> list[doc.Agreement]:
    """City, contractor, sub-contractor, call centre: each link narrower than the one above."""
    return [
        doc.Agreement(
            id=f"a{number}.{depth}",
            replaces="",
            parent="" if depth == 2 else f"a{number}.{depth + 1}",
            entrustor=CITY if depth == 2 else f"p{number}.{depth + 1}",
            processor=f"p{number}.{depth}",
            terms=doc.Terms(
                columns=["households.answer", "households.name", "households.town"][: 2 + depth],
                purposes=["enquiries", "letters", "visits"][: 1 + depth],
                media=["stick", "disk", "network"][: 1 + depth],
                expires_at=NOW + (90 + depth) * DAY,
                may_re_entrust=depth > 0,
                # One chain in twenty has a link that is as deep as the one above: it is broken.
                depth=depth + (depth == 1 and chance.random() < 0.05),
                training=list(COURSES[: 1 + (depth < 2)]),
                approvers=2 + (depth == 0 and chance.random() < 0.1),
                device_key="file",
            ),
            from_at=NOW - 90 * DAY,
        )
        for depth in (2, 1, 0)
    ]


def _person(name: str, party: str, chance: random.Random) -> doc.Person:
    return doc.Person(
        id=name,
        party=party,
        states_employer="hidden" if party != CITY and chance.random() < 0.01 else party,
        public="",
        roles=["approver"]
        if party == CITY
        else ["operator", "supervisor"][chance.random() < 0.5 :],
        vouched_by="officer",
        enrolled_by=["clerk", "officer"],
        enrolled_at=NOW - 90 * DAY,
    )


def _device(number: int) -> doc.Device:
    keys = [doc.OneTimeKey(f"k{number}.{n}", "") for n in range(KEYS)]
    return doc.Device(
        id=f"d{number}",
        party=f"p{number}.0",
        public="",
        one_time_keys=keys,
        vouched_by="officer",
        enrolled_by=["clerk", "officer"],
        enrolled_at=0,
    )


def _passes(person: str, chance: random.Random) -> list[doc.Training]:
    """A pass of each course; few are missing, few end within the evening."""
    return [
        doc.Training(
            id=f"{course} of {person}",
            person=person,
            course=course,
            course_sha256="0" * 64,
            language="en",
            answers=[doc.Answered("one", 0)],
            passed_at=NOW - 60 * DAY,
            expires_at=NOW + (HOUR if chance.random() < 0.02 else 60 * DAY),
        )
        for course in COURSES
        if person in _APPROVERS or chance.random() > 0.02
    ]


def _order(number: int, people: dict[str, doc.Person]) -> doc.Order:
    chain = number % CHAINS
    of = {party: [p.id for p in people.values() if p.party == party] for party in _parties(chain)}
    above, below = of[f"p{chain}.1"], of[f"p{chain}.0"]
    return doc.Order(
        id=f"o{number}",
        purpose="letters" if number % 20 == 7 else "enquiries",
        agreement=f"a{chain}.0",
        tables=[
            doc.OrderedTable(
                table="households",
                columns={"answer": ["operator", "supervisor"], "name": ["supervisor"]},
                rows=100,
            )
        ],
        carriers=1,
        medium="stick",
        media=[f"M-{number:04}"],
        route="by train",
        holder=above[number % len(above)],
        recipient=below[number % len(below)],
        grant_by=above[(number + 1) % len(above)],
        device=f"d{chain}",
        device_holder=below[(number + 1) % len(below)],
        requester="requester",
        requested_at=NOW - 5 * HOUR,
        receive_by=NOW + HOUR,
        return_by=NOW + 5 * HOUR,
        expires_at=NOW + 6 * HOUR,
    )


def _parties(chain: int) -> tuple[str, str]:
    return f"p{chain}.1", f"p{chain}.0"


def _approvals(order: doc.Order, chance: random.Random) -> list[doc.Approval]:
    """Two or three, of which one in ten orders has one of another content."""
    sha256 = doc.digest(order)
    return [
        doc.Approval(
            id=f"{order.id} by {name}",
            order=order.id,
            order_sha256="0" * 64 if chance.random() < 0.05 else sha256,
            approver=name,
            at=NOW - 4 * HOUR,
            expires_at=NOW + 6 * HOUR,
        )
        for name in _APPROVERS[: chance.choice((2, 3, 3))]
    ]


def _question(
    orders: list[doc.Order], people: dict[str, doc.Person], chance: random.Random
) -> tuple[Opening, int]:
    order = chance.choice(orders)
    chain = order.device[1:]
    staff = range(int(chain) * 3 + 2, PEOPLE, CHAINS * 3)
    person = people[
        f"n{chance.choice(staff) if chance.random() < 0.95 else chance.randrange(PEOPLE)}"
    ]
    at = NOW + chance.randrange(-2 * HOUR, 3 * HOUR)
    device = order.device if chance.random() < 0.97 else f"d{chance.randrange(CHAINS + 1)}"
    key = f"k{chain}.{chance.randrange(KEYS)}"
    role = person.roles[0] if chance.random() < 0.95 else "guest"
    return Opening(order, person.id, role, device, key, at, order.return_by), at
