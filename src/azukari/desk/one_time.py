"""One-time keys of devices as the office knows them: handed in, asked for, still free.

Each opens one grant.  A device hands in more in its own signed word, and the key service decides
whether it believes that (keys/policy.py); the private halves never leave the device.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from azukari.desk import people
from azukari.desk.office import Office
from azukari.errors import NotFound
from azukari.keys.client import GrantAsk
from azukari.seal import documents as doc
from azukari.vault import records, schema


def handed_in(office: Office) -> dict[str, list[str]]:
    """The numbers of every device's one-time keys, in the order in which they came."""
    with office.act() as tx:
        batches = records.documents(tx, doc.OneTimeKeys)
    found = {
        device.id: [key.id for key in device.one_time_keys] for device in people.devices_of(office)
    }
    for batch in (doc.unverified(envelope, doc.OneTimeKeys) for envelope in batches):
        found[batch.device] += [key.id for key in batch.keys]
    return found


def free(office: Office) -> dict[str, list[str]]:
    """Of these, the ones that no grant was asked for yet."""
    with office.act() as tx:
        asked = tx.execute(select(schema.grant.c.ask)).scalars().all()
    taken = {msgspec.json.decode(ask, type=GrantAsk).opening.one_time_key for ask in asked}
    return {
        device: [key for key in keys if key not in taken]
        for device, keys in handed_in(office).items()
    }


def next_free(office: Office, device: str) -> str:
    """The key for the next grant; `NotFound` where the device has none left."""
    for key in free(office).get(device, ()):
        return key
    raise NotFound("the device has no one-time key left: `azukari device more-keys` there")
