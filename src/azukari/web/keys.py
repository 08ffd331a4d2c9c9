"""The key service's listener: one path, one message in, one message out.

Deny by default, and one silence: whoever is not the pinned office, asks a second time or sends too
much gets 404 without a word.  What the office is told is sealed and signed (keys/door.py); nothing
of it stands in a header, a status or a log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, Request, Response, route
from litestar.exceptions import HTTPException

from azukari.errors import AzukariError
from azukari.keys.remote import PATH
from azukari.keys.wire import MAX_MESSAGE

_HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
Anyone = Request[Any, Any, Any]


def api(door: Callable[[bytes], tuple[str, bytes]], log: Callable[[str], None]) -> Litestar:
    """The listener of a door (`Door.answer`); ``log`` is told what was asked, and its outcome."""

    @route(PATH, http_method=["POST", "OPTIONS"], status_code=200)  # else OPTIONS is answered
    async def ask(request: Anyone) -> Response[bytes]:
        if request.method != "POST" or request.scope["query_string"]:
            return _nothing(404)
        return await asyncio.to_thread(_answer, await request.body())

    def _answer(message: bytes) -> Response[bytes]:
        try:
            word, answer = door(message)
        except AzukariError:
            log("- 404")
            return _nothing(404)
        log(word)
        return Response(answer, headers=_HEADERS, media_type="application/json")

    def not_found(_request: Anyone, error: Exception) -> Response[bytes]:
        # The framework's own refusals are one with ours; a fault of ours says its kind, no more.
        status = 404 if isinstance(error, HTTPException) else 500
        log(f"- {status}" if status == 404 else f"- {status} {type(error).__name__}")
        return _nothing(status)

    return Litestar(
        [ask],
        exception_handlers={Exception: not_found},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_MESSAGE,
    )


def _nothing(status: int) -> Response[bytes]:
    return Response(b"", status_code=status, headers=_HEADERS, media_type="text/plain")
