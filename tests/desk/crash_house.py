"""A small house on disk for the crash tests: built once, copied, opened again by whoever comes.

Not a test.  Everything is invented.  What a program needs to open the house again, passphrases
too, stands in ``story.json`` beside the sites: this house guards nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from azukari.desk import custody, loss, media, seal, take_in
from azukari.desk import device as devices
from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.desk.office import Office, open_office
from azukari.keys import backends, service
from azukari.keys.keeper import Keeper
from azukari.names import new_id
from azukari.rehearse.cast import Cast
from azukari.rehearse.clock import StoryClock, ms
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc
from azukari.shelf import files

RESIDENTS: Final = 80
CARRIERS: Final = 40
NOW: Final = "2022-06-21 18:00"
RETURN_BY: Final = "2022-06-21 20:30"
MEDIUM: Final = "stick"
PURPOSE: Final = "answer eligibility enquiries"
ORIGIN: Final = "azukari.example/kakuu"


def start_quickly() -> None:
    """For programs of these tests only, never where other tests run: a start costs 80 ms of scrypt,
    and these houses are started hundreds of times and guard nothing.
    """
    setattr(backends, "_SCRYPT_N", 1 << 4)  # noqa: B010  a constant


@dataclass
class House:
    """An open house; ``story`` is what its builder wrote down."""

    home: Path
    story: dict[str, Any]
    clock: StoryClock
    cast: Cast
    keeper: Keeper
    office: Office

    def close(self) -> None:
        self.office.close()
        self.keeper.close()

    @property
    def device_home(self) -> Path:
        return self.home / "sites" / "call-centre"


def open_house(home: Path) -> House:
    """Open a house that lies on disk, as a program does that starts again after a crash."""
    story = json.loads((home / "story.json").read_bytes())
    clock = StoryClock(NOW)
    passphrases = {name: text.encode() for name, text in story["passphrases"].items()}
    cast = Cast(home / "persons", story["parties"], story["people"], passphrases)
    keeper = service.open_keys(
        home / "sites" / "keys", story["passphrase"].encode(), lambda: clock.now()
    )
    office = open_office(
        home / "sites" / "office",
        city=cast.parties["city"],
        call="架空市",
        origin=f"{ORIGIN}/office",
        keys=keeper,
        now=lambda: clock.now(),
    )
    return House(home, story, clock, cast, keeper, office)


def build_house(home: Path, office_on: str = "", keys_on: str = "") -> None:
    """A city, its roll and answers, an approved order, two carriers received, one grant issued."""
    # Late: the judge's engine and the invented city bring threads, which a forking parent of
    # crashing children must not have.
    from azukari.benefit.rules import load
    from azukari.desk.decide import decide
    from azukari.rehearse.city import invent
    from azukari.rehearse.house import build

    clock = StoryClock("2022-04-01 10:00")
    invent(RESIDENTS, 1, home / "city")
    house = build(home, clock, office_on=office_on, keys_on=keys_on)
    office, cast = house.office, house.cast
    clock.set("2022-06-21 09:00")
    clerk, requester = cast.people["clerk"], cast.people["requester"]
    roll = take_in.take_in_roll(office, home / "city", requester).roll
    decided = decide(office, roll, load("fy2021"), requester)
    house.keeper.believe([orders.status(office, 1, [])])
    order = _order(house, sum(decided.households.values()))
    orders.request(office, order, cast.signer("requester"))
    for name in ("approver_1", "approver_2"):
        orders.approve(office, order.id, *cast.hand(name))
    cargo = seal.select_cargo(office, order.id, roll, decided.determination, clerk)
    sealed = []
    for tag in order.media:
        media.register(office, tag, home, clerk)
    for name, tag in zip(("main", "backup"), order.media, strict=False):
        place = files.folder(home / "carriers" / name)
        carrier = seal.seal(office, cargo, place, clerk, tag).carrier
        pass_on = partial(custody.pass_on, office, carrier)
        pass_on("hand-over", cast.hand("clerk"), cast.hand("engineer"))
        pass_on("receive", cast.hand("engineer"), cast.hand("supervisor"))
        sealed.append(carrier)
    clock.set(NOW)
    story = {
        "passphrase": house.passphrase.decode(),
        "passphrases": {name: text.decode() for name, text in cast.passphrases.items()},
        "parties": cast.parties,
        "people": cast.people,
        "device": house.device,
        "order": order.id,
        "roll": roll,
        "determination": decided.determination,
        "carriers": sealed,
        "one_time_keys": sorted(p.stem for p in (house.device_home / "one-time").iterdir()),
    }
    opened = House(home, story, clock, cast, house.keeper, office)
    story["grant"] = ask_for_grant(opened, new_id(), 0).decode()
    (home / "story.json").write_text(json.dumps(story), encoding="utf-8")
    house.close()


def ask_for_grant(house: House, act: str, key: int) -> bytes:
    """A grant of the first carrier to the device's one-time key of that number."""
    people = house.cast.people
    return grants.issue(
        house.office,
        house.story["carriers"][0],
        person=people["operator"],
        role="operator",
        device=house.story["device"],
        one_time_key=house.story["one_time_keys"][key],
        not_before=ms(NOW),
        not_after=ms(RETURN_BY),
        by=people["clerk"],
        act=act,
    )


def seal_one(house: House, medium: Path) -> str:
    """Select the cargo again and seal it onto the order's next medium; the carrier's id."""
    story, by = house.story, house.cast.people["clerk"]
    used = {row.tag for row in seal.carriers_of(house.office)}
    order = orders.order_of(house.office, story["order"])
    tag = next(tag for tag in order.media if tag not in used)
    files.folder(medium)
    cargo = seal.select_cargo(
        house.office, story["order"], story["roll"], story["determination"], by
    )
    return seal.seal(house.office, cargo, medium, by, tag).carrier


def declare_loss(house: House) -> loss.Incident:
    """Both carriers in one bag."""
    said = loss.Declared(
        by=house.cast.people["officer"],
        known_at=ms(NOW),
        last_held_at=ms(NOW),
        lost_before=ms(NOW),
        in_the_bag=None,
    )
    return loss.declare(house.office, house.story["carriers"], said)


def open_device(house: House) -> devices.OpenDevice:
    return devices.open_device(house.device_home, house.clock.now)


def _order(house: Any, households: int) -> doc.Order:
    people = house.cast.people
    columns = {name: sorted(column.roles) for name, column in COLUMNS.items()}
    rows = households + seal.CANARIES
    return doc.Order(
        id=new_id(),
        purpose=PURPOSE,
        agreement=house.agreements["centre"],
        tables=[doc.OrderedTable(table=seal.TABLE, columns=columns, rows=rows)],
        carriers=CARRIERS,
        medium=MEDIUM,
        media=[f"M-{number:04d}" for number in range(CARRIERS)],
        route="city hall to the call centre and back",
        holder=people["engineer"],
        recipient=people["supervisor"],
        grant_by=people["courier"],
        device=house.device,
        device_holder=people["supervisor"],
        requester=people["requester"],
        requested_at=house.clock.now(),
        receive_by=ms("2022-06-21 18:30"),
        return_by=ms(RETURN_BY),
        expires_at=ms("2022-06-30 17:00"),
    )
