"""A witness over the network: ``POST /add-checkpoint``, as C2SP tlog-witness has it.

Whoever brings a head that its ledger signed may ask; nobody else learns more than a sentence.  The
very same bytes on a stick get the very same answer from ``azukari witness cosign``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from litestar import Litestar, Request, Response, post
from litestar.exceptions import HTTPException

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    Conflict,
    LedgerBroken,
    LedgerFork,
    NotFound,
)
from azukari.ledger.witnessing import MAX_REQUEST_BYTES
from azukari.witness.site import Site

#: The first that fits; what is not here is ours to mend, and the asker's to repeat.
STATUS: Final[tuple[tuple[type[AzukariError], int], ...]] = (
    (BadFormat, 400),
    (NotFound, 404),
    (BadSignature, 403),
    (Conflict, 409),
    (LedgerFork, 409),
    (LedgerBroken, 422),
)
SIZE: Final = "text/x.tlog.size"
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
Anyone = Request[Any, Any, Any]


def api(site: Site, log: Callable[[str], None]) -> Litestar:
    """The API of an open witness; ``log`` is told a status and what our errors say, no address."""

    @post("/add-checkpoint", status_code=200)
    async def add_checkpoint(request: Anyone) -> Response[bytes]:
        body = await request.body()
        return await asyncio.to_thread(_answer, body)

    def _answer(body: bytes) -> Response[bytes]:
        try:
            done = site.cosign(body)
        except AzukariError as error:
            return _refused(body, error)
        log(f"200 {done.head.origin}: {done.head.size} entries cosigned")
        return _text(200, done.lines)

    def _refused(body: bytes, error: AzukariError) -> Response[bytes]:
        status = next((status for kind, status in STATUS if isinstance(error, kind)), 503)
        log(f"{status} {error}")
        if status == 409:
            return _text(409, f"{site.size(body)}\n".encode(), SIZE)
        # Only what is true of the request: our own disk and clock are nobody else's business.
        said = "the witness cannot remember now" if status == 503 else str(error)
        return _text(status, f"{said}\n".encode())

    def _otherwise(_request: Anyone, error: Exception) -> Response[bytes]:
        status = error.status_code if isinstance(error, HTTPException) else 500
        status = status if status in (404, 405, 413) else 500
        log(f"{status}" if status < 500 else f"{status} {type(error).__name__}")
        return _text(status, b"refused\n")

    return Litestar(
        [add_checkpoint],
        exception_handlers={Exception: _otherwise},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_REQUEST_BYTES,
    )


def _text(status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> Response[bytes]:
    # As a header: to a media type the framework adds a charset, and who asks compares the whole.
    headers = _HEADERS | {"content-type": kind}
    return Response(body, status_code=status, headers=headers, media_type=kind)
