"""A witness that raises the alarm by itself while it listens: said once, and again every day.

Said on the terminal, or into the journal of the system that started it.  `azukari witness status`
says the same to whoever asks, with an exit code.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from azukari.cli import speech
from azukari.errors import AzukariError
from azukari.witness.alarm import Alarm, alarms
from azukari.witness.site import Site

AGAIN_MS: Final = 24 * 3_600_000
EVERY_S: Final = 60.0


class Vigil:
    """What was said of a witness's ledgers, and when."""

    def __init__(self, site: Site, say: Callable[[Alarm], None]) -> None:
        self._site, self._say = site, say
        self._said: dict[tuple[str, str, int], int] = {}  # which alarm -> when, ms UTC

    def look(self) -> None:
        """Say each alarm that is new, or was said a day ago; one that ended is forgotten."""
        memory, now = self._site.memory(), self._site.now()
        found = {(one.log, one.what.value, one.since): one for one in alarms(memory, now)}
        self._said = {which: at for which, at in self._said.items() if which in found}
        for which, alarm in found.items():
            # A clock set back silences nothing.
            if which not in self._said or not 0 <= now - self._said[which] < AGAIN_MS:
                self._said[which] = now
                self._say(alarm)


@contextmanager
def kept(site: Site, say: Callable[[Alarm], None], language: str, every_s: float) -> Iterator[None]:
    """Look every so many seconds as long as the block runs."""
    vigil, ended = Vigil(site, say), threading.Event()

    def rounds() -> None:
        while True:
            try:
                vigil.look()
            except AzukariError as error:
                speech.tell(error, language)
            except Exception as error:  # noqa: BLE001  a door: a fault of ours shows its kind, and the next round comes
                speech.say(f"{speech.FAULT.said(language)}: {type(error).__name__}")
            if ended.wait(every_s):
                return

    worker = threading.Thread(target=rounds)
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()
