"""What an office does on a busy day, from several threads at once, until somebody pulls the plug.

Not a test.  After every act that returned it says which entries must be there from now on, and the
signed heads of both ledgers.  Which acts come next is drawn from a seed; what cannot be done just
now, because another thread was first, is refused and said.
"""

from __future__ import annotations

import base64
import hashlib
import queue
import random
import threading
import traceback
from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import select
from tests.desk.crash_house import NOW, RETURN_BY, House
from tests.zygote import say

from azukari.desk import custody, erasing, loss, media, one_time, people, seal, take_in
from azukari.desk import device as devices
from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.desk.tick import tick
from azukari.errors import Conflict, NotFound, Refused, Unreachable
from azukari.ledger.entry import decode
from azukari.names import new_id
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.shelf import files
from azukari.vault import records, schema

YEAR_MS: Final = 366 * 86_400_000
DAY_MS: Final = 86_400_000
#: What another thread, or an act before, may have made impossible.
_NOT_NOW: Final = (Refused, Conflict, NotFound)
_AWAY: Final = (*_NOT_NOW, Unreachable)  # where the database comes and goes

Entry = tuple[str, str, str]  # the ledger, the type, an id or act that the entry names


class Watched:
    """The key service as the office meets it; says of every key that left that it left."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def release_to_seal(self, act: str, by: str, carrier: str) -> bytes:
        key: bytes = self._keys.release_to_seal(act, by, carrier)
        say("left", act=act, sha256=hashlib.sha256(key).hexdigest())
        return key

    def grant(self, act: str, by: str, ask: Any) -> bytes:
        document: bytes = self._keys.grant(act, by, ask)
        say("left", act=act, sha256=hashlib.sha256(document).hexdigest())
        return document


class Hand:
    """One thread's work: draws acts, does them, and says what is true from now on."""

    def __init__(
        self, house: House, seed: str, acts: dict[str, int], *, away: bool = False
    ) -> None:
        self.house, self.office, self.cast = house, house.office, house.cast
        self._random = random.Random(seed)
        self._not_now = _AWAY if away else _NOT_NOW
        self._acts, self._weights = list(acts), list(acts.values())

    def work(self) -> None:
        """For ever, or until something breaks that must not."""
        while True:
            self.one(self._random.choices(self._acts, self._weights)[0])

    def one(self, name: str) -> None:
        try:
            needs = ACTS[name](self)
            say("ack", act=name, needs=needs)
            with self.office.act() as tx:
                office = self.office.book.checkpoint(tx)
            for ledger, note in (("office", office), ("keys", self.house.keeper.checkpoint())):
                say("root", ledger=ledger, note=base64.b64encode(note).decode())
        except self._not_now as error:
            say("refused", act=name, error=type(error).__name__, text=str(error))

    def take_in(self) -> list[Entry]:
        taken = take_in.take_in_roll(
            self.office, self.house.home / "city", self.cast.people["requester"]
        )
        return [("office", "roll.taken_in", taken.roll), ("keys", "key.created", taken.roll)]

    def order(self) -> list[Entry]:
        """A medium, an order onto it, and two approvals."""
        office, tag = self.office, f"N-{new_id()[:12].upper()}"
        media.register(office, tag, self.house.home, self.cast.people["clerk"])
        like = orders.order_of(office, self.house.story["order"])
        now = self.house.clock.now()
        order = replace(like, id=new_id(), media=[tag], carriers=1, requested_at=now)
        orders.request(office, order, self.cast.signer("requester"))
        for name in ("approver_1", "approver_2"):
            orders.approve(office, order.id, *self.cast.hand(name))
        return [
            ("office", "order.requested", order.id),
            *(("office", "order.approved", self.cast.people[f"approver_{n}"]) for n in (1, 2)),
        ]

    def seal(self) -> list[Entry]:
        carrier = seal_next(self.house)
        return [("keys", "key.bound", carrier), ("office", "carrier.sealed", carrier)]

    def hand_over(self) -> list[Entry]:
        carrier, hand = self._carrier("sealed"), self.cast.hand
        custody.pass_on(self.office, carrier, "hand-over", hand("clerk"), hand("engineer"))
        custody.pass_on(self.office, carrier, "receive", hand("engineer"), hand("supervisor"))
        return [
            ("office", "carrier.handed_over", carrier),
            ("office", "carrier.received", carrier),
        ]

    def give_back(self) -> list[Entry]:
        """Returned, and its key destroyed by the same act."""
        carrier, hand = self._carrier("received"), self.cast.hand
        custody.pass_on(self.office, carrier, "return", hand("supervisor"), hand("clerk"))
        return [("office", "carrier.returned", carrier), ("keys", "key.shredded", carrier)]

    def grant(self) -> list[Entry]:
        carrier, device, act = self._carrier("received"), self.house.story["device"], new_id()
        grants.issue(
            self.office,
            carrier,
            person=self.cast.people["operator"],
            role="operator",
            device=device,
            one_time_key=one_time.next_free(self.office, device),
            not_before=ms(NOW),
            not_after=ms(RETURN_BY),
            by=self.cast.people["clerk"],
            act=act,
        )
        return [("office", "grant.issued", act), ("keys", "key.released", act)]

    def lose(self) -> list[Entry]:
        carrier, now = self._carrier("sealed", "received"), self.house.clock.now()
        said = loss.Declared(
            by=self.cast.people["officer"],
            known_at=now,
            last_held_at=now,
            lost_before=now,
            in_the_bag=None,
        )
        found = loss.declare(self.office, [carrier], said)
        revoked = [("keys", "carrier.revoked", found.act)] if found.revoked else []
        return [*revoked, ("office", "carrier.lost", found.act)]

    def restore(self) -> list[Entry]:
        """A false alarm, undone by two persons."""
        carrier, act = self._carrier("lost"), new_id()
        revocation = self._revocation(carrier)
        words = [
            doc.issue(
                doc.Restoration(
                    id=new_id(),
                    carrier=carrier,
                    person=self.cast.people[name],
                    revocation=revocation,
                    at=self.house.clock.now(),
                ),
                self.cast.signer(name),
            )
            for name in ("approver_1", "approver_2")
        ]
        self.house.keeper.restore(act, self.cast.people["officer"], carrier, words)
        return [("keys", "carrier.restored", act)]

    def shred(self) -> list[Entry]:
        carrier = self._carrier("lost")
        self.house.keeper.shred(new_id(), self.cast.people["officer"], carrier)
        return [("keys", "key.shredded", carrier)]

    def document(self) -> list[Entry]:
        """Another party in the books, believed by the key service."""
        party = people.add_party(self.office, "例示二次受託", "sub-contractor")
        return [("office", "party.added", party.id)]

    def heartbeat(self) -> list[Entry]:
        """A day later."""
        self.house.clock.at += DAY_MS
        act = new_id()
        before = self.house.keeper.head().size
        self.house.keeper.heartbeat(act, self.office.city)
        beats = self.house.keeper.entries(before)
        return [("keys", "ledger.heartbeat", act)] if any(act.encode() in b for b in beats) else []

    def refuse(self) -> list[Entry]:
        """An order that an approver refuses: its reasons are what a rule lets go one day."""
        hour, now = 3_600_000, self.house.clock.now()
        times = {"receive_by": now + hour, "return_by": now + 2 * hour, "expires_at": now + DAY_MS}
        like = orders.order_of(self.office, self.house.story["order"])
        order = replace(like, id=new_id(), requested_at=now, **times)
        orders.request(self.office, order, self.cast.signer("requester"))
        people.refuse(self.office, order.id, *self.cast.hand("approver_2"))
        return [("office", "order.refused", order.id)]

    def erase(self) -> list[Entry]:
        """A year later: what is old enough goes, by two persons."""
        self.house.clock.at += YEAR_MS
        looked = erasing.look(self.office, "refusals")
        asked = erasing.request(
            self.office, looked, "the year is over", self.cast.hand("approver_1"), leave_held=True
        )
        erasing.approve(self.office, asked.id, self.cast.hand("approver_2"))
        gone = [("gone", "", str(i)) for i in asked.entries]
        return [("office", "detail.erased", asked.id), *gone]

    def tick(self) -> list[Entry]:
        tick(self.office)
        return []

    def _carrier(self, *states: str) -> str:
        """One in one of these states, any but those that the house began with."""
        with self.office.act() as tx:
            found = [row.id for row in records.carriers(tx) if row.state in states]
        if not found:
            raise NotFound("no carrier is so far")
        return str(self._random.choice(found))

    def _revocation(self, carrier: str) -> str:
        """The act that revoked it last."""
        rows = schema.incident.c
        with self.office.act() as tx:
            known = tx.execute(select(rows.act, rows.carriers)).all()
        acts = {row.act for row in known if carrier in row.carriers.split()}
        entries = map(decode, self.house.keeper.entries(0))
        found = [e.act for e in entries if e.type == "carrier.revoked" and e.act in acts]
        if not found:
            raise NotFound("its loss is recorded, and not yet revoked")
        return str(found[-1])


ACTS: Final[dict[str, Callable[[Hand], list[Entry]]]] = {
    "take in": Hand.take_in,
    "order": Hand.order,
    "seal": Hand.seal,
    "hand over": Hand.hand_over,
    "give back": Hand.give_back,
    "grant": Hand.grant,
    "lose": Hand.lose,
    "restore": Hand.restore,
    "shred": Hand.shred,
    "document": Hand.document,
    "heartbeat": Hand.heartbeat,
    "refuse": Hand.refuse,
    "erase": Hand.erase,
    "tick": Hand.tick,
}
#: How often each is drawn.  Details are erased years later, when nothing is out and nothing open.
DAY: Final = {
    "take in": 2, "order": 2, "seal": 6, "hand over": 4, "give back": 1, "grant": 4, "lose": 3,
    "restore": 3, "shred": 1, "document": 2, "tick": 1,
}  # fmt: skip
YEARS: Final = {"take in": 2, "document": 3, "heartbeat": 3, "refuse": 3, "erase": 3, "tick": 1}
THREADS: Final = 3
CARRIERS, ONE_TIME_KEYS = 10, 12

_choosing, _chosen = threading.Lock(), set[str]()


def seal_next(house: House) -> str:
    """A carrier onto the order's next medium; nobody else takes that one meanwhile."""
    office, order = house.office, house.story["order"]
    used = {row.tag for row in seal.carriers_of(office)}
    with _choosing:
        free = [t for t in orders.order_of(office, order).media if t not in used | _chosen]
        if not free:
            raise NotFound("the order has no medium left")
        _chosen.add(free[0])
    place, by = files.folder(house.home / "carriers" / free[0]), house.cast.people["clerk"]
    roll, determination = house.story["roll"], house.story["determination"]
    cargo = seal.select_cargo(office, order, roll, determination, by)
    return seal.seal(office, cargo, place, by, free[0]).carrier


def stock(house: House) -> None:
    """Carriers in every state to begin with, and keys for their grants."""
    hand = Hand(house, "stock", {})
    more = devices.more_keys(house.device_home, ONE_TIME_KEYS, house.clock.now())
    orders.enrol(house.office, more)
    for _ in range(CARRIERS):
        seal_next(house)
    for _ in range(CARRIERS // 2):
        hand.hand_over()
    for _ in range(2):
        hand.lose()
    hand.refuse()


def bustle(house: House, seed: str, acts: dict[str, int], *, away: bool = False) -> None:
    """Work from several threads; returns where one of them breaks, which says what broke it."""
    broken: queue.SimpleQueue[str] = queue.SimpleQueue()
    # Opened by nobody else: what leaves here is said.
    object.__setattr__(house.office, "keys", Watched(house.keeper))

    def work(number: int) -> None:
        try:
            Hand(house, f"{seed}/{number}", acts, away=away).work()
        except BaseException:  # noqa: BLE001  said by whoever waits for it
            broken.put(traceback.format_exc())

    for number in range(THREADS):
        threading.Thread(target=work, args=(number,), daemon=True).start()
    say("broken", trace=broken.get())
