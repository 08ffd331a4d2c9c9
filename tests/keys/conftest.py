"""The key service's door, asked in this process or over a line on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from azukari.desk import apart
from azukari.keys.door import Door
from azukari.keys.offer import Service
from azukari.keys.remote import RemoteKeys, over_http
from azukari.keys.service import grant_key
from azukari.seal.envelope import SigningKey, Use


@dataclass
class Line:
    """An office and its key service with a line between them, which somebody may hold."""

    city: Any
    ask: SigningKey
    answer: SigningKey
    door: Door = field(init=False)
    keys: RemoteKeys = field(init=False)
    said: list[str] = field(default_factory=list)
    questions: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    carry: Callable[[bytes], bytes] = field(init=False)
    stop: Callable[[], None] = lambda: None
    address: str = ""

    @property
    def service(self) -> Service:
        keeper = self.city.keeper
        origin = keeper.head().origin
        return Service(origin, self.answer.public, grant_key(self.city.keys_home), keeper.verifier)

    def open(self, *, cosigned: bool = True) -> None:
        """Start the door over the city's keeper; the office asks it from now on."""
        now = self.city.clock.now
        self.door = Door(self.city.keeper, self.answer, self.ask.public, now, cosigned=cosigned)
        self.carry = lambda message: self.door.answer(message)[1]
        self.keys = RemoteKeys(self.service, self.ask, self._send, now)
        self.city.office = replace(self.city.office, keys=self.keys)
        apart.join(self.city.office, self.keys, None)

    def restart(self, *, locked: bool = False) -> None:
        """Both programs ended and started again, the line too."""
        self.city.restart(locked=locked)
        carry = self.carry
        self.open()
        self.carry = carry

    def _send(self, message: bytes) -> bytes:
        self.questions.append(message)
        answer = self.carry(message)
        self.answers.append(answer)
        return answer


def _line(city: Any) -> Line:
    line = Line(city, SigningKey.generate(Use.ASK), SigningKey.generate(Use.ANSWER))
    line.open()
    return line


@pytest.fixture
def line(at_six: Any) -> Line:
    """The evening, with the key service behind a line; nothing listens."""
    return _line(at_six)


@pytest.fixture
def listening(at_six: Any) -> Iterator[Line]:
    """The same over HTTP, on a free loopback port."""
    from azukari.web import keys, serve

    line, ready, port = _line(at_six), threading.Event(), serve.free_port("127.0.0.1", 0)

    def door(message: bytes) -> tuple[str, bytes]:
        return line.door.answer(message)  # whichever is open

    def started(stop: Callable[[], None]) -> None:
        line.stop = stop
        ready.set()

    app = keys.api(door, line.said.append)
    target = (app, "127.0.0.1", port, started)
    thread = threading.Thread(target=serve.serve, args=target, daemon=True)
    thread.start()
    assert ready.wait(20)
    line.address = f"http://127.0.0.1:{port}"
    line.carry = over_http(line.address)
    yield line
    line.stop()
    thread.join(20)
    assert not thread.is_alive()


@dataclass
class Either:
    """A city whose key service is asked in one way or the other."""

    city: Any
    line: Line | None

    @property
    def keys(self) -> Any:
        return self.city.keeper if self.line is None else self.line.keys

    def restart(self, *, locked: bool = False) -> None:
        (self.line or self.city).restart(locked=locked)


@pytest.fixture(params=["in process", "over http"])
def either(request: pytest.FixtureRequest) -> Either:
    if request.param == "in process":
        return Either(request.getfixturevalue("at_six"), None)
    line: Line = request.getfixturevalue("listening")
    return Either(line.city, line)
