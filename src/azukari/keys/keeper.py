"""The keeper: makes, releases, revokes and shreds carrier keys, each written down first.

It believes signed documents (policy.py), never the office.  Its database and its ledger are its
own.  Every act is one transaction with its entries; a key leaves only after that transaction is
durable, so a crash leaves more recorded than happened, never less.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from azukari.entrust import may
from azukari.errors import ClockBehind, Conflict, Locked, NotFound, Refused
from azukari.keys import erasing, judge, losing, register, released
from azukari.keys.backends import Backend
from azukari.keys.client import GrantAsk, Sealed
from azukari.keys.policy import Believed, Pinned
from azukari.ledger.entry import OtherHead, counts
from azukari.names import raw_id
from azukari.seal.documents import Order, digest
from azukari.seal.envelope import SigningKey, canonical
from azukari.seal.stream import KEY_BYTES
from azukari.shelf import checkpoints, emptied, forget
from azukari.shelf.book import Book, Draft
from azukari.shelf.database import Place, open_database, transaction
from azukari.shelf.together import Together

LATENESS_MS: Final = 120_000
HEARTBEAT_MS: Final = 20 * 3_600_000  # at least daily, with hours to spare
_Row = Row[Any]


class Keeper:
    """The key service's one writer; satisfies `azukari.keys.client.Keys`.

    Without a backend it is *locked*: it believes, revokes and answers, and releases nothing.
    """

    def __init__(
        self,
        place: Place,
        pinned: Pinned,
        log_key: SigningKey,
        grant_key: SigningKey,
        backend: Backend | None,
        origin: str,
        now: Callable[[], int],
        store: Path | None = None,
        *,
        wait: bool = True,
    ) -> None:
        self._engine = open_database(place, register.metadata)
        self._book = Book(origin, log_key.private, register.ledger)
        kept = checkpoints.opened(self._engine, self._book, store)
        self._acts = Together(self._engine, checkpoints.settling(self._engine, self._book, kept))
        self._wait = wait
        self._grant_key, self._backend, self._now = grant_key, backend, now
        self._believed, self._read = Believed(pinned), 0
        self._strangers = losing.Strangers(now)
        with transaction(self._engine) as tx:
            self._read_on(tx)
            gone = register.shredded(tx)
        # A crash may have come between the entry that calls a key destroyed and its destruction.
        for carrier in gone if backend is not None else ():
            self._open().shred(carrier)

    def believe(self, documents: Sequence[bytes]) -> None:
        for envelope in documents:
            with self._turn(wait=False) as tx:
                self._read_on(tx)
                at = self._now()
                self._believed.take(envelope, at)
                # Not only what is new to our memory: an earlier attempt to keep it may have failed,
                # and a suspension that is known until the next start only is none.
                number = register.keep_document(tx, envelope, at)
            self._read = max(self._read, number)

    def create(self, act: str, by: str, carrier: str, order_id: str | None) -> None:
        raw_id(carrier)
        ask = canonical({"carrier": carrier, "order": order_id or ""})
        with self._act(releases=True) as tx:
            known = register.find(tx, carrier)
            if known is not None:
                if known.act == act:
                    return
                raise Conflict("this carrier's id is used up")
            reasons = register.answered(tx, act, "create", ask) or self._may_create(tx, order_id)
            if reasons:
                reasons = self._refuse(tx, act, "create", ask, by, (carrier,), reasons)
            else:
                # Without a row a key can only be what a crash left of this very act.
                self._open().shred(carrier)
                wrapped = self._open().wrap_new(carrier, os.urandom(KEY_BYTES))
                tx.execute(
                    register.carrier.insert().values(
                        id=carrier, act=act, order_id=order_id, wrapped=wrapped, state="created"
                    )
                )
                refs = (carrier,) if order_id is None else (carrier, order_id)
                self._write(tx, Draft(act, "key.created", by, refs))
        if reasons:
            raise Refused("key for a carrier", reasons)

    def release_to_seal(self, act: str, by: str, carrier: str) -> bytes:
        ask = canonical({"carrier": carrier, "use": "seal"})
        with self._act(releases=True) as tx:
            row = register.must(tx, carrier)
            travels = row.order_id is not None
            repeated = register.repeated(tx, act, ask)
            reasons = register.answered(tx, act, "seal", ask) or ()
            # A carrier that travels is sealed once, by the act that made it.
            if row.state != "created" or (travels and row.act != act):
                reasons = (f"carrier_is_{row.state}",)
            elif travels and not reasons:
                reasons = may.may_seal(self._order(row), self._believed.known(), self._now())
            if reasons:
                reasons = self._refuse(tx, act, "seal", ask, by, (carrier,), reasons)
            elif not repeated:
                register.released(tx, act, carrier, "seal", ask, self._now())
                kind = "key.released.seal" if travels else "key.released.roll"
                self._write(tx, Draft(act, kind, by, (carrier,)))
        if reasons:
            raise Refused("key to seal", reasons)
        return self._open().unwrap(carrier, row.wrapped)

    def bind(self, act: str, by: str, carrier: str, sealed: Sealed) -> None:
        judge.must_be_sealed(sealed)
        content = judge.spelled(sealed)
        with self._act(releases=True) as tx:
            row = register.must(tx, carrier)
            if row.bound is not None:
                if row.bound == content:
                    return
                raise Conflict("this carrier is bound to another content already")
            if register.envelope_of_another(tx, carrier, sealed.envelope_sha256):
                raise Conflict("this envelope is bound to another carrier already")
            asked = self._order(row)
            reasons = register.answered(tx, act, "bind", content) or judge.binding(
                row.state, row.act == act, asked, sealed
            )
            if reasons or asked is None:
                reasons = self._refuse(tx, act, "bind", content, by, (carrier,), reasons)
            else:
                register.change(
                    tx, carrier, state="bound", bound=content, envelope=sealed.envelope_sha256
                )
                n, detail = counts(**sealed.rows), judge.bound(sealed, asked)
                draft = Draft(act, "key.bound", by, (carrier, asked.id), n=n, detail=detail)
                self._write(tx, draft)
        if reasons:
            raise Refused("binding a carrier", reasons)

    def grant(self, act: str, by: str, ask: GrantAsk) -> bytes:
        judge.must_be_readable(ask)
        asked = judge.spelled(ask)
        with self._act(releases=True) as tx:
            row = register.must(tx, ask.carrier)
            # The same act is the same question: another one is a conflict, whatever it asks.
            repeated = register.repeated(tx, act, asked)
            bound = None if row.bound is None else msgspec.json.decode(row.bound, type=Sealed)
            parts = judge.parts_for(bound, ask.opening.role)
            reasons = (not repeated and register.answered(tx, act, "open", asked)) or ()
            if not reasons:
                taken = register.one_time_key_taken(tx, ask.opening.one_time_key, act)
                reasons = judge.opening(
                    row.state, bound, self._order(row), ask, taken, self._believed, self._now()
                )
            if reasons:
                named = (ask.carrier, ask.opening.device, ask.opening.person)
                reasons = self._refuse(tx, act, "open", asked, by, named, reasons)
            elif not repeated:
                self._release(tx, act, by, ask, parts)
        if reasons:
            raise Refused("grant", reasons)
        key = self._open().unwrap(ask.carrier, row.wrapped)
        device = self._believed.opener(ask.opening.device)
        person = self._believed.people[ask.opening.person]
        return released.sealed(act, ask, row.order_id, parts, key, device, person, self._grant_key)

    def revoke(self, act: str, by: str, carriers: Sequence[str], happened: int | None) -> None:
        # Works while locked and with a clock that is behind: nothing may hold a revocation up.
        with self._turn(wait=False) as tx:
            losing.revoke(tx, partial(self._write, tx), act, by, carriers, happened)

    def lost(self, envelope: bytes) -> losing.Taken:
        """Revoke by a signed declaration, without any office; the same again is the same.

        Raises:
            Refused: nobody it knows, nothing that concerns them, no carrier by id, or undone by two
                persons since; an entry too, of strangers so many an hour.
        """
        with self._turn(wait=False) as tx:
            self._read_on(tx)
            write, tell = partial(self._write, tx), self._strangers.may_be_told
            taken = losing.take(tx, write, self._believed, envelope, tell)
        if taken.reasons:
            raise Refused("declaring a loss", taken.reasons)
        return taken

    def restore(self, act: str, by: str, carrier: str, words: Sequence[bytes]) -> None:
        ask = canonical({"carrier": carrier})
        with self._act(releases=True) as tx:
            row = register.must(tx, carrier)
            if register.answered(tx, act, "restore", ask) == ():
                return
            said = [self._believed.restoration(word) for word in words]
            people = sorted(
                {
                    w.person
                    for w in said
                    if (w.carrier, w.revocation) == (carrier, row.revoked_by_act)
                }
            )
            reasons: tuple[str, ...] = ()
            if row.state != "revoked" or row.wrapped is None:
                reasons = (f"carrier_is_{row.state}",)
            elif not self._believed.independent(people, self._now()):
                reasons = ("two_persons_needed",)
            if reasons:
                reasons = self._refuse(tx, act, "restore", ask, by, (carrier,), reasons)
            else:
                state = "created" if row.bound is None else "bound"
                register.change(tx, carrier, state=state, revoked_by_act=None)
                register.note_answer(tx, act, "restore", ask, ())
                self._write(tx, Draft(act, "carrier.restored", by, (carrier, *people)))
        if reasons:
            raise Refused("restoring a carrier", reasons)

    def shred(self, act: str, by: str, carrier: str) -> str:
        backend = self._open()
        with self._turn(wait=self._wait) as tx:
            row = register.find(tx, carrier)
            if row is not None and row.state != "shredded":
                register.change(tx, carrier, state="shredded", wrapped=None)
                draft = Draft(act, "key.shredded", by, (carrier,), detail={"backend": backend.name})
                self._write(tx, draft)
        # After the entry: what a crash between leaves, asking again or the next start destroys.
        backend.shred(carrier)
        if row is None:
            raise NotFound("the key service knows no such carrier")
        return backend.name

    def erase(self, act: str, by: str, erasure: bytes) -> bool:
        # Works while locked: it lets nothing out.
        with self._act(releases=False) as tx:
            asked, found = erasing.look(tx, self._book, self._believed, erasure, self._now())
            ask = canonical({"erasure": asked.id, "sha256": digest(asked)})
            # Once for a list, whatever act it comes with.
            done = register.answered(tx, asked.id, "erase", ask) == ()
            reasons = () if done else tuple(found)
            if reasons:
                reasons = self._refuse(tx, act, "erase", ask, by, (asked.id,), reasons)
            elif not done:
                self._write(tx, erasing.empty(tx, self._book, asked, act, by, self._now()))
                register.note_answer(tx, asked.id, "erase", ask, ())
        if reasons:
            raise Refused("erasing details", reasons)
        return forget.settle(self._engine)

    def heartbeat(self, act: str, by: str) -> None:
        with self._turn(wait=self._wait) as tx:
            if self._now() - self._book.last_at(tx) >= HEARTBEAT_MS:
                self._write(tx, Draft(act, "ledger.heartbeat", by))

    def releases(self, carrier: str) -> list[dict[str, Any]]:
        with transaction(self._engine) as tx:
            return register.releases(tx, carrier)

    def entries(self, start: int) -> list[bytes]:
        with transaction(self._engine) as tx:
            return self._book.entries(tx, start, self._book.head(tx).size)

    def checkpoint(self) -> bytes:
        with transaction(self._engine) as tx:
            return self._book.checkpoint(tx)

    def head(self) -> OtherHead:
        with transaction(self._engine) as tx:
            head = self._book.head(tx)
            return OtherHead(origin=self._book.origin, size=head.size, root=head.root.hex())

    def export(self) -> Iterator[tuple[str, bytes]]:
        """The ledger as a static folder: path and bytes of each file."""
        with transaction(self._engine) as tx:
            yield from list(self._book.export(tx))

    def verify(self) -> None:
        """Recompute the whole ledger from its entries; `LedgerBroken` names the difference."""
        with transaction(self._engine) as tx:
            self._book.verify(tx)

    def unlisted(self) -> list[int]:
        """The entries whose detail is gone though no list that two persons signed names them."""
        with transaction(self._engine) as tx:
            return emptied.unlisted(self._book, tx)

    @property
    def verifier(self) -> str:
        """The key others verify this ledger with."""
        return self._book.verifier()

    @property
    def believed(self) -> Believed:
        """What is believed now; to be looked at."""
        with transaction(self._engine) as tx:
            self._read_on(tx)
        return self._believed

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _act(self, *, releases: bool) -> Iterator[Connection]:
        if releases and self._backend is None:
            raise Locked("the key service is locked: it releases nothing until it is unlocked")
        with self._turn(wait=self._wait) as tx:
            if releases and self._now() < self._book.last_at(tx) - LATENESS_MS:
                raise ClockBehind("the key service's clock stands behind its own ledger")
            self._read_on(tx)
            yield tx

    @contextmanager
    def _turn(self, *, wait: bool) -> Iterator[Connection]:
        """One act.  Where it is not durable, what was read in it is read again: another program
        may give a document's number to another document, such as a suspension.
        """
        before = self._read
        try:
            with self._acts.act(wait=wait) as tx:
                yield tx
        except BaseException:
            self._read = min(self._read, before)
            raise

    def _read_on(self, tx: Connection) -> None:
        """Believe what another program of this home has been told since."""
        for n, envelope, at in register.documents(tx, self._read):
            self._believed.take(envelope, at, kept=True)
            self._read = n

    def _open(self) -> Backend:
        if self._backend is None:
            raise Locked("the key service is locked")
        return self._backend

    def _write(self, tx: Connection, draft: Draft) -> None:
        self._book.append(tx, [draft], at=self._now())

    def _refuse(
        self,
        tx: Connection,
        act: str,
        what: str,
        ask: bytes,
        by: str,
        refs: tuple[str, ...],
        reasons: tuple[str, ...],
    ) -> tuple[str, ...]:
        """A refusal is an entry too, once for an act; an id that is none does not reach it."""
        before = register.answered(tx, act, what, ask)
        if before:
            return before
        known = tuple(dict.fromkeys(ref for ref in refs if judge.is_id(ref)))
        draft = Draft(act, "key.refused", by, known, detail={"reasons": list(reasons)})
        self._write(tx, draft)
        register.note_answer(tx, act, what, ask, reasons)
        return reasons

    def _may_create(self, tx: Connection, order_id: str | None) -> tuple[str, ...]:
        if order_id is None:
            return ()
        asked = self._believed.orders.get(order_id)
        reasons = may.may_seal(asked, self._believed.known(), self._now())
        # An approval is used once.
        if asked is not None and not reasons and register.made(tx, order_id) >= asked.carriers:
            return ("order_used_up",)
        return reasons

    def _order(self, row: _Row) -> Order | None:
        """The keeper's own copy of an order decides, not the one that came with a question."""
        return self._believed.orders.get(row.order_id or "")

    def _release(
        self, tx: Connection, act: str, by: str, ask: GrantAsk, parts: tuple[str, ...]
    ) -> None:
        opening, grant, asked = ask.opening, released.grant_id(act), judge.spelled(ask)
        key, detail = opening.one_time_key, released.detail(ask, parts)
        register.released(tx, act, ask.carrier, "open", asked, self._now(), grant, key)
        refs = (ask.carrier, grant, opening.device, opening.person)
        self._write(tx, Draft(act, "key.released", by, refs, detail=detail))
