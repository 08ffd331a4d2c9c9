"""One program that listens: granian in this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from azukari.errors import Unreachable

#: Of the head of a request, and of all of its body: who sends in drops makes nobody else wait.
PATIENCE_S: Final = 10.0
_LINES: Final = 1024  # connections at a time


def free_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0; `Unreachable` where it cannot be listened at."""
    try:
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, port))
            found: int = tried.getsockname()[1]
    except OSError:
        raise Unreachable("this address cannot be listened at") from None
    return found


def serve(app: Any, host: str, port: int, started: Callable[[Callable[[], None]], None]) -> None:
    """Listen until the program is interrupted or told to end.

    ``started`` is called when connections are taken, with what ends it from another thread.
    """
    asyncio.run(_serve(app, host, port, started))


async def _serve(
    app: Any, host: str, port: int, started: Callable[[Callable[[], None]], None]
) -> None:
    server = Server(
        _in_time(app),
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(PATIENCE_S * 1000)),
        backlog=_LINES,
        websockets=False,
        log_enabled=False,  # its own lines would hold paths
    )
    loop = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, lambda *_: _quietly(loop, server))
    running = asyncio.create_task(server.serve())
    await _listening(host, port, running)
    if not running.done():
        started(lambda: _quietly(loop, server))
    await running


def _in_time(app: Any) -> Any:
    """The app, to which a request that is not whole in time is one whose sender went away."""

    async def timed(scope: Any, receive: Any, send: Any) -> None:
        loop, whole = asyncio.get_running_loop(), False
        until = loop.time() + PATIENCE_S

        async def next_part() -> Any:
            nonlocal whole
            if whole:
                return await receive()
            try:
                part = await asyncio.wait_for(receive(), until - loop.time())
            except TimeoutError:
                return {"type": "http.disconnect"}
            whole = not part.get("more_body", False)
            return part

        await app(scope, next_part, send)

    return timed


def _quietly(loop: asyncio.AbstractEventLoop, server: Server) -> None:
    with suppress(RuntimeError):  # it has ended already
        loop.call_soon_threadsafe(server.stop)


async def _listening(host: str, port: int, running: asyncio.Task[None]) -> None:
    """Until a connection is taken, or the server has ended."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
