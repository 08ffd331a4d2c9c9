"""``azukari agreement approve|refuse``: what the city says to a link that was asked for."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import papers, seat
from azukari.cli.call import Call, acts
from azukari.cli.output import aligned, show
from azukari.desk import agree
from azukari.seal import documents as doc


@click.command(
    "approve", epilog="Example: azukari agreement approve agreement-7q4m2k-2of3.json --as hanako"
)
@papers.FILE
@papers.TO
@acts
def approve(call: Call, file: Path, to: Path) -> None:
    """Approve a link that one of the city's processors asked for; from now on it is in force.

    Both parties' officers have signed; what widens the link above is refused.  Writes the whole
    agreement for other sites.
    """
    asked = papers.read(file)
    link = papers.whole(asked, doc.Agreement)
    with seat.office(call) as office:
        whole = agree.approve(office, asked.envelope, seat.person(call, office))
    path = papers.write(to, whole)
    value = {"agreement": link.id, "file": str(path)}
    show(call, value, aligned([*papers.lines(link), ("approved", path)]))


@click.command(
    "refuse",
    epilog="Example: azukari agreement refuse agreement-7q4m2k-2of3.json "
    "--because 'the party is not known to us' --as hanako",
)
@papers.FILE
@click.option("--because", required=True, metavar="TEXT", help="Why, for the city's own record.")
@papers.TO
@acts
def refuse(call: Call, file: Path, because: str, to: Path) -> None:
    """Refuse a link that was asked for, for good; the refusal is an entry.

    Writes the city's status statement for other sites, which names it.
    """
    asked = papers.read(file)
    link = papers.whole(asked, doc.Agreement)
    with seat.office(call) as office:
        word = agree.refuse(office, asked.envelope, seat.person(call, office), because)
    path = papers.write(to, word)
    show(call, {"agreement": link.id, "file": str(path)}, aligned([("refused", link.id)]))


COMMANDS = {"approve": approve, "refuse": refuse}
