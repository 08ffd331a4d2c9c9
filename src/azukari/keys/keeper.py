"""The keeper: makes, releases, revokes and shreds carrier keys, each written down first.

It believes signed documents (policy.py), never the office.  Its database and its ledger are its
own.  Every act is one transaction with its entries; a key leaves only after that transaction is
durable, so a crash leaves more recorded than happened, never less.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from azukari.entrust import may, order
from azukari.errors import BadFormat, ClockBehind, Conflict, Locked, Refused
from azukari.keys import register
from azukari.keys.backends import Backend
from azukari.keys.client import GrantAsk, Sealed
from azukari.keys.policy import Believed, Pinned
from azukari.ledger.entry import OtherHead, counts
from azukari.names import id_of, raw_id
from azukari.seal import grant as grants
from azukari.seal.documents import digest
from azukari.seal.envelope import SigningKey, canonical
from azukari.seal.stream import KEY_BYTES, part_key
from azukari.shelf.book import Book, Draft
from azukari.shelf.database import open_database, transaction

LATENESS_MS: Final = 120_000
MANIFEST_PART: Final = "m"


class Keeper:
    """The key service's one writer; satisfies `azukari.keys.client.Keys`.

    Without a backend it is *locked*: it believes, revokes and answers, and releases nothing.
    """

    def __init__(
        self,
        home: Path,
        pinned: Pinned,
        log_key: SigningKey,
        grant_key: SigningKey,
        backend: Backend | None,
        origin: str,
        now: Callable[[], int],
    ) -> None:
        self._engine = open_database(home / "keys.db", register.metadata)
        self._book = Book(origin, log_key.private, register.ledger)
        self._grant_key, self._backend, self._now = grant_key, backend, now
        self._believed = Believed(pinned)
        with transaction(self._engine) as tx:
            for envelope in register.documents(tx):
                self._believed.take(envelope)

    def believe(self, documents: Sequence[bytes]) -> None:
        for envelope in documents:
            if self._believed.take(envelope):
                with transaction(self._engine) as tx:
                    tx.execute(register.document.insert().values(envelope=envelope))

    def create(self, act: str, by: str, carrier: str, order_id: str | None) -> None:
        raw_id(carrier)
        with self._act(releases=True) as tx:
            known = register.find(tx, carrier)
            if known is not None:
                if known.act == act:
                    return
                raise Conflict("this carrier's id is used up")
            reasons = () if order_id is None else self._may_seal(order_id)
            if order_id is not None and not reasons and self._used_up(tx, order_id):
                reasons = ("order_used_up",)
            if reasons:
                self._refuse(tx, act, by, (carrier,), reasons)
            else:
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
            # A carrier that travels is sealed once, by the act that made it.
            if row.state != "created" or (travels and row.act != act):
                raise Refused("key to seal", (f"carrier_is_{row.state}",))
            if not register.repeated(tx, act, ask):
                register.released(tx, act, carrier, "seal", ask, self._now())
                kind = "key.released.seal" if travels else "key.released.roll"
                self._write(tx, Draft(act, kind, by, (carrier,)))
        return self._open().unwrap(carrier, row.wrapped)

    def bind(self, act: str, by: str, carrier: str, sealed: Sealed) -> None:
        content = msgspec.json.encode(sealed, order="sorted")
        with self._act(releases=True) as tx:
            row = register.must(tx, carrier)
            if row.bound is not None:
                if row.bound == content:
                    return
                raise Conflict("this carrier is bound to another content already")
            reasons = self._binding(row, act, sealed)
            if reasons:
                self._refuse(tx, act, by, (carrier,), reasons)
            else:
                register.change(tx, carrier, state="bound", bound=content)
                detail = {
                    "envelope": sealed.envelope_sha256,
                    "order": digest(self._believed.orders[row.order_id]),
                    "columns": sorted({c for p in sealed.parts for c in p.columns}),
                    "rows": dict(sealed.rows),
                }
                refs = (carrier, row.order_id)
                n = counts(**sealed.rows)
                self._write(tx, Draft(act, "key.bound", by, refs, n=n, detail=detail))
        if reasons:
            raise Refused("binding a carrier", reasons)

    def grant(self, act: str, by: str, ask: GrantAsk) -> bytes:
        asked = msgspec.json.encode(ask, order="sorted")
        with self._act(releases=True) as tx:
            row = register.must(tx, ask.carrier)
            reasons = self._opening(tx, act, row, ask)
            bound = None if row.bound is None else msgspec.json.decode(row.bound, type=Sealed)
            parts = () if bound is None else _parts_for(bound, ask.opening.role)
            grant = _grant_id(act)
            if reasons:
                named = (ask.carrier, ask.opening.device, ask.opening.person)
                self._refuse(tx, act, by, named, reasons)
            elif not register.repeated(tx, act, asked):
                opening = ask.opening
                register.released(
                    tx,
                    act,
                    ask.carrier,
                    "open",
                    asked,
                    self._now(),
                    grant,
                    opening.one_time_key,
                )
                detail = {
                    "one_time_key": opening.one_time_key,
                    "parts": list(parts),
                    "role": opening.role,
                    "not_before": opening.not_before,
                    "not_after": opening.not_after,
                }
                refs = (ask.carrier, grant, opening.device, opening.person)
                self._write(tx, Draft(act, "key.released", by, refs, detail=detail))
        if reasons:
            raise Refused("grant", reasons)
        return self._sealed_grant(ask, row, grant, parts)

    def revoke(self, act: str, by: str, carriers: Sequence[str], happened: int | None) -> None:
        # Works while locked and with a clock that is behind: nothing may hold a revocation up.
        with transaction(self._engine) as tx:
            rows = [register.must(tx, carrier) for carrier in carriers]
            fresh = tuple(r.id for r in rows if r.state not in ("revoked", "shredded"))
            for carrier in fresh:
                register.change(tx, carrier, state="revoked", revoked_by_act=act)
            if fresh:
                draft = Draft(act, "carrier.revoked", by, fresh, happened=happened)
                self._write(tx, draft)

    def restore(self, act: str, by: str, carrier: str, words: Sequence[bytes]) -> None:
        with self._act(releases=True) as tx:
            row = register.must(tx, carrier)
            said = [self._believed.restoration(word) for word in words]
            people = {
                w.person for w in said if (w.carrier, w.revocation) == (carrier, row.revoked_by_act)
            }
            if row.state != "revoked" or len(people) < 2:
                raise Refused("restoring a carrier", ("two_persons_needed",))
            state = "created" if row.bound is None else "bound"
            register.change(tx, carrier, state=state, revoked_by_act=None)
            self._write(tx, Draft(act, "carrier.restored", by, (carrier, *sorted(people))))

    def shred(self, act: str, by: str, carrier: str) -> str:
        backend = self._open()
        with transaction(self._engine) as tx:
            row = register.must(tx, carrier)
            if row.state != "shredded":
                register.change(tx, carrier, state="shredded", wrapped=None)
                draft = Draft(act, "key.shredded", by, (carrier,), detail={"backend": backend.name})
                self._write(tx, draft)
        # After the entry: a crash between leaves a key that the entry already calls destroyed,
        # and asking again destroys it.
        backend.shred(carrier)
        return backend.name

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

    @property
    def verifier(self) -> str:
        """The key others verify this ledger with."""
        return self._book.verifier()

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _act(self, *, releases: bool) -> Iterator[Connection]:
        if releases and self._backend is None:
            raise Locked("the key service is locked: it releases nothing until it is unlocked")
        with transaction(self._engine) as tx:
            if releases and self._now() < self._book.last_at(tx) - LATENESS_MS:
                raise ClockBehind("the key service's clock stands behind its own ledger")
            yield tx

    def _open(self) -> Backend:
        if self._backend is None:
            raise Locked("the key service is locked")
        return self._backend

    def _write(self, tx: Connection, draft: Draft) -> None:
        self._book.append(tx, [draft], at=self._now())

    def _refuse(
        self, tx: Connection, act: str, by: str, refs: tuple[str, ...], reasons: Sequence[str]
    ) -> None:
        """A refusal is an entry too; an id that is none does not reach the ledger."""
        known = tuple(dict.fromkeys(ref for ref in refs if _is_id(ref)))
        draft = Draft(act, "key.refused", by, known, detail={"reasons": list(reasons)})
        self._write(tx, draft)

    def _used_up(self, tx: Connection, order_id: str) -> bool:
        """Were all carriers of this order made?  An approval is used once."""
        return register.made(tx, order_id) >= self._believed.orders[order_id].carriers

    def _may_seal(self, order_id: str) -> tuple[str, ...]:
        asked = self._believed.orders.get(order_id)
        return may.may_seal(asked, self._believed.known(), self._now())

    def _binding(self, row: Row[Any], act: str, sealed: Sealed) -> list[str]:
        asked = self._believed.orders.get(row.order_id or "")
        if row.state != "created" or row.act != act:
            return [f"carrier_is_{row.state}"]
        if asked is None:
            return [may.Why.ORDER_UNKNOWN]
        reasons = []
        allowed = order.rows_of(asked)
        if any(
            f"{part.table}.{column}" not in order.columns_for(asked, role)
            for part in sealed.parts
            for column in part.columns
            for role in part.roles
        ):
            reasons.append("more_columns_than_approved")
        if any(rows > allowed.get(table, 0) for table, rows in sealed.rows.items()):
            reasons.append("more_rows_than_approved")
        return reasons

    def _opening(self, tx: Connection, act: str, row: Row[Any], ask: GrantAsk) -> tuple[str, ...]:
        asked = self._believed.orders.get(row.order_id or "")
        reasons: list[str] = []
        if row.state != "bound":
            reasons.append(f"carrier_is_{row.state}")
        elif msgspec.json.decode(row.bound)["envelope_sha256"] != ask.envelope_sha256:
            reasons.append("carrier_is_bound_to_another_content")
        if asked is not None and (ask.opening.order is None or ask.opening.order.id != asked.id):
            reasons.append("carrier_of_another_order")
        if register.one_time_key_taken(tx, ask.opening.one_time_key, act):
            reasons.append("one_time_key_used")
        # The keeper's own copy of the order decides, not the one that came with the question.
        opening = replace(ask.opening, order=asked)
        return (*reasons, *may.may_open(opening, self._believed.known(), self._now()))

    def _sealed_grant(
        self, ask: GrantAsk, row: Row[Any], grant: str, parts: tuple[str, ...]
    ) -> bytes:
        opening = ask.opening
        key = self._open().unwrap(ask.carrier, row.wrapped)
        device = self._believed.devices[opening.device]
        public = next(k.public for k in device.one_time_keys if k.id == opening.one_time_key)
        keys = [
            grants.PartKey(p, base64.b64encode(part_key(key, ask.carrier, p)).decode())
            for p in (MANIFEST_PART, *parts)
        ]
        body = grants.GrantBody(
            1,
            grant,
            ask.carrier,
            ask.envelope_sha256,
            row.order_id,
            opening.device,
            opening.person,
            opening.role,
            keys,
            opening.not_before,
            opening.not_after,
            base64.b64encode(ask.journal_key).decode(),
            ask.chain_length,
            ask.chain_head,
        )
        der = base64.b64decode(public)
        return grants.seal_grant(body, opening.one_time_key, der, self._grant_key)


def _parts_for(sealed: Sealed, role: str) -> tuple[str, ...]:
    return tuple(part.part for part in sealed.parts if role in part.roles)


def _grant_id(act: str) -> str:
    """One act, one grant: the id repeats with the act."""
    return id_of(hashlib.sha256(b"azukari/grant-id/1\0" + raw_id(act)).digest()[:16])


def _is_id(text: str) -> bool:
    try:
        raw_id(text)
    except BadFormat:
        return False
    return True
