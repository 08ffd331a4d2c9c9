"""``azukari agreement narrow|sign``: the parties' own hands, where their officers sit."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from azukari import settings
from azukari.cli import hands, papers, speech
from azukari.cli.call import Call, acts
from azukari.cli.dates import end_of
from azukari.cli.enrolment import must_be_id
from azukari.cli.output import aligned, show
from azukari.desk import entrusting
from azukari.desk import post as desk
from azukari.errors import BadSettings, NotFound
from azukari.seal import documents as doc


@click.command(
    "narrow",
    epilog="Example: azukari agreement narrow --under ID --processor ID --until 2022-12-31 "
    "--as saburo",
)
@click.option("--under", "parent", required=True, metavar="ID", help="The agreement above: yours.")
@click.option("--processor", required=True, metavar="ID", help="The party you would entrust.")
@click.option("--until", default="", metavar="DATE", help="Its last day; else as above.")
@click.option("--purpose", "purposes", multiple=True, metavar="TEXT", help="Else as above.")
@click.option("--medium", "media", multiple=True, metavar="KIND", help="Else as above.")
@click.option("--column", "columns", multiple=True, metavar="NAME", help="Else as above.")
@click.option(
    "--depth",
    type=click.IntRange(0, 8),
    default=0,
    show_default=True,
    metavar="N",
    help="How many links may follow below; 0: it may not re-entrust.",
)
@click.option("--replaces", default="", metavar="ID", help="The agreement that this one renews.")
@papers.TO
@acts
def narrow(
    call: Call,
    parent: str,
    processor: str,
    until: str,
    purposes: tuple[str, ...],
    media: tuple[str, ...],
    columns: tuple[str, ...],
    depth: int,
    replaces: str,
    to: Path,
) -> None:
    """Ask the city to let you entrust another party, with no more than you were entrusted with.

    You sign as an officer of the party above, an officer of the processor signs next, and the city
    approves or refuses.  Until it approves, nothing may be handed on.
    """
    must_be_id("--processor", processor)
    held = settings.load(call.home)
    if held.site != "contractor":
        raise BadSettings(f"{settings.FILE}: this HOME is a {held.site}, a contractor is needed")
    inbox = desk.open_inbox(call.home, held.city, call.now())
    known = inbox.believed.agreements
    if parent not in known:
        raise NotFound("no such agreement is in this inbox")
    above = known[parent].terms
    terms = replace(
        above,
        expires_at=end_of("--until", until) if until else above.expires_at,
        purposes=list(purposes) or above.purposes,
        media=list(media) or above.media,
        columns=sorted(columns) or above.columns,
        may_re_entrust=depth > 0,
        depth=depth,
    )
    half = entrusting.narrow(
        known,
        inbox.believed.people,
        held.city,
        parent,
        processor,
        terms,
        hands.own(call),
        call.now(),
        replaces,
    )
    path = papers.write(to, half)
    link = doc.unverified(half, doc.Agreement)
    value = {"agreement": link.id, "file": str(path)}
    show(call, value, aligned([*papers.lines(link), ("request", path)]))
    speech.hint("an officer of the processor is next: `azukari agreement sign FILE`")


@click.command(
    "sign", epilog="Example: azukari agreement sign agreement-7q4m2k-2of3.json --as jiro"
)
@papers.FILE
@papers.TO
@acts
def sign(call: Call, file: Path, to: Path) -> None:
    """Sign an agreement as an officer of the one entrusted; says it all first, and who signed.

    Hands that this site cannot verify are named; the city verifies all of them before it holds.
    The file goes back to the office: `azukari in FILE`, or `azukari agreement approve FILE` where
    the city has not signed yet.
    """
    half = papers.read(file)
    terms = papers.whole(half, doc.Agreement)
    before = papers.hands_before(call, half)
    _, signer = hands.own(call)
    path = papers.add_hand(half, signer, to)
    value = {"agreement": terms.id, "file": str(path), "before": [list(row) for row in before]}
    show(call, value, aligned([*papers.lines(terms), *before, ("signed", path)]))


COMMANDS = {"narrow": narrow, "sign": sign}
