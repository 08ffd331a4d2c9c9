"""The deadlines of law of an open incident as due rows, so that the tick tells of them in time.

They are set when the incident opens, from the little that is known then, and set anew whenever more
is known: what is not known counts as possible, so that an early day never becomes a late one by
silence.  Which duties there are, `incident.duty` says; nothing here is a verdict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from azukari.incident import duty, pack
from azukari.vault import alarms, records

PREFIX: Final = "duty/"
_JAPAN: Final = dt.timezone(dt.timedelta(hours=9), "JST")


def opened(tx: Connection, incident: str, city: str, recorded: int) -> None:
    """The city's deadlines when all that is known is that something was lost."""
    known_at = dt.datetime.fromtimestamp(recorded / 1000, _JAPAN)
    facts = duty.Facts("organ", known_at, None)
    follow(tx, incident, city, duty.match(facts, pack.packs(), known_at.date()))


def follow(tx: Connection, incident: str, party: str, duties: Iterable[duty.Duty]) -> None:
    """From now on, these are a party's deadlines in this incident, and no others.

    A day that moved is due anew, and told of anew; one that no longer applies is settled.
    """
    wanted = {
        PREFIX + one.id: int(one.due_at.timestamp() * 1000)
        for one in duties
        if one.due_at is not None and one.release is not duty.Tri.MET
    }
    for row in alarms.due_rows(tx, incident):
        if row.who != party or not row.what.startswith(PREFIX):
            continue
        if wanted.get(row.what) == row.at:
            del wanted[row.what]
        else:
            alarms.take_back(tx, row.n)
    for what, at in sorted(wanted.items()):
        if not alarms.is_done(tx, incident, what, at):
            records.set_due(tx, incident, what, at, who=party)
