"""``azukari order approve``: at the office, or over the order's file at another site."""

from __future__ import annotations

from pathlib import Path

import click

from azukari import settings
from azukari.cli import hands, papers
from azukari.cli.call import Call, acts
from azukari.cli.output import aligned, show
from azukari.desk import post
from azukari.errors import BadSettings
from azukari.names import new_id
from azukari.seal import documents as doc


@click.command("approve", epilog="Example: azukari order approve ID --as yoko")
@click.argument("order", metavar="ID|FILE")
@papers.TO
@acts
def approve(call: Call, order: str, to: Path) -> None:
    """Approve an order: a signature by the approver's own key over the order's hash.

    At the office by the order's id.  Elsewhere over the order's file, which is verified against
    what this site believes; the approval is written as a file for `azukari in` at the office.
    """
    if Path(order).is_file():
        _elsewhere(call, Path(order), to)
        return
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk import order as orders

    with seat.office(call) as office:
        person, signer = seat.person(call, office)
        approval = orders.approve(office, order, person, signer)
    said = doc.unverified(approval, doc.Approval)
    value = {"approval": said.id, "order": said.order, "sha256": said.order_sha256}
    show(call, value, aligned([("approved", said.order), ("sha256", said.order_sha256)]))


def _elsewhere(call: Call, file: Path, to: Path) -> None:
    found = papers.read(file)
    order = papers.whole(found, doc.Order)
    held = settings.load(call.home)
    if held.site != "contractor":
        raise BadSettings(f"{settings.FILE}: an order's file is approved at a site with an inbox")
    inbox = post.open_inbox(call.home, held.city, call.now())
    inbox.look(found, call.now())  # verifies it: nobody approves what the city did not sign
    person, signer = hands.own(call)
    approval = doc.Approval(
        id=new_id(),
        order=order.id,
        order_sha256=doc.digest(order),
        approver=person,
        at=call.now(),
        expires_at=order.expires_at,
    )
    path = papers.write(to, doc.issue(approval, signer))
    value = {"approval": approval.id, "order": order.id, "file": str(path)}
    show(call, value, aligned([*papers.lines(order), ("approval", path)]))


COMMANDS = {"approve": approve}
