"""The first word of a loss: the city's officers and those of every party of its chain, at once.

It is due with the loss itself, in the same transaction, and raised right after it: no quiet hour
holds it back, and where nobody answers it climbs as everything does.  What cannot be sent now waits
in the outbox, and the tick goes on trying.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from sqlalchemy import Connection

from azukari.desk import alarms, outbox
from azukari.desk.alarms import Alerting
from azukari.desk.office import Office
from azukari.entrust.agreement import chain
from azukari.errors import BadFormat, Conflict, NotFound
from azukari.seal import documents as doc
from azukari.vault import records

WHAT: Final = "loss"


def due(office: Office, tx: Connection, incident: str, carriers: Sequence[str]) -> None:
    """From now on each of these parties is to be told; in the caller's transaction."""
    for party in dict.fromkeys((office.city, *_parties(tx, carriers))):
        records.set_due(tx, incident, WHAT, office.now(), who=party)


def tell(office: Office, alerting: Alerting) -> outbox.Posted:
    """Raise now what was not raised, and send what there is to send; safe to repeat."""
    alarms.raise_late(office, alerting, what=WHAT)
    return outbox.send(office, alerting)


def _parties(tx: Connection, carriers: Sequence[str]) -> list[str]:
    """Every party of the chains of these carriers' orders, as far as the records tell."""
    links = [doc.unverified(one, doc.Agreement) for one in records.documents(tx, doc.Agreement)]
    known = {link.id: link for link in links}
    found: list[str] = []
    for carrier in carriers:
        # A loss is recorded and the city told, whatever its papers are.
        with suppress(NotFound, Conflict, BadFormat):
            order = records.document(tx, records.carrier(tx, carrier).order_id)
            for link in chain(doc.unverified(order, doc.Order).agreement, known):
                found += [link.entrustor, link.processor]
    return found
