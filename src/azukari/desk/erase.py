"""Erase on a device: the one-time key first, then the parts, then the receipt.

After that a copy of the grant is waste paper.  Deleted files may survive on flash; what counts is
that no key to them is left here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from azukari.carrier.manifest import claimed_carrier
from azukari.desk.device import OpenDevice
from azukari.errors import Conflict, WrongKey
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.grant import SealedGrant, open_grant, unverified_outside
from azukari.shelf import keyring
from azukari.shelf.folder import Folder


def erase(
    device: OpenDevice,
    carrier: str,
    grants: Sequence[bytes],
    *,
    medium: Path | None,
    first: int,
) -> tuple[bytes, list[bytes]]:
    """Destroy the grants' one-time keys and the parts on the medium, if it is here.

    ``first``: the record from which the city does not know this device's journal yet.
    Returns the receipt, signed by the device, and the journal's lines from there on.  It states
    what was destroyed on this device and nothing else: a grant of another carrier is a `Conflict`,
    one whose key never was here a `WrongKey`, and then nothing was destroyed.
    """
    outers = [unverified_outside(document) for document in grants]
    for outer in outers:
        _must_be_ours(device, carrier, outer)
    # Every key before anything else: parts without a key are waste.
    for outer in outers:
        if device.one_time_key(outer.key).exists():
            device.forget(outer.key, carrier, outer.grant, device.now())
    if medium is not None:
        folder = Folder(medium)
        if claimed_carrier(folder.envelope()) != carrier:
            raise Conflict("another carrier lies on this medium")
        folder.empty()
    return receipt(device, carrier, [outer.key for outer in outers], first)


def receipt(
    device: OpenDevice, carrier: str, destroyed: list[str], first: int
) -> tuple[bytes, list[bytes]]:
    """The device's statement over its journal from a record on."""
    lines = device.journal.since(first)
    chain = device.journal.chain
    answered = sum(r.kind == "enquiry" for r in device.journal.records()[first:])
    statement = doc.Receipt(
        id=new_id(),
        device=device.id,
        carrier=carrier,
        first=first,
        length=chain.length,
        head=chain.head,
        answered=answered,
        one_time_keys_destroyed=destroyed,
        at=device.now(),
    )
    return doc.issue(statement, device.identity), lines


def end_windows(device: OpenDevice, grants: Sequence[bytes]) -> list[str]:
    """Destroy the one-time keys of grants whose window has passed; returns their ids."""
    ended = []
    for document in grants:
        outer = unverified_outside(document)
        path = device.one_time_key(outer.key)
        if not path.exists():
            continue
        grant = open_grant(outer, keyring.one_time_key(path))
        if device.now() >= grant.not_after:
            device.forget(outer.key, grant.carrier, grant.grant, grant.not_after)
            ended.append(outer.key)
    return ended


def _must_be_ours(device: OpenDevice, carrier: str, outer: SealedGrant) -> None:
    """The grant's key is here and opens this carrier, or was destroyed here before."""
    path = device.one_time_key(outer.key)
    if path.exists():
        if open_grant(outer, keyring.one_time_key(path)).carrier != carrier:
            raise Conflict("the grant is of another carrier")
    elif not device.has_forgotten(outer.grant):
        raise WrongKey("the one-time key of this grant never was on this device")
