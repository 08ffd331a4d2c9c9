"""A false alarm undone: what two persons restored at the key service goes on at the office.

The carrier is again what its acts before the loss made it, and what was due of it is due again.
The loss stays in both ledgers, and its incident stays open until a person closes it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from azukari.carrier import life
from azukari.carrier.life import Act, State
from azukari.desk.office import Office
from azukari.ledger.entry import Entry, decode
from azukari.seal import documents as doc
from azukari.shelf.book import Draft
from azukari.vault import records, schema

_ACTS: Final = {
    "carrier.handed_over": Act.HAND_OVER,
    "carrier.sent": Act.HAND_OVER,
    "carrier.received": Act.RECEIVE,
    "carrier.erased": Act.ERASE,
    "carrier.returned": Act.RETURN,
}
_AWAITED: Final = (State.SEALED, State.TRAVELLING, State.RECEIVED, State.ERASED)
_GONE: Final = (State.LOST, State.FOUND)


def follow(office: Office) -> list[str]:
    """Bring back what was restored; one transaction and entry each, safe to repeat.

    Returns the acts of the restorations, as they stand in the keys' ledger.
    """
    with office.act() as tx:
        office.keys_head(tx)
        gone = {row.id for row in records.carriers(tx) if row.state in _GONE}
        undone = _undone(tx, gone) if gone else {}
    return [turn.act for carrier, turn in undone.items() if _bring_back(office, carrier, turn)]


def _undone(tx: Connection, gone: set[str]) -> dict[str, Entry]:
    """The restoration of each lost carrier that stands after every loss of it.

    A loss whose revocation is still owed is undone by no earlier restoration.
    """
    newest: dict[str, Entry] = {}
    revoked: dict[str, set[str]] = {carrier: set() for carrier in gone}
    for entry in map(decode, records.keys_entries(tx)):
        if entry.type not in ("carrier.revoked", "carrier.restored"):
            continue
        for carrier in gone.intersection(entry.refs):
            newest[carrier] = entry
            if entry.type == "carrier.revoked":
                revoked[carrier].add(entry.act)
    rows = schema.incident.c
    losses = tx.execute(select(rows.carriers, rows.act).where(rows.state != "closed")).all()
    owed = {c for row in losses for c in row.carriers.split() if row.act not in revoked.get(c, ())}
    return {
        carrier: turn
        for carrier, turn in newest.items()
        if turn.type == "carrier.restored" and carrier not in owed
    }


def _bring_back(office: Office, carrier: str, turn: Entry) -> bool:
    with office.act() as tx:
        row = records.carrier(tx, carrier)
        if row.state not in _GONE:
            return False  # another tick was there first
        state, arrived = _before(office, tx, carrier)
        records.change_carrier(tx, carrier, state=state)
        if state in _AWAITED:
            order = doc.unverified(records.document(tx, row.order_id), doc.Order)
            owed, at = ("return", order.return_by) if arrived else ("receive", order.receive_by)
            records.set_due(tx, carrier, owed, at)
        office.write(tx, Draft(turn.act, "carrier.restored", turn.by, turn.refs))
    return True


def _before(office: Office, tx: Connection, carrier: str) -> tuple[State, bool]:
    """What a carrier's own acts made of it, losses apart; and whether it ever arrived."""
    lines = office.book.entries(tx, 0, office.book.head(tx).size)
    done = [entry.type for entry in map(decode, lines) if carrier in entry.refs]
    state = State.SEALED if "carrier.sealed" in done else State.ABANDONED
    for act in (_ACTS[kind] for kind in done if kind in _ACTS):
        state = life.after(state, act)
    return state, "carrier.received" in done
