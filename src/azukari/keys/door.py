"""The key service's door for an office on another host: one signed question, one sealed answer.

It decides nothing about keys: the keeper does, and writes first.  It sees to what only distance
asks for: that a question is this office's, of now and new; and that a key leaves only when the
office has acknowledged the entry that says so.  Whoever is not the office gets an error here, and
nothing at all over the line (web/keys.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

import msgspec

from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    Conflict,
    LedgerBehind,
    LedgerFork,
    Refused,
)
from azukari.keys import judge, wire
from azukari.keys.client import GrantAsk, Keys
from azukari.keys.losing import STRANGER, Taken
from azukari.ledger.entry import decode
from azukari.ledger.tree import Frontier, leaf_hash
from azukari.seal.envelope import PublicKey, Signer, unbase64

WINDOW_MS: Final = 120_000
_MANY: Final = 10_000


class Door:
    """Answers an office's questions, one at a time.

    Args:
        keeper: the key service itself, locked or not.
        answer_key: signs answers, and nothing else.
        office: the ask key that was pinned.
        cosigned: a key leaves only after the office acknowledged its entry.
        lost: takes a declaration that a person signed; without it those are nobody's here.
    """

    def __init__(
        self,
        keeper: Keys,
        answer_key: Signer,
        office: PublicKey,
        now: Callable[[], int],
        *,
        cosigned: bool = True,
        lost: Callable[[bytes], Taken] | None = None,
    ) -> None:
        self._lost = lost
        self._keeper, self._key, self._office = keeper, answer_key, office
        self._now, self._cosigned = now, cosigned
        self._window, self._lock = _Window(now), Lock()
        self._acknowledged = _Acknowledged(keeper)

    def answer(self, message: bytes) -> tuple[str, bytes]:
        """The word of a question, and its answer; or that of a person's signed declaration.

        Raises `BadSignature` or `BadFormat` for what is not the office's nor of a person that is
        known, and `Conflict` for what was asked before: neither is answered.
        """
        if self._lost is not None and wire.is_loss(message):
            return self._declared(self._lost, message)
        question = wire.read_question(message, self._office, self._key.public.id)
        with self._lock:
            said = self._said(question)
        word = type(question.what).__struct_config__.tag
        return f"{word} {said.kind or 'done'}", wire.answer(
            message, question, said, self._now(), self._key
        )

    def _said(self, question: wire.Question) -> wire.Said:
        self._window.must_be_new(question.id)
        if not self._window.holds(question.at):
            return wire.Said(wire.ANOTHER_TIME, False, [], [])
        self._window.use(question.id, question.at)
        what = question.what
        try:
            if not isinstance(what, wire.ANY_CLOCK):
                self._acknowledged.take(question.seen)
            said = _do(self._keeper, what)
            # The key was at hand and is dropped here: asked again, the act is done already.
            return said if self._may_leave(what) else _FIRST
        except AzukariError as error:
            return wire.failed(error)

    def _declared(self, lost: Callable[[bytes], Taken], message: bytes) -> tuple[str, bytes]:
        """What came of a declaration: needs no office, no new time and no first question."""
        with self._lock:
            try:
                taken, reasons = lost(message), tuple[str, ...]()
            except Refused as refused:
                taken, reasons = Taken(""), tuple(refused.reasons)
        if STRANGER in reasons:
            raise BadSignature("a declaration of nobody who is known")
        said = wire.Loss(
            1, self._now(), wire.digest(message), list(taken.revoked), list(taken.left), [*reasons]
        )
        word = "loss refused" if reasons else "loss done"
        return word, wire.answer_loss(said, self._key)

    def _may_leave(self, what: wire.AnyAsk) -> bool:
        if not self._cosigned or not isinstance(what, wire.Release | wire.Grant):
            return True
        return self._acknowledged.covers(what.act)


_FIRST: Final = wire.Said(wire.ACKNOWLEDGE, False, [], [])


def _do(keeper: Keys, what: wire.AnyAsk) -> wire.Said:
    """Ask the keeper what was asked."""
    match what:
        case wire.Believe():
            keeper.believe(_bytes(what.documents))
        case wire.Create():
            keeper.create(what.act, what.by, what.carrier, what.order or None)
        case wire.Release():
            return wire.done(keeper.release_to_seal(what.act, what.by, what.carrier))
        case wire.Bind():
            keeper.bind(what.act, what.by, what.carrier, what.sealed)
        case wire.Grant():
            return wire.done(keeper.grant(what.act, what.by, read_ask(unbase64(what.asked))))
        case wire.Revoke():
            keeper.revoke(what.act, what.by, what.carriers, what.happened)
        case wire.Restore():
            keeper.restore(what.act, what.by, what.carrier, _bytes(what.words))
        case wire.Shred():
            return wire.done(keeper.shred(what.act, what.by, what.carrier).encode())
        case wire.Erase():
            settled = keeper.erase(what.act, what.by, unbase64(what.erasure))
            return wire.done(b"settled" if settled else b"")
        case wire.Heartbeat():
            keeper.heartbeat(what.act, what.by)
        case wire.Releases():
            found = keeper.releases(what.carrier)[what.start :]
            return _as_many(msgspec.json.encode(row, order="sorted") for row in found)
        case wire.Entries():
            return _as_many(keeper.entries(what.start))
        case wire.Checkpoint():
            return wire.done(keeper.checkpoint())
    return wire.done()


def read_ask(spelled: bytes) -> GrantAsk:
    """A question for a grant in its one spelling."""
    try:
        found = msgspec.json.decode(spelled, type=GrantAsk)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadFormat("not a question for a grant") from None
    if judge.spelled(found) != spelled:
        raise BadFormat("a question for a grant in another spelling than the one")
    return found


def _bytes(texts: Sequence[str]) -> list[bytes]:
    return [unbase64(text) for text in texts]


def _as_many(lines: Any) -> wire.Said:
    """As many lines as one answer carries; at least one, where there are any."""
    taken: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line)
        if taken and size > wire.MAX_CONTENT:
            return wire.done(*taken, more=True)
        taken.append(line)
    return wire.done(*taken)


class _Window:
    """The ids of questions that were asked, as long as their time counts.

    They are forgotten when the program ends, so nothing signed before its start counts.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now, self._started = now, now()
        self._until: dict[str, int] = {}

    def holds(self, at: int) -> bool:
        return at >= self._started and abs(self._now() - at) <= WINDOW_MS

    def must_be_new(self, question: str) -> None:
        if question in self._until:
            raise Conflict("a question that was asked before")

    def use(self, question: str, at: int) -> None:
        if len(self._until) > _MANY:
            now = self._now()
            self._until = {key: end for key, end in self._until.items() if end >= now}
        self._until[question] = at + WINDOW_MS


class _Acknowledged:
    """How much of the keys' ledger the office has said it holds."""

    def __init__(self, keeper: Keys) -> None:
        self._keeper = keeper
        self._known = Frontier()

    def take(self, seen: wire.Seen) -> None:
        """Compare what the office holds with the ledger, as far as it says more than before.

        Raises:
            LedgerBehind: the office holds entries that this ledger lacks: it is an older copy.
            LedgerFork: what the office holds is not the beginning of this ledger.
        """
        more = seen.size - self._known.size
        if more < 0:
            return
        lines = self._keeper.entries(self._known.size)[:more]
        if len(lines) < more:
            raise LedgerBehind("the office holds entries that this ledger lacks")
        grown = Frontier.from_bytes(self._known.to_bytes())
        grown.extend([leaf_hash(line) for line in lines])
        if grown.root().hex() != seen.root:
            raise LedgerFork("what the office holds is not the beginning of this ledger")
        self._known = grown

    def covers(self, act: str) -> bool:
        """Are all entries of an act among what was acknowledged?"""
        later = self._keeper.entries(self._known.size)
        return all(decode(line).act != act for line in later)
