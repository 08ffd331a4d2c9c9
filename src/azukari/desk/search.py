"""The search sheet: what was in the bag, whom to ask where it is, the way home, who saw it last.

Identifiers of phones and tags are typed by a person, stand in one table that can be erased, and
never in a ledger, its details included.  Custody comes from what both hands signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Row, select

from azukari.carrier.custody import Hold
from azukari.carrier.life import State
from azukari.desk import custody, loss, tasks, timeline
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.errors import BadInput, Conflict, NotFound
from azukari.names import new_id
from azukari.vault import records, schema

Kind = Literal["phone", "tag", "device", "bag", "way_home", "seen"]
KINDS: Final[dict[Kind, tuple[str, str]]] = {
    "phone": ("電話", "phone"),
    "tag": ("紛失防止タグ", "tracking tag"),
    "device": ("端末・紙", "device or paper"),
    "bag": ("かばん", "bag"),
    "way_home": ("帰り道", "the way home"),
    "seen": ("目撃", "seen"),
}


@dataclass(frozen=True)
class Thing:
    """One line that somebody typed; everything typed is empty once it was erased."""

    id: str
    kind: Kind
    what: str
    identifier: str
    ask: str  # whom to ask where it is; of what was seen, who says so
    seen_at: int | None
    by: str
    at: int
    erased_at: int | None


@dataclass(frozen=True)
class Missing:
    """A carrier that is looked for, as its finder sees it."""

    carrier: str
    label: str
    tag: str | None  # the asset tag that is glued on it
    medium: str  # what kind of thing it is, as its order says
    found: bool
    custody: tuple[Hold, ...]


@dataclass(frozen=True)
class Sheet:
    """One page for the holder and the police; no resident is on it."""

    incident: str
    call: str  # whom a finder calls
    known_at: int
    last_held_at: int
    recorded_at: int
    carriers: tuple[Missing, ...]
    things: tuple[Thing, ...]
    police: tuple[str, ...]  # station and number
    printed_at: int

    def of(self, *kinds: Kind) -> tuple[Thing, ...]:
        """What was typed of these kinds and not erased."""
        return tuple(one for one in self.things if one.kind in kinds and one.erased_at is None)

    @property
    def last_seen(self) -> Thing | None:
        """The latest sighting, by when it was, that somebody entered with its source."""
        seen = [one for one in self.of("seen") if one.seen_at is not None]
        return max(seen, key=lambda one: (one.seen_at or 0, one.at), default=None)


def enter(
    office: Office,
    incident: str,
    by: str,
    kind: str,
    what: str,
    *,
    identifier: str = "",
    ask: str = "",
    seen_at: int | None = None,
) -> str:
    """One line for the sheet; in the table and in no ledger.  Returns its id.

    Of what was *seen* the time and, as ``ask``, the source are asked for.
    """
    if kind not in KINDS:
        raise BadInput("kind", f"one of {', '.join(KINDS)} is expected")
    if (kind == "seen") != (seen_at is not None):
        raise BadInput("seen at", "a time belongs to what was seen, and to nothing else")
    if seen_at is not None and not 0 <= seen_at <= office.now():
        raise BadInput("seen at", "it cannot lie ahead of now")
    if kind == "seen" and not ask.strip():
        raise BadInput("source", "who says that it was seen is expected")
    thing = new_id()
    with office.act() as tx:
        tasks.must_be_open(tx, incident)
        tx.execute(
            schema.thing.insert().values(
                id=thing,
                incident=incident,
                kind=kind,
                what=tasks.written(what),
                identifier=_short(identifier),
                ask=_short(ask),
                seen_at=seen_at,
                by=by,
                at=office.now(),
            )
        )
    return thing


def erase(office: Office, incident: str, beginning: str = "") -> int:
    """Erase what was typed: one line, by the beginning of its id, or all; how many went.

    That there was a line of its kind, by whom and when, stays.
    """
    rows = schema.thing
    mine = (rows.c.incident == incident) & rows.c.erased.is_(None)
    with office.act() as tx:
        found = tx.execute(select(rows.c.id).where(mine)).scalars().all()
        chosen = [one for one in found if one.startswith(beginning.lower())]
        if beginning and len(chosen) != 1:
            raise NotFound("the sheet has no such line, or several that begin so")
        nothing = {"what": None, "identifier": None, "ask": None, "seen_at": None}
        for one in chosen:
            change = rows.update().where(rows.c.id == one)
            tx.execute(change.values(erased=office.now(), **nothing))
    return len(chosen)


def sheet(office: Office, incident: str) -> Sheet:
    """The sheet as it stands now; reads only."""
    found, _ = loss.incident_of(office, incident)
    told = timeline.timeline_of(office, incident)
    rows = schema.thing
    with office.act() as tx:
        mine = select(rows).where(rows.c.incident == incident).order_by(rows.c.at, rows.c.id)
        things = [_thing(row) for row in tx.execute(mine).all()]
        carriers = [records.carrier(tx, carrier) for carrier in found.carriers]
    return Sheet(
        incident=incident,
        call=office.call,
        known_at=told.known_at,
        last_held_at=told.last_held_at,
        recorded_at=told.recorded_at,
        carriers=tuple(_missing(office, row) for row in carriers),
        things=tuple(things),
        police=_police(told.police),
        printed_at=office.now(),
    )


def _missing(office: Office, row: Row[Any]) -> Missing:
    try:
        line = custody.line_of(office, row.id)
    except Conflict:
        line = ()  # hands that do not follow each other: the page says that nothing is signed
    kind = orders.order_of(office, row.order_id).medium
    return Missing(row.id, row.label, row.tag, kind, row.state != State.LOST, line)


def _police(told: Sequence[timeline.Event]) -> tuple[str, ...]:
    said = [one.told for one in told if one.told]
    return tuple(f"{one['station']} {one['number']}" for one in said)


def _short(text: str) -> str:
    text = text.strip()
    return tasks.written(text) if text else ""


def _thing(row: Row[Any]) -> Thing:
    return Thing(
        id=row.id,
        kind=row.kind,
        what=row.what or "",
        identifier=row.identifier or "",
        ask=row.ask or "",
        seen_at=row.seen_at,
        by=row.by,
        at=row.at,
        erased_at=row.erased,
    )
