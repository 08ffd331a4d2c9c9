"""Access reviews at the office: asked of a processor, closed by an officer of the city, due again.

What is compared with what, and who goes, entrust/review.py says; the answer comes from the
processor's own site (answering.py).  Those who go stand in the city's status statement before the
review is recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from azukari.desk import employment, people, training, used
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.entrust import review as reviews
from azukari.entrust.order import DAY_MS
from azukari.entrust.review import Finding
from azukari.errors import BadInput, Conflict, NotFound, Refused
from azukari.ledger.entry import counts
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer
from azukari.shelf.book import Draft
from azukari.vault import records, schema

DUE: Final = "review"  # what is due of an agreement


@dataclass(frozen=True)
class Looked:
    """An answer to a roster, beside what the city knows."""

    review: doc.Review
    roster: doc.Roster
    findings: tuple[Finding, ...]

    @property
    def going(self) -> tuple[str, ...]:
        """Who no longer counts once it is closed."""
        return tuple(one.line.person for one in self.findings if one.why)


@dataclass(frozen=True)
class Closed:
    """A review with both hands under it, and the status statement where somebody goes by it."""

    envelope: bytes
    looked: Looked
    left: tuple[str, ...]  # who counted until now
    status: bytes | None


def ask(
    office: Office, agreement: str, from_at: int, to_at: int, hand: tuple[str, Signer]
) -> bytes:
    """The roster of an agreement's processor, for its officer to answer; one entry.

    A newer one of the same agreement replaces it.  The period says what the review is about; on the
    roster stands everybody who counts now.
    """
    person, signer = hand
    link = _agreement(office, agreement)
    _must_be_city_officer(office, person, signer)
    if not from_at < to_at <= office.now():
        raise BadInput("period", "it begins before it ends, and it has ended")
    roster = doc.Roster(
        id=new_id(),
        agreement=link.id,
        party=link.processor,
        from_at=from_at,
        to_at=to_at,
        people=enrolled(office, link),
        at=office.now(),
    )
    envelope = doc.issue(roster, office.signers["order"])
    with office.act() as tx:
        records.keep_document(tx, roster, envelope, about=link.id)
        detail = {"people": len(roster.people), "from_at": from_at, "to_at": to_at}
        refs = (roster.id, link.id)
        n = counts(people=len(roster.people))
        office.write(tx, Draft(new_act(), "access.review_asked", person, refs, n=n, detail=detail))
    return envelope


def look(office: Office, half: bytes) -> Looked:
    """What an answer says beside what the city knows; nothing is changed.

    `Refused` with every reason why it is no answer to the newest roster of its agreement, and
    `Conflict` where that roster was answered before.
    """
    signed = doc.read_half(half, doc.Review, _keys(office).get)
    review: doc.Review = signed.document
    link = _agreement(office, review.agreement)
    roster = newest_roster(office, link.id)
    if roster is None:
        raise Refused("review", ("review_of_another_roster",))
    (officer,) = people.signed_by(office, signed) or ("",)
    known = {one.id: one for one in orders.people_of(office)}
    gone = people.withdrawn(office)
    reasons = reviews.may_answer(known.get(officer), link.processor, gone)
    reasons += reviews.why_not(review, roster)
    if reasons:
        raise Refused("review", reasons)
    if closed(office, roster.id) is not None:
        raise Conflict("this roster was answered, and the review closed, before")
    return Looked(review, roster, reviews.compare(review, known, employment.words_of(office)))


def close(office: Office, half: bytes, hand: tuple[str, Signer], agreed: Collection[str]) -> Closed:
    """The city's hand under an answer; whoever should not be there no longer counts.

    ``agreed`` are the persons whom the officer of the city, having seen every difference, agreed to
    let go: those of `Looked.going` and nobody else.  One entry, and one more for each who leaves;
    the next review is due a period after the end of this one.
    """
    person, signer = hand
    looked = look(office, half)
    _must_be_city_officer(office, person, signer)
    if set(agreed) != set(looked.going):
        raise Refused("review", ("review_not_agreed",))
    envelope = doc.add_signature(half, signer)
    doc.read(envelope, doc.Review, _keys(office).get)
    gone = people.withdrawn(office)
    left = [one for one in looked.going if one not in gone]
    status = people.statement(office, left=left) if left else None
    with office.act() as tx:
        if _closed(tx, looked.roster.id) is not None:
            raise Conflict("this roster was answered, and the review closed, before")
        records.keep_document(tx, looked.review, envelope, about=looked.roster.id)
        # A crash may have come after an earlier statement: their entries are owed all the same.
        recorded = employment.gone_on_record(office, tx)
        owed = [one for one in looked.going if one not in recorded]
        office.write(tx, *_drafts(looked, person, owed))
        records.settle(tx, looked.roster.agreement, office.now(), DUE)
        link = doc.unverified(records.document(tx, looked.roster.agreement), doc.Agreement)
        if office.now() <= link.terms.expires_at:
            records.set_due(tx, link.id, DUE, looked.roster.to_at + _period_ms(office))
    return Closed(envelope, looked, tuple(left), status)


def plan(office: Office, tx: Connection) -> None:
    """Every agreement that holds has its next review due; safe to repeat.

    One that is suspended is reviewed no more; after it expired its people are reviewed once.
    """
    rows = schema.due.c
    planned = set(tx.execute(select(rows.subject).where(rows.what == DUE)).scalars())
    ended = {
        doc.unverified(envelope, doc.Suspension).agreement
        for envelope in records.documents(tx, doc.Suspension)
    }
    for envelope in records.documents(tx, doc.Agreement):
        link = doc.unverified(envelope, doc.Agreement)
        if link.id in ended:
            records.settle(tx, link.id, office.now(), DUE)
        elif link.id not in planned:
            records.set_due(tx, link.id, DUE, link.from_at + _period_ms(office))


def due_at(office: Office, agreement: str) -> int | None:
    """By when the next review of an agreement is due; none where none is."""
    rows = schema.due.c
    mine = (rows.subject == agreement) & (rows.what == DUE) & rows.done.is_(None)
    with office.act() as tx:
        return tx.execute(select(rows.at).where(mine)).scalars().first()


def begins_at(office: Office, agreement: str) -> int:
    """Where the next period begins: where the last one that was reviewed ended, or the agreement
    began.
    """
    link = _agreement(office, agreement)
    found = last_closed(office, link.id)
    return link.from_at if found is None else found.to_at


def last_closed(office: Office, agreement: str) -> doc.Review | None:
    """The newest review of an agreement that both sides signed."""
    with office.act() as tx:
        rosters = records.documents(tx, doc.Roster, about=agreement)
        found = [_closed(tx, doc.unverified(one, doc.Roster).id) for one in reversed(rosters)]
    return next((one for one in found if one is not None), None)


def enrolled(office: Office, link: doc.Agreement) -> list[doc.Enrolled]:
    """Everybody of an agreement's processor who counts now, oldest entry first."""
    gone, last = people.withdrawn(office), used.last_used(office)
    passes = training.until(office)
    return [
        doc.Enrolled(
            person=one.id,
            since=one.enrolled_at,
            last_used_at=last.get(one.id, 0),
            trained_until=reviews.trained_until(link.terms.training, passes.get(one.id, {})),
        )
        for one in orders.people_of(office)
        if one.party == link.processor and one.id not in gone
    ]


def newest_roster(office: Office, agreement: str) -> doc.Roster | None:
    """The roster that an answer must be of."""
    with office.act() as tx:
        found = records.documents(tx, doc.Roster, about=agreement)
    return doc.unverified(found[-1], doc.Roster) if found else None


def closed(office: Office, roster: str) -> doc.Review | None:
    """The review that answered a roster, where it is closed."""
    with office.act() as tx:
        return _closed(tx, roster)


def _closed(tx: Connection, roster: str) -> doc.Review | None:
    found = records.documents(tx, doc.Review, about=roster)
    return doc.unverified(found[0], doc.Review) if found else None


def _drafts(looked: Looked, by: str, owed: Sequence[str]) -> list[Draft]:
    act, told = new_act(), {one.line.person: one for one in looked.findings}
    false = [one for one in looked.findings if one.false_employer]
    detail = {
        "people": len(looked.findings),
        "false_employers": len(false),
        "going": {one: list(told[one].why) for one in looked.going},
        "from_at": looked.roster.from_at,
        "to_at": looked.roster.to_at,
    }
    n = counts(people=len(looked.findings), false_employers=len(false), going=len(looked.going))
    refs = (looked.review.id, looked.roster.id, looked.roster.agreement)
    reviewed = Draft(act, "access.reviewed", by, refs, n=n, detail=detail)
    return [reviewed, *(_leaving(act, by, told[one]) for one in owed)]


def _leaving(act: str, by: str, one: Finding) -> Draft:
    because = "employer-changed" if one.false_employer else "left"
    detail = {"because": because, "why": list(one.why)}
    return Draft(act, "person.left", by, (one.line.person,), detail=detail)


def _agreement(office: Office, agreement: str) -> doc.Agreement:
    with office.act() as tx:
        kept = records.document(tx, agreement)
    if doc.word_of(kept) is not doc.Agreement:
        raise NotFound("the office knows no such agreement")
    return doc.unverified(kept, doc.Agreement)


def _must_be_city_officer(office: Office, person: str, signer: Signer) -> None:
    orders.must_be(office, person, signer)
    known, gone = orders.person_of(office, person), people.withdrawn(office)
    reasons = reviews.may_answer(known, office.city, gone)
    if reasons:
        raise Refused("review", reasons)


def _keys(office: Office) -> dict[str, PublicKey]:
    return {key.id: key for key in people.person_keys(office).values()}


def _period_ms(office: Office) -> int:
    return office.review_days * DAY_MS
