"""Every party's own clock in an open incident: a step of the tick.

The deadlines of the city and of each processor of the chain are set anew where more became known.
A processor's begins when it knew, and its officers are told before the city's.  Of a party of which
nobody has said when it knew there is no clock, and `incident impact` says so.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Row, func, select

from azukari.desk import deadlines, loss, respond
from azukari.desk.office import Office
from azukari.errors import AzukariError
from azukari.vault import alarms as rows
from azukari.vault import schema


def follow(office: Office) -> None:
    """Set the deadlines of every open incident of which more is known than at the last round."""
    incidents = schema.incident
    with office.act() as tx:
        opened = tx.execute(select(incidents).where(incidents.c.state == loss.OPEN)).all()
        known = {one.id: _knowledge(tx, one) for one in opened}
        new = [one for one in opened if known[one.id] != (rows.mark(tx, one.id) or (0, ""))[1]]
    for row in new:
        # What cannot be counted now keeps the deadlines of what is not known, and waits for a round
        # in which it can; nothing else waits for it.
        with suppress(AzukariError):
            _count(office, row, known[row.id])


def _count(office: Office, row: Row[Any], knowledge: str) -> None:
    """Reading counterfoils takes a while: once for what is known, not every round."""
    recorded = respond.recorded_at(office, row.act)
    found = respond.respond(
        office,
        row.id,
        party=office.city,
        law_on=respond.instant(recorded).date(),
    )
    with office.act() as tx:
        for link in found.links:
            told = link.told_at is not None
            # A word on when it knew may have been taken back: then its clock is, too.
            if link.duties or deadlines.kept(tx, row.id, link.party):
                deadlines.follow(office, tx, row.id, link.party, link.duties, told=told)
        # As it was before the counting: a word that came meanwhile is for the next round.
        rows.set_mark(tx, row.id, office.now(), knowledge)


def _knowledge(tx: Connection, row: Row[Any]) -> str:
    """What was said of an incident, told apart from what was said before."""
    words = schema.stated.c
    newest = tx.execute(select(func.max(words.n)).where(words.incident == row.id)).scalar()
    return hashlib.sha256(b"%s\n%d" % (bytes(row.declared), newest or 0)).hexdigest()
