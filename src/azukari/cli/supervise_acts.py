"""``azukari supervise plan|draw|done|follow-up``: each by a person of the city, with their key."""

from __future__ import annotations

import re
from pathlib import Path

import click

from azukari.cli import seat
from azukari.cli.call import FOLDER, Call, acts
from azukari.cli.dates import end_of
from azukari.cli.output import aligned, show
from azukari.desk import supervise
from azukari.entrust.order import DAY_MS
from azukari.entrust.supervision import MOST_CARRIERS, Kind
from azukari.errors import BadInput
from azukari.shelf import files
from azukari.vault import records

DAY = "A day, such as 2022-07-15."


@click.command(
    "plan",
    epilog="Example: azukari supervise plan AGREEMENT --kind sample --carriers 3 "
    "--by-day 2022-07-15 --as yoko",
)
@click.argument("agreement", metavar="AGREEMENT")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in Kind]), required=True, help="How."
)
@click.option("--by-day", "day", metavar="DAY", required=True, help=DAY)
@click.option(
    "--carriers",
    type=click.IntRange(1, MOST_CARRIERS),
    metavar="N",
    help="Of a sample: how many carriers are drawn.",
)
@acts
def plan(call: Call, agreement: str, kind: str, day: str, carriers: int | None) -> None:
    """Plan a visit, a review of logs or a sample of carriers, to be recorded by a day.

    If nothing is recorded by the end of that day in Japan, the tick raises the alarm.
    """
    due_at = end_of("--by-day", day)
    with seat.office(call) as office:
        hand = seat.person(call, office)
        check = supervise.plan(office, agreement, Kind(kind), due_at, hand, carriers or 0)
    show(call, {"check": check}, aligned([("check", check)]))


@click.command("draw", epilog="Example: azukari supervise draw CHECK --as yoko")
@click.argument("check", metavar="CHECK")
@acts
def draw(call: Call, check: str) -> None:
    """Draw the carriers of a sample at random, from all that were sealed under its agreement.

    Drawn once: the ledger has the draw before anybody sees it, and whoever has the ledger draws the
    same again.
    """
    with seat.office(call) as office:
        drawn = supervise.draw(office, check, seat.person(call, office))
        with office.act() as tx:
            label = {row.id: row.label for row in records.carriers(tx)}
    value = [{"carrier": one, "label": label[one]} for one in drawn]
    rows = [(label[one], one) for one in drawn]
    show(call, value, aligned(rows) if rows else ["no carrier was sealed under this agreement"])


@click.command(
    "done",
    epilog="Example: azukari supervise done CHECK --looked C-7Q4M-2K --findings 'both wiped' "
    "--follow-up PERSON 2022-08-01 'a log of who opens the safe' --as yoko",
)
@click.argument("check", metavar="CHECK")
@click.option("--on", metavar="DAY", default="", help="When it took place, if not today.")
@click.option(
    "--looked",
    multiple=True,
    metavar="ID",
    help="A carrier, by label or id, or a person that was looked at.",
)
@click.option(
    "--ledger", metavar="FROM-TO", default="", help="Entries of the office that were read."
)
@click.option(
    "--findings", metavar="TEXT", default="", help="What was found; that all is well, too."
)
@click.option("--findings-file", type=FOLDER, metavar="FILE", help="The same, from a file.")
@click.option(
    "--follow-up",
    "follow_ups",
    nargs=3,
    multiple=True,
    metavar="PERSON DAY TEXT",
    help="Who puts what right, and by when.",
)
@acts
def done(
    call: Call,
    check: str,
    on: str,
    looked: tuple[str, ...],
    ledger: str,
    findings: str,
    findings_file: Path | None,
    follow_ups: tuple[tuple[str, str, str], ...],
) -> None:
    """Record what a check found, once.

    A sample tells of every carrier that was drawn, a review of logs of which entries were read.
    The text stands in no line of the ledger, which commits to it; it can be erased.
    """
    if bool(findings) == (findings_file is not None):
        raise BadInput("--findings", "a text or a file is expected, and not both")
    with seat.office(call) as office:
        found = supervise.Found(
            text=findings if findings_file is None else _text(findings_file),
            on=_took_place(on, office.now()),
            looked=looked,
            entries=_range(ledger),
            follow_ups=[(who, end_of("--follow-up", day), what) for who, day, what in follow_ups],
        )
        ids = supervise.done(office, check, found, seat.person(call, office))
    value = {"check": check, "follow_ups": ids}
    show(call, value, aligned([("recorded", check), *(("follow-up", one) for one in ids)]))


@click.command(
    "follow-up",
    epilog="Example: azukari supervise follow-up ID --evidence log.pdf --note 'read it' --as yoko",
)
@click.argument("follow_up", metavar="ID")
@click.option(
    "--evidence",
    type=FOLDER,
    metavar="FILE",
    required=True,
    help="What shows it; its SHA-256 is kept, the file stays where it is.",
)
@click.option("--note", metavar="TEXT", required=True, help="What the evidence shows.")
@acts
def follow_up(call: Call, follow_up: str, evidence: Path, note: str) -> None:
    """Close what was to be put right after a check, on evidence.

    Whoever had to do it does not close it: another person of the city does.
    """
    if not evidence.is_file():
        raise BadInput("--evidence", "a file is expected")
    sha256, _ = files.sha256_file(evidence)
    with seat.office(call) as office:
        supervise.follow_up(office, follow_up, sha256, note, seat.person(call, office))
    value = {"follow_up": follow_up, "evidence": sha256}
    show(call, value, aligned([("closed", follow_up), ("evidence", sha256)]))


def _took_place(day: str, now: int) -> int:
    """The last instant of a day, or now where that day is today."""
    if not day:
        return now
    end = end_of("--on", day)
    return now if end - DAY_MS < now < end else end


def _range(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", text)
    if found is None:
        raise BadInput("--ledger", "two numbers of entries are expected, such as 120-480")
    return int(found[1]), int(found[2])


def _text(path: Path) -> str:
    try:
        return files.read_small(path, 4 * supervise.MOST_TEXT).decode()
    except UnicodeDecodeError:
        raise BadInput("--findings-file", "a text in UTF-8 is expected") from None


COMMANDS = {"plan": plan, "draw": draw, "done": done, "follow-up": follow_up}
