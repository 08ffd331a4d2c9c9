"""``azukari out``: write a signed document that the office keeps as a file, for another site."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import papers, seat
from azukari.cli.call import Call, reads
from azukari.cli.output import aligned, show
from azukari.vault import records


@click.command("out", epilog="Example: azukari out 3jzfp8n02xkmv7c4gw1h9tq6ea --to post")
@click.argument("document", metavar="ID")
@papers.TO
@reads
def command(call: Call, document: str, to: Path) -> None:
    """Write a document that the office keeps once more: a party, an entry, an order, a hand-over …

    The file is the same, byte by byte, as often as it is written; `azukari in` takes it in once.
    """
    with seat.office(call) as office, office.act() as tx:
        envelope = records.document(tx, document)
    path = papers.write(to, envelope)
    show(call, {"document": document, "file": str(path)}, aligned([("written", path)]))
