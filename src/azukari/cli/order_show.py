"""``azukari order show``: every order of an office, or all that one of them says, on paper too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from azukari import settings
from azukari.cli import order_sheet, papers, reasons
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, instant, show
from azukari.entrust.sheet import Sheet
from azukari.seal import documents as doc
from azukari.shelf import files

if TYPE_CHECKING:  # a contractor has no office to load
    from azukari.desk.office import Office


@click.command("show", epilog="Example: azukari order show ID --html order.html --to post")
@click.argument("order", metavar="[ID|FILE]", default="")
@click.option("--to", type=FOLDER, metavar="DIR", help="Write the order as a file there, too.")
@click.option("--html", type=FOLDER, metavar="FILE", help="Write a page to print, too.")
@reads
def show_(call: Call, order: str, to: Path | None, html: Path | None) -> None:
    """Every order and how many approved it, or all that one of them says.

    Eight words stand for the order's hash: page, terminal and ledger show the same.  A contractor
    sees an order of its inbox, or a file.  The page has the order as a QR code; needs `press`.
    """
    if settings.load(call.home).site == "office":
        # Late: only an office has what this needs.
        from azukari.cli import seat
        from azukari.desk.order_sheet import order_sheet as sheet_of
        from azukari.vault import records

        with seat.office(call) as office:
            if not order:
                _list(call, office)
                return
            sheet = sheet_of(office, order)
            with office.act() as tx:
                envelope = records.document(tx, order)
    else:
        sheet, envelope = order_sheet.at_a_contractor(call, order)
    written = [] if html is None else [_page(sheet, envelope, html)]
    if to is not None:
        written.append(papers.write(to, envelope))
    rows = [("written", path) for path in written]
    show(call, order_sheet.value(sheet), order_sheet.lines(sheet, call.language, *rows))


def _page(sheet: Sheet, envelope: bytes, to: Path) -> Path:
    # Late: a site that prints nothing needs nothing to draw with.
    from azukari.cli import qr
    from azukari.web.order_page import render

    code = qr.inline(envelope) if len(envelope) <= qr.MOST_BYTES else None
    files.write_new(to, render(sheet, reasons.sentence, code).encode())
    return to


def _list(call: Call, office: Office) -> None:
    from azukari.desk import order as orders
    from azukari.desk import people
    from azukari.vault import records

    gone = people.withdrawn(office)
    with office.act() as tx:
        known = records.documents(tx, doc.Order)
    found = [doc.unverified(envelope, doc.Order) for envelope in known]
    counts = {one.id: len(orders.approvals_of(office, one.id)) for one in found}
    value: list[dict[str, Any]] = [
        {**msgspec.to_builtins(one), "approvals": counts[one.id]} for one in found
    ]
    rows = [
        (
            one.id,
            instant(one.requested_at),
            instant(one.return_by),
            counts[one.id],
            "refused" if one.id in gone else "",
        )
        for one in found
    ]
    head = ("order", "requested", "back by", "approved", "")
    show(call, value, aligned([head, *rows]) if rows else ["no order was requested"])


COMMANDS = {"show": show_}
