"""Attacks on what the key service does: acts repeated, keys asked again, clocks set back.

Each runs on copies of both sites as they stood at some moment of the night, so that nothing of the
story changes.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from azukari.desk import collect
from azukari.desk import order as orders
from azukari.desk.office import new_act
from azukari.errors import AzukariError
from azukari.keys.client import BoundPart, Sealed
from azukari.names import new_id
from azukari.rehearse.attempts import NothingFound
from azukari.rehearse.world import AFTER_LOSS, Deed, World, a_key
from azukari.seal import documents as doc


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
    return a_key(lambda: world.keeper.grant(act, by, world.first_ask()))


def _after_revocation(world: World) -> str:
    return a_key(world.ask)


def _unknown_device(world: World) -> str:
    return a_key(lambda: world.ask(device=new_id()))


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
    return a_key(
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
    return a_key(
        lambda: world.keeper.restore(new_act(), by, night.main.carrier, words),
    )


def _enumeration(world: World) -> str:
    """A device asks the office for carriers: unknown, not its own, lost, no carrier at all."""
    night = world.night
    said = set()
    asked = (new_id(), night.order.id, *(carrier.carrier for carrier in night.sealed))
    for carrier in asked:
        try:
            collect.offer(world.office, carrier, night.house.device)
        except AzukariError as error:
            said.add(f"{type(error).__name__}: {error}")
        else:
            said.add(f"{carrier} was given")
    if len(said) != 1:
        return f"{len(said)} different answers"
    raise NothingFound(f"{len(asked)} ids, one answer")


def _every_reason(world: World) -> str:
    """The office, which is enrolled, asks with three things wrong: it is told all three."""
    person = world.night.house.cast.people["hidden"]
    return a_key(lambda: world.ask(person=person, role="supervisor", one_time_key=new_id()))


ON_THE_KEYS: Final = (
    Deed("same act asked twice", "NothingFound", _same_act),
    Deed("same act asked for another key", "Conflict", _same_act_other_device),
    Deed(
        "same act asked after revocation",
        "carrier_is_revoked",
        _same_act_after_revocation,
        *AFTER_LOSS,
    ),
    Deed("new grant after revocation", "carrier_is_revoked", _after_revocation, *AFTER_LOSS),
    Deed("device never enrolled", "device_unknown", _unknown_device),
    Deed("envelope of another order bound twice", "Conflict", _bound_twice),
    Deed("key of a sealed carrier asked again", "carrier_is_bound", _sealed_again),
    Deed("a third carrier under the order", "order_used_up", _third_carrier),
    Deed("clock set back on the office", "ClockBehind: the office", _clock_back),
    Deed("clock set back on the key service", "ClockBehind: the key service", _clock_back_keys),
    Deed("one person restores a carrier", "two_persons_needed", _one_restores, *AFTER_LOSS),
    Deed("enumeration of carriers", "NothingFound", _enumeration),
    Deed(
        "uniform refusals",
        "person_not_of_recipient, role_not_allowed, one_time_key_unknown",
        _every_reason,
    ),
)
