"""An order laid out from what an office keeps; a contractor's comes from its inbox."""

from __future__ import annotations

from contextlib import suppress

from azukari import words
from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import Office
from azukari.entrust.known import Known
from azukari.entrust.sheet import Sheet, laid_out
from azukari.errors import NotFound
from azukari.ledger.entry import decode
from azukari.seal import documents as doc
from azukari.vault import records

Refusal = tuple[str, int, tuple[str, ...]]  # who, when, why


def order_sheet(office: Office, order: str) -> Sheet:
    """All that the office knows of an order, now."""
    return laid_out(
        orders.order_of(office, order),
        _known(office, order),
        {party.id: party for party in people.parties_of(office)},
        office.now(),
        refusals(office, order),
    )


def refusals(office: Office, order: str) -> list[Refusal]:
    """Approvals of an order that were refused, as the ledger tells them; its people's no, too."""
    found: list[Refusal] = []
    with office.act() as tx:
        for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
            entry = decode(line)
            if entry.type in ("order.refused", "order.withdrawn") and order in entry.refs:
                try:
                    reasons = (office.book.detail(tx, i) or {}).get("reasons", [])
                except NotFound:  # erased: that somebody was refused stays, why is gone
                    reasons = []
                found.append((entry.by, entry.at, tuple(map(str, reasons))))
    return found


def words_by_ledger(office: Office) -> dict[str, str]:
    """The eight words of every order, from the hash that the ledger committed to at its request.

    An order whose detail was erased has none.
    """
    found: dict[str, str] = {}
    with office.act() as tx:
        for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
            entry = decode(line)
            if entry.type == "order.requested":
                with suppress(NotFound):
                    detail = office.book.detail(tx, i) or {}
                    found[entry.refs[0]] = words.eight_words(detail["sha256"])
    return found


def _known(office: Office, order: str) -> Known:
    with office.act() as tx:
        agreements = _read(records.documents(tx, doc.Agreement), doc.Agreement)
        persons = _read(records.documents(tx, doc.Person), doc.Person)
        devices = _read(records.documents(tx, doc.Device), doc.Device)
        trainings = _read(records.documents(tx, doc.Training), doc.Training)
        approvals = _read(records.documents(tx, doc.Approval, about=order), doc.Approval)
    return Known(
        city=office.city,
        agreements={one.id: one for one in agreements},
        people={one.id: one for one in persons},
        devices={one.id: one for one in devices},
        trainings=tuple(trainings),
        approvals=tuple(approvals),
        negative=frozenset(people.withdrawn(office)),
        status_at=None,
    )


def _read(envelopes: list[bytes], kind: type[doc.D]) -> list[doc.D]:
    return [doc.unverified(envelope, kind) for envelope in envelopes]
