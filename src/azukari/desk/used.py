"""When each person last used what they were given, as far as the office can tell.

Three things tell: a grant that was issued for them, a carrier that passed through their hands, and
what a device states of its openings.  The last is the device's word, by its own clock, and known
once its receipt came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from azukari.desk.office import Office
from azukari.keys.client import GrantAsk
from azukari.ledger.entry import decode
from azukari.seal import documents as doc
from azukari.seal.envelope import parse, peek
from azukari.seal.grant import SealedGrant
from azukari.shelf.journal import Record
from azukari.vault import records, schema

_USES: Final = ("opened", "enquiry")  # of what a journal tells; keys end by themselves


def last_used(office: Office) -> dict[str, int]:
    """Person -> the latest instant of any use; who used nothing is not in it."""
    found: dict[str, int] = {}
    with office.act() as tx:
        own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
        issued = {entry.act: entry.at for entry in own if entry.type == "grant.issued"}
        for person, at in (*_granted(tx, issued), *_hands(tx), *_opened(tx)):
            found[person] = max(at, found.get(person, 0))
    return found


def _granted(tx: Connection, issued: dict[str, int]) -> Iterator[tuple[str, int]]:
    rows = schema.grant.c
    for act, ask in tx.execute(select(rows.act, rows.ask)):
        if act in issued:
            yield _opener(ask), issued[act]


def _hands(tx: Connection) -> Iterator[tuple[str, int]]:
    for envelope in records.documents(tx, doc.HandOver):
        step = doc.unverified(envelope, doc.HandOver)
        yield step.giver, step.at
        yield step.taker, step.at


def _opened(tx: Connection) -> Iterator[tuple[str, int]]:
    """What devices state of grants that this office issued."""
    grants = schema.grant.c
    whose = {
        parse(peek(document)[1], SealedGrant).grant: _opener(ask)
        for document, ask in tx.execute(select(grants.document, grants.ask))
        if document is not None
    }
    for told in tx.execute(select(schema.receipt.c.records)).scalars():
        for line in filter(None, told.split(b"\n")):
            record = parse(line, Record)
            if record.grant in whose and record.kind in _USES:
                yield whose[record.grant], record.at


def _opener(ask: bytes) -> str:
    return msgspec.json.decode(ask, type=GrantAsk).opening.person
