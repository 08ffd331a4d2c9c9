"""A revocation while keys are on their way out: both at the same moment, on copies.

Whoever is first is first; what counts is the order that the keys' ledger holds afterwards.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import Final

from azukari.desk.office import new_act
from azukari.errors import Refused
from azukari.keys import service
from azukari.ledger import acts
from azukari.ledger.entry import Entry, decode
from azukari.rehearse.attempts import NothingFound
from azukari.rehearse.world import Deed, World

RACE: Final = "releases racing the revocation"


def _race(world: World) -> str:
    """Every one-time key that is left is asked for while another program revokes."""
    night, begin = world.night, Barrier(2)
    carrier, by = night.main.carrier, night.house.cast.people["officer"]
    left = night.known["one_time_keys"][1:]
    home = world.office.home.parent / "keys"

    def revoke() -> None:
        with closing(service.open_keys(home, night.house.passphrase, world.clock.now)) as other:
            begin.wait(60)
            other.revoke(new_act(), by, [carrier], world.clock.now())

    def ask() -> list[Refused]:
        begin.wait(60)
        return [refused for key in left if (refused := _refused(world, key))]

    with ThreadPoolExecutor(2) as pool:
        revoked: Future[None] = pool.submit(revoke)
        refused = pool.submit(ask).result()
        revoked.result()
    entries = [decode(line) for line in world.keeper.entries(0)]
    given = len(left) - len(refused)
    if wrong := _wrong(entries, carrier, given, refused):
        return wrong
    raise NothingFound(
        f"{given} released before it, {len(refused)} refused after it, and so the ledger has it"
    )


def _refused(world: World, key: str) -> Refused | None:
    try:
        world.ask(one_time_key=key)
    except Refused as refused:
        return refused
    return None


def _wrong(entries: list[Entry], carrier: str, given: int, refused: list[Refused]) -> str:
    """What the keys' ledger tells otherwise than those who ran; empty where it tells the same."""
    mine = [(i, entry.type) for i, entry in enumerate(entries) if carrier in entry.refs]
    released = [i for i, kind in mine if kind == "key.released"]
    revoked = [i for i, kind in mine if kind == "carrier.revoked"]
    if len(revoked) != 1 or acts.order_of_revocations(entries) or released[-1] > revoked[0]:
        return "a key was released after the revocation"
    if len(released) != 1 + given:  # one stood there since the evening
        return f"{given} keys were given, {len(released) - 1} entries tell of it"
    if not all("carrier_is_revoked" in one.reasons for one in refused):
        return "refused for another reason than the revocation"
    return ""


RACING: Final = Deed(RACE, "NothingFound", _race)
