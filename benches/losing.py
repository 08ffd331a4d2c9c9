"""A loss, from a person's words to revoked and recorded, in an office that is years old.

What it takes does not depend on how many residents are on a carrier, because it counts nobody; it
depends on how long both ledgers are.  So a small city is sealed, its ledgers are grown, and the
clock runs from the words until the key service's entry is durable, and on until it is recorded.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from azukari.carrier.life import State
from azukari.desk import custody, declaring, loss
from azukari.names import new_id
from azukari.rehearse import night as chapters
from azukari.rehearse.clock import StoryClock
from azukari.shelf.book import Draft
from azukari.shelf.database import transaction
from azukari.vault import records
from benches import Row

RESIDENTS: Final = 300
ENTRIES: Final = 100_000  # of each ledger: the hand-overs, grants and refusals of some years
BATCH: Final = 5_000
WORK: Final = f"a bag declared lost, {ENTRIES:,} entries in each ledger"


def run(residents: int, repeat: int) -> list[Row]:  # noqa: ARG001  a carrier's size does not matter
    """Declared by whoever's bag it was, with no other word."""
    with tempfile.TemporaryDirectory() as folder, _city(Path(folder)) as night:
        turns = [_turn(night) for _ in range(repeat)]
    meant, revoked, recorded = zip(*turns, strict=True)
    return [
        Row(WORK, "the words understood and its keys revoked", revoked, goal="≤ 1 s"),
        Row(WORK, "of that: which carriers are meant", meant),
        Row(WORK, "and recorded with its checklist and deadlines", recorded),
    ]


def _turn(night: chapters.Night) -> tuple[float, float, float]:
    """Seconds until it is known what is meant, until that is revoked, and until it is recorded."""
    office, cast = night.house.office, night.house.cast
    person, kept, revoke = cast.people["engineer"], [], office.keys.revoke

    def watched(*given: Any) -> None:
        revoke(*given)
        kept.append(perf_counter())

    begun = perf_counter()
    found = declaring.meant(office, person, bag=person)
    meant, now = perf_counter(), office.now()
    said = loss.Declared(
        by=person, known_at=now, last_held_at=now, lost_before=now, in_the_bag=None
    )
    object.__setattr__(office.keys, "revoke", watched)
    try:
        loss.declare(office, [one.carrier for one in found.carriers], said)
    finally:
        object.__delattr__(office.keys, "revoke")
    ended = perf_counter()
    _again(night)
    return meant - begun, kept[0] - begun, ended - begun


def _again(night: chapters.Night) -> None:
    """Put the bag back into its bearer's hand, so that it can be lost once more."""
    with night.house.office.act() as tx:
        for carrier in night.sealed:
            records.change_carrier(tx, carrier.carrier, state=State.TRAVELLING)


@contextmanager
def _city(folder: Path) -> Iterator[chapters.Night]:
    """A small city whose two carriers travel in one bag, and whose ledgers are long."""
    clock = StoryClock("2022-04-01 09:00")
    night = chapters.Night(folder, RESIDENTS, 7, clock, say=lambda _: None)
    for chapter in (
        chapters.invented_city,
        chapters.set_up,
        chapters.taken_in,
        chapters.decided,
        chapters.word_of_the_day,
        chapters.ordered_and_sealed,
    ):
        chapter(night)
    office, hand = night.house.office, night.house.cast.hand
    for carrier in night.sealed:
        custody.pass_on(office, carrier.carrier, "hand-over", hand("clerk"), hand("engineer"))
    _grow(night)
    yield night
    night.house.close()


def _grow(night: chapters.Night) -> None:
    """Refusals and heartbeats in both ledgers, each about something else."""
    office, keeper = night.house.office, night.house.keeper
    for start in itertools.count(0, BATCH):
        if start >= ENTRIES:
            break
        by = office.city
        with office.act() as tx:
            grown = [Draft(new_id(), "grant.refused", by, (new_id(),)) for _ in range(BATCH)]
            office.write(tx, *grown)
        # No caller may write what did not happen; a bench grows a ledger by its own book.
        with transaction(keeper._engine) as tx:  # noqa: SLF001  see above
            grown = [Draft(new_id(), "key.refused", by, (new_id(),)) for _ in range(BATCH)]
            keeper._book.append(tx, grown, at=office.now())  # noqa: SLF001  see above
    office.follow_keys()
