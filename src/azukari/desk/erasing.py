"""Details emptied by rule: one person asks with a list, another agrees to that very list.

The entries stay, and with them the tree; salt and detail go, and nobody can tell any more what was
committed to.  Both persons sign one document; what holds a detail back is looked for when it is
asked and again in the transaction that empties.  Of the keys' ledger the key service does it, by
the same document and its own judgement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from azukari.desk import holds, people, tasks
from azukari.desk import order as orders
from azukari.desk.holds import Hand
from azukari.desk.office import Office, new_act
from azukari.entrust import retention
from azukari.entrust.retention import Held, Rule, Which
from azukari.errors import BadSignature, Conflict, LedgerBroken, NotFound, Refused
from azukari.ledger.entry import Entry, counts, decode
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.shelf import forget
from azukari.shelf.book import Draft
from azukari.vault import alarms, records, schema

WHAT = "erasing details"


@dataclass(frozen=True)
class Looked:
    """What a rule would empty now, and what it must leave.

    ``elsewhere`` counts the signed documents that name whom and what these entries name; they are
    the evidence of others' acts and are not touched.
    """

    rule: Rule
    log: str
    until: int
    lines: Mapping[int, bytes]
    held: tuple[Held, ...]
    contacts: tuple[str, ...]
    elsewhere: Mapping[str, int]

    @property
    def free(self) -> Mapping[int, bytes]:
        """The lines that nothing holds."""
        kept = {one.entry for one in self.held}
        return {i: line for i, line in self.lines.items() if i not in kept}


@dataclass(frozen=True)
class Asked:
    """A list that somebody asked for, and how far it has come."""

    erasure: doc.Erasure
    half: bytes
    act: str | None
    whole: bytes | None
    done_at: int | None


@dataclass(frozen=True)
class Erased:
    """What was emptied.  ``settled``: nothing of it is left in the database's own files."""

    erasure: doc.Erasure
    act: str
    settled: bool


def look(office: Office, rule: str, until: int | None = None) -> Looked:
    """What falls under a rule, oldest first, at most as many as one list names; reads only.

    ``until``: nothing younger; as old as the rule asks where it is not given.
    """
    if rule not in retention.RULES:
        raise NotFound(f"there is no such rule; there are {', '.join(retention.RULES)}")
    chosen, now = retention.RULES[rule], office.now()
    newest = chosen.newest(now)
    until = newest if until is None else until
    if until > newest:
        raise Refused(WHAT, ("kept_by_its_rule",))
    with office.act() as tx:
        lines = _lines(office, tx, chosen.ledger)
        entries = [(i, decode(line)) for i, line in enumerate(lines)]
        gone = erased_in(office, tx, chosen.ledger)
        found = retention.falling(chosen, entries, until, gone)[: retention.MOST]
        named = [(i, entries[i][1]) for i in found]
        standing = holds.standing(tx)
        held = retention.held(named, standing)
        left = retention.left(entries, until, standing) if chosen.contacts else frozenset()
        contacts = sorted(left & set(alarms.contacts(tx)))
        elsewhere = _elsewhere(tx, [entry for _, entry in named])
    return Looked(
        rule=chosen,
        log=_log(office, chosen.ledger),
        until=until,
        lines={i: lines[i] for i in found},
        held=tuple(held),
        contacts=tuple(contacts),
        elsewhere=elsewhere,
    )


def request(
    office: Office, looked: Looked, because: str, hand: Hand, *, leave_held: bool = False
) -> doc.Erasure:
    """Ask for a list, under the first hand; one entry, and nothing is emptied.

    Refused with what holds any of it, unless ``leave_held``: then the list leaves that out.
    """
    person, signer = hand
    orders.must_be(office, person, signer)
    if looked.held and not leave_held:
        raise Refused(WHAT, tuple(dict.fromkeys(one.why for one in looked.held)))
    lines, now = looked.free, office.now()
    if not lines and not looked.contacts:
        raise NotFound("nothing falls under this rule that may go")
    asked = doc.Erasure(
        id=new_id(),
        ledger=looked.log,
        rule=looked.rule.name,
        until=looked.until,
        entries=list(lines),
        lines_sha256=retention.lines_digest(lines.values()),
        contacts=list(looked.contacts),
        because=tasks.written(because),
        requester=person,
        at=now,
        expires_at=now + retention.VALID_MS,
    )
    # Whoever is nobody's second hand is nobody's first one either.
    if orders.person_of(office, person).party != office.city:
        raise Refused(WHAT, ("person_not_of_city",))
    half = doc.start(asked, signer)
    with office.act(permits=True) as tx:
        row = {"id": asked.id, "rule": asked.rule, "log": asked.ledger, "asked_at": now}
        tx.execute(schema.erasure.insert().values(**row, half=half))
        refs = (asked.id, person)
        office.write(tx, _draft(new_act(), "detail.requested", person, refs, asked))
    return asked


def approve(office: Office, erasure: str, hand: Hand, *, shown: str | None = None) -> Erased:
    """The second hand under a list, and the list emptied; one entry in the ledger it is about.

    Durable when it returns.  Asked again after a crash, by whomever, it goes on where it stood and
    writes no second entry.  Refused with every reason, which is an entry too.
    """
    person, signer = hand
    orders.must_be(office, person, signer)
    asked = asked_for(office, erasure)
    if shown not in (None, doc.digest(asked.erasure)):
        raise Conflict("the list is not the one that was shown")
    if asked.whole is None:
        _must_be_first(office, asked)
        _agree(office, asked, hand)
        asked = asked_for(office, erasure)
    return _finish(office, asked, person)


def asked_for(office: Office, erasure: str) -> Asked:
    """A list by its id."""
    with office.act() as tx:
        row = tx.execute(select(schema.erasure).where(schema.erasure.c.id == erasure)).one_or_none()
    if row is None:
        raise NotFound("the office knows no such list of details")
    return _asked(row)


def all_asked_for(office: Office) -> list[Asked]:
    """Every list, oldest first."""
    rows = schema.erasure
    with office.act() as tx:
        return [_asked(row) for row in tx.execute(select(rows).order_by(rows.c.asked_at))]


def erased_in(office: Office, tx: Connection, which: Which) -> dict[int, tuple[int, str]]:
    """The entries whose detail is gone: since when, and by which rule; empty: it was lost."""
    rows = schema.erasure.c
    mine = (rows.log == _log(office, which)) & rows.done_at.is_not(None)
    found: dict[int, tuple[int, str]] = {}
    if which == "office":
        found = {i: (at, "") for i, at in office.book.erased(tx).items()}
    for row in tx.execute(select(rows.whole, rows.done_at).where(mine)):
        listed = doc.unverified(row.whole, doc.Erasure)
        found |= dict.fromkeys(listed.entries, (row.done_at, listed.rule))
    return found


def _must_be_first(office: Office, asked: Asked) -> None:
    """The half is signed by the one whom it names as its requester, and not by our database."""
    known = {key.id: key for key in people.person_keys(office).values()}
    signed = doc.read_half(asked.half, doc.Erasure, known.get)
    if people.signed_by(office, signed) != [signed.document.requester]:
        raise BadSignature("the list is signed by another than its requester")


def _agree(office: Office, asked: Asked, hand: Hand) -> None:
    """Keep the whole document, and of our own ledger empty the list; or refuse, which is kept."""
    (person, signer), listed = hand, asked.erasure
    which = retention.RULES[listed.rule].ledger if listed.rule in retention.RULES else "office"
    reasons = holds.why_not_two(office, listed.requester, person)
    whole = b"" if reasons else doc.add_signature(asked.half, signer)
    act, now = new_act(), office.now()
    with office.act(permits=True) as tx:
        lines = _lines(office, tx, which)
        mine = {i: lines[i] for i in listed.entries if i < len(lines)}
        reasons += retention.why_not(listed, _log(office, which), which, mine, now)
        if not reasons:
            named = [(i, decode(line)) for i, line in mine.items()]
            standing = holds.standing(tx)
            reasons += dict.fromkeys(one.why for one in retention.held(named, standing))
            every = [(i, decode(line)) for i, line in enumerate(lines)]
            left = retention.left(every, listed.until, standing)
            if retention.not_by_rule(listed, named) or not left.issuperset(listed.contacts):
                reasons.append("erasure_not_by_its_rule")
        if reasons:
            detail = {"reasons": reasons}
            refs = tuple(dict.fromkeys((listed.id, person)))
            office.write(tx, Draft(act, "detail.refused", person, refs, detail=detail))
        else:
            mine_too = schema.erasure.c.id == listed.id
            values = {"act": act, "whole": whole}
            tx.execute(schema.erasure.update().where(mine_too).values(**values))
            records.keep_document(tx, listed, whole)
            if which == "office":
                _empty(office, tx, listed, act, person)
    if reasons:
        raise Refused(WHAT, reasons)


def _empty(office: Office, tx: Connection, listed: doc.Erasure, act: str, by: str) -> None:
    now = office.now()
    forget.securely(tx)
    gone = erased_in(office, tx, "office")
    for i in listed.entries:
        if i not in gone:
            office.book.erase_detail(tx, i, at=now)
    for person in listed.contacts:
        alarms.erase_contact(tx, person)
    _done(office, tx, listed, act, by)


def _finish(office: Office, asked: Asked, by: str) -> Erased:
    """Whatever a crash may have left undone of a list that both signed."""
    listed, act, whole = asked.erasure, asked.act, asked.whole
    if act is None or whole is None:
        raise Conflict("this list has one hand only")
    settled = True
    if asked.done_at is None:  # of the keys' ledger: it was agreed to, and is done there now
        settled = office.keys.erase(act, by, whole)
        with office.act() as tx:
            forget.securely(tx)
            office.keys_head(tx)
            _done(office, tx, listed, act, by)
    return Erased(listed, act, forget.settle(office.engine) and settled)


def _done(office: Office, tx: Connection, listed: doc.Erasure, act: str, by: str) -> None:
    rows = schema.erasure
    mine = (rows.c.id == listed.id) & rows.c.done_at.is_(None)
    if tx.execute(rows.update().where(mine).values(done_at=office.now())).rowcount:
        refs = tuple(dict.fromkeys((listed.id, listed.requester, by)))
        office.write(tx, _draft(act, "detail.erased", by, refs, listed))


def _draft(act: str, kind: str, by: str, refs: tuple[str, ...], listed: doc.Erasure) -> Draft:
    n = counts(details=len(listed.entries), contacts=len(listed.contacts))
    detail: dict[str, Any] = {
        "because": listed.because,
        "contacts": len(listed.contacts),
        "details": len(listed.entries),
        "entries": listed.entries,
        "ledger": listed.ledger,
        "rule": listed.rule,
        "sha256": doc.digest(listed),
    }
    return Draft(act, kind, by, refs, n=n, detail=detail)


def _lines(office: Office, tx: Connection, which: Which) -> Sequence[bytes]:
    if which == "keys":
        office.keys_head(tx)
        return records.keys_entries(tx)
    return office.book.entries(tx, 0, office.book.head(tx).size)


def _log(office: Office, which: Which) -> str:
    return office.book.origin if which == "office" else office.keys.head().origin


def _elsewhere(tx: Connection, entries: Sequence[Entry]) -> dict[str, int]:
    ids = {ref for entry in entries for ref in entry.refs}
    rows = schema.document.c
    found = tx.execute(select(rows.word, rows.id, rows.about)).all()
    return dict(sorted(Counter(row.word for row in found if ids & {row.id, row.about}).items()))


def _asked(row: Row[Any]) -> Asked:
    half, whole = bytes(row.half), None if row.whole is None else bytes(row.whole)
    listed = doc.unverified(whole or half, doc.Erasure)
    if listed.id != row.id:
        raise LedgerBroken("a list of details stands under another's id")
    return Asked(listed, half, row.act, whole, row.done_at)
