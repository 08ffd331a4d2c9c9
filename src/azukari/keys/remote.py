"""A key service on another host, as an office sees it: the same door, over a line.

Satisfies `azukari.keys.client.Keys`; knows no keeper.  What is asked is signed here and every
answer checked, so the line may be anybody's: see wire.py.  A key service that does not answer is
`Unreachable`, whatever the reason.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from azukari.errors import (
    BadFormat,
    BadInput,
    BadSignature,
    ClockBehind,
    LedgerFork,
    Refused,
    Unreachable,
    WrongKey,
)
from azukari.keys import wire
from azukari.keys.client import GrantAsk, Sealed
from azukari.keys.offer import Service
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.entry import MAX_NUMBER, OtherHead
from azukari.ledger.tiles import (
    CHECKPOINT_PATH,
    WIDTH,
    bundle_path,
    bundles_of,
    encode_bundle,
    tile_path,
    tiles_of,
)
from azukari.ledger.tree import leaf_hash, root_of
from azukari.seal.envelope import PublicKey, Signer, base64_of
from azukari.shelf.patience import within

PATH: Final = "/ask"
_TIMEOUT_S: Final = 10
_WHOLE: Final = 3  # times that: for an answer that comes in drops
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_NOTHING: Final = wire.Seen(root_of([]).hex(), 0)


class RemoteKeys:
    """The key service's door, from afar.

    Args:
        service: its public keys, as they were pinned.
        signer: the office's ask key.
        send: brings one message there and one answer back, or raises `Unreachable`.
    """

    def __init__(
        self,
        service: Service,
        signer: Signer,
        send: Callable[[bytes], bytes],
        now: Callable[[], int],
    ) -> None:
        self._service, self._signer, self._send, self._now = service, signer, send, now
        self._verifier = parse_vkey(service.log)
        self._seen = _NOTHING
        self._acknowledge: Callable[[], wire.Seen] | None = None

    def acknowledged_by(
        self, acknowledge: Callable[[], wire.Seen], seen: wire.Seen | None = None
    ) -> None:
        """Say what brings the office's copy up to date: asked for before a key leaves.

        ``seen``: what the office acknowledged before, and says from the first question on.
        """
        self._acknowledge, self._seen = acknowledge, seen or _NOTHING

    def acknowledge(self) -> None:
        """Bring the office's copy up to date, and say so from the next question on."""
        if self._acknowledge is not None:
            self._seen = self._acknowledge()

    def believe(self, documents: Sequence[bytes]) -> None:
        for some in _in_messages(documents):
            self._ask(wire.Believe([base64_of(each) for each in some]), "believing")

    def create(self, act: str, by: str, carrier: str, order: str | None) -> None:
        self._ask(wire.Create(act, by, carrier, order or ""), "key for a carrier")

    def release_to_seal(self, act: str, by: str, carrier: str) -> bytes:
        return self._one(wire.Release(act, by, carrier), "key to seal")

    def bind(self, act: str, by: str, carrier: str, sealed: Sealed) -> None:
        self._ask(wire.Bind(act, by, carrier, sealed), "binding a carrier")

    def grant(self, act: str, by: str, ask: GrantAsk) -> bytes:
        asked = base64_of(msgspec.json.encode(ask, order="sorted"))
        return self._one(wire.Grant(act, by, asked), "grant")

    def revoke(self, act: str, by: str, carriers: Sequence[str], happened: int | None) -> None:
        if happened is not None and not 0 <= happened <= MAX_NUMBER:
            happened = None  # nothing that was claimed may hold a revocation up
        self._ask(wire.Revoke(act, by, list(carriers), happened), "revoking")

    def restore(self, act: str, by: str, carrier: str, words: Sequence[bytes]) -> None:
        said = [base64_of(word) for word in words]
        self._ask(wire.Restore(act, by, carrier, said), "restoring a carrier")

    def shred(self, act: str, by: str, carrier: str) -> str:
        return self._one(wire.Shred(act, by, carrier), "destroying a key").decode()

    def erase(self, act: str, by: str, erasure: bytes) -> bool:
        asked = wire.Erase(act, by, base64_of(erasure))
        return self._one(asked, "erasing details") == b"settled"

    def heartbeat(self, act: str, by: str) -> None:
        self._ask(wire.Heartbeat(act, by), "a sign of life")

    def releases(self, carrier: str) -> list[dict[str, Any]]:
        lines = self._all(lambda start: wire.Releases(carrier, start), 0)
        try:
            return [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]
        except msgspec.DecodeError:
            raise BadFormat("not a release of the key service") from None

    def entries(self, start: int) -> list[bytes]:
        return self._all(wire.Entries, start)

    def checkpoint(self) -> bytes:
        return self._one(wire.Checkpoint(), "the head of the keys' ledger")

    def head(self) -> OtherHead:
        head = open_checkpoint(self.checkpoint(), self._verifier)
        return OtherHead(origin=head.origin, size=head.size, root=head.root.hex())

    @property
    def verifier(self) -> str:
        """The key others verify the keys' ledger with."""
        return self._service.log

    def export(self) -> Iterator[tuple[str, bytes]]:
        """The keys' ledger as a static folder, made anew from its entries under its signed head."""
        note = self.checkpoint()
        head = open_checkpoint(note, self._verifier)
        lines = self.entries(0)[: head.size]
        if len(lines) != head.size or root_of([leaf_hash(line) for line in lines]) != head.root:
            raise LedgerFork("the keys' signed head is not that of its entries")
        yield from files_of(lines)
        yield CHECKPOINT_PATH, note

    def close(self) -> None:
        """Nothing stays open between two questions."""

    def _one(self, what: wire.AnyAsk, about: str) -> bytes:
        found = self._ask(what, about)[0]
        if len(found) != 1:
            raise BadFormat("the key service's answer holds another number of things")
        return found[0]

    def _all(self, what: Callable[[int], wire.AnyAsk], start: int) -> list[bytes]:
        found, more = self._ask(what(start), "a list")
        while more:
            some, more = self._ask(what(start + len(found)), "a list")
            if not some:
                raise BadFormat("the key service's list goes on and does not")
            found += some
        return found

    def _ask(self, what: wire.AnyAsk, about: str) -> tuple[list[bytes], bool]:
        said, at = self._answer(what, self._now())
        if said.kind == wire.ANOTHER_TIME:
            if not isinstance(what, wire.ANY_CLOCK):
                raise ClockBehind("the key service's clock and this office's do not agree")
            # Its signed answer says what time it is there: a loss waits for no clock to be set.
            said, at = self._answer(what, at)
        if said.kind == wire.ACKNOWLEDGE and self._acknowledge is not None:
            self.acknowledge()
            said, at = self._answer(what, self._now())
        if said.kind in (wire.ACKNOWLEDGE, wire.ANOTHER_TIME):
            raise Unreachable("the key service waits for an acknowledgement, or for another time")
        return wire.result(said, about), said.more

    def _answer(self, what: wire.AnyAsk, at: int) -> tuple[wire.Said, int]:
        sent = wire.ask(what, self._signer, self._service.answer.id, self._seen, at)
        answer = self._send(sent.message)
        try:
            return wire.read_answer(answer, sent, self._service.answer)
        except (BadFormat, BadSignature, WrongKey):
            # Whoever holds the line must not make a loss fail: it waits, as if nobody answered.
            raise Unreachable("what answered is not the key service, or not to this") from None


def declare(
    declaration: bytes, send: Callable[[bytes], bytes], service: PublicKey
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell a key service itself of a loss: the ids that are revoked, and the words that are left.

    Needs no office: a person's signature speaks.  What is not the service's own answer to this very
    declaration is `Unreachable`; `Refused` with its reasons, where it is.
    """
    try:
        said = wire.read_loss(send(declaration), declaration, service)
    except (BadFormat, BadSignature):
        raise Unreachable("what answered is not the key service, or not to this") from None
    if said.reasons:
        raise Refused("declaring a loss", said.reasons)
    return tuple(said.revoked), tuple(said.left)


def on_another_host(url: str) -> bool:
    """Does an address lead to another host, as far as an address can tell?  A tunnel hides it."""
    host = urlsplit(url).hostname
    return bool(host) and host not in _LOOPBACK


def over_http(url: str, timeout_s: float = _TIMEOUT_S) -> Callable[[bytes], bytes]:
    """The line to an address: https, or http on this very machine; no proxy, no redirection."""
    at = urlsplit(url)
    if at.scheme != "https" and not (at.scheme == "http" and at.hostname in _LOOPBACK):
        raise BadInput("the address", "https is expected, or http on this very machine")
    if at.path not in ("", "/") or at.query or at.fragment or at.username or not at.hostname:
        raise BadInput("the address", "scheme, host and port are expected, and no more")
    target = f"{at.scheme}://{at.netloc}{PATH}"
    opened = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect()).open

    def send(message: bytes) -> bytes:
        return within(_WHOLE * timeout_s, lambda: once(message))

    def once(message: bytes) -> bytes:
        request = urllib.request.Request(target, message, method="POST")  # noqa: S310  the scheme was checked
        request.add_header("Content-Type", "application/json")
        try:
            with opened(request, timeout=timeout_s) as answer:
                found: bytes = answer.read(wire.MAX_MESSAGE + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise Unreachable(f"the key service answered {error.code}") from None
        except (OSError, http.client.HTTPException):
            raise Unreachable("the key service cannot be reached") from None
        return found

    return send


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A question is meant for one service; another is not asked instead."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def files_of(lines: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every bundle and tile of a ledger with these entries."""
    for n, width in bundles_of(len(lines)):
        yield bundle_path(n, width), encode_bundle(lines[n * WIDTH : n * WIDTH + width])
    rows = [[leaf_hash(line) for line in lines]]
    for level, n, width in tiles_of(len(lines)):
        if level == len(rows):
            below = rows[-1]
            full = range(0, len(below) - WIDTH + 1, WIDTH)
            rows.append([root_of(below[at : at + WIDTH]) for at in full])
        yield tile_path(level, n, width), b"".join(rows[level][n * WIDTH : n * WIDTH + width])


def _in_messages(documents: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The documents in their order, as few messages as carry them."""
    some: list[bytes] = []
    for each in documents:
        if some and sum(map(len, some)) + len(each) > wire.MAX_CONTENT:
            yield some
            some = []
        some.append(each)
    if some:
        yield some
