"""Killed at any moment of a busy day, on either database, what was acknowledged is there.

Several threads work in one program, so that their acts are committed in groups, and it is killed
with SIGKILL: at a step that makes something durable, or some milliseconds after one, wherever it
then is.  It dies again and again in the same house, often before anybody looked; whenever a program
looks that has just been started, it finds all that was ever said there before.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest
from tests.crash.bustle import ACTS

if TYPE_CHECKING:
    from tests.crash.conftest import Life

pytestmark = pytest.mark.real

SEED: Final = 460_000
LIVES, DEATHS = 10, 20  # on each database
LATEST_STEPS: Final = (40, 100, 300)
LONGEST_S: Final = 0.02  # after a step, where it does not die at once


def test_killed_at_any_moment_nothing_that_was_acknowledged_is_lost(
    new_life: Callable[[], Life], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f" [seed {SEED}]", end="")  # noqa: T201  the seed belongs to the failure
    lives = [new_life() for _ in range(LIVES)]

    with ThreadPoolExecutor(2) as pool:  # each of the two programs has every second life
        found = pool.map(
            lambda half: [_lived(lives[number], number) for number in range(half, LIVES, 2)],
            (0, 1),
        )

    acts = sum((each for half in found for each in half), Counter[str]())
    assert LIVES * DEATHS == acts.pop("killed")
    # Which thread comes first is nobody's choice: an act that is rare may always have been cut off.
    assert len(ACTS) - 3 <= len(acts), acts
    assert LIVES * DEATHS < acts.total(), acts


def _lived(life: Life, number: int) -> Counter[str]:
    """A life with all its deaths; how often each act was acknowledged in it."""
    draw, acts = random.Random(f"{SEED}/{number}"), Counter[str]()
    for death in range(DEATHS):
        step = draw.randrange(1, draw.choice(LATEST_STEPS))
        after_s = draw.choice([None, draw.uniform(0.0, LONGEST_S)])
        told = life.die(f"{SEED}/{number}/{death}", step, after_s, years=number % 3 == 2)
        where = f"life {number}, death {death}: step {step}, {after_s} s later"
        assert told.killed, (where, told.all("broken"))
        if draw.random() < 0.25 or death == DEATHS - 1:
            assert [] == life.judged()["faults"], (where, told.lines[-3:])
        acts.update(one["act"] for one in told.all("ack"))
        acts["killed"] += 1
    return acts
