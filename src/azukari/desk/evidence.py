"""What an office hands out so that others can decide again: the documents under one order."""

from __future__ import annotations

from typing import Final

from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import Office
from azukari.keys import again
from azukari.keys.policy import Pinned
from azukari.seal import documents as doc
from azukari.vault import records

_KINDS: Final = (
    doc.Party,
    doc.Person,
    doc.Device,
    doc.OneTimeKeys,
    doc.Agreement,
    doc.Training,
    doc.Employment,
    doc.Suspension,
)


def gather(office: Office, order: str) -> dict[str, bytes]:
    """File name -> content: all that a decision under an order rests on, and the pinned keys.

    Everybody enrolled is in it, and of orders and approvals only these.  The status statement is
    made anew, as for an opening.
    """
    about = orders.evidence(office, order)
    with office.act() as tx:
        kept = records.documents(tx, *_KINDS)
    found = [*kept, *about, people.statement(office)]
    enrol, ordering = (office.signers[name].public for name in ("enrol", "order"))
    page = again.page(Pinned(office.city, enrol, ordering, office.founders))
    return {again.PINNED: page} | {_name(envelope): envelope for envelope in found}


def _name(envelope: bytes) -> str:
    kind = doc.word_of(envelope)
    return f"{kind.__name__.lower()}-{doc.unverified(envelope, kind).id}.json"
