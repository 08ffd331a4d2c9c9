"""``azukari order request|refuse``: at the office."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from azukari import words
from azukari.carrier import files as cargo
from azukari.cli import papers, seat
from azukari.cli.agreement_office import PURPOSE, TABLE
from azukari.cli.call import Call, acts
from azukari.cli.dates import moment
from azukari.cli.output import aligned, show
from azukari.cli.roll import find
from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk import seal as sealing
from azukari.desk.office import Office
from azukari.desk.order_sheet import order_sheet
from azukari.entrust.order import NETWORK
from azukari.entrust.sheet import Sheet
from azukari.errors import BadInput
from azukari.names import new_id
from azukari.roll.select import COLUMNS
from azukari.seal import documents as doc
from azukari.vault import records

_TIMES = "An instant in Japan, such as 2022-06-21T18:30."


@click.command(
    "request",
    epilog="Example: azukari order request --agreement ID --media M-0001 --holder ID "
    "--recipient ID --grant-by ID --device ID --device-holder ID --receive-by 2022-06-21T18:30 "
    "--return-by 2022-06-21T20:30 --as kenji",
)
@click.option("--agreement", required=True, metavar="ID", help="The recipient's.")
@click.option("--media", multiple=True, metavar="TAG", help="One for each carrier.")
@click.option("--medium", default="stick", show_default=True, metavar="KIND", help="Or network.")
@click.option(
    "--files", type=click.IntRange(min=1), metavar="N", help="Let out at most N files instead."
)
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Of files: who may read them.")
@click.option("--purpose", default=PURPOSE, show_default=True, metavar="TEXT", help="What for.")
@click.option("--holder", required=True, metavar="ID", help="Who carries.")
@click.option("--recipient", required=True, metavar="ID", help="Who takes it at the other end.")
@click.option(
    "--grant-by", required=True, metavar="ID", help="Who brings the grant; not the holder."
)
@click.option("--device", required=True, metavar="ID", help="Where it may be opened.")
@click.option(
    "--device-holder",
    required=True,
    metavar="ID",
    help="Who has the device until the carrier arrives; neither of the two.",
)
@click.option("--route", default="", metavar="TEXT", help="Which way it goes.")
@click.option("--receive-by", required=True, metavar="TIME", help=_TIMES)
@click.option("--return-by", required=True, metavar="TIME", help=_TIMES)
@click.option("--expires", default="", metavar="TIME", help="Else when it is to be back.")
@acts
def request(
    call: Call,
    media: tuple[str, ...],
    expires: str,
    files: int | None,
    roles: tuple[str, ...],
    **said: str,
) -> None:
    """Request an order, signed by the city's order key and the requester's own.

    It lets out one row a household of the newest determination, in the columns of an extract; or,
    with --files, any files for the roles that --role names.  By network one carrier, on no medium.
    """
    if (files is None) == bool(roles):
        raise BadInput("--role", "who may read the files, and only of files")
    by_return = moment("--return-by", said["return_by"])
    with seat.office(call) as office:
        requester, signer = seat.person(call, office)
        order = doc.Order(
            id=new_id(),
            purpose=said["purpose"],
            agreement=said["agreement"],
            tables=[_extract(office) if files is None else _files(files, roles)],
            carriers=1 if said["medium"] == NETWORK else len(media),
            medium=said["medium"],
            media=[tag.upper() for tag in media],
            route=said["route"],
            holder=said["holder"],
            recipient=said["recipient"],
            grant_by=said["grant_by"],
            device=said["device"],
            device_holder=said["device_holder"],
            requester=requester,
            requested_at=office.now(),
            receive_by=moment("--receive-by", said["receive_by"]),
            return_by=by_return,
            expires_at=moment("--expires", expires) if expires else by_return,
        )
        orders.request(office, order, signer)
    sha256 = doc.digest(order)
    eight = words.eight_words(sha256)
    value = {"order": order.id, "sha256": sha256, "words": eight}
    rows = [("order", order.id), ("sha256", sha256), ("eight words", eight)]
    show(call, value, aligned([*rows, ("", words.in_kana(eight))]))


@click.command("refuse", epilog="Example: azukari order refuse ID --as yoko")
@click.argument("order", metavar="ID")
@papers.TO
@acts
def refuse(call: Call, order: str, to: Path) -> None:
    """Refuse an order for good, as an approver, or withdraw it, as its requester.

    No key is made under it any more.  Writes the city's status statement for other sites.
    """
    with seat.office(call) as office:
        person, signer = seat.person(call, office)
        word = people.refuse(office, order, person, signer)
    path = papers.write(to, word)
    show(call, {"order": order, "file": str(path)}, aligned([("refused", order)]))


def all_orders(call: Call) -> tuple[list[doc.Order], Counter[str], set[str]]:
    """Every order of the office, how many approved each, and what was refused."""
    with seat.office(call) as office:
        with office.act() as tx:
            known = records.documents(tx, doc.Order)
        found = [doc.unverified(envelope, doc.Order) for envelope in known]
        given = Counter({one.id: len(orders.approvals_of(office, one.id)) for one in found})
        return found, given, people.withdrawn(office)


def sheet_of(call: Call, order: str) -> tuple[Sheet, bytes]:
    """All that the office knows of an order, and its envelope."""
    with seat.office(call) as office:
        sheet = order_sheet(office, order)
        with office.act() as tx:
            return sheet, records.document(tx, order)


def _extract(office: Office) -> doc.OrderedTable:
    """The extract of the newest determination: one row a household, and the canaries."""
    row = find(office, "determination", "")
    return doc.OrderedTable(
        table=TABLE,
        columns={name: sorted(column.roles) for name, column in COLUMNS.items()},
        rows=json.loads(row.rows)[TABLE] + sealing.CANARIES,
    )


def _files(most: int, roles: tuple[str, ...]) -> doc.OrderedTable:
    return doc.OrderedTable(table=cargo.TABLE, columns={cargo.COLUMN: sorted(roles)}, rows=most)


COMMANDS = {"request": request, "refuse": refuse}
