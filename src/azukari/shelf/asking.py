"""One request to a witness by network: bytes out, a status and bytes back.

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
    """A witness is at its address or nowhere."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def checked_url(url: str) -> str:
    """The address of a witness, without a slash at its end; `BadInput` where it is none."""
    try:
        at = urlsplit(url)
        port = at.port
    except ValueError:
        raise BadInput("--url", "an address with scheme and host is expected") from None
    if at.scheme != "https" and not (at.scheme == "http" and at.hostname in _LOOPBACK):
        raise BadInput("--url", "https is expected, or http on this very machine")
    if at.query or at.fragment or at.username or not at.hostname or port == 0:
        raise BadInput("--url", "scheme, host, port and path are expected, and no more")
    return url.rstrip("/")


def add_checkpoint(url: str, body: bytes) -> tuple[int, bytes]:
    """Send a request; status and body of the answer, whatever they are.

    `Unreachable` where nobody answers, or at such length that it is no answer.
    """
    return within(_WHOLE_S, lambda: _once(url, body))


def _once(url: str, body: bytes) -> tuple[int, bytes]:
    # No proxy of the environment: when this office speaks to whom is nobody else's to know.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    request = urllib.request.Request(  # noqa: S310  the scheme was checked
        checked_url(url) + _PATH, data=body, headers={"Content-Type": "text/plain; charset=utf-8"}
    )
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as answer:
            return answer.status, _whole(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _whole(error)
    except (OSError, http.client.HTTPException):
        raise Unreachable("the witness does not answer") from None


def _whole(answer: Any) -> bytes:
    try:
        body: bytes = answer.read(MAX_ANSWER + 1)
    except (OSError, http.client.HTTPException):
        raise Unreachable("the line to the witness broke") from None
    if len(body) > MAX_ANSWER:
        raise Unreachable(f"the witness answered more than {MAX_ANSWER} bytes")
    return body
