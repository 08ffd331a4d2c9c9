"""A person's own word, anew, on who pays them, as the office takes it in.

Where it names another than the party they were admitted for, they no longer count from then on: the
key service believes the person itself, and the city's status statement tells everybody else.
"""

from __future__ import annotations

from sqlalchemy import Connection

from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.entrust.review import differs
from azukari.errors import BadInput
from azukari.ledger.entry import decode
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.shelf.book import Draft
from azukari.vault import records

CHANGED: dict[str, str] = {"because": "employer-changed"}


def said(office: Office, stated: doc.Employment) -> str:
    """What a person's word would change."""
    if not differs(stated, orders.person_of(office, stated.person)):
        return "the person says again who pays them"
    return "the person no longer counts: another pays them"


def take(office: Office, envelope: bytes) -> doc.Employment:
    """Keep a person's word; the key service first, then one entry, and one more if they go.

    The same word again changes nothing; a crash in between leaves the person out.
    """
    stated = _read(office, envelope)
    changed = differs(stated, orders.person_of(office, stated.person))
    office.keys.believe([envelope])
    if changed and stated.person not in people.withdrawn(office):
        people.statement(office, left=[stated.person])
    with office.act() as tx:
        if records.has_document(tx, stated.id, envelope):
            return stated
        records.keep_document(tx, stated, envelope, about=stated.person)
        act, refs = new_act(), (stated.id, stated.person)
        detail = {"employer": stated.employer}
        drafts = [Draft(act, "person.stated", stated.person, refs, detail=detail)]
        if changed and stated.person not in gone_on_record(office, tx):
            gone = (stated.person,)
            drafts.append(Draft(act, "person.left", stated.person, gone, detail=CHANGED))
        office.write(tx, *drafts)
    return stated


def words_of(office: Office) -> list[doc.Employment]:
    """Every word of a person on who pays them, as they came in."""
    with office.act() as tx:
        found = records.documents(tx, doc.Employment)
    return [doc.unverified(envelope, doc.Employment) for envelope in found]


def gone_on_record(office: Office, tx: Connection) -> set[str]:
    """Whose leaving is an entry: a crash may have come between a status statement and it."""
    own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
    return {ref for entry in own if entry.type == "person.left" for ref in entry.refs}


def _read(office: Office, envelope: bytes) -> doc.Employment:
    claimed = doc.unverified(envelope, doc.Employment)
    key = PublicKey.load(Use.PERSON, unbase64(orders.person_of(office, claimed.person).public))
    stated: doc.Employment = doc.read(envelope, doc.Employment, {key.id: key}.get).document
    if stated.at > office.now() + LATENESS_MS:
        raise BadInput("employment", "it cannot lie ahead of now")
    return stated
