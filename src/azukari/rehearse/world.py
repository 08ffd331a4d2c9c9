"""Both sites as they stood at some moment of the night: copies, for attacks to be tried on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from azukari.desk.office import Office, open_office
from azukari.keys import service
from azukari.keys.client import GrantAsk
from azukari.keys.keeper import Keeper
from azukari.rehearse.attempts import Hands
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.house import CALL, ORIGIN
from azukari.rehearse.night import Night, ask_for_grant
from azukari.vault import schema


@dataclass
class World:
    """Both sites as they stood once, open."""

    night: Night
    office: Office
    keeper: Keeper
    clock: StoryClock

    def ask(self, **changed: str | int) -> bytes:
        """A new grant for another one-time key, as the office asks it."""
        key = {"one_time_key": self.night.known["one_time_keys"][1]}
        return ask_for_grant(self.night, self.office, **(key | changed))

    def first_ask(self) -> GrantAsk:
        """The question that was asked on the evening, as the office kept it."""
        act = self.night.known["grant_act"]
        with self.office.act() as tx:
            row = tx.execute(schema.grant.select().where(schema.grant.c.act == act)).one()
        return msgspec.json.decode(row.ask, type=GrantAsk)

    def close(self) -> None:
        self.office.close()
        self.keeper.close()


def open_world(hands: Hands, copy: Path, at: str) -> World:
    """Copies of both sites, opened at an instant of the story."""
    night, home, clock = hands.night, hands.home(copy), StoryClock(at)
    keeper = service.open_keys(home / "keys", night.house.passphrase, clock.now)
    office = open_office(
        home / "office",
        city=night.house.office.city,
        call=CALL,
        origin=f"{ORIGIN}/office",
        keys=keeper,
        now=clock.now,
    )
    return World(night, office, keeper, clock)
