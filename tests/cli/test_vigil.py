"""A witness that listens raises the alarm by itself; nobody has to ask it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from azukari.cli.vigil import AGAIN_MS, Vigil, kept
from azukari.ledger.checkpoint import Signer
from azukari.seal.envelope import SigningKey, Use
from azukari.witness.alarm import SILENCE_MS, Alarm, What
from azukari.witness.site import Site, create, open_site

NOON = 1_655_800_000_000


@dataclass
class Clock:
    now: int = NOON
    said: list[Alarm] = field(default_factory=list)

    def tell(self) -> int:
        return self.now


def witness(home: Path, clock: Clock) -> Site:
    create(home, "audit.example.invalid/w1")
    site = open_site(home, "audit.example.invalid/w1", clock.tell)
    key = SigningKey.generate(Use.LOG_KEYS)
    site.add_log(Signer("example.invalid/keys", key.private).verifier().vkey())
    return site


def test_silence_is_said_once_and_again_after_a_day(tmp_path: Path) -> None:
    clock = Clock()
    vigil = Vigil(witness(tmp_path / "w", clock), clock.said.append)
    vigil.look()
    assert clock.said == []
    for later in (1, 2, 60_000):
        clock.now = NOON + SILENCE_MS + later
        vigil.look()
    assert [alarm.what for alarm in clock.said] == [What.SILENT]
    clock.now += AGAIN_MS
    vigil.look()
    assert len(clock.said) == 2


def test_attack_a_clock_set_back_silences_no_alarm(tmp_path: Path) -> None:
    clock = Clock()
    vigil = Vigil(witness(tmp_path / "w", clock), clock.said.append)
    clock.now = NOON + 10 * SILENCE_MS
    vigil.look()
    clock.now = NOON + 2 * SILENCE_MS
    vigil.look()
    assert [alarm.what for alarm in clock.said] == [What.SILENT, What.SILENT]


def test_it_is_said_while_the_program_listens_and_not_after(tmp_path: Path) -> None:
    clock, heard = Clock(), threading.Event()
    site = witness(tmp_path / "w", clock)
    clock.now = NOON + SILENCE_MS + 1

    def say(alarm: Alarm) -> None:
        clock.said.append(alarm)
        heard.set()

    with kept(site, say, "en", 0.01):
        assert heard.wait(30)
    assert [alarm.what for alarm in clock.said] == [What.SILENT]


def test_a_memory_that_is_gone_ends_no_vigil(tmp_path: Path) -> None:
    """What is wrong is said, and the next round looks again."""
    clock, heard = Clock(), threading.Event()
    site = witness(tmp_path / "w", clock)
    clock.now = NOON + SILENCE_MS + 1
    memory = tmp_path / "w" / "memory.json"
    whole = memory.read_bytes()
    memory.write_bytes(b"{")

    with kept(site, lambda _: heard.set(), "en", 0.01):
        assert not heard.wait(0.1)
        memory.write_bytes(whole)
        assert heard.wait(30)
