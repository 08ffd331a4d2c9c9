"""Attacks on the chain of agreements and on the city's word: who is in it, and until when.

Each runs on copies of both sites; where a key of the city's signs what it should not, it was
misused, and the key service must not need it to be honest.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from azukari.desk import post
from azukari.names import new_id
from azukari.rehearse.house import TERMS
from azukari.rehearse.world import Deed, World, a_key
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, canonical, sign
from azukari.seal.trust import TrustBundle, issue_bundle

_LOWEST: Final = replace(TERMS, may_re_entrust=False, depth=0)


def _hidden(world: World) -> str:
    person = world.night.house.cast.people["hidden"]
    return a_key(lambda: world.ask(person=person))


def _without_city(world: World) -> str:
    """The call centre and the hidden party agree between themselves."""
    cast, link = world.night.house.cast, _below_the_centre(world, _LOWEST)
    hands = (cast.signer("centre_officer"), cast.signer("hidden_officer"))
    world.keeper.believe([doc.issue(link, SigningKey.generate(Use.ORDER), *hands)])
    return "an agreement without the city is believed"


def _forged_party_key(world: World) -> str:
    """Somebody makes a key and signs as the call centre's officer."""
    cast, link = world.night.house.cast, _below_the_centre(world, _LOWEST)
    hands = (SigningKey.generate(Use.PERSON), cast.signer("hidden_officer"))
    world.keeper.believe([doc.issue(link, world.office.signers["order"], *hands)])
    return "a party is believed that did not sign"


def _widened(world: World) -> str:
    """A link below one that must not re-entrust, and wider than it."""
    cast, centre = world.night.house.cast, world.night.house.agreements["centre"]
    child, envelope = world.link(centre, "centre", "hidden", TERMS)
    world.keeper.believe([envelope])
    order = world.order(agreement=child, recipient=cast.people["hidden"])
    world.approve(order)
    return world.make_key(order)


def _suspended_grandparent(world: World) -> str:
    """Three links deep; the topmost was suspended."""
    top, first = world.link("", "city", "contractor", replace(TERMS, depth=2))
    middle, second = world.link(top, "contractor", "hidden", TERMS)
    low, third = world.link(middle, "hidden", "centre", _LOWEST)
    world.keeper.believe([first, second, third])
    order = world.order(agreement=low)
    world.approve(order)
    world.make_key(order)  # until now it holds
    _suspend(world, top)
    return world.make_key(order)


def _withheld_suspension(world: World) -> str:
    """The city suspended the call centre; the office goes on as if it had not."""
    _suspend(world, world.night.house.agreements["centre"])
    world.keeper.believe([_status(world, world.clock.now())])
    return a_key(world.ask)


def _withheld_status(world: World) -> str:
    """No word from the city for more than a day: silence must not be consent."""
    world.clock.set("2022-06-22 19:00")
    return a_key(world.ask)


def _status_backwards(world: World) -> str:
    world.keeper.believe([_status(world, 0)])
    return "an older status statement is believed"


def _older_bundle(world: World) -> str:
    """A trust bundle from before the one that the call centre knows, rightly signed."""
    home, now = world.hands.device(), world.clock.now()
    older = issue_bundle(TrustBundle(1, 0, 0, now * 2, [], []), world.night.house.root)
    post.look_at_trust(home, post.open_post(older))
    return "an older trust bundle is believed"


def _wrong_kind(world: World) -> str:
    """The right signature of the city's *enrol* key, where its *order* key must stand."""
    word = doc.Suspension(
        id=new_id(), agreement=world.night.house.agreements["centre"], at=world.clock.now()
    )
    kind = "application/vnd.azukari.suspension.v1+json"
    world.keeper.believe([sign(canonical(word), kind, [world.office.signers["enrol"]])])
    return "a key of another kind is believed"


def _below_the_centre(world: World, terms: doc.Terms) -> doc.Agreement:
    cast = world.night.house.cast
    return doc.Agreement(
        id=new_id(),
        parent=world.night.house.agreements["centre"],
        replaces="",
        entrustor=cast.parties["centre"],
        processor=cast.parties["hidden"],
        terms=terms,
        from_at=world.clock.now(),
    )


def _suspend(world: World, agreement: str) -> None:
    word = doc.Suspension(id=new_id(), agreement=agreement, at=world.clock.now())
    world.keeper.believe([doc.issue(word, world.office.signers["order"])])


def _status(world: World, serial: int) -> bytes:
    """A statement in which nobody left and nothing was suspended."""
    now = world.clock.now()
    word = doc.Status(id=new_id(), serial=serial, at=now, suspended=[], left=[], revoked=[])
    return doc.issue(word, world.office.signers["order"])


ON_AGREEMENTS: Final = (
    Deed("hidden sub-contractor", "person_not_of_recipient", _hidden),
    Deed("agreement signed without the city", "BadSignature", _without_city),
    Deed("forged party key", "BadSignature", _forged_party_key),
    Deed("widened child", "chain_broken", _widened),
    Deed("suspended grandparent", "agreement_suspended", _suspended_grandparent),
    Deed("withheld suspension", "agreement_suspended", _withheld_suspension),
    Deed("status statement withheld", "status_old", _withheld_status),
    Deed("status serial going back", "Conflict", _status_backwards),
    Deed("trust bundle older than known", "Conflict", _older_bundle),
    Deed("right signature of the wrong key kind", "BadSignature", _wrong_kind),
)
