"""Who sends a request in drops, or never ends it, keeps nobody else from an answer."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from litestar import Litestar, Request, Response, post

from azukari.web import serve

pytestmark = pytest.mark.real
HEAD = b"POST /echo HTTP/1.1\r\nHost: here\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A program that listens, with little patience."""
    monkeypatch.setattr(serve, "PATIENCE_S", 1.0)

    @post("/echo", status_code=200)
    async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(await request.body(), media_type="text/plain")

    app = Litestar([echo], openapi_config=None, logging_config=None)
    port = serve.free_port("127.0.0.1", 0)
    listens, ends = threading.Event(), list[object]()

    def started(stop: object) -> None:
        ends.append(stop)
        listens.set()

    program = threading.Thread(target=serve.serve, args=(app, "127.0.0.1", port, started))
    program.start()
    assert listens.wait(30)
    yield port
    for stop in ends:
        assert callable(stop)
        stop()
    program.join(30)


@pytest.mark.parametrize(
    "drops", [HEAD, HEAD + b"Content-Length: 500\r\n\r\nab", HEAD + b"X: 1\r\n"]
)
def test_attack_of_many_who_never_end_their_request(port: int, drops: bytes) -> None:
    with ExitStack() as held:
        for _ in range(300):
            line = held.enter_context(socket.create_connection(("127.0.0.1", port), 60))
            line.sendall(drops)

        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        asked.request("POST", "/echo", b"a whole one")
        answer = asked.getresponse()
        assert (200, b"a whole one") == (answer.status, answer.read())
        asked.close()

        # The first of them is told, or its line is cut: it is not waited for.
        while line.recv(4096):
            pass


def test_a_body_in_two_parts_that_comes_in_time_is_whole(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 60) as line:
        line.sendall(HEAD + b"Connection: close\r\nContent-Length: 4\r\n\r\nab")
        line.sendall(b"cd")
        said = b"".join(iter(lambda: line.recv(4096), b""))

    assert said.startswith(b"HTTP/1.1 200")
    assert said.endswith(b"abcd")
