"""The office's API for carriers by network: one carrier's files, for the one device of its order.

Deny by default, and one answer for everything that is not given: 404 without a word, whether the
carrier does not exist, is not for this device, is lost, or the request was not signed.  Signature,
time and number are looked at before any carrier is, so that nobody learns which exist.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final

from litestar import Litestar, Request, Response, route
from litestar.exceptions import HTTPException
from litestar.response import Stream

from azukari.desk import collect
from azukari.desk.office import LATENESS_MS, Office
from azukari.errors import AzukariError, Conflict, NotFound, Unreachable
from azukari.names import ID_PATTERN
from azukari.seal import request as requests
from azukari.shelf import files, machine, shipment

_CARRIER: Final = re.compile(rf"/carriers/({ID_PATTERN})/(?:shipment|files/(.{{1,120}}))")
_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))")
_PIECE: Final = 1 << 18
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
Anyone = Request[Any, Any, Any]


class Seen:
    """The numbers of requests that were used, as long as their time counts.

    They are forgotten when the program ends, so nothing signed before its start counts.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now, self._started, self._lock = now, now(), Lock()
        self._until: dict[str, int] = {}

    def use(self, device: str, nonce: str, at: int) -> None:
        """Raise `Conflict` where a request is too old, ahead, or was used; else it is used now."""
        now = self._now()
        if abs(now - at) > LATENESS_MS or at < self._started:
            raise Conflict("a request of another time")
        with self._lock:
            if len(self._until) > 10_000:
                self._until = {key: end for key, end in self._until.items() if end >= now}
            if f"{device}/{nonce}" in self._until:
                raise Conflict("a request that was used")
            self._until[f"{device}/{nonce}"] = at + LATENESS_MS


def api(office: Office, host: str, log: Callable[[str], None]) -> Litestar:
    """The API of an open office.

    ``host``: the one name, with its port, under which devices know it; ``log`` is told ids and
    status, never a path, an address or a header.
    """
    seen = Seen(office.now)

    @route(
        ["/carriers/{carrier:str}/shipment", "/carriers/{carrier:str}/files/{name:path}"],
        http_method=["GET", "OPTIONS"],  # else the framework answers OPTIONS by itself
    )
    async def give(request: Anyone) -> Response[Any]:
        return await asyncio.to_thread(_answer, request)

    def _answer(request: Anyone) -> Response[Any]:
        known = ""
        try:
            known = _device(office, seen, host, request)
            answer = _given(office, known, request)
        except Unreachable:
            answer = _nothing(503)
        except AzukariError:
            answer = _nothing(404)
        log(f"{known or '-'} {_carrier(request)[0] if known else '-'} {answer.status_code}")
        return answer

    def not_found(_request: Anyone, error: Exception) -> Response[Any]:
        # The framework's own refusals are one with ours; a fault of ours says its kind, no more.
        status = 404 if isinstance(error, HTTPException) else 500
        log(f"- - {status}" if status == 404 else f"- - {status} {type(error).__name__}")
        return _nothing(status)

    return Litestar(
        [give],
        exception_handlers={Exception: not_found},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=0,
    )


def _device(office: Office, seen: Seen, host: str, request: Anyone) -> str:
    """The enrolled device that signed this very request, just now, for the first time."""
    headers, path = request.headers, request.scope["path"]
    named = headers.get("host", "")
    if not hmac.compare_digest(named.encode(), host.encode()):
        raise NotFound("another host is meant")
    if request.method != "GET" or request.scope["query_string"]:
        raise NotFound("only files are given")
    mark = requests.read_mark(headers.get(requests.HEADER.lower(), ""))
    asked = requests.Asked(request.method, path, headers.get("range", ""), named)
    requests.verify(asked, mark, collect.device_key(office, mark.device))
    # After the signature: nobody else can use up a device's numbers, or this memory.
    seen.use(mark.device, mark.nonce, mark.at)
    return mark.device


def _carrier(request: Anyone) -> tuple[str, str | None]:
    """Which carrier and, if not the list, which file."""
    found = _CARRIER.fullmatch(request.scope["path"])
    if found is None:
        return "-", None
    return found[1], found[2]


def _given(office: Office, device: str, request: Anyone) -> Response[Any]:
    carrier, name = _carrier(request)
    offer = collect.offer(office, carrier, device)
    if name is None:
        return Response(
            offer.signed, status_code=200, headers=_HEADERS, media_type="application/json"
        )
    file = offer.file(name)
    return _file(offer.root / file.name, file, request.headers)


def _file(path: Path, file: shipment.ShippedFile, headers: Any) -> Response[Any]:
    """A file, or the one range of it that was asked for."""
    etag = f'"{file.sha256}"'
    more = {**_HEADERS, "accept-ranges": "bytes", "etag": etag}
    asked = headers.get("range", "")
    if headers.get("if-range", etag) != etag:
        asked = ""  # another content than the asker has half of: all of it
    start, end = _range(asked, file.bytes)
    if start >= end and file.bytes:
        return _nothing(416, {**more, "content-range": f"bytes */{file.bytes}"})
    with files.own_errors("a file of the carrier"):
        if path.is_symlink() or path.stat().st_size != file.bytes:
            raise NotFound("a file of the carrier is missing or changed")
    whole = not _RANGE.fullmatch(asked)
    if not whole:
        more["content-range"] = f"bytes {start}-{end - 1}/{file.bytes}"
    more["content-length"] = str(end - start)
    return Stream(
        _pieces(path, start, end),
        headers=more,
        media_type="application/octet-stream",
        status_code=200 if whole else 206,
    )


def _range(asked: str, size: int) -> tuple[int, int]:
    """Start and end (not included); several ranges, or what is none, count as not asked."""
    found = _RANGE.fullmatch(asked)
    if found is None:
        return 0, size
    first, last, suffix = found.groups()
    if suffix is not None:
        return max(size - int(suffix), 0), size if int(suffix) else 0
    return int(first), min(int(last) + 1, size) if last else size


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with machine.open_plain(path) as source:
        source.seek(start)
        while start < end and (piece := source.read(min(end - start, _PIECE))):
            start += len(piece)
            yield piece


def _nothing(status: int, headers: dict[str, str] | None = None) -> Response[Any]:
    return Response(b"", status_code=status, headers=headers or _HEADERS, media_type="text/plain")
