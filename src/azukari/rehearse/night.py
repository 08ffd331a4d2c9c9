"""The night, chapter by chapter, with the real procedures and nothing mocked.

From Tuesday 21 to Friday 24 June 2022 on the story's clock; every duration is measured on the
machine's.  A chapter does what people would do and leaves what it learned in `Night`; what the
promises are worth is judged afterwards, in checks.py.  Here is the day until the carriers are late;
how they are lost and found stands in losing.py.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from azukari.benefit.rules import load
from azukari.desk import custody, decide, enquire, loss, media, respond, seal, take_in, tick
from azukari.desk import device as devices
from azukari.desk import grant as grants
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.names import new_id
from azukari.rehearse import callers
from azukari.rehearse.city import Invented, invent
from azukari.rehearse.clock import StoryClock, ms
from azukari.rehearse.house import MEDIUM, PURPOSE, House, build
from azukari.roll.columns import Roll
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc
from azukari.shelf import files
from azukari.shelf.folder import Folder

ENQUIRIES: Final = 1000
RECEIVE_BY, RETURN_BY = "2022-06-21 18:30", "2022-06-21 20:30"
KNEW = "2022-06-22 03:00"  # the holder wakes and the bag is gone


@dataclass
class Step:
    """A chapter as it was played."""

    name: str
    story_at: str
    measured_s: float
    outcome: str


@dataclass
class Night:
    """Everything the night leaves behind."""

    out: Path
    residents: int
    seed: int
    clock: StoryClock
    say: Callable[[str], None]
    export: Path | None = None  # a city's own files, instead of an invented city
    steps: list[Step] = field(default_factory=list)
    figures: dict[str, float | int] = field(default_factory=dict)
    invented: Invented | None = None
    known: dict[str, Any] = field(default_factory=dict)

    house: House = field(init=False)
    taken: take_in.TakenIn = field(init=False)
    decided: decide.Determined = field(init=False)
    order: doc.Order = field(init=False)
    sealed: list[seal.SealedCarrier] = field(init=False)
    grant: bytes = field(init=False)
    incident: loss.Incident = field(init=False)
    response: respond.Response = field(init=False)

    @property
    def bag(self) -> list[Path]:
        """The carriers as they lie on their media: main and backup."""
        return [self.out / "carriers" / name for name in ("main", "backup")]

    @property
    def main(self) -> seal.SealedCarrier:
        return self.sealed[0]

    @contextmanager
    def step(self, name: str, story_at: str) -> Iterator[list[str]]:
        """Play one chapter; what is put into the list is its outcome in words."""
        self.clock.set(story_at)
        self.say(f"{self.clock.when():%m-%d %H:%M} {name}")
        words: list[str] = []
        begun = time.perf_counter()
        try:
            yield words
        finally:
            took = time.perf_counter() - begun
            outcome = "; ".join(words) if words else "broken off"
            at = StoryClock(story_at).when().isoformat()
            self.steps.append(Step(name, at, round(took, 3), outcome))
            self.say(f"{name}: {outcome} ({took:.1f} s)")

    @contextmanager
    def measured(self, figure: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.figures[figure] = round(time.perf_counter() - begun, 4)

    def open_roll(self) -> Roll:
        """The roll again, from the office's sealed copy."""
        by = self.house.cast.people["officer"]
        return take_in.open_roll(self.house.office, self.taken.roll, by)


def invented_city(night: Night) -> None:
    """Chapter 1."""
    with night.step("invent", "2022-04-01 09:00") as words:
        if night.export is not None:
            words.append("the city's own export is used")
            return
        with night.measured("invent_s"):
            night.invented = invent(night.residents, night.seed, night.out / "city")
        found = night.invented
        words.append(f"{found.residents:,} residents in {found.households:,} households")


def taken_in(night: Night) -> None:
    """Chapter 2; the house is set up on the way."""
    with night.step("set up", "2022-04-01 10:00") as words:
        night.house = build(night.out, night.clock)
        words.append("one machine, no witness; four sites")
    with night.step("take in", "2022-06-21 09:00") as words:
        house = night.house
        by = house.cast.people["requester"]
        source = night.export or night.out / "city"
        with night.measured("take_in_s"):
            night.taken = take_in.take_in_roll(house.office, source, by)
        report = night.taken.report
        night.residents = report.files["register"].rows_kept
        refused = len(report.refusals)
        encodings = sorted({file.encoding for file in report.files.values()})
        words.append(f"{night.residents:,} kept, {refused:,} rows refused, {', '.join(encodings)}")


def decided(night: Night) -> None:
    """Chapter 3."""
    with night.step("decide", "2022-06-21 09:30") as words:
        house = night.house
        by = house.cast.people["requester"]
        with night.measured("decide_s"):
            night.decided = decide.decide(house.office, night.taken.roll, load("fy2021"), by)
        answers = night.decided.households
        words += [f"{count:,} {answer}" for answer, count in sorted(answers.items())]


def ordered_and_sealed(night: Night) -> None:
    """Chapter 4."""
    with night.step("order and seal", "2022-06-21 10:00") as words:
        house, cast, office = night.house, night.house.cast, night.house.office
        house.keeper.believe([orders.status(office, 1, [])])
        night.order = _order(night)
        for root, tag in zip(night.bag, night.order.media, strict=True):
            media.register(office, tag, files.folder(root), cast.people["clerk"])
        orders.request(office, night.order, cast.signer("requester"))
        night.clock.set("2022-06-21 10:40")
        for name in ("approver_1", "approver_2"):
            orders.approve(office, night.order.id, *cast.hand(name))
        night.clock.set("2022-06-21 16:30")
        by = cast.people["clerk"]
        with night.measured("seal_s"):
            cargo = seal.select_cargo(
                office, night.order.id, night.taken.roll, night.decided.determination, by
            )
            places = zip(night.bag, night.order.media, strict=True)
            night.sealed = [seal.seal(office, cargo, root, by, tag) for root, tag in places]
        night.known["newest_ms"] = max(Folder(root).newest_ms() for root in night.bag)
        labels = " and ".join(carrier.label for carrier in night.sealed)
        size = sum(carrier.bytes for carrier in night.sealed) / (1 << 20)
        words.append(f"approved twice, {labels} sealed, {size:,.0f} MiB")


def handed_over_and_answered(night: Night) -> None:
    """Chapter 5."""
    with night.step("hand over and answer", "2022-06-21 17:00") as words:
        house, cast, office = night.house, night.house.cast, night.house.office
        for carrier in night.sealed:
            custody.pass_on(
                office, carrier.carrier, "hand-over", cast.hand("clerk"), cast.hand("engineer")
            )
        night.clock.set("2022-06-21 17:50")
        for carrier in night.sealed:
            custody.pass_on(
                office, carrier.carrier, "receive", cast.hand("engineer"), cast.hand("supervisor")
            )
        night.clock.set("2022-06-21 18:00")
        night.known["one_time_keys"] = sorted(
            path.stem for path in (house.device_home / "one-time").iterdir()
        )
        with night.measured("grant_s"):
            night.known["grant_act"] = new_id()
            night.grant = ask_for_grant(night, act=night.known["grant_act"])
        night.clock.set("2022-06-21 18:10")
        device = devices.open_device(house.device_home, night.clock.now)
        with night.measured("open_s"):
            opened = enquire.open_carrier(
                device, night.bag[0], night.grant, cast.signer("operator")
            )
        calls = callers.callers(night.open_roll(), _answers(night), ENQUIRIES, night.seed)
        night.clock.set("2022-06-21 18:15")
        with night.measured("enquire_s"):
            said = [opened.answer([call.enquiry])[0] for call in calls]
        night.known["calls"], night.known["said"] = calls, said
        device.close()
        words.append(f"{len(said):,} enquiries answered, the backup not opened")
    # The device goes back into its locker; nobody erases anything.  Later tonight the copies that
    # strangers try are copies of this moment.
    night.clock.set("2022-06-21 19:40")
    shutil.copytree(house.device_home, night.out / "copies" / "call-centre")
    night.known["before_loss"] = snapshot(night, "before")
    # The contractor's engineer packs both carriers to bring them back.
    for carrier in night.sealed:
        custody.pass_on(
            office, carrier.carrier, "hand-over", cast.hand("supervisor"), cast.hand("engineer")
        )


def late(night: Night) -> None:
    """Chapter 6."""
    with night.step("late", "2022-06-21 20:35") as words:
        before = tick.tick(night.house.office)
        again = tick.tick(night.house.office)
        night.known["alarms"] = (before.alarms, again.alarms)
        words.append(f"{len(before.alarms)} carriers late, the alarm raised by itself")


def ask_for_grant(
    night: Night, office: Office | None = None, *, act: str | None = None, **changed: Any
) -> bytes:
    """Ask for the night's grant, or for one that differs in what keywords say."""
    house, cast = night.house, night.house.cast
    ask: dict[str, Any] = {
        "person": cast.people["operator"],
        "role": "operator",
        "device": house.device,
        "one_time_key": night.known["one_time_keys"][0],
        "not_before": ms("2022-06-21 18:00"),
        "not_after": ms(RETURN_BY),
        "by": cast.people["clerk"],
    }
    office = office or house.office
    return grants.issue(office, night.main.carrier, act=act, **(ask | changed))


def _answers(night: Night) -> pa.Table:
    by = night.house.cast.people["officer"]
    return take_in.open_table(night.house.office, night.decided.determination, "households", by)


def _order(night: Night) -> doc.Order:
    house, people = night.house, night.house.cast.people
    households = sum(night.decided.households.values())
    return doc.Order(
        id=new_id(),
        purpose=PURPOSE,
        agreement=house.agreements["centre"],
        tables=[
            doc.OrderedTable(
                table=seal.TABLE,
                columns={name: sorted(column.roles) for name, column in COLUMNS.items()},
                rows=households + seal.CANARIES,
            )
        ],
        carriers=2,
        medium=MEDIUM,
        media=["M-0001", "M-0002"],
        route="city hall, by train, to the call centre and back",
        holder=people["engineer"],
        recipient=people["supervisor"],
        grant_by=people["courier"],
        device=house.device,
        device_holder=people["supervisor"],
        requester=people["requester"],
        requested_at=night.clock.now(),
        receive_by=ms(RECEIVE_BY),
        return_by=ms(RETURN_BY),
        expires_at=ms("2022-06-30 17:00"),
    )


def snapshot(night: Night, name: str) -> Path:
    """Copy the office's and the key service's sites, without the sealed rolls, for the attacks."""
    target = night.out / "copies" / name
    for site in ("office", "keys"):
        shutil.copytree(
            night.out / "sites" / site,
            target / site,
            ignore=shutil.ignore_patterns("rolls"),
        )
    return target
