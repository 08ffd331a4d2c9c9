"""The deadlines of law of an open incident as due rows, so that the tick tells of them in time.

They are set when the incident opens, from the little that is known then, and set anew whenever more
is known: what is not known counts as possible, so that an early day never becomes a late one by
silence.  Each time they are other than before, an entry says what was matched, with the law's text.
Which duties there are, `incident.duty` says; nothing here is a verdict.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from azukari.desk.office import Office, new_act
from azukari.incident import duty, matched, pack
from azukari.ledger.entry import canonical
from azukari.shelf.book import Draft
from azukari.vault import alarms, records

PREFIX: Final = "duty/"
_JAPAN: Final = dt.timezone(dt.timedelta(hours=9), "JST")


def opened(office: Office, tx: Connection, incident: str, act: str) -> None:
    """The city's deadlines when all that is known is that something was lost."""
    known_at = dt.datetime.fromtimestamp(office.now() / 1000, _JAPAN)
    facts = duty.Facts("organ", known_at, None)
    # A clock that was set back may not lead behind the law, and one that is right is the later.
    law_on = dt.datetime.fromtimestamp(max(office.now(), office.book.last_at(tx)) / 1000, _JAPAN)
    duties = duty.match(facts, pack.packs(), law_on.date())
    follow(office, tx, incident, office.city, duties, act)


def follow(
    office: Office,
    tx: Connection,
    incident: str,
    party: str,
    duties: Sequence[duty.Duty],
    act: str = "",
    *,
    told: bool = False,
) -> None:
    """From now on, these are a party's deadlines in this incident, and no others.

    A day that moved is due anew, and told of anew; one that no longer applies is settled, as is a
    processor's notice once it ``told`` whoever entrusted it.  What was matched is an entry, unless
    the party's newest one says the same.
    """
    wanted = {
        PREFIX + one.id: int(one.due_at.timestamp() * 1000)
        for one in duties
        if one.due_at is not None
        and one.release is not duty.Tri.MET
        and not (told and one.act == "notify_entrustor")
    }
    for row in alarms.due_rows(tx, incident):
        if row.who != party or not row.what.startswith(PREFIX):
            continue
        if wanted.get(row.what) == row.at:
            del wanted[row.what]
        else:
            alarms.take_back(tx, row.n)
    for what, at in sorted(wanted.items()):
        if not alarms.is_done(tx, incident, what, at, party):
            records.set_due(tx, incident, what, at, who=party)
    _keep(office, tx, incident, party, duties, act or new_act())


def kept(tx: Connection, incident: str, party: str) -> bool:
    """Were duties of this party matched before?"""
    return alarms.mark(tx, _mark(incident, party)) is not None


def _mark(incident: str, party: str) -> str:
    return f"duties/{incident}/{party}"


def _keep(
    office: Office,
    tx: Connection,
    incident: str,
    party: str,
    duties: Sequence[duty.Duty],
    act: str,
) -> None:
    said = matched.detail(party, duties)
    name, digest = _mark(incident, party), hashlib.sha256(canonical(said)).hexdigest()
    before = alarms.mark(tx, name)
    if before is None or before[1] != digest:
        draft = Draft(act, "duty.matched", office.city, (incident, party), detail=said)
        office.write(tx, draft)
        alarms.set_mark(tx, name, office.now(), digest)
