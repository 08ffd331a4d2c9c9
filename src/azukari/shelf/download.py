"""Fetching a shipment from an office's API: file by file, and from where it broke off.

What arrives lies in a folder of its own until it is whole; there is no carrier in it, and nothing
in it is believed before shelf/shipment.py has compared every digest.
"""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

from azukari.errors import BadInput, Damaged, NotFound, Unreachable
from azukari.names import raw_id
from azukari.seal.envelope import MAX_BYTES, PublicKey, Signer
from azukari.seal.request import HEADER, Asked, sign_request
from azukari.shelf import files, shipment

_PIECE: Final = 1 << 18
_TIMEOUT_S: Final = 30
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A signed request is meant for one host; another is not asked instead."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Source:
    """An office's API as one device sees it."""

    def __init__(self, url: str, device: str, signer: Signer, now: Callable[[], int]) -> None:
        at = urlsplit(url)
        if at.scheme != "https" and not (at.scheme == "http" and at.hostname in _LOOPBACK):
            raise BadInput("the address", "https is expected, or http on this very machine")
        if at.path not in ("", "/") or at.query or at.fragment or at.username or not at.hostname:
            raise BadInput("the address", "scheme, host and port are expected, and no more")
        self._base, self._host = f"{at.scheme}://{at.netloc}", at.netloc
        self._device, self._signer, self._now = device, signer, now
        # No proxy of the environment: what is asked, and when, is nobody else's to know.
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _NoRedirect()
        ).open

    def get(self, path: str, start: int = 0) -> Any:
        """An open answer from byte ``start`` on; 404 is `NotFound`, anything else `Unreachable`."""
        asked = Asked("GET", path, f"bytes={start}-" if start else "", self._host)
        headers = {
            HEADER: sign_request(asked, self._device, self._now(), self._signer),
            "Host": self._host,
        }
        if asked.range:
            headers["Range"] = asked.range
        request = urllib.request.Request(self._base + quote(path), headers=headers)  # noqa: S310  the scheme was checked
        try:
            return self._open(request, timeout=_TIMEOUT_S)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 404:
                raise NotFound("the office gives no such carrier to this device now") from None
            raise Unreachable(f"the office answered {error.code}") from None
        except (OSError, http.client.HTTPException):
            raise Unreachable("the office does not answer") from None


def download(
    source: Source, carrier: str, into: Path, key_of: Callable[[str], PublicKey | None]
) -> shipment.Shipment:
    """Bring a shipment's files to ``into``, its list last; goes on where it broke off.

    `Unreachable` where the line broke: what has arrived stays.  Sizes are those of the list and
    never exceeded; digests are compared by `shipment.fetch`.
    """
    raw_id(carrier)
    with source.get(f"/carriers/{carrier}/shipment") as answer:
        signed = _read(answer, MAX_BYTES + 1)
    listed = shipment.read_shipment(signed, key_of)
    if listed.carrier != carrier:
        raise Damaged("the office sent the list of another carrier")
    for file in listed.files:
        _bring(
            source, f"/carriers/{carrier}/files/{file.name}", files.folder(into) / file.name, file
        )
    files.write_whole(into / shipment.LIST, signed)
    return listed


def _bring(source: Source, path: str, place: Path, file: shipment.ShippedFile) -> None:
    files.folder(place.parent)
    with files.own_errors("a file of the shipment"):
        if place.is_symlink():
            place.unlink()
        here = place.stat().st_size if place.exists() else 0
        if here > file.bytes or (
            here == file.bytes and files.sha256_file(place) != (file.sha256, file.bytes)
        ):
            place.unlink()  # it is no beginning of what is wanted
            here = 0
        if here == file.bytes and place.exists():
            return
        with source.get(path, here) as answer, place.open("ab") as target:
            if answer.status != (206 if here else 200):
                raise Unreachable("the office sent another range than was asked for")
            try:
                _copy(answer, target, file.bytes - here)
            finally:
                target.flush()
                os.fsync(target.fileno())


def _copy(answer: Any, target: BinaryIO, left: int) -> None:
    while left:
        piece = _read(answer, min(left, _PIECE))
        if not piece:
            raise Unreachable("the line broke; what has arrived stays")
        target.write(piece)
        left -= len(piece)


def _read(answer: Any, size: int) -> bytes:
    try:
        piece: bytes = answer.read(size)
    except (OSError, http.client.HTTPException):
        raise Unreachable("the line broke; what has arrived stays") from None
    return piece
