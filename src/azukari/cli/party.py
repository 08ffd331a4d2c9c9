"""``azukari party``: who entrusts and who is entrusted."""

from __future__ import annotations

import click
import msgspec

from azukari.cli import seat
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, show
from azukari.desk import people


@click.group("party", epilog="Example: azukari party list")
def command() -> None:
    """City, contractor, sub-contractor: add, list."""


@command.command("add", epilog="Example: azukari party add 例示受託 --role contractor --as officer")
@click.argument("name", metavar="NAME")
@click.option(
    "--role",
    type=click.Choice(["contractor", "sub-contractor"]),
    required=True,
    help="What it is to the city.",
)
@acts
def add(call: Call, name: str, role: str) -> None:
    """Add a party; its people and devices can be enrolled then."""
    with seat.office(call) as office:
        seat.person(call, office)
        party = people.add_party(office, name, role)
    show(call, msgspec.to_builtins(party), aligned([("party", party.id), ("name", party.name)]))


@command.command("list", epilog="Example: azukari party list --json")
@reads
def list_(call: Call) -> None:
    """Every party, by its id."""
    with seat.office(call) as office:
        found = people.parties_of(office)
    rows = [(party.id, party.role, party.name) for party in found]
    show(call, msgspec.to_builtins(found), aligned(rows))
