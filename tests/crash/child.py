"""The program that dies: forks for every request, so that a death costs no new start of Python.

Not a test.  It holds no thread and no connection; whatever a child opens goes with the child.  A
child that is to die counts its *steps*, whatever makes something durable: a commit, a sync, a
rename, an unlink, a write.  At a numbered step it kills itself, or says ``now`` and goes on, and
whoever reads that kills it a moment later, wherever it then is.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg  # noqa: F401  loaded once, for all
from sqlalchemy.dialects.postgresql import psycopg as _dialect  # noqa: F401  loaded once, for all
from sqlalchemy.engine.default import DefaultDialect
from tests.crash.bustle import DAY, YEARS, bustle, stock
from tests.crash.judge import judge
from tests.crash.town import opened
from tests.desk import crash_house
from tests.zygote import say, serve

PATIENCE_S = 120
"""A child that hangs is a failure, not a wait."""


class Steps:
    """Counts what becomes durable, in every thread; at one step it says ``now`` or dies."""

    def __init__(self, number: int, *, die: bool) -> None:
        self._left, self._die, self._lock = number, die, threading.Lock()

    def step(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0 and self._die:
                os.kill(os.getpid(), signal.SIGKILL)
            if self._left == 0:
                say("now", pid=os.getpid())

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Before it and after it."""

        def step(*given: Any, **named: Any) -> Any:
            self.step()
            done = work(*given, **named)
            self.step()
            return done

        return step

    def count(self) -> None:
        """From now on, until this process ends."""
        for name in ("fsync", "replace", "unlink"):
            setattr(os, name, self.around(getattr(os, name)))
        setattr(DefaultDialect, "do_commit", self.around(DefaultDialect.do_commit))  # noqa: B010


def perform(request: dict[str, Any]) -> None:
    """One request, in a process of its own."""
    home, on = Path(request["home"]), request["on"]
    match request["do"]:
        case "build":
            crash_house.build_house(home, *on)
            with opened(home, *on) as house:
                stock(house)
        case "bustle":
            with opened(home, *on) as house:
                say("begun")
                Steps(request["step"], die=request["die"]).count()
                acts, away = YEARS if request["years"] else DAY, request["away"]
                bustle(house, request["seed"], acts, away=away)
        case "judge":
            say("judged", **judge(home, on, request["told"]))


if __name__ == "__main__":
    crash_house.start_quickly()
    serve(perform, PATIENCE_S)
