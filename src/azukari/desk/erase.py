"""Erase on a device: the one-time key first, then the parts, then the receipt.

After that a copy of the grant is waste paper.  Deleted files may survive on flash; what counts is
that no key to them is left here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from azukari.desk.device import OpenDevice
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.grant import open_grant, unverified_outside
from azukari.shelf import files, keyring
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
    Returns the receipt, signed by the device, and the journal's lines from there on.
    """
    now = device.now()
    destroyed = []
    for document in grants:
        outer = unverified_outside(document)
        files.destroy(device.one_time_key(outer.key))
        destroyed.append(outer.key)
        device.journal.append([("erased", carrier, outer.grant, "")], now)
    if medium is not None:
        _empty(Folder(medium))
    return receipt(device, carrier, destroyed, first)


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
            files.destroy(path)
            device.journal.append([("erased", grant.carrier, grant.grant, "")], device.now())
            ended.append(outer.key)
    return ended


def _empty(folder: Folder) -> None:
    for path in sorted(folder.inside.glob("*.azs")):
        path.unlink()
    files.sync_folder(folder.inside)
