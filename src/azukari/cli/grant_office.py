"""``azukari grant issue``: at the office, decided by the key service."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import papers, seat
from azukari.cli.call import Call, acts, unlocks
from azukari.cli.dates import moment
from azukari.cli.output import aligned, instant, show
from azukari.desk import grant as grants
from azukari.desk import one_time, people
from azukari.desk import order as orders
from azukari.seal.grant import QR_BYTES
from azukari.vault import records


@click.command(
    "issue",
    epilog="Example: azukari grant issue C-7Q4M-2K --person ID --role operator "
    "--until 2022-06-21T20:30 --as yumi",
)
@click.argument("label", metavar="LABEL")
@click.option("--person", "opener", required=True, metavar="ID", help="Who opens it.")
@click.option("--role", required=True, metavar="ROLE", help="As whom; it decides the columns.")
@click.option("--from", "start", default="", metavar="TIME", help="Else now.")
@click.option("--until", default="", metavar="TIME", help="Else when the carrier is to be back.")
@papers.TO
@unlocks
@acts
def issue(call: Call, label: str, opener: str, role: str, start: str, until: str, to: Path) -> None:
    """Ask the key service for a grant on the order's device; both answers are entries.

    It is sealed to a one-time key that no grant was sealed to before.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        with office.act() as tx:
            row = records.carrier(tx, label)
        order = orders.order_of(office, row.order_id)
        people.statement(office)  # the key service wants the city's word of today
        not_before = moment("--from", start) if start else office.now()
        not_after = moment("--until", until) if until else order.return_by
        document = grants.issue(
            office,
            row.id,
            person=opener,
            role=role,
            device=order.device,
            one_time_key=one_time.next_free(office, order.device),
            not_before=not_before,
            not_after=not_after,
            by=by,
        )
    path = papers.write(to, document)
    value = {"file": str(path), "not_before": not_before, "not_after": not_after}
    rows = [
        ("grant", path),
        ("opens", row.label),
        ("until", instant(not_after)),
        ("fits one QR code", "yes" if len(document) <= QR_BYTES else "no"),
    ]
    show(call, value, aligned(rows))


COMMANDS = {"issue": issue}
