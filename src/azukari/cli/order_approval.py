"""``azukari order approve``: at the office, or over the order's file at another site."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import hands, order_sheet, papers
from azukari.cli.call import Call, acts
from azukari.cli.output import aligned, show
from azukari.names import new_id
from azukari.seal import documents as doc


@click.command(
    "approve",
    epilog="Example: azukari order approve ID --as yoko --words "
    "mukinu-naruki-kokani-kikomi-makomo-kanuro-runimi-rimuno",
)
@click.argument("order", metavar="ID|FILE")
@order_sheet.WORDS
@papers.TO
@acts
def approve(call: Call, order: str, typed: str, to: Path) -> None:
    """Approve an order: a signature by the approver's own key over the order's hash.

    The order is shown first, and nobody signs unseen: at a terminal the first and the last of its
    eight words are asked for, elsewhere --words brings all, in Latin letters or kana.

    At the office by the order's id.  Elsewhere over the order's file, which is verified against
    what this site believes; the approval is written as a file for `azukari in` at the office.
    """
    if Path(order).is_file():
        _elsewhere(call, order, typed, to)
        return
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk import order as orders
    from azukari.desk.order_sheet import order_sheet as sheet_of

    with seat.office(call) as office:
        sheet = sheet_of(office, order)
        order_sheet.must_be_meant(call, sheet, typed)
        person, signer = seat.person(call, office)
        approval = orders.approve(office, order, person, signer, shown=sheet.sha256)
    said = doc.unverified(approval, doc.Approval)
    value = {"approval": said.id, "order": said.order, "sha256": said.order_sha256}
    show(call, value, aligned([("approved", said.order), ("sha256", said.order_sha256)]))


def _elsewhere(call: Call, file: str, typed: str, to: Path) -> None:
    sheet, _ = order_sheet.at_a_contractor(call, file)
    order_sheet.must_be_meant(call, sheet, typed)
    person, signer = hands.own(call)
    approval = doc.Approval(
        id=new_id(),
        order=sheet.order.id,
        order_sha256=sheet.sha256,
        approver=person,
        at=call.now(),
        expires_at=sheet.order.expires_at,
    )
    path = papers.write(to, doc.issue(approval, signer))
    value = {"approval": approval.id, "order": sheet.order.id, "file": str(path)}
    rows = [("approved", sheet.order.id), ("sha256", sheet.sha256), ("approval", path)]
    show(call, value, aligned(rows))


COMMANDS = {"approve": approve}
