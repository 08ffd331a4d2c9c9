"""The counterfoil at the office: read back only if it is the one committed to at sealing."""

from __future__ import annotations

import io
from typing import Any

from cryptography.hazmat.primitives import constant_time
from sqlalchemy import Connection

from azukari.carrier import counterfoil as foils
from azukari.carrier.manifest import envelope_hash
from azukari.desk.office import Office
from azukari.errors import Conflict, Damaged
from azukari.ledger.entry import decode
from azukari.seal.stream import open_sealed
from azukari.vault import records


def read_counterfoil(office: Office, carrier: str) -> foils.Counterfoil:
    """The counterfoil of a carrier, opened with the office's own key.

    It must be the one that was committed to when the carrier was sealed; `Damaged` if not.
    """
    with office.act() as tx:
        row = records.carrier(tx, carrier)
        if row.counterfoil is None:
            raise Conflict("this carrier was never sealed")
        committed = _committed(office, tx, row.id)
    sealed = io.BytesIO(row.counterfoil)
    with open_sealed(sealed, office.counterfoil_key, row.id, "counterfoil") as file:
        encoded = file.read()
    salt, commitment = bytes.fromhex(committed["salt"]), committed["counterfoil"]
    if not constant_time.bytes_eq(
        foils.commitment(salt, encoded), bytes.fromhex(commitment)
    ) or committed["envelope"] != envelope_hash(row.envelope):
        raise Damaged("the counterfoil is not the one that was committed to at sealing")
    return foils.decode(encoded)


def _committed(office: Office, tx: Connection, carrier: str) -> dict[str, Any]:
    """What `carrier.sealed` says of a carrier, from the ledger's own detail."""
    for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
        entry = decode(line)
        if entry.type == "carrier.sealed" and entry.refs[0] == carrier:
            return office.book.detail(tx, i) or {}
    raise Damaged("no entry says that this carrier was sealed")
