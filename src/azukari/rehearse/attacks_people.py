"""Attacks on people and on what they approve: who they are, whom they let in, what they signed.

Each runs on copies of both sites; the office is hostile and tells the key service what it likes.
"""

from __future__ import annotations

import base64
from typing import Any, Final

from msgspec.structs import replace

from azukari.desk import order as orders
from azukari.desk import sitting
from azukari.desk.office import new_act
from azukari.entrust.order import DAY_MS
from azukari.keys.client import BoundPart, Sealed
from azukari.names import new_id
from azukari.rehearse.cast import COURSE, sheet
from azukari.rehearse.world import Deed, World, a_key
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer, SigningKey, Use, canonical, sign

_HOUR_MS: Final = 3_600_000


def _false_employer(world: World) -> str:
    """Said to be the call centre's; the person says that the hidden party pays them."""
    cast = world.night.house.cast
    entry = _entry(
        world,
        SigningKey.generate(Use.PERSON),
        party=cast.parties["centre"],
        states_employer=cast.parties["hidden"],
        vouched_by="centre_officer",
    )
    world.keeper.believe([entry])
    return "a person is enrolled whom another party pays"


def _two_credentials(world: World) -> str:
    """One key in two names would approve as two."""
    world.keeper.believe([_entry(world, world.night.house.cast.signer("approver_1"))])
    return "one key is two persons"


def _requester_enrolled(world: World) -> str:
    """The requester let in, a day ago, who is to approve."""
    signer, by = SigningKey.generate(Use.PERSON), ("requester", "officer")
    entry = _entry(world, signer, enrolled_by=by)
    orders.enrol(world.office, entry)
    friend = doc.unverified(entry, doc.Person).id
    sitting.take(world.office, sheet(friend, signer, world.clock.now()))
    world.later("2022-06-22 20:00")
    order = world.order()
    world.approve(order, "approver_1")
    world.approved(order, friend, signer)
    return world.make_key(order)


def _own_order(world: World) -> str:
    cast = world.night.house.cast
    order = replace(world.night.order, id=new_id(), requester=cast.people["approver_1"])
    orders.request(world.office, order, cast.signer("approver_1"))
    return a_key(lambda: orders.approve(world.office, order.id, *cast.hand("approver_1")))


def _without_the_key(world: World) -> str:
    """``--as approver_2`` at a keyboard where only another person's key is."""
    cast = world.night.house.cast
    order = replace(world.night.order, id=new_id())
    orders.request(world.office, order, cast.signer("requester"))
    orders.approve(world.office, order.id, cast.people["approver_2"], cast.signer("approver_1"))
    return "one key approved as another person"


def _forged_approval(world: World) -> str:
    """The office itself writes an approval in a person's name."""
    cast = world.night.house.cast
    world.approved(world.night.order, cast.people["approver_2"], cast.signer("approver_1"))
    return "an approval is believed that its approver did not sign"


def _approval_reused(world: World) -> str:
    """What was approved once, under an order of which only the id differs."""
    order, sha256 = world.order(), doc.digest(world.night.order)
    world.approve(order, order_sha256=sha256)
    return world.make_key(order)


def _approval_after_expiry(world: World) -> str:
    """Approved for an hour, and used after two."""
    order = world.order()
    world.approve(order, expires_at=world.clock.now() + _HOUR_MS)
    world.clock.at += 2 * _HOUR_MS
    return world.make_key(order)


def _order_changed(world: World) -> str:
    """Approved for so many rows; the key service is shown one of the same id for more."""
    asked = replace(world.night.order, id=new_id())
    table = replace(asked.tables[0], rows=asked.tables[0].rows * 2)
    shown = world.order(id=asked.id, tables=[table])
    world.approve(asked)
    return world.make_key(shown)


def _more_rows(world: World) -> str:
    """Ten rows are approved, eleven sealed."""
    by, carrier, act = world.night.order.requester, new_id(), new_act()
    order = world.order(tables=[replace(world.night.order.tables[0], rows=10)])
    world.approve(order)
    world.keeper.create(act, by, carrier, order.id)
    world.keeper.release_to_seal(act, by, carrier)
    part = BoundPart("0001", "households", ("answer",), ("operator",))
    world.keeper.bind(act, by, carrier, Sealed("0" * 64, (part,), {"households": 11}))
    return "more rows are bound than were approved"


def _expired_training(world: World) -> str:
    """Every pass of 1 April 2022 has ended."""
    world.later("2023-04-02 10:00")
    return a_key(world.ask)


def _forged_training(world: World) -> str:
    """The office has the order key, not the enrol key, and tries it under a pass."""
    training = doc.Training(
        id=new_id(),
        person=world.night.house.cast.people["hidden"],
        course=COURSE,
        course_sha256="0" * 64,
        language="ja",
        answers=[doc.Answered("one", 0)],
        passed_at=0,
        expires_at=DAY_MS,
    )
    kind = "application/vnd.azukari.training.v1+json"
    world.keeper.believe([sign(canonical(training), kind, [world.office.signers["order"]])])
    return "a pass is believed that nobody gave"


def _sat_by_a_colleague(world: World) -> str:
    """A sheet with right answers, signed by the city, in the name of one who did not sit."""
    cast = world.night.house.cast
    sat = doc.unverified(cast.sat("hidden", world.clock.now()), doc.Training)
    whole = doc.issue(sat, world.office.signers["enrol"], cast.signer("hidden_officer"))
    world.keeper.believe([whole])
    return "a pass is believed that its person did not sign"


def _entry(
    world: World,
    signer: Signer,
    *,
    enrolled_by: tuple[str, str] = ("clerk", "officer"),
    vouched_by: str = "officer",
    **changed: str,
) -> bytes:
    """The entry of somebody new, of the city unless said otherwise, with every hand it names."""
    cast, city = world.night.house.cast, world.office.city
    known: dict[str, Any] = {"party": city, "states_employer": city} | changed
    person = doc.Person(
        id=new_id(),
        public=base64.b64encode(signer.public.der).decode(),
        roles=["approver"],
        vouched_by=cast.people[vouched_by],
        enrolled_by=[cast.people[name] for name in enrolled_by],
        enrolled_at=world.clock.now(),
        **known,
    )
    hands = [cast.signer(name) for name in dict.fromkeys((vouched_by, *enrolled_by))]
    return doc.issue(person, world.office.signers["enrol"], signer, *hands)


ON_PEOPLE: Final = (
    Deed("false employer", "employer_disagrees", _false_employer),
    Deed("two credentials of one person", "Conflict", _two_credentials),
    Deed("requester enrolled the approver", "approver_enrolled_by_requester", _requester_enrolled),
    Deed("approver approves own order", "approver_is_party_to_the_order", _own_order),
    Deed("--as without the key", "BadSignature", _without_the_key),
    Deed("forged approval sent by the office", "BadSignature", _forged_approval),
    Deed("approval reused", "approval_of_another_order", _approval_reused),
    Deed("approval after expiry", "approval_expired", _approval_after_expiry),
    Deed("order changed after approval", "approval_of_another_order", _order_changed),
    Deed("more rows sealed than approved", "more_rows_than_approved", _more_rows),
    Deed("expired training", "training_missing", _expired_training),
    Deed("forged training sent by the office", "BadSignature", _forged_training),
    Deed("course sat by a colleague", "BadSignature", _sat_by_a_colleague),
)
