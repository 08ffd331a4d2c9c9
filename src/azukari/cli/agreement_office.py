"""``azukari agreement offer|suspend``: the city's side."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from azukari.cli import papers, seat
from azukari.cli.call import Call, acts
from azukari.cli.dates import end_of
from azukari.cli.output import aligned, show
from azukari.desk import agree
from azukari.entrust.course import COURSES
from azukari.errors import BadInput
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc

PURPOSE: Final = "answer eligibility enquiries"
TABLE: Final = "households"


@click.command(
    "offer",
    epilog="Example: azukari agreement offer --processor ID --course press --until 2023-03-31 "
    "--as hanako",
)
@click.option("--processor", required=True, metavar="ID", help="The party that is entrusted.")
@click.option(
    "--course",
    "courses",
    multiple=True,
    required=True,
    metavar="NAME",
    help="What its people must have passed; each one.",
)
@click.option("--until", required=True, metavar="DATE", help="Its last day.")
@click.option("--purpose", "purposes", multiple=True, metavar="TEXT", help=f"Else: {PURPOSE}.")
@click.option("--medium", "media", multiple=True, metavar="KIND", help="Else: stick.")
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Else all of an extract.")
@click.option(
    "--depth",
    type=click.IntRange(0, 8),
    default=0,
    show_default=True,
    metavar="N",
    help="How many links may follow below; 0: it may not re-entrust.",
)
@click.option(
    "--approvers",
    type=click.IntRange(2, 9),
    default=2,
    show_default=True,
    metavar="N",
    help="How many must approve an order.",
)
@click.option("--replaces", default="", metavar="ID", help="The agreement that this one renews.")
@papers.TO
@acts
def offer(
    call: Call,
    processor: str,
    courses: tuple[str, ...],
    until: str,
    purposes: tuple[str, ...],
    media: tuple[str, ...],
    columns: tuple[str, ...],
    depth: int,
    approvers: int,
    replaces: str,
    to: Path,
) -> None:
    """Sign an agreement of the city's own; it holds when the processor's officer has signed too.

    What the processor wants to entrust further it asks for: `azukari agreement narrow`.
    """
    if not set(courses) <= set(COURSES):
        raise BadInput("--course", f"nobody can pass another than {', '.join(COURSES)}")
    terms = doc.Terms(
        columns=sorted(columns) or [f"{TABLE}.{column}" for column in COLUMNS],
        purposes=list(purposes) or [PURPOSE],
        media=list(media) or ["stick"],
        expires_at=end_of("--until", until),
        may_re_entrust=depth > 0,
        depth=depth,
        training=sorted(set(courses)),
        approvers=approvers,
        device_key="file",
    )
    with seat.office(call) as office:
        half = agree.offer(office, processor, terms, seat.person(call, office), replaces)
    path = papers.write(to, half)
    link = doc.unverified(half, doc.Agreement)
    value = {"agreement": link.id, "file": str(path)}
    show(call, value, aligned([("agreement", link.id), ("half", path)]))


@click.command("suspend", epilog="Example: azukari agreement suspend ID --as hanako")
@click.argument("agreement", metavar="ID")
@papers.TO
@acts
def suspend(call: Call, agreement: str, to: Path) -> None:
    """Suspend an agreement and everything below it; from now on no key is released under it.

    This is not undone: a new agreement is signed.  Writes the suspension for other sites.
    """
    with seat.office(call) as office:
        seat.person(call, office)
        word = agree.suspend(office, agreement)
    path = papers.write(to, word)
    show(call, {"agreement": agreement, "file": str(path)}, aligned([("suspended", agreement)]))


COMMANDS = {"offer": offer, "suspend": suspend}
