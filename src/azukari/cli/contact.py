"""``azukari person contact``: where somebody is reached when something is late."""

from __future__ import annotations

import click

from azukari.cli import seat
from azukari.cli.call import Call, acts
from azukari.cli.output import show
from azukari.desk import contacts
from azukari.errors import BadInput


@click.command(
    "contact",
    epilog="Example: azukari person contact ID --mail toban@example.jp --as hanako",
)
@click.argument("whom", metavar="ID")
@click.option("--mail", default="", metavar="ADDRESS", help="Where mails go.")
@click.option("--erase", is_flag=True, help="Forget where they are reached.")
@acts
def contact(call: Call, whom: str, mail: str, erase: bool) -> None:
    """Say where a person is reached by mail, or forget it; a person of the city does.

    The address stands in no ledger, no other site and no message but those to it; forgotten, it is
    gone but from backups made before.
    """
    if bool(mail) == erase:
        raise BadInput("--mail", "an address, or --erase")
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        if erase:
            contacts.erase(office, whom, by)
        else:
            contacts.set_mail(office, whom, mail, by)
    show(call, {"person": whom, "reached": not erase}, ["forgotten" if erase else "noted"])


COMMANDS = {"contact": contact}
