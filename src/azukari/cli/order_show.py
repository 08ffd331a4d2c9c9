"""``azukari order show``: every order known here, or all that one of them says, on paper too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from pathlib import Path

import click
import msgspec

from azukari import settings
from azukari.cli import order_sheet, papers, reasons
from azukari.cli.call import FOLDER, Call, reads
from azukari.cli.output import aligned, instant, show
from azukari.entrust.sheet import Sheet
from azukari.seal import documents as doc
from azukari.shelf import files


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
        from azukari.cli import order_office

        if not order:
            _list(call, *order_office.all_orders(call))
            return
        sheet, envelope = order_office.sheet_of(call, order)
    elif order:
        sheet, envelope = order_sheet.at_a_contractor(call, order)
    else:
        _list(call, *order_sheet.of_an_inbox(call))
        return
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


def _list(call: Call, found: list[doc.Order], given: Counter[str], gone: Container[str]) -> None:
    value = [{**msgspec.to_builtins(one), "approvals": given[one.id]} for one in found]
    rows = [
        (
            one.id,
            instant(one.requested_at),
            instant(one.return_by),
            given[one.id],
            "refused" if one.id in gone else "",
        )
        for one in found
    ]
    head = ("order", "requested", "back by", "approved", "")
    show(call, value, aligned([head, *rows]) if rows else ["no order was requested"])


COMMANDS = {"show": show_}
