"""Which incident is meant, and what several of its commands ask alike."""

from __future__ import annotations

import datetime as dt
from typing import Final

import click

from azukari.cli import seat
from azukari.cli.call import Call
from azukari.desk import loss, respond
from azukari.desk.office import Office
from azukari.errors import BadInput, NotFound
from azukari.ledger.entry import decode

#: What a person may say of a thing they may not know.
SAID: Final = {"yes": True, "no": False, "unknown": None}
LAW_ON: Final = click.option(
    "--law-on", metavar="DATE", help="Under the law of which day; else today's."
)


def response(call: Call, office: Office, named: str, law_on: str | None) -> respond.Response:
    """Count, match and draft for the incident that is meant."""
    return respond.respond(
        office,
        incident(office, named),
        party=seat.names(office).get(office.city, office.city),
        law_on=day(law_on, call.now()),
    )


def incident(office: Office, named: str) -> str:
    """An incident by its id or the beginning of it; the newest where none is named."""
    with office.act() as tx:
        own = map(decode, office.book.entries(tx, 0, office.book.head(tx).size))
        opened = {e.refs[0]: i for i, e in enumerate(own) if e.type == "incident.opened"}
    # By the ledger: when somebody knew of it is only what they said.
    known = sorted(loss.incidents(office), key=lambda one: opened.get(one, -1))
    fitting = [one for one in known if one.startswith(named.lower())]
    if not fitting:
        raise NotFound("the office knows no such incident")
    # Nobody closes, or speaks of, another incident than the one they mean.
    if named and len(fitting) > 1:
        raise NotFound("several incidents begin so")
    return fitting[-1]


def day(given: str | None, now: int) -> dt.date:
    """The day whose law is asked about; today where none is given."""
    if given is None:
        return respond.instant(now).date()
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise BadInput("--law-on", "a day such as 2023-04-01 is expected") from None
