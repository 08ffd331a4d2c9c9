"""Whoever holds the line cannot make us wait longer than we want to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from azukari.errors import Conflict, Unreachable
from azukari.keys.remote import over_http
from azukari.shelf import asking
from azukari.shelf.patience import within


@pytest.fixture
def dripping() -> Iterator[str]:
    """A program that answers for ever, one letter of a header now and then."""
    listening, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        line, _ = listening.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not ended.wait(0.02):
                line.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    ended.set()
    thread.join(10)
    listening.close()


def test_an_answer_in_time_is_the_answer() -> None:
    assert 7 == within(10, lambda: 7)


def test_what_went_wrong_goes_wrong_here() -> None:
    def ask() -> None:
        raise Conflict("it was done already")

    with pytest.raises(Conflict, match="it was done already"):
        within(10, ask)


@pytest.mark.parametrize("who", ["the key service", "a witness"])
def test_attack_answer_a_letter_now_and_then_so_that_a_loss_waits(
    dripping: str, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Each letter comes in time, and the answer never ends."""
    monkeypatch.setattr(asking, "_WHOLE_S", 0.3)
    asks: dict[str, Callable[[], object]] = {
        "the key service": lambda: over_http(dripping, 0.1)(b"{}"),
        "a witness": lambda: asking.add_checkpoint(dripping, b"old 0\n\n"),
    }
    began = time.monotonic()

    with pytest.raises(Unreachable):
        asks[who]()

    assert time.monotonic() - began < 5
