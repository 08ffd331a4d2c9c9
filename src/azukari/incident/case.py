"""What a draft of a report is made from: an incident as a value, at one moment.

Not the report: `report` says the nine items of it, with named blanks for what nobody has said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from azukari.carrier.exposure import PartState
from azukari.incident.duty import Duty
from azukari.incident.exemption import Point
from azukari.incident.rolls import OfRoll
from azukari.incident.sentences import Value

Basis = Literal["counterfoil", "ledger", "record", "person", "design"]


@dataclass(frozen=True)
class LostCarrier:
    """One lost carrier and its course, as said or recorded; when it was lost, nobody knows.

    It was between ``last_held_at`` and ``noticed_at``, when its holder knew.
    ``restored_at``: two persons undid it as a false alarm; its keys may be released again.
    """

    carrier: str
    label: str
    declared_at: dt.datetime
    last_held_at: dt.datetime | None = None
    noticed_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    found_at: dt.datetime | None = None
    restored_at: dt.datetime | None = None
    medium_found: bool = False  # else what was found may be a copy of what is on it

    @property
    def missing(self) -> bool:
        """Neither found nor undone as a false alarm."""
        return self.found_at is None and self.restored_at is None


@dataclass(frozen=True)
class Said:
    """What a person wrote into a blank, by the blank's name.

    ``signed``: it was recorded by that person's own key.  Else ``by`` is what somebody typed at the
    office, and the papers say so.
    """

    blank: str
    text: str
    by: str
    at: dt.datetime
    signed: bool = False

    @property
    def code(self) -> str:
        """The sentence that says it."""
        return "said" if self.signed else "said.unsigned"


@dataclass(frozen=True)
class OnRecord:
    """A measure that a failed control opened for one of the lost carriers."""

    control: str
    owner: str
    due_at: dt.datetime
    state: str


@dataclass(frozen=True)
class Case:
    """All that a draft is made from; ``rolls`` and ``states`` are of the same moment.

    ``rolls``: who is affected, of each roll by itself; at least one.
    """

    label: str
    party: str
    known_at: dt.datetime
    law_on: dt.date
    lost: tuple[LostCarrier, ...]
    rolls: tuple[OfRoll, ...]
    states: Mapping[tuple[str, str], PartState]
    duties: tuple[Duty, ...]
    evidence: tuple[Point, ...] = ()
    measures: tuple[OnRecord, ...] = ()
    prompt_filed_at: dt.datetime | None = None  # as whoever filed it recorded
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One sentence by its code, its values, and on what it rests."""

    code: str
    values: tuple[tuple[str, Value], ...]
    basis: Basis
