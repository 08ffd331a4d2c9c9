"""The server dies under the program: connections end, backends are killed, and once all of it.

The program goes on, what it acknowledged stays, and what it could not do it said it could not.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import psycopg
import pytest
from tests.postgres import name_of

if TYPE_CHECKING:
    from tests.crash.conftest import Life
    from tests.postgres import Server
    from tests.zygote import Told

pytestmark = [pytest.mark.real, pytest.mark.parametrize("built", ["server"], indirect=True)]

SEED: Final = 1_245
STEPS: Final = 200


def working(life: Life, disturb: Callable[[], None], every_s: float) -> Told:
    """What was said by a program that is disturbed again and again, and then dies itself."""
    begun = threading.Event()
    # The disturbing is done here: a server that another thread started would end with the thread.
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(life.die, str(SEED), STEPS, None, away=True, begun=begun)
        begun.wait(60)
        while True:
            try:
                return told.result(every_s)
            except TimeoutError:
                disturb()


def start(postgres: Server) -> None:
    """Again; backends of one that was stopped at once may hold its memory a little longer."""
    for attempt in range(40):
        try:
            postgres.start()
        except AssertionError:
            if attempt == 39:
                raise
            time.sleep(0.25)
        else:
            return


def held(life: Life, told: Told) -> None:
    """It died by our hand, had been told that the server was away, and nothing is lost."""
    assert told.killed, told.all("broken")
    assert "Unreachable" in {line["error"] for line in told.all("refused")}
    assert told.all("ack")
    assert [] == life.judged()["faults"]


def test_connections_that_end_again_and_again(
    new_life: Callable[[], Life], postgres: Server
) -> None:
    life, draw = new_life(), random.Random(SEED)

    def hang_up() -> None:
        postgres.hang_up(name_of(draw.choice(life.on)))

    held(life, working(life, hang_up, 0.1))


def test_a_backend_killed_and_the_server_recovering(
    new_life: Callable[[], Life], postgres: Server
) -> None:
    """Of a killed backend the server takes all the others along, and replays its log."""
    life, killed = new_life(), list[int]()

    def kill() -> None:
        if killed:
            return
        with suppress(psycopg.OperationalError):
            found = postgres.sql(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                f" AND datname = '{name_of(life.on[0])}'"
            )
            for (pid,) in found[:1]:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

    told = working(life, kill, 0.3)

    assert killed
    held(life, told)


def test_the_whole_server_stopped_at_once_and_started_again(
    new_life: Callable[[], Life], postgres: Server
) -> None:
    life, stopped = new_life(), list[int]()

    def stop() -> None:
        if not stopped:
            stopped.append(postgres.port)
            postgres.stop(signal.SIGQUIT)
            start(postgres)

    told = working(life, stop, 0.2)

    assert stopped
    held(life, told)
