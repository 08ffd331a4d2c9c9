"""``azukari out``: a signed document as a file, or as one QR code, for another site."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import papers
from azukari.cli.call import Call, reads
from azukari.cli.output import aligned, show
from azukari.errors import BadInput


@click.command("out", epilog="Example: azukari out 3jzfp8n02xkmv7c4gw1h9tq6ea --to post")
@click.argument("document", metavar="ID|FILE")
@click.option("--qr", default="", metavar="FILE.svg|-", help="Draw it as one QR code instead.")
@papers.TO
@reads
def command(call: Call, document: str, qr: str, to: Path) -> None:
    """Write a document that the office keeps once more: a party, an entry, an order, a hand-over …

    The file is the same, byte by byte, as often as it is written; `azukari in` takes it in once.

    With --qr, one QR code whose bytes are the file's; - draws it on the terminal.  At any site so
    is a FILE: an approval, a trust bundle.  A scanner types it into `azukari in -`.  Needs the
    extra `press`.
    """
    here = Path(document)
    if here.is_file() and not qr:
        raise BadInput("--qr", "a file that is here already is only drawn")
    # Looked at first: what is no document of this house is not drawn either.
    envelope = papers.read(here).data if here.is_file() else _kept(call, document)
    if qr:
        # Late: a site that draws none needs nothing to draw with.
        from azukari.cli import qr as drawing

        drawing.draw(envelope, qr)
        if qr == "-":
            return
    path = Path(qr) if qr else papers.write(to, envelope)
    show(call, {"document": document, "file": str(path)}, aligned([("written", path)]))


def _kept(call: Call, document: str) -> bytes:
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.vault import records

    with seat.office(call) as office, office.act() as tx:
        return records.document(tx, document)
