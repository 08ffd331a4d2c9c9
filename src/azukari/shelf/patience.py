"""How long we wait for somebody else's program, whatever it does meanwhile.

A socket's own time-out starts anew with every byte that comes: whoever sends one now and then holds
a caller for days.  A loss must be recorded and an alarm raised all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from azukari.errors import Unreachable

T = TypeVar("T")


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What ``ask`` answers or raises; `Unreachable` once the time is over.

    It runs in a thread of its own, which is then left to itself and ends with the program at the
    latest: ``ask`` must change nothing here.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001  raised again by whoever waits
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise Unreachable("no whole answer came in time") from None
