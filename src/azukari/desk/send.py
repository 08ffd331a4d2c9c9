"""Send a carrier by network: the same sealed folder as on a medium, as files for any file service.

What is sent stays due until its recipient has signed for it, as with a medium.  The recipient's
half of that step is signed where the files arrived; the office adds its own and takes it in
(custody.py).  Fetching needs no office: shelf/shipment.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from azukari.carrier import life
from azukari.carrier.manifest import PAGES, read_envelope
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.entrust.order import NETWORK
from azukari.errors import Conflict, Damaged, Refused
from azukari.seal import documents as doc
from azukari.shelf import files, shipment
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.vault import records

_MAX_PAGE = 1 << 14


@dataclass(frozen=True)
class Sent:
    """A shipment that lies ready for the file service."""

    carrier: str
    label: str
    files: int
    bytes: int
    receive_by: int


def send(office: Office, carrier: str, to: Path, by: str, source: Path | None = None) -> Sent:
    """Prepare a sealed carrier for a file service; one entry, written before the first file.

    Its order must say that it travels by network.  ``source``: where the sealed folder lies, else
    where it was sealed; it is compared with the office's own envelope first.  What broke off, the
    same call finishes, without a second entry.
    """
    with office.act() as tx:
        row = records.carrier(tx, carrier)
    order = orders.order_of(office, row.order_id)
    if order.medium != NETWORK:
        raise Refused("sending", ("medium_not_of_order",))
    if row.envelope is None:
        raise Conflict("this carrier was never sealed")
    folder, signer = Folder(source or Path(row.medium)), office.signers["carrier"]
    envelope = read_envelope(row.envelope, {signer.public.id: signer.public}.get)
    if folder.envelope() != row.envelope:
        raise Damaged("another envelope lies in the folder")
    folder.check(envelope)
    pages = {page: files.read_small(folder.root / page, _MAX_PAGE) for page in PAGES}
    listed = shipment.shipment_of(envelope, row.envelope, pages)
    shipment.apart(folder.root, to)
    _record(office, row.id, order, by)
    size = shipment.prepare(folder.root, listed, shipment.sign_shipment(listed, signer), to)
    return Sent(row.id, row.label, len(listed.files), size, order.receive_by)


def _record(office: Office, carrier: str, order: doc.Order, by: str) -> None:
    """It is on its way, and due; nothing where that is known."""
    with office.act(permits=True) as tx:
        row = records.carrier(tx, carrier)
        steps = records.documents(tx, doc.HandOver, about=carrier)
        if row.state == life.State.TRAVELLING and not steps:
            return  # sent before; the files may be needed once more
        if steps:
            raise Conflict("this carrier was handed over already")
        state = life.after(life.State(row.state), life.Act.HAND_OVER)
        records.change_carrier(tx, carrier, state=state)
        records.settle(tx, carrier, office.now(), "receive")  # that of whoever sealed it
        records.set_due(tx, carrier, "receive", order.receive_by)
        office.write(tx, Draft(new_act(), "carrier.sent", by, (carrier, order.id)))
