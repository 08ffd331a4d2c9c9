"""Which keys of a carrier were released, and what became of them: now, and when it was lost.

From the key service, the receipts and the office's ledger; what it means for each part is
`exposure`'s to say.
"""

from __future__ import annotations

from typing import Final

from azukari.carrier import exposure
from azukari.carrier.counterfoil import Counterfoil
from azukari.carrier.exposure import Release
from azukari.desk import receipts, tasks
from azukari.desk.declared import Declared
from azukari.desk.office import Office
from azukari.ledger.entry import MAX_NUMBER, decode

_ERASED: Final = b'"type":"carrier.erased"'  # how it stands in a line


def releases_of(
    office: Office, foil: Counterfoil, declared: Declared, accounted_for: bool | None
) -> list[Release]:
    """Every release of a carrier's keys, as the key service and the receipts tell it now."""
    # A device speaks for its own keys only.
    destroyed = receipts.destroyed(receipts.receipts_of(office, foil.carrier))
    return _releases(office, foil, declared, accounted_for, destroyed)


def releases_then(office: Office, foil: Counterfoil, declared: Declared) -> list[Release]:
    """The same as it stood when it was lost, by the entries of the ledgers.

    When that was, nobody knows: a release counts up to the last instant at which it can have been,
    a destroyed key only where the office had it in writing when it was last held.  That a device is
    where it belongs, nobody had said then.
    """
    destroyed = _erased_by(office, foil.carrier, declared.last_held_at)
    return _releases(office, foil, declared, None, destroyed, until=declared.lost_before)


def _erased_by(office: Office, carrier: str, at: int) -> set[tuple[str, str]]:
    """Device and one-time key of every destruction in the office's ledger at an instant.

    One whose detail was erased is not known, and so is not counted.
    """
    found: set[tuple[str, str]] = set()
    with office.act() as tx:
        for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
            if _ERASED not in line:
                continue
            entry = decode(line)
            if entry.at <= at and entry.refs[0] == carrier:
                keys = tasks.detail(office, tx, i).get("one_time_keys", ())
                found |= {(entry.refs[1], key) for key in keys}
    return found


def _releases(
    office: Office,
    foil: Counterfoil,
    declared: Declared,
    accounted_for: bool | None,
    destroyed: set[tuple[str, str]],
    until: int = MAX_NUMBER,
) -> list[Release]:
    everything = tuple(part.id for part in foil.parts)
    releases = []
    for row in office.keys.releases(foil.carrier):
        if row["at"] > until:
            continue
        if row["use"] == exposure.SEAL:
            releases.append(Release(foil.carrier, everything, exposure.SEAL))
            continue
        opening = row["ask"]["opening"]
        # A key service put back from a backup may not know the role any more: then all parts count.
        role = opening["role"]
        parts = tuple(part.id for part in foil.parts if not role or role in part.roles)
        gone = (opening["device"], row["one_time_key"]) in destroyed
        releases.append(
            Release(
                foil.carrier,
                parts,
                exposure.OPEN,
                grant=row["grant"],
                device=opening["device"],
                window_to=opening["not_after"],
                receipt=exposure.ERASED if gone else None,
                one_time_key_destroyed=gone,
                device_accounted_for=accounted_for,
                travelled=declared.in_the_bag,
            )
        )
    return releases
