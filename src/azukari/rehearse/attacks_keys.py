"""Attacks on the key service and the office, by outsiders and by a hostile office.

Each runs on copies of both sites as they stood at some moment of the night, so that nothing of the
story changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from azukari.desk import order as orders
from azukari.desk.office import new_act
from azukari.keys.client import BoundPart, Sealed
from azukari.names import new_id
from azukari.rehearse.attempts import INSIDE_WINDOW, Attack, Hands, NothingFound, attempt
from azukari.rehearse.house import TERMS, agreement
from azukari.rehearse.world import World, open_world
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, canonical, sign


def on_the_keys(hands: Hands) -> Iterator[Attack]:
    """Every attack on the key service and the office."""
    for name, because, moment, at, deed in _LIST:
        world = open_world(hands, hands.night.known[moment], at)
        try:
            yield attempt(name, because, lambda world=world, deed=deed: deed(world))  # type: ignore[misc]  # bound per turn
        finally:
            world.close()


def _key(deed: Callable[[], object]) -> str:
    deed()
    return "a key was given"


def _same_act(world: World) -> str:
    before = len(world.keeper.entries(0))
    act, by = world.night.known["grant_act"], world.night.house.cast.people["clerk"]
    world.keeper.grant(act, by, world.first_ask())
    if len(world.keeper.entries(0)) != before:
        return "a second entry for one act"
    raise NothingFound("the same answer to the same one-time key, and no second entry")


def _same_act_other_device(world: World) -> str:
    act, by = world.night.known["grant_act"], world.night.house.cast.people["clerk"]
    other = world.night.known["one_time_keys"][2]
    ask = world.first_ask()
    changed = dataclasses.replace(ask, opening=dataclasses.replace(ask.opening, one_time_key=other))
    world.keeper.grant(act, by, changed)
    return "one act gave two grants"


def _same_act_after_revocation(world: World) -> str:
    act, by = world.night.known["grant_act"], world.night.house.cast.people["clerk"]
    return _key(lambda: world.keeper.grant(act, by, world.first_ask()))


def _after_revocation(world: World) -> str:
    return _key(world.ask)


def _unknown_device(world: World) -> str:
    return _key(lambda: world.ask(device=new_id()))


def _hidden(world: World) -> str:
    person = world.night.house.cast.people["hidden"]
    return _key(lambda: world.ask(person=person))


def _agreement_without_city(world: World) -> str:
    """The call centre and the hidden party agree between themselves."""
    cast, at = world.night.house.cast, world.clock.now()
    parent = world.night.house.agreements["centre"]
    link = doc.Agreement(
        id=new_id(),
        parent=parent,
        replaces="",
        entrustor=cast.parties["centre"],
        processor=cast.parties["hidden"],
        terms=TERMS,
        from_at=at,
    )
    forged = SigningKey.generate(Use.ORDER)
    hands = (cast.signer("centre_officer"), cast.signer("hidden_officer"))
    world.keeper.believe([doc.issue(link, forged, *hands)])
    return "an agreement without the city is believed"


def _widened(world: World) -> str:
    """A link below one that must not re-entrust, and wider than it; the city's key was misused."""
    cast, at = world.night.house.cast, world.clock.now()
    parent = world.night.house.agreements["centre"]
    office = world.office
    child, envelope = agreement(office, cast, parent, "centre", "hidden", TERMS, at)
    world.keeper.believe([envelope])
    order = replace(world.night.order, id=new_id(), agreement=child, holder=cast.people["hidden"])
    world.keeper.believe([_signed(world, order, "requester")])
    world.keeper.believe(_approved(world, order))
    return _key(lambda: world.keeper.create(new_act(), order.requester, new_id(), order.id))


def _own_order(world: World) -> str:
    cast = world.night.house.cast
    order = replace(world.night.order, id=new_id(), requester=cast.people["approver_1"])
    orders.request(world.office, order, cast.signer("approver_1"))
    return _key(
        lambda: orders.approve(world.office, order.id, *cast.hand("approver_1")),
    )


def _without_the_key(world: World) -> str:
    """``--as approver_2`` at a keyboard where only another person's key is."""
    cast = world.night.house.cast
    order = replace(world.night.order, id=new_id())
    orders.request(world.office, order, cast.signer("requester"))
    orders.approve(world.office, order.id, cast.people["approver_2"], cast.signer("approver_1"))
    return "one key approved as another person"


def _forged_approval(world: World) -> str:
    """The office itself writes an approval in a person's name."""
    cast, order = world.night.house.cast, world.night.order
    approval = doc.Approval(
        id=new_id(),
        order=order.id,
        order_sha256=doc.digest(order),
        approver=cast.people["approver_2"],
        at=world.clock.now(),
        expires_at=order.expires_at,
    )
    world.keeper.believe([doc.issue(approval, cast.signer("approver_1"))])
    return "an approval is believed that its approver did not sign"


def _forged_training(world: World) -> str:
    """The order key in place of the enrol key, under a sheet whose person plays along."""
    cast = world.night.house.cast
    sat = doc.unverified(cast.sat("hidden", world.clock.now()), doc.Training)
    kind = "application/vnd.azukari.training.v1+json"
    hands = [world.office.signers["order"], cast.signer("hidden")]
    world.keeper.believe([sign(canonical(sat), kind, hands)])
    return "a pass is believed that nobody gave"


def _sat_by_a_colleague(world: World) -> str:
    """A sheet with right answers, signed by the city, in the name of one who did not sit."""
    cast = world.night.house.cast
    sat = doc.unverified(cast.sat("hidden", world.clock.now()), doc.Training)
    whole = doc.issue(sat, world.office.signers["enrol"], cast.signer("hidden_officer"))
    world.keeper.believe([whole])
    return "a pass is believed that its person did not sign"


def _withheld_suspension(world: World) -> str:
    """The city suspended the call centre; the office goes on as if it had not."""
    suspension = doc.Suspension(
        id=new_id(),
        agreement=world.night.house.agreements["centre"],
        at=world.clock.now(),
    )
    order_key = world.office.signers["order"]
    world.keeper.believe([doc.issue(suspension, order_key)])
    innocent = doc.Status(
        id=new_id(), serial=99, at=world.clock.now(), suspended=[], left=[], revoked=[]
    )
    world.keeper.believe([doc.issue(innocent, order_key)])
    return _key(world.ask)


def _withheld_status(world: World) -> str:
    """No word from the city for more than a day: silence must not be consent."""
    world.clock.set("2022-06-22 12:00")
    return _key(world.ask)


def _status_backwards(world: World) -> str:
    older = doc.Status(
        id=new_id(), serial=0, at=world.clock.now(), suspended=[], left=[], revoked=[]
    )
    world.keeper.believe([doc.issue(older, world.office.signers["order"])])
    return "an older status statement is believed"


def _bound_twice(world: World) -> str:
    night = world.night
    part = BoundPart("0001", "households", ("answer",), ("operator",))
    sealed = Sealed("0" * 64, (part,), {"households": 1})
    world.keeper.bind(new_act(), night.order.requester, night.main.carrier, sealed)
    return "one carrier has two contents"


def _sealed_again(world: World) -> str:
    night = world.night
    world.keeper.release_to_seal(new_act(), night.order.requester, night.main.carrier)
    return "the key of a sealed carrier was given again"


def _third_carrier(world: World) -> str:
    night = world.night
    world.keeper.believe(orders.evidence(world.office, night.order.id))
    return _key(
        lambda: world.keeper.create(new_act(), night.order.requester, new_id(), night.order.id),
    )


def _clock_back(world: World) -> str:
    world.clock.set("2022-06-21 17:00")
    world.ask()
    return "a grant was issued in the past"


def _clock_back_keys(world: World) -> str:
    """The office's clock is right; the key service's was set back."""
    ask = world.first_ask()
    world.clock.set("2022-06-21 17:00")
    world.keeper.grant(new_act(), world.night.order.requester, ask)
    return "the key service released in the past"


def _one_restores(world: World) -> str:
    night, cast = world.night, world.night.house.cast
    word = doc.Restoration(
        id=new_id(),
        carrier=night.main.carrier,
        person=cast.people["officer"],
        revocation=night.incident.act,
        at=world.clock.now(),
    )
    words = [doc.issue(word, cast.signer("officer"))] * 2
    by = cast.people["officer"]
    return _key(
        lambda: world.keeper.restore(new_act(), by, night.main.carrier, words),
    )


def _signed(world: World, order: doc.Order, requester: str) -> bytes:
    signer = world.night.house.cast.signer(requester)
    return doc.issue(order, world.office.signers["order"], signer)


def _approved(world: World, order: doc.Order) -> list[bytes]:
    cast = world.night.house.cast
    return [
        doc.issue(
            doc.Approval(
                id=new_id(),
                order=order.id,
                order_sha256=doc.digest(order),
                approver=cast.people[name],
                at=world.clock.now(),
                expires_at=order.expires_at,
            ),
            cast.signer(name),
        )
        for name in ("approver_1", "approver_2")
    ]


_AFTER = "2022-06-22 04:00"
_LIST: tuple[tuple[str, str, str, str, Callable[[World], str]], ...] = (
    # name, what must stand in the refusal, the copy it runs on, the story's clock, the deed
    ("same act asked twice", "NothingFound", "before_loss", INSIDE_WINDOW, _same_act),
    (
        "same act asked for another key",
        "Conflict",
        "before_loss",
        INSIDE_WINDOW,
        _same_act_other_device,
    ),
    (
        "same act asked after revocation",
        "carrier_is_revoked",
        "after_loss",
        _AFTER,
        _same_act_after_revocation,
    ),
    ("new grant after revocation", "carrier_is_revoked", "after_loss", _AFTER, _after_revocation),
    ("device never enrolled", "device_unknown", "before_loss", INSIDE_WINDOW, _unknown_device),
    ("party outside the chain", "person_not_of_recipient", "before_loss", INSIDE_WINDOW, _hidden),
    (
        "agreement signed without the city",
        "BadSignature",
        "before_loss",
        INSIDE_WINDOW,
        _agreement_without_city,
    ),
    ("agreement wider than its parent", "chain_broken", "before_loss", INSIDE_WINDOW, _widened),
    (
        "approver approves own order",
        "approver_is_party_to_the_order",
        "before_loss",
        INSIDE_WINDOW,
        _own_order,
    ),
    ("--as without the key", "BadSignature", "before_loss", INSIDE_WINDOW, _without_the_key),
    (
        "forged approval sent by the office",
        "BadSignature",
        "before_loss",
        INSIDE_WINDOW,
        _forged_approval,
    ),
    (
        "forged training sent by the office",
        "BadSignature",
        "before_loss",
        INSIDE_WINDOW,
        _forged_training,
    ),
    (
        "course sat by a colleague",
        "BadSignature",
        "before_loss",
        INSIDE_WINDOW,
        _sat_by_a_colleague,
    ),
    (
        "withheld suspension",
        "agreement_suspended",
        "before_loss",
        INSIDE_WINDOW,
        _withheld_suspension,
    ),
    ("withheld status statement", "status_old", "before_loss", INSIDE_WINDOW, _withheld_status),
    ("status serial going back", "Conflict", "before_loss", INSIDE_WINDOW, _status_backwards),
    (
        "envelope of another order bound twice",
        "Conflict",
        "before_loss",
        INSIDE_WINDOW,
        _bound_twice,
    ),
    (
        "key of a sealed carrier asked again",
        "carrier_is_bound",
        "before_loss",
        INSIDE_WINDOW,
        _sealed_again,
    ),
    (
        "a third carrier under the order",
        "order_used_up",
        "before_loss",
        INSIDE_WINDOW,
        _third_carrier,
    ),
    (
        "clock set back on the office",
        "ClockBehind: the office",
        "before_loss",
        INSIDE_WINDOW,
        _clock_back,
    ),
    (
        "clock set back on the key service",
        "ClockBehind: the key service",
        "before_loss",
        INSIDE_WINDOW,
        _clock_back_keys,
    ),
    ("one person restores a carrier", "two_persons_needed", "after_loss", _AFTER, _one_restores),
)
