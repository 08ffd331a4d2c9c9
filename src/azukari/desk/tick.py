"""The tick: raises what is late, finishes what a crash left.  Idempotent; run it often.

It never invents what happened: what cannot be finished is abandoned by name, and the ledger says
so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import select

from azukari.carrier.life import State
from azukari.desk import grant as grants
from azukari.desk import loss
from azukari.desk.office import Office, new_act
from azukari.errors import NotFound, Refused, Unreachable
from azukari.ledger.entry import decode
from azukari.names import new_id
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.vault import records, schema

HEARTBEAT_MS: Final = 20 * 3_600_000  # at least daily, with hours to spare


@dataclass
class Ticked:
    """What one tick did."""

    alarms: list[str] = field(default_factory=list)  # carriers that are late
    finished: list[str] = field(default_factory=list)  # acts brought to their end
    abandoned: list[str] = field(default_factory=list)  # carriers that will never be


def tick(office: Office) -> Ticked:
    """One round; every step is a transaction of its own and safe to repeat."""
    done = Ticked()
    _late(office, done)
    _revoke_pending(office, done)
    _losses(office, done)
    _sealings(office, done)
    _grants(office, done)
    _heartbeat(office)
    return done


def _late(office: Office, done: Ticked) -> None:
    now = office.now()
    with office.act() as tx:
        rows = records.late(tx, now)
        for row in rows:
            act = new_act()
            mine = schema.due.c.n == row.n
            tx.execute(schema.due.update().where(mine).values(alarm=act))
            detail = {"what": row.what, "due_at": row.at}
            office.write(tx, Draft(act, "alarm.raised", office.city, (row.subject,), detail=detail))
            done.alarms.append(row.subject)


def _revoke_pending(office: Office, done: Ticked) -> None:
    """A loss that was recorded while the key service was away."""
    rows = schema.incident
    with office.act() as tx:
        pending = tx.execute(select(rows).where(rows.c.state == loss.PENDING)).all()
    for row in pending:
        try:
            office.keys.revoke(row.act, office.city, row.carriers.split(), None)
        except Unreachable:
            continue
        with office.act() as tx:
            tx.execute(rows.update().where(rows.c.id == row.id).values(state=loss.OPEN))
            office.keys_head(tx)
        done.finished.append(row.act)


def _losses(office: Office, done: Ticked) -> None:
    """A revocation whose loss the office did not live to record."""
    with office.act() as tx:
        office.keys_head(tx)
        known = _acts(office.book.entries(tx, 0, office.book.head(tx).size))
        open_ = [
            entry
            for entry in map(decode, records.keys_entries(tx))
            if entry.type == "carrier.revoked" and entry.act not in known
        ]
    for entry in open_:
        happened = entry.at if entry.happened is None else entry.happened
        said = loss.Declared(
            by=entry.by,
            known_at=happened,
            last_held_at=happened,
            lost_before=happened,
            in_the_bag=None,
        )
        with office.act() as tx:
            loss.record(office, tx, entry.act, new_id(), entry.refs, said, revoked=True)
        done.finished.append(entry.act)


def _sealings(office: Office, done: Ticked) -> None:
    with office.act() as tx:
        rows = records.carriers(tx)
    for row in rows:
        if row.state == State.SEALING:
            _abandon(office, row.id, row.act)
            done.abandoned.append(row.id)
        elif row.state == State.SEALED and _finish_envelope(row.medium, row.envelope):
            done.finished.append(row.act)


def _finish_envelope(medium: str, envelope: bytes) -> bool:
    """Write the last file of a carrier that was recorded as sealed and still lies at hand."""
    folder = Folder(Path(medium))
    if not folder.inside.is_dir() or (folder.inside / "envelope.json").exists():
        return False
    folder.write_envelope(envelope)
    return True


def _abandon(office: Office, carrier: str, act: str) -> None:
    """A sealing that broke off: its key is destroyed, its id never used again."""
    # It may have broken off before the key service made a key.
    with suppress(NotFound):
        office.keys.shred(act, office.city, carrier)
    with office.act() as tx:
        records.change_carrier(tx, carrier, state=State.ABANDONED)
        other = office.keys_head(tx)
        office.write(tx, Draft(act, "carrier.abandoned", office.city, (carrier,), other=other))


def _grants(office: Office, done: Ticked) -> None:
    """A question whose answer the office did not live to record: the same question again."""
    rows = schema.grant
    with office.act() as tx:
        asked = tx.execute(select(rows.c.act).where(rows.c.state == "asked")).scalars().all()
    for act in asked:
        try:
            grants.finish(office, act)
        except Refused:
            pass  # recorded as refused
        except Unreachable:
            continue
        done.finished.append(act)


def _heartbeat(office: Office) -> None:
    with office.act() as tx:
        if office.now() - office.book.last_at(tx) >= HEARTBEAT_MS:
            office.write(tx, Draft(new_act(), "ledger.heartbeat", office.city))


def _acts(lines: list[bytes]) -> set[str]:
    return {decode(line).act for line in lines}
