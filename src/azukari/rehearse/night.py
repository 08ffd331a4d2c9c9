"""The night, chapter by chapter, with the real procedures and nothing mocked.

From spring to Friday 24 June 2022 on the story's clock; every duration is measured on the
machine's.  A chapter does what people would do and leaves what it learned in `Night`; what the
promises are worth is judged afterwards, in checks.py.  Here are the house and the day until the
carriers are sealed; who_may.py, evening.py and losing.py tell the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from azukari.benefit.rules import load
from azukari.desk import (
    decide,
    loss,
    media,
    people,
    respond,
    review,
    seal,
    take_in,
)
from azukari.desk import order as orders
from azukari.names import new_id
from azukari.rehearse.city import Invented, invent
from azukari.rehearse.clock import StoryClock, ms
from azukari.rehearse.house import MEDIUM, PURPOSE, House, build
from azukari.roll.columns import Roll
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc
from azukari.shelf import files
from azukari.shelf.folder import Folder

RECEIVE_BY, RETURN_BY = "2022-06-21 18:30", "2022-06-21 20:30"
KNEW = "2022-06-22 03:00"  # the holder wakes and the bag is gone


@dataclass
class Step:
    """A chapter as it was played."""

    name: str
    story_at: str
    measured_s: float
    outcome: str


@dataclass(frozen=True)
class TurnedAway:
    """Somebody asked for something in the story and was told every reason why not."""

    at: int
    who: str  # as it stands on the page
    asked: str  # what for, by its code in titles.py
    reasons: tuple[str, ...]


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
    review: review.Closed = field(init=False)
    turned_away: list[TurnedAway] = field(default_factory=list)

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


def set_up(night: Night) -> None:
    """The house: every site, everybody's keys, the agreements."""
    with night.step("set up", "2022-04-01 10:00") as words:
        night.house = build(night.out, night.clock)
        words.append("one machine; four sites")


def taken_in(night: Night) -> None:
    """Chapter 2."""
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


def word_of_the_day(night: Night) -> None:
    """The city says, as every day, who no longer counts; without it no key is made."""
    people.statement(night.house.office)


def ordered_and_sealed(night: Night) -> None:
    """Chapter 4."""
    with night.step("order and seal", "2022-06-21 10:00") as words:
        cast, office = night.house.cast, night.house.office
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
