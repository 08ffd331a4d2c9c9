"""Two programs at work in one house at once, and each of them dies: nothing is lost, no fork."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from tests.crash.conftest import Life, Program
    from tests.zygote import Told

pytestmark = pytest.mark.real

SEED: Final = 12_450
DEATHS: Final = 6


def test_two_programs_in_one_house_lose_nothing_and_make_no_fork(
    new_life: Callable[[], Life], programs: list[Program]
) -> None:
    draw, life = random.Random(SEED), new_life()
    for death in range(DEATHS):
        steps = [draw.randrange(20, 120) for _ in programs]

        def work(number: int, death: int = death, steps: list[int] = steps) -> Told:
            seed, program = f"{SEED}/{death}/{number}", programs[number]
            return life.die(seed, steps[number], None, program=program)

        with ThreadPoolExecutor(2) as pool:
            both = list(pool.map(work, range(2)))
        assert all(told.killed for told in both), [told.all("broken") for told in both]

    assert [] == life.judged()["faults"], (SEED, steps)
    assert {"office", "keys"} == {line["ledger"] for line in life.said if line["say"] == "root"}


@pytest.mark.parametrize("built", ["file"], indirect=True)
def test_attack_a_second_machine_on_a_copy_of_the_homes_is_refused_by_the_store(
    new_life: Callable[[], Life],
) -> None:
    """Both have one checkpoint store; whoever comes second is another history, or behind."""
    first = new_life()
    second = replace(first, home=first.home.with_name("copy"), said=[])
    shutil.copytree(first.home, second.home)
    shutil.rmtree(second.home / "stores")
    (second.home / "stores").symlink_to(first.home / "stores")

    assert first.die(f"{SEED}/first", 150, None).killed
    told = second.die(f"{SEED}/second", 150, None)

    assert not told.killed
    [trace] = [line["trace"] for line in told.all("broken")]
    assert "LedgerBehind" in trace
    assert [] == told.all("ack")
    assert [] == first.judged()["faults"]
