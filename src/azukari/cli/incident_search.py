"""``azukari incident bag|search-sheet``: what was in the bag, and where to look for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, acts, reads
from azukari.cli.chosen import incident as meant
from azukari.cli.dates import moment
from azukari.cli.incident_acts import INCIDENT, OF
from azukari.cli.output import aligned, instant, short, show
from azukari.desk import search
from azukari.errors import BadInput
from azukari.shelf import files


@click.command(
    "bag",
    epilog="Example: azukari incident bag phone 'black, cracked' --identifier 'IMEI …' "
    "--ask 'the contractor, night line' --as officer",
)
@click.argument("kind", metavar="KIND", type=click.Choice(list(search.KINDS)))
@click.argument("what", metavar="TEXT", default="")
@click.option("--identifier", default="", metavar="TEXT", help="Of a phone or a tag: its number.")
@click.option("--ask", default="", metavar="TEXT", help="Whom to ask where it is; or who saw it.")
@click.option("--at", "seen_at", metavar="TIME", help="When it was seen.")
@click.option("--erase", default="", metavar="ID", help="Erase one line instead; 'all' for all.")
@OF
@acts
def bag(
    call: Call,
    kind: str,
    what: str,
    identifier: str,
    ask: str,
    seen_at: str | None,
    erase: str,
    incident: str,
) -> None:
    """Enter a line of the search sheet: phone, tag, device, bag, way_home or seen.

    What is typed stands in a table that can be erased, never in a ledger.  When the search is over,
    --erase all takes it away; KIND is then any.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen = meant(office, incident)
        if erase:
            gone = search.erase(office, chosen, "" if erase == "all" else erase)
            show(call, {"erased": gone}, [f"{gone} erased"])
            return
        if not what:
            raise BadInput("TEXT", "what it is, in a few words, is expected")
        at = None if seen_at is None else moment("--at", seen_at)
        line = search.enter(
            office, chosen, by, kind, what, identifier=identifier, ask=ask, seen_at=at
        )
    show(call, {"line": line}, [f"{short(line)}: entered"])


@click.command(
    "search-sheet", epilog="Example: azukari incident search-sheet --html search-sheet.html"
)
@INCIDENT
@click.option("--html", "page", type=FOLDER, metavar="FILE", help="The page, to print.")
@reads
def search_sheet(call: Call, incident: str, page: Path | None) -> None:
    """One page for the holder and the police: what to look for, where, and whom to ask.

    No resident is on it.  What nobody has entered is a blank to fill in.
    """
    with seat.office(call) as office:
        found, names = search.sheet(office, meant(office, incident)), seat.names(office)
    if page is not None:
        # Late: only whoever prints needs the templates.
        from azukari.web import search_sheet as paper

        files.write_new(page, paper.render(found, names).encode())
    lines = [*_lines(found, names), *([f"written  {page}"] if page else [])]
    show(call, _value(found), lines)
    if not found.of("phone", "tag"):
        speech.hint("`azukari incident bag phone …` enters what was in the bag, and whom to ask")


def _lines(found: search.Sheet, names: dict[str, str]) -> Iterator[str]:
    yield f"incident {found.incident}"
    for one in found.carriers:
        last = names.get(one.custody[-1].holder, "-") if one.custody else "-"
        yield f"{one.label}  {one.tag or '-'}  {'found' if one.found else 'missing'}  {last}"
    yield from aligned(
        (
            short(one.id),
            search.KINDS[one.kind][1],
            "erased" if one.erased_at else one.what,
            one.identifier,
            one.ask,
            "" if one.seen_at is None else instant(one.seen_at),
        )
        for one in found.things
    )
    yield from (f"police  {one}" for one in found.police)


def _value(found: search.Sheet) -> dict[str, Any]:
    return {
        "incident": found.incident,
        "call": found.call,
        "known_at": found.known_at,
        "last_held_at": found.last_held_at,
        "recorded_at": found.recorded_at,
        "carriers": [
            {
                "label": one.label,
                "tag": one.tag,
                "medium": one.medium,
                "found": one.found,
                "custody": [
                    {"holder": hold.holder, "from_at": hold.from_at, "to_at": hold.to_at}
                    for hold in one.custody
                ],
            }
            for one in found.carriers
        ],
        "things": [
            {
                "id": one.id,
                "kind": one.kind,
                "what": one.what,
                "identifier": one.identifier,
                "ask": one.ask,
                "seen_at": one.seen_at,
                "erased_at": one.erased_at,
            }
            for one in found.things
        ],
        "police": list(found.police),
    }


COMMANDS: Final = (bag, search_sheet)
