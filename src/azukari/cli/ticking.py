"""The tick inside a program that listens: a round now and then, in a thread of its own.

A round that fails is told of and the next one tries again; it never ends the program, because a
program that stopped ticking and goes on serving would look alive.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from azukari.cli import speech
from azukari.cli.call import Call
from azukari.cli.tick import speak
from azukari.desk.alarms import Alerting
from azukari.desk.office import Office
from azukari.desk.tick import tick
from azukari.errors import AzukariError
from azukari.vault import records


@contextmanager
def ticking(call: Call, office: Office, told: Alerting, every_s: float) -> Iterator[None]:
    """Tick every so many seconds as long as the block runs; 0: not at all."""
    if not every_s:
        yield
        return
    ended = threading.Event()
    worker = threading.Thread(target=_rounds, args=(call, office, told, every_s, ended))
    worker.start()
    try:
        yield
    finally:
        ended.set()
        worker.join()


def _rounds(
    call: Call, office: Office, told: Alerting, every_s: float, ended: threading.Event
) -> None:
    while True:
        try:
            done = tick(office, told)
            with office.act() as tx:
                known = {row.id for row in records.carriers(tx)}
            speak(call, done, sum(subject in known for subject in done.alarms))
        except AzukariError as error:
            speech.tell(error, call.language)
        except Exception as error:  # noqa: BLE001  a door: a fault of ours shows its kind, and the next round comes
            speech.say(f"{speech.FAULT.said(call.language)}: {type(error).__name__}")
        if ended.wait(every_s):
            return
