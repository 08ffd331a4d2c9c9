"""Is the clock right?  Held against what is written already and against what witnesses just said.

A clock that stands behind stops what lets something out; one that a witness contradicts is said and
written down, because one of the two is wrong and nobody here can tell which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.desk.witnesses import Told
from azukari.shelf.book import Draft
from azukari.vault import alarms as rows
from azukari.vault import records

#: The due row under which people are told, once for each episode.
DUE: Final = "clock"
_MARK: Final = "clock"  # said: since which place in the ledger it stands behind
_WITNESS: Final = "clock/"  # said: that this witness's clock and ours do not agree
_SUSPECT: Final = "suspect"


def look(office: Office) -> bool:
    """Does it stand behind the last entry or the newest cosignature?  Written down once."""
    with office.act() as tx:
        now, last = office.now(), office.newest_at(tx)
        behind = now < last - LATENESS_MS
        _episode(office, tx, _MARK, behind, {"clock": now, "last": last})
    return behind


def compare(office: Office, told: Sequence[Told]) -> list[Told]:
    """Hold it against the witnesses' that answered just now; those that differ by two minutes."""
    answered = [one for one in told if one.ahead_ms or not one.why]
    with office.act() as tx:
        for one in answered:
            now = office.now()
            detail = {"clock": now, "witness": one.witness, "witness_clock": now + one.ahead_ms}
            _episode(office, tx, _WITNESS + one.witness, bool(one.ahead_ms), detail)
    return [one for one in answered if one.ahead_ms]


def _episode(
    office: Office, tx: Connection, name: str, suspect: bool, detail: dict[str, Any]
) -> None:
    """One entry and one alarm when it begins; the alarm is settled when the last one is over."""
    before = rows.marks(tx, _MARK)
    if suspect == (name in before):
        return
    now = office.now()
    rows.set_mark(tx, name, now, _SUSPECT if suspect else None)
    if suspect:
        office.write(tx, Draft(new_act(), "clock.suspect", office.city, detail=detail))
    if suspect and not before:
        records.set_due(tx, office.city, DUE, now - 1, office.city)
    elif not suspect and set(before) == {name}:
        records.settle(tx, office.city, now, DUE)
