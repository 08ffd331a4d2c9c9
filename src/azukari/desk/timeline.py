"""The timeline of an incident: what happened, when it was known, and when it was written down.

The acts write it themselves, into both ledgers; here it is read, with the notes that people put
beside it.  A note's words stand in its entry's detail, which can be erased, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azukari.desk import loss, tasks
from azukari.desk.office import Office, new_act
from azukari.desk.written import must_agree
from azukari.errors import BadInput
from azukari.ledger.entry import Entry, decode
from azukari.names import new_id
from azukari.shelf.book import Draft
from azukari.vault import records

#: Entries whose detail is for this very page: what a person wrote, and what duties were matched to.
_TOLD: Final = frozenset({"incident.noted", "incident.police", "duty.matched"})


@dataclass(frozen=True)
class Event:
    """One line of the timeline; ``happened_at`` is claimed, ``recorded_at`` is the ledger's."""

    ledger: str  # office, keys
    index: int
    type: str
    by: str
    refs: tuple[str, ...]
    happened_at: int | None
    recorded_at: int
    told: Mapping[str, Any] = field(default_factory=dict)  # its detail; empty once erased


@dataclass(frozen=True)
class Timeline:
    """Three times that are never one: when it happened, was known, and was recorded."""

    incident: str
    last_held_at: int
    lost_before: int
    known_at: int  # to whoever declared it
    recorded_at: int  # to the city
    revoked_at: int | None
    events: tuple[Event, ...]
    tasks: tuple[tasks.Task, ...]
    police: tuple[Event, ...]


def timeline_of(office: Office, incident: str) -> Timeline:
    """Everything both ledgers tell of an incident and its carriers, in the order of recording."""
    found, declared = loss.incident_of(office, incident)
    must_agree(office, incident)
    about = {incident, *found.carriers}
    with office.act() as tx:
        own = office.book.entries(tx, 0, office.book.head(tx).size)
        mine = [
            _event("office", i, entry, tasks.detail(office, tx, i) if entry.type in _TOLD else {})
            for i, entry in enumerate(map(decode, own))
            if not about.isdisjoint(entry.refs)
        ]
        theirs = [
            _event("keys", i, entry, {})
            for i, entry in enumerate(map(decode, records.keys_entries(tx)))
            if not about.isdisjoint(entry.refs)
        ]
    # Of one instant the keys' come first: it is revoked before it is recorded.
    events = sorted([*theirs, *mine], key=lambda one: one.recorded_at)
    opened = next(one for one in mine if one.type == "incident.opened" and incident in one.refs)
    return Timeline(
        incident=incident,
        last_held_at=declared.last_held_at,
        lost_before=declared.lost_before,
        known_at=declared.known_at,
        recorded_at=opened.recorded_at,
        revoked_at=_revoked(office, found),
        events=tuple(events),
        tasks=tuple(tasks.tasks_of(office, incident)),
        police=tuple(one for one in mine if one.type == "incident.police"),
    )


def note(office: Office, incident: str, by: str, text: str, happened: int | None = None) -> str:
    """Put a note beside it; one entry, its words in the detail.  Returns its id."""
    return _tell(office, incident, "incident.noted", by, {"text": tasks.written(text)}, happened)


def police(
    office: Office, incident: str, by: str, station: str, number: str, happened: int | None = None
) -> str:
    """The police were told: where, and under which number of theirs; one entry."""
    said = {"number": tasks.written(number), "station": tasks.written(station)}
    return _tell(office, incident, "incident.police", by, said, happened)


def _tell(
    office: Office,
    incident: str,
    kind: str,
    by: str,
    said: dict[str, str],
    happened: int | None,
) -> str:
    if happened is not None and not 0 <= happened <= office.now():
        raise BadInput("time", "it cannot lie ahead of now")
    told = new_id()
    with office.act() as tx:
        tasks.must_be_open(tx, incident)
        draft = Draft(new_act(), kind, by, (incident, told), happened=happened, detail=said)
        office.write(tx, draft)
    return told


def _event(ledger: str, index: int, entry: Entry, told: Mapping[str, Any]) -> Event:
    return Event(
        ledger=ledger,
        index=index,
        type=entry.type,
        by=entry.by,
        refs=entry.refs,
        happened_at=entry.happened,
        recorded_at=entry.at,
        told=told,
    )


def _revoked(office: Office, incident: loss.Incident) -> int | None:
    with office.act() as tx:
        keys = [decode(line) for line in records.keys_entries(tx)]
    acts = (e.at for e in keys if e.act == incident.act and e.type == "carrier.revoked")
    return next(acts, None)
