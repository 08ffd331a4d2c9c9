"""``azukari agreement show``: the tree of parties, one agreement, or two side by side."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from azukari.cli import agreement_tree, papers, seat
from azukari.cli.call import FOLDER, Call, page_language, reads
from azukari.cli.output import aligned, show
from azukari.desk import agree, people
from azukari.entrust.difference import difference
from azukari.entrust.tree import tree
from azukari.errors import BadInput, NotFound
from azukari.seal import documents as doc
from azukari.shelf import files


@click.command("show", epilog="Example: azukari agreement show --svg chain.svg")
@click.argument("agreement", metavar="[ID]", default="")
@click.option("--against", metavar="ID", default="", help="Beside an earlier one: what changed.")
@click.option("--svg", type=FOLDER, metavar="FILE.svg", help="Draw the tree as a picture, too.")
@click.option(
    "--asked",
    type=FOLDER,
    multiple=True,
    metavar="FILE",
    help="A link that waits for the city: draw it, too.",
)
@reads
def show_(
    call: Call, agreement: str, against: str, svg: Path | None, asked: tuple[Path, ...]
) -> None:
    """The parties as a tree from the city downwards: what each link narrows, and whether it holds.

    With an ID all that one agreement says; with --against what it changes in another, and whether
    that is narrower or wider.
    """
    if against and not agreement:
        raise BadInput("--against", "the agreement to compare with it is expected, too")
    if svg is not None and svg.suffix != ".svg":
        raise BadInput("--svg", "a name that ends in .svg is expected")
    if agreement and (svg is not None or asked):
        raise BadInput("ID", "none is expected where the whole tree is drawn")
    with seat.office(call) as office:
        found = agree.agreements_of(office)
        gone = people.withdrawn(office)
        wait = [agree.read_request(office, papers.read(file).envelope).document for file in asked]
        who = seat.names(office)
        city = office.city
    if agreement:
        _one(call, agreement, against, found, who)
        return
    known = {link.id for link in found}
    found += [one for one in wait if one.id not in known]
    branches = tree(found, city, gone, call.now(), {one.id for one in wait} - known)
    name = who.get(city, city)
    rows = list(agreement_tree.drawn(branches, name, who, call.language))
    if svg is not None:
        # Late: who only reads needs nothing to draw with.
        from azukari.web.chain_picture import render

        files.write_new(svg, render(branches, name, who, page_language(call)).encode())
        rows += ["", f"written  {svg}"]
    show(call, agreement_tree.value(branches), rows if found else ["no agreement was signed"])


def _one(
    call: Call, agreement: str, against: str, found: list[doc.Agreement], who: dict[str, str]
) -> None:
    links = {link.id: link for link in found}
    if not {agreement, against or agreement} <= set(links):
        raise NotFound("the office knows no such agreement")
    link = links[agreement]
    if not against:
        show(call, msgspec.to_builtins(link), aligned(papers.lines(link)))
        return
    changes = difference(links[against], link)
    value = agreement_tree.changed(changes)
    show(call, value, agreement_tree.side_by_side(changes, who, call.language))


COMMANDS = {"show": show_}
