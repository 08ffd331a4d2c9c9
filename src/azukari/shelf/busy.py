"""Who is at work in a home: a mark that dies with its program, so that a repair can tell work that
goes on from work that a crash left.

Long work is *at work*, several at once; a repair is *alone*, or does not begin.  The mark is a
lock on an empty file: killed, a program leaves the file and not the lock.  Not a queue, and not
what keeps two writers of a database apart.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from azukari.errors import Unreachable
from azukari.shelf import files, machine

MARK: Final = "work.lock"
_PATIENCE_S: Final = 30.0


@contextmanager
def at_work(home: Path) -> Iterator[None]:
    """Hold the mark with others; waits while a repair is going on."""
    with _marked(home) as mark:
        machine.share(mark)
        yield


@contextmanager
def alone(home: Path) -> Iterator[bool]:
    """Hold the mark alone; False, at once, where somebody is at work or another repair runs."""
    with _marked(home) as mark:
        yield machine.claim(mark)


@contextmanager
def in_turn(home: Path, what: str) -> Iterator[None]:
    """Hold the mark alone, waiting until whoever holds it is done; `Unreachable` after a while."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        with alone(home) as mine:
            if mine:
                yield
                return
        if time.monotonic() > until:
            raise Unreachable(f"{what} is held by another program")
        time.sleep(0.005)


@contextmanager
def _marked(home: Path) -> Iterator[int]:
    try:
        mark = os.open(home / MARK, os.O_RDWR | os.O_CREAT, files.PRIVATE)
    except OSError:
        raise Unreachable(f"{MARK} cannot be opened") from None
    try:
        yield mark
    finally:
        os.close(mark)
