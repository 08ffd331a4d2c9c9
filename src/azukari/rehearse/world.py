"""Both sites as they stood at some moment of the night: copies, for attacks to be tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from azukari.desk import people
from azukari.desk.office import Office, new_act, open_office
from azukari.keys import service
from azukari.keys.client import GrantAsk
from azukari.keys.keeper import Keeper
from azukari.names import new_id
from azukari.rehearse.attempts import INSIDE_WINDOW, Attack, Hands, attempt
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.evening import ask_for_grant
from azukari.rehearse.house import CALL, ORIGIN, agreement
from azukari.rehearse.night import Night
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.vault import schema

AFTER_LOSS: Final = ("after_loss", "2022-06-22 04:00")
_STEP_MS: Final = 4 * 3_600_000


@dataclass
class World:
    """Both sites as they stood once, open."""

    night: Night
    hands: Hands
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

    def link(
        self, parent: str, entrustor: str, processor: str, terms: doc.Terms
    ) -> tuple[str, bytes]:
        """A link with every hand it needs, the city's too: its keys may be misused."""
        cast, now = self.night.house.cast, self.clock.now()
        return agreement(self.office, cast, parent, entrustor, processor, terms, now)

    def order(self, **changed: Any) -> doc.Order:
        """Another order like the evening's, for some hours from now; told to the key service."""
        now = self.clock.now()
        times = {"requested_at": now, "receive_by": now + _STEP_MS, "return_by": now + 2 * _STEP_MS}
        known = {"id": new_id(), **times} | changed
        order: doc.Order = msgspec.structs.replace(self.night.order, **known)
        self.keeper.believe([self.requested(order)])
        return order

    def requested(self, order: doc.Order) -> bytes:
        signer = self.night.house.cast.signer("requester")
        return doc.issue(order, self.office.signers["order"], signer)

    def approve(self, order: doc.Order, *names: str, **changed: Any) -> None:
        """Approvals by these, or by both approvers; told to the key service."""
        cast = self.night.house.cast
        for name in names or ("approver_1", "approver_2"):
            self.approved(order, cast.people[name], cast.signer(name), **changed)

    def approved(self, order: doc.Order, person: str, signer: Signer, **changed: Any) -> None:
        said: dict[str, Any] = {
            "id": new_id(),
            "order": order.id,
            "order_sha256": doc.digest(order),
            "approver": person,
            "at": self.clock.now(),
            "expires_at": order.expires_at,
        }
        self.keeper.believe([doc.issue(doc.Approval(**(said | changed)), signer)])

    def make_key(self, order: doc.Order) -> str:
        """Ask for the key of a carrier under an order."""
        return a_key(lambda: self.keeper.create(new_act(), order.requester, new_id(), order.id))

    def later(self, at: str) -> None:
        """Another day, with the city's word of that day."""
        self.clock.set(at)
        people.statement(self.office)

    def close(self) -> None:
        self.office.close()
        self.keeper.close()


@dataclass(frozen=True)
class Deed:
    """An attack on copies: what must stand in its refusal, when it is tried, and the attempt."""

    name: str
    because: str
    do: Callable[[World], str]
    moment: str = "before_loss"  # which copy
    at: str = INSIDE_WINDOW  # by the story's clock


def try_all(hands: Hands, deeds: Iterable[Deed]) -> Iterator[Attack]:
    """Every attack, each on copies of its own."""
    for deed in deeds:
        world = open_world(hands, hands.night.known[deed.moment], deed.at)
        try:
            yield attempt(deed.name, deed.because, lambda w=world, d=deed: d.do(w))  # type: ignore[misc]  # bound per turn
        finally:
            world.close()


def a_key(deed: Callable[[], object]) -> str:
    """What an attacker got hold of, where the deed goes through."""
    deed()
    return "a key was given"


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
    with office.act() as tx:  # nobody hears of what is tried on a copy
        tx.execute(schema.witness.update().values(url=""))
    return World(night, hands, office, keeper, clock)
