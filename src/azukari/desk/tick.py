"""The tick: raises what is late, finishes what a crash left.  Idempotent; run it often.

While somebody seals or takes in, what looks like a crash may be work that goes on: then nothing is
repaired, and the next tick looks again.  What the key service cannot do now waits likewise.

It never invents what happened: what cannot be finished is abandoned by name, and the ledger says
so.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from azukari.carrier.life import State
from azukari.carrier.manifest import read_envelope
from azukari.desk import (
    alarms,
    clocks,
    cosigning,
    loss,
    measures,
    outbox,
    restored,
    review,
    standing,
    timekeeping,
    witnesses,
)
from azukari.desk import grant as grants
from azukari.desk.alarms import Alerting
from azukari.desk.office import Office, new_act
from azukari.errors import (
    AzukariError,
    ClockBehind,
    LedgerBehind,
    LedgerFork,
    Locked,
    NotFound,
    Refused,
    Unreachable,
)
from azukari.ledger.entry import Entry, decode
from azukari.names import new_id
from azukari.shelf import busy
from azukari.shelf.book import Draft
from azukari.shelf.folder import ENVELOPE, Folder
from azukari.vault import alarms as rows
from azukari.vault import records, rolls, schema

MARK: Final = "tick"  # under which the tick remembers when it ran
HEARTBEAT_MS: Final = 20 * 3_600_000  # at least daily, with hours to spare
#: The key service or a medium is away, locked, behind its own past or beside it, or its clock is:
#: the next tick tries again.
_LATER: Final = (Unreachable, Locked, LedgerBehind, LedgerFork, ClockBehind)


@dataclass
class Ticked:
    """What one tick did."""

    raised: list[alarms.Raised] = field(default_factory=list)  # who was told of what is late
    finished: list[str] = field(default_factory=list)  # acts brought to their end
    abandoned: list[str] = field(default_factory=list)  # carriers that will never be
    measures: list[str] = field(default_factory=list)  # opened because a control failed
    asked: list[witnesses.Told] = field(default_factory=list)  # of witnesses, and what came of it
    posted: outbox.Posted = field(default_factory=outbox.Posted)  # messages, and those that wait
    clock_behind: bool = False  # our clock stands behind what is signed: nothing is let out
    skewed: list[witnesses.Told] = field(default_factory=list)  # whose clock and ours differ
    quarrels: list[str] = field(default_factory=list)  # somebody was shown more, or another history

    @property
    def alarms(self) -> list[str]:
        """What is late and was not told of before: carriers, agreements, orders, incidents …"""
        return [one.subject for one in self.raised if one.level == 0]


def tick(office: Office, alerting: Alerting | None = None) -> Ticked:
    """One round; every step is a transaction of its own and safe to repeat."""
    done, alerting = Ticked(), alerting or Alerting()
    done.clock_behind = timekeeping.look(office)
    _late(office, alerting, done)
    _revoke_pending(office, done)
    done.posted = outbox.send(office, alerting)
    with busy.alone(office.home) as nobody_works:
        for step in _REPAIRS if nobody_works else ():
            with suppress(*_LATER):
                step(office, done)
    # A loss that only now was found in the keys' ledger is told of now.
    done.raised += alarms.raise_late(office, alerting, what="loss")
    # After the alarms of this very round: each of them asks for a measure.
    done.measures += measures.gather(office)
    _heartbeat(office)
    # Last: what this round wrote is shown to them too, and nobody waits for them.
    done.asked += cosigning.ask(office)
    done.skewed += timekeeping.compare(office, done.asked)
    done.quarrels += standing.look(office, done.asked)
    return done


def _late(office: Office, alerting: Alerting, done: Ticked) -> None:
    with office.act() as tx:
        review.plan(office, tx)
    done.raised += alarms.raise_late(office, alerting)


def _revoke_pending(office: Office, done: Ticked) -> None:
    """A loss that was recorded while the key service was away."""
    rows = schema.incident
    with office.act() as tx:
        pending = tx.execute(select(rows).where(rows.c.state == loss.PENDING)).all()
    for row in pending:
        try:
            office.keys.revoke(row.act, office.city, row.carriers.split(), None)
        except AzukariError:  # whatever it is: still owed, and the rest of the round goes on
            continue
        with office.act() as tx:
            tx.execute(rows.update().where(rows.c.id == row.id).values(state=loss.OPEN))
        done.finished.append(row.act)
        with suppress(*_LATER):
            office.follow_keys()


def _losses(office: Office, done: Ticked) -> None:
    """A revocation whose loss the office did not live to record."""
    for entry in _unanswered(office, "carrier.revoked"):
        said = loss.unsaid(entry)
        with office.act() as tx:
            loss.record(office, tx, entry.act, new_id(), entry.refs, said, revoked=True)
        done.finished.append(entry.act)


def _restored(office: Office, done: Ticked) -> None:
    """A false alarm that two persons undid at the key service."""
    done.finished += restored.follow(office)


def _sealings(office: Office, done: Ticked) -> None:
    with office.act() as tx:
        rows = records.carriers(tx)
        used = _used(tx)
    for row in rows:
        with suppress(*_LATER):
            if row.state == State.SEALING and row.id not in used:
                abandon(office, row.id, row.act)
                done.abandoned.append(row.id)
            elif row.state == State.SEALED and _finish_envelope(office, row.medium, row.envelope):
                done.finished.append(row.act)


def _finish_envelope(office: Office, medium: str, data: bytes) -> bool:
    """Write the last file of a carrier that was recorded as sealed and still lies at hand."""
    folder = Folder(Path(medium))
    if not folder.inside.is_dir() or (folder.inside / ENVELOPE).exists():
        return False
    key = office.signers["carrier"].public
    found = folder.compare(read_envelope(data, {key.id: key}.get))
    # Another medium may lie in this place by now.
    if set(found.values()) != {"unchanged"}:
        return False
    folder.write_envelope(data)
    return True


def _tables(office: Office, done: Ticked) -> None:
    """A roll or determination that broke off before the office recorded it."""
    for entry in _unanswered(office, "key.created"):
        identifier = entry.refs[0]
        with office.act() as tx:
            used = identifier in _used(tx)
        with suppress(*_LATER):
            if used:
                continue
            rolls.discard(office.home, identifier)
            abandon(office, identifier, entry.act)
            done.abandoned.append(identifier)


def abandon(office: Office, carrier: str, act: str, by: str | None = None) -> None:
    """A sealing that broke off: its key is destroyed, its id never used again."""
    by = by or office.city
    # It may have broken off before the key service made a key.
    with suppress(NotFound):
        office.keys.shred(act, by, carrier)
    with office.act() as tx:
        records.change_carrier(tx, carrier, state=State.ABANDONED)
        other = office.keys_head(tx)
        office.write(tx, Draft(act, "carrier.abandoned", by, (carrier,), other=other))


def _returned(office: Office, done: Ticked) -> None:
    """What came back while its key could not be destroyed."""
    with office.act() as tx:
        office.keys_head(tx)
        back = {row.id for row in records.carriers(tx) if row.state == State.RETURNED}
        own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
        acts = {e.refs[0]: e.act for e in own if e.type == "carrier.returned"}
        keys = map(decode, records.keys_entries(tx))
        gone = {ref for e in keys if e.type == "key.shredded" for ref in e.refs}
    for carrier in sorted(back - gone):
        with suppress(*_LATER):
            office.keys.shred(acts[carrier], office.city, carrier)
            done.finished.append(acts[carrier])


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
        except _LATER:
            continue
        done.finished.append(act)


def _clocks(office: Office, done: Ticked) -> None:  # noqa: ARG001  the steps' signature
    clocks.follow(office)


def _heartbeat(office: Office) -> None:
    """In both ledgers, so that a witness hears of either at least daily."""
    with office.act() as tx:
        rows.set_mark(tx, MARK, office.now())
        if office.now() - office.book.last_at(tx) >= HEARTBEAT_MS:
            office.write(tx, Draft(new_act(), "ledger.heartbeat", office.city))
        size = office.copy.head(tx).size
        newest = [decode(line).at for line in records.keys_entries(tx, max(size - 1, 0))]
    if not newest or office.now() - newest[-1] >= HEARTBEAT_MS:
        with suppress(*_LATER):
            office.keys.heartbeat(new_act(), office.city)


def _used(tx: Connection) -> set[str]:
    """Carriers and rolls whose keys were let out to be opened.

    An office that calls one of them unfinished is a copy from before, not one that crashed: its
    key is not the tick's to destroy, and the audit goes on naming it.
    """
    opened = ("key.released", "key.released.roll")
    entries = [decode(line) for line in records.keys_entries(tx)]
    made = {entry.act for entry in entries if entry.type == "key.created"}
    return {ref for e in entries if e.type in opened and e.act not in made for ref in e.refs[:1]}


def _unanswered(office: Office, kind: str) -> list[Entry]:
    """Entries of the keys' ledger whose act the office's ledger does not know."""
    with office.act() as tx:
        office.keys_head(tx)
        own = office.book.entries(tx, 0, office.book.head(tx).size)
        theirs = records.keys_entries(tx)
    known = {decode(line).act for line in own}
    found = (decode(line) for line in theirs)
    return [entry for entry in found if entry.type == kind and entry.act not in known]


#: What a crash or another program left for this one, in the order in which it is looked at.
_REPAIRS: Final = (_losses, _restored, _sealings, _tables, _returned, _grants, _clocks)
