"""Who may declare what lost, with what little they know: from words to carriers.

Anybody enrolled may, of what concerns them: a person of the city of every carrier; another of those
whose order, custody or chain of agreements names them or their party.  A word that fits nothing and
one that fits what does not concern them are answered alike, and change nothing.

Revoking and recording is loss.py's; here is only what is meant, and a signed declaration taken in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Row, select

from azukari.carrier.life import State
from azukari.desk import agree, custody, loss, people
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.entrust import agreement as agreements
from azukari.entrust.order import DAY_MS
from azukari.errors import BadFormat, Conflict, NotFound, Refused
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.vault import media as media_rows
from azukari.vault import records, schema

SAID: Final = {"yes": True, "no": False, "unknown": None}
#: Out of the city's hands, or at least sealed; what was returned is in them again.
_OUT: Final = (State.TRAVELLING, State.RECEIVED, State.ERASED)


@dataclass(frozen=True)
class Candidate:
    """A carrier that somebody may mean."""

    carrier: str
    label: str
    tag: str | None
    state: State
    holder: str  # empty: nobody but the city had it yet
    held_from: int


@dataclass(frozen=True)
class Meant:
    """What the words of a declaration come to."""

    carriers: tuple[Candidate, ...]
    nothing: tuple[str, ...]  # words that fit nothing, or nothing that concerns who says them


def candidates(office: Office, person: str) -> list[Candidate]:
    """What somebody who lost something may mean: what they hold first, then what is on the road.

    Only what concerns them, and of that only what is out of the city's hands.
    """
    concerned = _Concern(office, person)
    with office.act() as tx:
        rows = records.carriers(tx)
    found = [_candidate(office, row) for row in rows if row.state in _OUT and concerned.by(row)]
    return sorted(found, key=lambda one: (one.holder != person, -one.held_from, one.label))


def meant(
    office: Office,
    person: str,
    *,
    carriers: Iterable[str] = (),
    media: Iterable[str] = (),
    bag: str = "",
    at: int | None = None,
) -> Meant:
    """The carriers that a person's words come to; `Refused` where no word fits anything.

    ``bag``: everything that person holds.  ``at``: when it was said, where that is some time ago:
    a bag or a medium is never one that was packed a day after.
    """
    concerned = _Concern(office, person)
    latest = office.now() if at is None else at + DAY_MS
    found: dict[str, Candidate] = {}
    nothing: list[str] = []
    words: list[tuple[str, Sequence[Candidate]]] = [
        *((word, _by_word(office, word)) for word in carriers),
        *((word, _before(_on(office, word), latest)) for word in media),
        *([(bag, _before(_held_by(office, bag), latest))] if bag else []),
    ]
    for word, fitting in words:
        mine = [one for one in fitting if concerned.by(_row(office, one.carrier))]
        found |= {one.carrier: one for one in mine}
        nothing += [] if mine else [word]
    if not found:
        # The same whatever was guessed: a label that exists, one that does not, a bag with nothing.
        raise Refused("declaring a loss", ("nothing_fits",))
    return Meant(tuple(found.values()), tuple(nothing))


def read(office: Office, envelope: bytes) -> tuple[doc.Loss, Meant]:
    """A signed declaration and what it comes to; changes nothing."""
    said = doc.unverified(envelope, doc.Loss)
    known = {one.id: one for one in orders.people_of(office)}.get(said.by)
    if known is None or said.by in people.withdrawn(office):
        raise Refused("declaring a loss", ("person_unknown",))
    key = PublicKey.load(Use.PERSON, unbase64(known.public))
    doc.read(envelope, doc.Loss, {key.id: key}.get)
    if said.in_the_bag not in SAID:
        raise BadFormat("a loss: yes, no or unknown is expected of what was in the bag")
    return said, meant(
        office, said.by, carriers=said.carriers, media=said.media, bag=said.bag, at=said.at
    )


def take(office: Office, envelope: bytes) -> loss.Incident:
    """Declare what somebody signed elsewhere; revoked first, then recorded, then the paper kept.

    The same declaration again is the same incident.  Its id is the act: where it reached the key
    service before, nothing is revoked a second time, and both ledgers pair.  Where something else
    came under its id, which whoever saw it under way can have handed in, its bytes name the act
    and both are kept.
    """
    identifier, kept = kept_as(office, envelope)
    if kept and (before := _incident(office, identifier)) is not None:
        return before
    said, found = read(office, envelope)
    carriers = [one.carrier for one in found.carriers]
    declared = _declared(office, said, found)
    known = _known(office, declared, carriers)
    incident = loss.declare(office, carriers, declared, identifier) if known is None else known
    with office.act() as tx:
        if not records.has_document(tx, identifier, envelope):
            row = msgspec.structs.replace(said, id=identifier)
            records.keep_document(tx, row, envelope, about=incident.incident)
    return incident


def kept_as(office: Office, envelope: bytes) -> tuple[str, bool]:
    """Under which id a declaration is kept, or would be, and whether it is."""
    said = doc.unverified(envelope, doc.Loss)
    with office.act() as tx:
        # Nothing that came under its id before may hold a revocation up.
        if records.find_document(tx, said.id) in (None, envelope):
            return said.id, records.has_document(tx, said.id, envelope)
        own = doc.apart(envelope)
        return own, records.has_document(tx, own, envelope)


def last_held(office: Office, carriers: Iterable[str], knew: int) -> int:
    """When the records last saw any of them in a hand, or sealed."""
    seen = [_row(office, carrier).sealed_at or 0 for carrier in carriers]
    for carrier in carriers:
        seen += [hold.from_at for hold in custody.line_of(office, carrier)]
    return min(max(seen, default=0) or knew, knew)


def _declared(office: Office, said: doc.Loss, found: Meant) -> loss.Declared:
    """What was said, with times that cannot be left to the clock of whoever knows."""
    # Nothing may hold a revocation up: a wrong clock elsewhere is corrected, not refused.
    knew = min(said.known_at, said.at, office.now())
    held = said.last_held_at or last_held(office, [one.carrier for one in found.carriers], knew)
    return loss.Declared(
        by=said.by,
        known_at=knew,
        last_held_at=min(held, knew),
        lost_before=knew,
        in_the_bag=SAID[said.in_the_bag],
    )


def _incident(office: Office, declaration: str) -> loss.Incident | None:
    """The incident of a paper that is kept: of it nothing is revoked twice, whatever came since."""
    with office.act() as tx:
        incident = records.about(tx, declaration)
    return None if incident is None else loss.incident_of(office, incident)[0]


def _known(office: Office, declared: loss.Declared, carriers: list[str]) -> loss.Incident | None:
    """The incident of this very declaration, where a crash came before its paper was kept."""
    rows = schema.incident
    with office.act() as tx:
        found = tx.execute(select(rows.c.id, rows.c.carriers, rows.c.declared)).all()
    for row in found:
        same = msgspec.json.decode(row.declared, type=loss.Declared) == declared
        if same and row.carriers.split() == carriers:
            return loss.incident_of(office, row.id)[0]
    return None


class _Concern:
    """What concerns a person: everything, where they are of the city."""

    def __init__(self, office: Office, person: str) -> None:
        self._office, self._person = office, person
        self._party = orders.person_of(office, person).party
        self._agreements = {one.id: one for one in agree.agreements_of(office)}

    def by(self, row: Row[Any]) -> bool:
        if self._party == self._office.city:
            return True
        order = orders.order_of(self._office, row.order_id)
        named = {order.holder, order.recipient, order.grant_by, order.device_holder}
        named |= {hold.holder for hold in custody.line_of(self._office, row.id)}
        return self._person in named or self._party in self._parties(order.agreement)

    def _parties(self, lowest: str) -> set[str]:
        try:
            links = agreements.chain(lowest, self._agreements)
        except Conflict:
            return set()
        return {party for link in links for party in (link.entrustor, link.processor)}


def _row(office: Office, carrier: str) -> Row[Any]:
    with office.act() as tx:
        return records.carrier(tx, carrier)


def _candidate(office: Office, row: Row[Any]) -> Candidate:
    line = custody.line_of(office, row.id)
    return Candidate(
        carrier=row.id,
        label=row.label,
        tag=row.tag,
        state=State(row.state),
        holder=line[-1].holder if line else "",
        held_from=line[-1].from_at if line else row.sealed_at or row.begun_at or 0,
    )


def _by_word(office: Office, word: str) -> list[Candidate]:
    try:
        return [_candidate(office, _row(office, word.strip()))]
    except NotFound:
        return []


def _on(office: Office, tag: str) -> list[Candidate]:
    """What lies on a medium: the carrier begun on it last, unless that came to nothing."""
    with office.act() as tx:
        begun = media_rows.carriers_on(tx, tag.strip())
    return [_candidate(office, row) for row in begun[:1] if row.state != State.ABANDONED]


def _held_by(office: Office, person: str) -> list[Candidate]:
    with office.act() as tx:
        rows = [row for row in records.carriers(tx) if row.state in _OUT]
    found = [_candidate(office, row) for row in rows]
    return [one for one in found if one.holder == person]


def _before(found: Sequence[Candidate], latest: int) -> list[Candidate]:
    return [one for one in found if one.held_from <= latest]
