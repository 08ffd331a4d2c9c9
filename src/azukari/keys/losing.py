"""What the key service does with a loss: revokes, by an office's question or a signed declaration.

A declaration (`Loss`) needs no office: it is believed when a person signed it whom the service
knows, of the city or of a party in the chain of the carrier's order, and it names carriers by their
ids.  Its id is the act, so that the office, when it is back, takes the same declaration and both
ledgers pair.  Works in the caller's transaction, locked or not, whatever any clock says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from azukari.entrust.agreement import chain
from azukari.errors import BadSignature, Conflict, NotFound
from azukari.keys import judge, register
from azukari.keys.policy import Believed
from azukari.ledger.entry import MAX_NUMBER
from azukari.names import id_of
from azukari.seal import documents as doc
from azukari.shelf.book import Draft

MOST_REFS: Final = 1_000  # of one entry, whose line is at most 65,535 bytes
STRANGER: Final = "person_unknown"
MOST_STRANGERS: Final = 20  # an hour
_HOUR_MS: Final = 3_600_000
_GONE: Final = ("revoked", "shredded")
Write = Callable[[Draft], None]


@dataclass(frozen=True)
class Revoked:
    """What became of the carriers of one act."""

    standing: tuple[str, ...]  # nothing is released for them
    undone: tuple[str, ...]  # revoked by this very act before, and restored by two persons since


@dataclass(frozen=True)
class Taken:
    """What came of a signed declaration.  With ``reasons`` it was refused, and changed nothing."""

    loss: str
    revoked: tuple[str, ...] = ()
    left: tuple[str, ...] = ()  # words that only the office can look up, or that fit nothing
    reasons: tuple[str, ...] = ()


def revoke(
    tx: Connection, write: Write, act: str, by: str, carriers: Sequence[str], happened: int | None
) -> Revoked:
    """Release nothing for these from now on; an act revokes a carrier once.

    So an act that is repeated never undoes what two persons restored since.
    """
    # For a carrier that is not made yet and with whatever was claimed, too: nothing may hold a
    # revocation up.
    if happened is not None and not 0 <= happened <= MAX_NUMBER:
        happened = None
    rows = {c: register.find(tx, c) for c in dict.fromkeys(carriers) if judge.is_id(c)}
    if not rows:
        raise NotFound("the key service knows no such carrier")
    known = {carrier for carrier in rows if register.was_revoked(tx, act, carrier)}
    new = [carrier for carrier in rows if carrier not in known]
    undone = tuple(c for c in known if (row := rows[c]) is None or row.state not in _GONE)
    for carrier in new:
        _revoke(tx, carrier, rows[carrier], act)
    named = tuple(carrier for carrier in rows if carrier not in undone)
    # An entry has a longest line; a loss has no largest number of carriers.
    for at in range(0, len(named) if new else 0, MOST_REFS):
        refs = named[at : at + MOST_REFS]
        write(Draft(act, "carrier.revoked", by, refs, happened=happened))
    return Revoked(named, undone)


class Strangers:
    """How many declarations of people it does not know a service still writes down.

    Anybody can sign with a key of their own: so many an hour are entries, and none fills the disk.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now, self._told = now, list[int]()

    def may_be_told(self) -> bool:
        at = self._now()
        self._told = [one for one in self._told if abs(at - one) < _HOUR_MS]
        if len(self._told) >= MOST_STRANGERS:
            return False
        self._told.append(at)
        return True


def take(
    tx: Connection,
    write: Write,
    believed: Believed,
    envelope: bytes,
    may_tell: Callable[[], bool],
) -> Taken:
    """Revoke what a signed declaration names by id; refused, it is an entry too, once.

    ``may_tell``: whether one of a stranger is to be an entry.

    Another one under its id holds nothing up: whoever saw it under way can have handed that in, so
    this one is an act of its own then, named by its bytes.

    Raises:
        BadFormat: no declaration.
    """
    claimed, digest = doc.unverified(envelope, doc.Loss), hashlib.sha256(envelope).digest()
    try:
        said = believed.loss(envelope)
    except BadSignature:
        if not may_tell():
            return Taken(claimed.id, reasons=(STRANGER,))
        return _refuse(tx, write, believed.pinned.city, claimed, (STRANGER,), digest)
    act = _act(tx, said, envelope, digest)
    ids = tuple(dict.fromkeys(word for word in said.carriers if judge.is_id(word)))
    mine = tuple(carrier for carrier in ids if concerns(tx, believed, said.by, carrier))
    left = (*(c for c in said.carriers if c not in mine), *said.media, *filter(None, [said.bag]))
    if not mine:
        why = "nothing_fits" if ids else "carrier_not_by_id"
        return _refuse(tx, write, said.by, said, (why,), digest)
    done = revoke(tx, write, act, said.by, mine, said.known_at)
    if not done.standing:
        why = "loss_undone"
        return _refuse(tx, write, said.by, said, (why,), digest)
    if register.answered(tx, act, "loss", digest) is None:
        register.note_answer(tx, act, "loss", digest, ())
    return Taken(said.id, done.standing, (*left, *done.undone))


def _act(tx: Connection, said: doc.Loss, envelope: bytes, digest: bytes) -> str:
    """Its id, or where another declaration was taken under that, one of its own."""
    try:
        register.answered(tx, said.id, "loss", digest)
    except Conflict:
        return doc.apart(envelope)
    return said.id


def concerns(tx: Connection, believed: Believed, person: str, carrier: str) -> bool:
    """Is this person of the city, or of a party in the chain of the carrier's order?"""
    party = believed.people[person].party
    if party == believed.pinned.city:
        return True
    row = register.find(tx, carrier)
    order = None if row is None else believed.orders.get(row.order_id or "")
    if order is None:
        return False
    try:
        links = chain(order.agreement, believed.agreements)
    except Conflict:
        return False
    return any(party in (link.entrustor, link.processor) for link in links)


def _revoke(tx: Connection, carrier: str, row: Row[Any] | None, act: str) -> None:
    if row is None:
        register.never(tx, carrier, act)
    elif row.state == "shredded":
        register.change(tx, carrier, revoked_by_act=act)
    else:
        register.change(tx, carrier, state="revoked", revoked_by_act=act)
    register.note_revoked(tx, act, carrier)


def _refuse(
    tx: Connection, write: Write, by: str, said: doc.Loss, why: tuple[str, ...], digest: bytes
) -> Taken:
    """One entry for one declaration and one reason, under an act of the refusal's own."""
    act = id_of(hashlib.sha256(digest + why[0].encode()).digest()[:16])
    if register.answered(tx, act, "loss", digest) is None:
        refs = tuple(dict.fromkeys(c for c in said.carriers if judge.is_id(c)))[:MOST_REFS]
        refs = refs if why != (STRANGER,) else ()
        detail = {"loss": digest.hex(), "reasons": list(why)}
        write(Draft(act, "key.refused", by, refs, detail=detail))
        register.note_answer(tx, act, "loss", digest, why)
    return Taken(said.id, reasons=why)
