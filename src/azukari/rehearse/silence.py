"""Evenings on copies on which nobody says anything at all, and one whose clockwork stopped.

What is late must be raised there too, up to the last rung, and a witness that is shown a ledger
which no longer grows must say so after its 26 hours, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azukari.desk import tick, witnesses
from azukari.desk.alarms import Raised
from azukari.incident.overdue import Rung
from azukari.rehearse.attempts import INSIDE_WINDOW, Hands
from azukari.rehearse.clock import ms
from azukari.rehearse.night import RECEIVE_BY, Night
from azukari.rehearse.witnessing import COMMITTEE
from azukari.rehearse.world import World, open_world
from azukari.witness import alarm, site

#: A little longer than from one rung to the next.
STEP_MS: Final = 61 * 60_000


@dataclass(frozen=True)
class Unsaid:
    """What came of it.

    Attributes:
        rungs: of every kind that was raised, who was told, in order.
        shown: how often a witness was shown the ledger of a clockwork that runs.
        quiet: how often it then had nothing to say.
        early: whether the other, whose ledger stopped, said so at the 26th hour or before.
        silent: whether it said so right after.
    """

    rungs: dict[str, tuple[Rung, ...]]
    shown: int
    quiet: int
    early: bool
    silent: bool


def nobody_says_anything(night: Night) -> None:
    """Nobody declares a loss, hands anything over or answers, for two days."""
    with night.step("nobody says anything", "2022-06-23 22:00") as words, Hands(night) as hands:
        raised = _on_the_way(night, hands)
        with (
            closing(_evening(night, hands)) as runs,
            closing(_evening(night, hands)) as stands,
        ):
            heard = [_witness(night, hands, world) for world in (runs, stands)]
            # Both ledgers stand still from where the witness last saw them grow.
            last = min(known.grown_at for known in heard[1].memory().logs)
            limit = last + alarm.SILENCE_MS
            shown = quiet = 0
            for now in _hours(runs, limit + 2 * STEP_MS):
                raised += tick.tick(runs.office).raised
                stands.clock.at = now
                for world, witness in zip((runs, stands), heard, strict=True):
                    _show(world, witness)
                shown += 1
                quiet += not alarm.alarms(heard[0].memory(), now)
            said = heard[1].memory()
        early, silent = (_silent(alarm.alarms(said, at)) for at in (limit, limit + 1))
        rungs = {one.what: _told(raised, one.what) for one in raised}
        night.known["unsaid"] = Unsaid(rungs, shown, quiet, early, silent)
        words.append(f"on copies, late without a word: {', '.join(sorted(rungs))}")
        if silent and not early:
            words.append("a clockwork that stopped: its witness raised the alarm after 26 hours")


def _told(raised: list[Raised], what: str) -> tuple[Rung, ...]:
    """The rungs that were told of one kind, in the order in which they were."""
    return tuple(dict.fromkeys(one.rung for one in raised if one.what == what))


def _on_the_way(night: Night, hands: Hands) -> list[Raised]:
    """Handed over, and never received."""
    raised: list[Raised] = []
    with closing(open_world(hands, night.known["on_the_way"], RECEIVE_BY)) as world:
        for _ in _hours(world, ms(RECEIVE_BY) + 6 * STEP_MS):
            raised += tick.tick(world.office).raised
    return raised


def _evening(night: Night, hands: Hands) -> World:
    """Opened at the call centre, and then nothing."""
    return open_world(hands, night.known["before_loss"], INSIDE_WINDOW)


def _hours(world: World, until: int) -> Iterator[int]:
    """Let the clock of a world go on; every instant on the way."""
    while world.clock.at <= until:
        yield world.clock.at
        world.clock.at += STEP_MS


def _witness(night: Night, hands: Hands, world: World) -> site.Site:
    """A copy of the committee's, by this world's clock, that has seen its newest head."""
    home: Path = hands.home(night.out / "copies" / "witness")
    found = site.open_site(home, COMMITTEE.name, world.clock.now)
    _show(world, found)
    return found


def _show(world: World, witness: site.Site) -> None:
    """Bring what both ledgers hold now, new or not."""
    for which in witnesses.WHICH:
        asked = witnesses.request(world.office, COMMITTEE.name, which)
        witnesses.take(world.office, witness.cosign(asked).lines)


def _silent(found: list[alarm.Alarm]) -> bool:
    return any(one.what is alarm.What.SILENT for one in found)
