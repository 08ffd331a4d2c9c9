"""``azukari carrier send``: at the office, a sealed carrier as files for any file service."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import seat
from azukari.cli.call import FOLDER, Call, acts
from azukari.cli.output import aligned, instant, show, working
from azukari.desk import send as desk


@click.command("send", epilog="Example: azukari carrier send C-7Q4M-2K --to outgoing --as clerk")
@click.argument("label", metavar="LABEL")
@click.option("--to", required=True, type=FOLDER, metavar="DIR", help="What is to be transferred.")
@click.option("--from", "source", type=FOLDER, metavar="DIR", help="Else where it was sealed.")
@acts
def send(call: Call, label: str, to: Path, source: Path | None) -> None:
    """Lay a sealed carrier ready for a file service, under an order by network.

    DIR then holds the carrier's folder as on a medium, and shipment.json: one signed list of its
    files with sizes and digests, in the order in which they go.  From now on it is due at its
    recipient.  The grant goes another way.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        with working("comparing and copying"):
            sent = desk.send(office, label, to.absolute(), by, source)
    value = {
        "carrier": sent.carrier,
        "label": sent.label,
        "files": sent.files,
        "bytes": sent.bytes,
        "receive_by": sent.receive_by,
        "from_person": by,
    }
    rows = [
        ("sent", sent.label),
        ("carrier", sent.carrier),
        ("files", sent.files),
        ("bytes", sent.bytes),
        ("receive by", instant(sent.receive_by)),
        ("from person", by),
    ]
    show(call, value, aligned(rows))


COMMANDS = {"send": send}
