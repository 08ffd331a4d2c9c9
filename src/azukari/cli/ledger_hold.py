"""``azukari ledger hold``: nothing about these is erased, until two persons say so again."""

from __future__ import annotations

import click

from azukari.cli import seat
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import holds

_WITH = click.option("--with", "other", required=True, metavar="PERSON", help="The second of two.")
_BECAUSE = click.option("--because", required=True, metavar="TEXT", help="Who asks, and why.")


@click.group("hold", epilog="Example: azukari ledger hold show")
def command() -> None:
    """Hold details back from erasing: a committee, a court or a resident asks for it."""


@command.command(
    "add",
    epilog="Example: azukari ledger hold add --because 'the committee asks' --as yoko --with taro",
)
@click.option("--about", multiple=True, metavar="ID", help="As in the ledger; none: everything.")
@_BECAUSE
@_WITH
@acts
def add(call: Call, about: tuple[str, ...], because: str, other: str) -> None:
    """From now on nothing about these is erased, on the signed words of --as and --with."""
    with seat.office(call) as office:
        hand = seat.person(call, office)
        hold = holds.place(office, about, because, hand, seat.hand(call, office, other))
    value = {"hold": hold.id, "about": hold.about}
    show(call, value, aligned([("hold", hold.id), ("about", _about(hold.about))]))


@command.command(
    "lift", epilog="Example: azukari ledger hold lift ID --because reported --as yoko --with taro"
)
@click.argument("hold", metavar="ID")
@_BECAUSE
@_WITH
@acts
def lift(call: Call, hold: str, because: str, other: str) -> None:
    """A hold holds no more, on the signed words of --as and --with."""
    with seat.office(call) as office:
        hand = seat.person(call, office)
        holds.lift(office, hold, because, hand, seat.hand(call, office, other))
    show(call, {"lifted": hold}, [f"{hold}: lifted"])


@command.command("show", epilog="Example: azukari ledger hold show")
@reads
def show_(call: Call) -> None:
    """The holds that were placed and not lifted; incidents and carriers hold by themselves."""
    with seat.office(call) as office:
        found = holds.holding(office)
    value = [
        {"hold": one.id, "about": one.about, "at": one.at, "because": one.because} for one in found
    ]
    rows = [(one.id, instant(one.at), _about(one.about), one.because) for one in found]
    show(call, value, aligned(rows) if rows else ["no hold was placed"])


def _about(ids: list[str]) -> str:
    return " ".join(ids) or "everything"
