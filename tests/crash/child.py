"""The program that dies: forks for every request, so that a death costs no new start of Python.

Not a test.  It holds no thread and no connection; whatever a child opens goes with the child.  A
child that is to die counts its *steps*, whatever makes something durable: a commit, a sync, a
rename, an unlink, a write.  At a numbered step it kills itself, or says ``now`` and goes on, and
whoever reads that kills it a moment later, wherever it then is.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql import psycopg as _dialect  # noqa: F401  loaded once, for all
from sqlalchemy.engine.default import DefaultDialect
from tests.crash.bustle import DAY, YEARS, bustle, stock
from tests.crash.judge import judge
from tests.crash.town import opened
from tests.desk import crash_house
from tests.desk.crash_look import say

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


def main() -> None:
    """Fork for every request and say how each child ended."""
    assert psycopg.__version__
    gc.freeze()  # a child that collects would copy every page of ours
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.alarm(PATIENCE_S)
            status = 1
            try:
                perform(json.loads(line))
                status = 0
            except BaseException:  # noqa: BLE001  a child that comes back would read our requests
                say("broken", trace=traceback.format_exc())
            os._exit(status)
        _, ended = os.waitpid(child, 0)
        os.write(1, b"\n")  # it may have died in the middle of a line
        say("end", code=os.waitstatus_to_exitcode(ended))


if __name__ == "__main__":
    crash_house.start_quickly()
    main()
