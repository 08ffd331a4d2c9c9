"""Where people are reached when something is late: set, and erased.

An address is a person's: it stands in one row that can be emptied, in no entry and no detail.  That
somebody can be reached, and who said where, is an entry.
"""

from __future__ import annotations

from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import Office, new_act
from azukari.errors import NotFound, Refused
from azukari.shelf.book import Draft
from azukari.shelf.mailing import checked_address
from azukari.vault import alarms as rows


def set_mail(office: Office, person: str, mail: str, by: str) -> None:
    """From now on a person is reached at this address; one entry, without it."""
    checked_address(mail, "--mail")
    orders.person_of(office, person)
    if person in people.withdrawn(office):
        raise Refused("a contact", ("person_left",))
    with office.act() as tx:
        rows.set_contact(tx, person, mail, office.now())
        office.write(tx, Draft(new_act(), "person.reached", by, (person,)))


def erase(office: Office, person: str, by: str) -> None:
    """Nobody knows any more where a person is reached; one entry."""
    with office.act() as tx:
        if not rows.erase_contact(tx, person):
            raise NotFound("nobody noted where this person is reached")
        office.write(tx, Draft(new_act(), "person.unreached", by, (person,)))
