"""``azukari ledger witnesses`` and the sticks to them: the office's side of its witnesses."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, acts, reads
from azukari.cli.output import aligned, instant, show
from azukari.cli.witness import line_of
from azukari.desk import witnesses as desk
from azukari.errors import BadInput, NotFound
from azukari.ledger.cosign import MAX_LINES_BYTES
from azukari.shelf import files


@click.group("witnesses", epilog="Example: azukari ledger witnesses list")
def group() -> None:
    """Who is asked to cosign the heads of both ledgers: add, remove, list."""


@group.command(
    "add",
    epilog="Example: azukari ledger witnesses add committee.vkey --url https://w.example --as jiro",
)
@click.argument("vkey", metavar="VKEY|FILE")
@click.option("--url", default="", metavar="URL", help="Where it listens; without: by stick.")
@click.option("--own", is_flag=True, help="The city runs it itself: it never makes a quorum.")
@acts
def add(call: Call, vkey: str, url: str, own: bool) -> None:
    """Ask one more witness: its key as `azukari witness key` prints it, given on paper.

    With --url the tick asks it whenever a ledger grew.
    """
    with seat.both(call) as (office, keeper):
        by, _ = seat.person(call, office)
        witness = desk.add(office, line_of(vkey), url, own, by)
        logs = {"office": office.book.verifier(), "keys": keeper.verifier}
    value = {"witness": witness.name, "url": url, "own": own, "logs": logs}
    show(call, value, aligned([("witness", witness.name), *logs.items()]))
    speech.hint("the witness needs the two lines above: `azukari witness add-log`")


@group.command(
    "remove",
    epilog="Example: azukari ledger witnesses remove committee.example/w1 --why 'lost' --as jiro",
)
@click.argument("name", metavar="WITNESS")
@click.option("--why", required=True, metavar="TEXT", help="For whoever audits; in the detail.")
@acts
def remove(call: Call, name: str, why: str) -> None:
    """Ask a witness no more: it lost its memory or its key, or it says what is not so.

    What it cosigned stays.  Where it says that it saw more than is here, believe it first: look at
    the head that it has (`azukari witness status`).
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        desk.remove(office, name, by, why)
    show(call, {"removed": name}, [f"{name}: asked no more"])


@group.command("list", epilog="Example: azukari ledger witnesses list")
@reads
def list_(call: Call) -> None:
    """Every witness, and how far each cosigned both ledgers."""
    with seat.office(call) as office:
        every = desk.known(office)
        seen = {which: desk.seen(office, which) for which in desk.WHICH}
    value, rows = [], []
    for each in every:
        heads = {
            which: next((one for one in seen[which] if one.witness == each.witness), None)
            for which in desk.WHICH
        }
        sizes = {which: one.size if one else 0 for which, one in heads.items()}
        last = max((one.cosignature.at_s for one in heads.values() if one), default=None)
        value.append(
            {
                "witness": each.witness.name,
                "vkey": each.witness.vkey(),
                "url": each.url,
                "own": each.own,
                "cosigned": sizes,
                "last_at": last,
            }
        )
        how = each.url or "by stick"
        when = instant(None if last is None else last * 1000)
        rows.append((each.witness.name, how, *sizes.values(), when))
    heading = ("witness", "reached", *desk.WHICH, "last cosigned")
    show(call, value, aligned([heading, *rows]) if rows else ["no witness is asked"])


@click.command(
    "cosign-request",
    epilog="Example: azukari ledger cosign-request committee.example/w1 --to stick",
)
@click.argument("name", metavar="WITNESS")
@click.option("--to", type=FOLDER, required=True, metavar="DIR", help="Where both files go.")
@click.option("--which", type=click.Choice(desk.WHICH), help="Only one ledger's; else both.")
@click.option("--old", type=click.IntRange(min=0), metavar="N", help="The witness says it saw N.")
@reads
def cosign_request(call: Call, name: str, to: Path, which: str | None, old: int | None) -> None:
    """Write what a witness is to look at: one file for each ledger, to be carried to it.

    `azukari witness cosign` answers there; `take-cosignature` takes the answer in.
    """
    if old is not None and which is None:
        raise BadInput("--old", "--which is expected with it: each ledger has its own size")
    chosen = [one for one in desk.WHICH if which in (None, one)]
    with seat.office(call) as office:
        made = {one: desk.request(office, name, one, old) for one in chosen}
    files.folder(to)
    paths = {}
    for one, data in made.items():
        path = to / f"{name.replace('/', '_')}-{one}.request"
        files.write_whole(path, data)
        paths[one] = str(path)
    show(call, paths, paths.values())


@click.command(
    "take-cosignature", epilog="Example: azukari ledger take-cosignature stick/answer-office"
)
@click.argument("file", metavar="FILE", type=FOLDER)
@reads
def take_cosignature(call: Call, file: Path) -> None:
    """Take in what a witness answered; only on a head that it was asked about."""
    lines = files.read_small(file, MAX_LINES_BYTES)
    with seat.office(call) as office:
        taken = desk.take(office, lines)
    value = [{"witness": one.witness, "ledger": one.which, "size": one.size} for one in taken]
    show(
        call, value, [f"{one.witness} cosigned {one.size:,} entries: {one.which}" for one in taken]
    )


@click.command("policy", epilog="Example: azukari ledger policy")
@reads
def policy(call: Call) -> None:
    """The policy this office proposes: at least one witness that is not the city.

    Whoever verifies may take it, change it or write their own; `azukari trust issue` signs it.
    """
    with seat.both(call) as (office, keeper):
        text = desk.policy_text(office, [office.book.verifier(), keeper.verifier])
    if text is None:
        raise NotFound("no witness outside the city is asked: there is nothing to propose")
    show(call, {"policy": text}, text.splitlines())


COMMANDS = (cosign_request, take_cosignature, group, policy)
