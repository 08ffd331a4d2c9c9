"""What the office gives to a recipient's device by network, and to no one else.

Asked anew for every request: what was lost, revoked, suspended or received a moment ago is not
given any more.  Who sends the request was proved before (seal/request.py); how bytes travel is not
known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from azukari.carrier import life
from azukari.carrier.manifest import PAGES, read_envelope
from azukari.desk import people
from azukari.desk.office import Office
from azukari.entrust.order import NETWORK
from azukari.errors import NotFound
from azukari.ledger.acts import revoked
from azukari.ledger.entry import decode
from azukari.names import raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.shelf import files, shipment
from azukari.shelf.folder import Folder
from azukari.vault import records

_MAX_PAGE = 1 << 14


@dataclass(frozen=True)
class Offer:
    """A carrier that lies ready: where, its list, and the list as signed."""

    root: Path
    listed: shipment.Shipment
    signed: bytes

    def file(self, name: str) -> shipment.ShippedFile:
        """A line of the list by exactly its name; nothing else becomes a path."""
        for file in self.listed.files:
            if file.name == name:
                return file
        raise NotFound("the carrier has no such file")


def device_key(office: Office, device: str) -> PublicKey:
    """The key of an enrolled device that the city has not suspended."""
    for known in people.devices_of(office):
        if known.id == device and device not in people.withdrawn(office):
            return PublicKey.load(Use.RECEIPT, unbase64(known.public))
    raise NotFound("the office knows no such device, or not any more")


def offer(office: Office, carrier: str, device: str) -> Offer:
    """The carrier for the device that its order names, while it is on its way by network.

    `NotFound` for everything else, whatever the reason: who asks must not learn it.  Everything is
    looked up before anything is decided, so that an id which does not exist takes the same way as
    one of somebody else's.
    """
    raw_id(carrier)  # a label is for people
    with office.act(permits=True) as tx:
        row = records.find_carrier(tx, carrier)
        asked = records.find_document(tx, "" if row is None else row.order_id)
        stopped = _is_revoked(office, tx, carrier)
        handed = records.documents(tx, doc.HandOver, about=carrier)
    gone = people.withdrawn(office)
    order = None if asked is None else doc.unverified(asked, doc.Order)
    if (
        row is None
        or order is None
        or order.medium != NETWORK
        or order.device != device
        # Sent, and not signed for: before, no entry says that it left; after, it is there.
        or row.state != life.State.TRAVELLING
        or handed
        or stopped
        or office.now() >= order.return_by
        or gone & {device, order.id, order.agreement, order.recipient}
    ):
        raise NotFound("nothing of this carrier is given to this device")
    return _laid_out(office, row.envelope, Path(row.medium))


def _is_revoked(office: Office, tx: Connection, carrier: str) -> bool:
    """Does a revocation stand?  The keys' own ledger is asked, up to this moment."""
    office.keys_head(tx)
    name = carrier.encode()
    return carrier in revoked([decode(one) for one in records.keys_entries(tx) if name in one])


def _laid_out(office: Office, data: bytes, root: Path) -> Offer:
    signer = office.signers["carrier"]
    envelope = read_envelope(data, {signer.public.id: signer.public}.get)
    pages = {page: files.read_small(Folder(root).root / page, _MAX_PAGE) for page in PAGES}
    listed = shipment.shipment_of(envelope, data, pages)
    # Ed25519 gives the same signature for the same list: a list fetched in two halves fits.
    return Offer(root, listed, shipment.sign_shipment(listed, signer))
