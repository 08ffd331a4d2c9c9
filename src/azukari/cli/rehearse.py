"""``azukari rehearse``: the whole night on an invented city, told as it happens.

On a terminal a line that moves and then a table; elsewhere plain lines.  What was judged stands in
the rehearsal itself; here it is only read out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.table import Table

from azukari import promises
from azukari.cli import exits, reasons, speech
from azukari.cli.call import FOLDER, Call, speaks
from azukari.cli.output import aligned, show
from azukari.rehearse import run, stranger

CITY: Final = 465_177
_HEAD: Final = ("chapter", "story time", "measured", "outcome")


@click.command(
    "rehearse",
    epilog="Example: azukari rehearse --residents 2000 --out rehearsal",
)
@click.option(
    "--residents",
    type=click.IntRange(min=50),
    default=CITY,
    show_default=True,
    metavar="N",
    help="How many live there.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="The same number, the same city.",
)
@click.option(
    "--out",
    type=FOLDER,
    default=Path("rehearsal"),
    show_default=True,
    metavar="DIR",
    help="Where everything goes: an empty folder, or one that a rehearsal wrote.",
)
@click.option(
    "--from",
    "export",
    type=FOLDER,
    metavar="DIR",
    help="A city's own register.csv, tax.csv and accounts.csv instead of an invented city.",
)
@speaks
def command(call: Call, residents: int, seed: int, out: Path, export: Path | None) -> None:
    """Play the bad night on an invented city, with the real procedures and on real sealed bytes.

    Sealed, handed over, late, lost, revoked, counted, attacked, found, audited.  Nothing outside
    the folder of --out is touched.  Exits 1 if a promise broke or an attack opened something.
    """
    with _telling() as say:
        outcome = run.rehearse(
            out,
            residents,
            seed,
            export=export,
            say=say,
            sentence=_in_japanese,
            verifier=True,
        )
    result = outcome.result
    console = Console(highlight=False, markup=False)
    if console.is_terminal and not call.json:
        console.print(_table(result["steps"]))
        show(call, result, _report(result, outcome.page))
    else:
        show(call, result, [*_steps(result["steps"]), *_report(result, outcome.page)])
    for failure in outcome.failures:
        speech.say(failure)
    if outcome.failed:
        raise click.exceptions.Exit(exits.NO)


def _in_japanese(code: str) -> str:
    """The page is in Japanese, whatever the terminal speaks."""
    return reasons.sentence(code, "ja")


@contextmanager
def _telling() -> Iterator[Callable[[str], None]]:
    """Progress on stderr: one moving line on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True, highlight=False, markup=False)
    if not console.is_terminal:
        yield lambda line: click.echo(line, err=True)
        return
    # The table at the end says it all again, so that nothing is left of the moving line.
    with console.status("") as status:
        yield lambda line: status.update(line.strip()[: console.width // 2])


def _report(result: dict[str, Any], page: Path) -> Iterator[str]:
    yield ""
    yield from _attacks(result["attacks"])
    yield ""
    yield from promises.lines(promises.of_value(result))
    yield from (f"  not so here: {one}" for one in result["not_so_here"])
    yield f"the program in Go: {stranger.in_words(result['verifier'])}"
    yield ""
    yield "promises:"
    yield from aligned((f"  {number}", p["state"]) for number, p in result["promises"].items())
    yield ""
    yield "figures:"
    yield from aligned((f"  {name}", f"{value:12,}") for name, value in result["figures"].items())
    yield ""
    yield f"page: {page}"


def _steps(steps: list[dict[str, Any]]) -> list[str]:
    """The chapters as plain lines."""
    return aligned([_HEAD, *map(_row, steps)])


def _table(steps: list[dict[str, Any]]) -> Table:
    """The chapters for a terminal: only the outcome may need a second line."""
    table = Table(box=None, pad_edge=False)
    for name in _HEAD:
        table.add_column(name, no_wrap=name != "outcome")
    for step in steps:
        table.add_row(*_row(step))
    return table


def _row(step: dict[str, Any]) -> tuple[str, str, str, str]:
    at = step["story_at"][:16].replace("T", " ")
    return step["name"], at, f"{step['measured_s']:8.1f} s", step["outcome"]


def _attacks(attacks: list[dict[str, Any]]) -> Iterator[str]:
    """Counts, and by name whatever was not refused."""
    found = Counter(attack["outcome"] for attack in attacks)
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.items()))
    yield f"attacks: {len(attacks)}: {counted}"
    yield from aligned(
        (f"  {a['outcome']}", f"{a['name']}: {a['reason']}")
        for a in attacks
        if a["outcome"] != "refused"
    )
