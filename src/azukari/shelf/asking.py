"""One request by network, to a witness or to who listens for alarms: bytes out, an answer back.

What they mean is not known here, and nothing that comes back is believed.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlsplit

from azukari.errors import BadInput, Unreachable
from azukari.shelf.patience import within

MAX_ANSWER: Final = 1 << 14
_TIMEOUT_S: Final = 5.0  # a tick must not stand still because a laptop is closed
_WHOLE_S: Final = 15.0  # nor because somebody answers in drops
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_PATH: Final = "/add-checkpoint"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Who is asked is at their address or nowhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def checked_url(url: str, where: str = "--url") -> str:
    """An address, without a slash at its end; `BadInput` where it is none."""
    try:
        at = urlsplit(url)
        port = at.port
    except ValueError:
        raise BadInput(where, "an address with scheme and host is expected") from None
    if at.scheme != "https" and not (at.scheme == "http" and at.hostname in _LOOPBACK):
        raise BadInput(where, "https is expected, or http on this very machine")
    if at.query or at.fragment or at.username or not at.hostname or port == 0:
        raise BadInput(where, "scheme, host, port and path are expected, and no more")
    return url.rstrip("/")


def add_checkpoint(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a request to a witness; status and body of the answer, whatever they are.

    `Unreachable` where nobody answers, or at such length that it is no answer.
    """
    return post(checked_url(url) + _PATH, body, "text/plain; charset=utf-8")


def post(url: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """The same to any address that was checked; follows no redirect."""
    return within(_WHOLE_S, lambda: _once(url, body, kind))


def _once(url: str, body: bytes, kind: str) -> tuple[int, bytes]:
    # No proxy of the environment: when this office speaks to whom is nobody else's to know.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    request = urllib.request.Request(  # noqa: S310  the scheme is checked
        checked_url(url), data=body, headers={"Content-Type": kind}
    )
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return answer.status, _whole(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _whole(error)
    except (OSError, http.client.HTTPException):
        raise Unreachable("the other side does not answer") from None


def _whole(answer: Any) -> bytes:
    try:
        body: bytes = answer.read(MAX_ANSWER + 1)
    except (OSError, http.client.HTTPException):
        raise Unreachable("the line broke before the answer") from None
    if len(body) > MAX_ANSWER:
        raise Unreachable(f"an answer of more than {MAX_ANSWER} bytes")
    return body
