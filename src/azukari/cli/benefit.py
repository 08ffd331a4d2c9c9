"""``azukari benefit``: decide a programme over a roll, and explain one household's answer."""

from __future__ import annotations

import sys

import click
import msgspec

from azukari import settings
from azukari.benefit import explain as explaining
from azukari.benefit import rules
from azukari.cli import seat
from azukari.cli.call import Call, acts, page_language, unlocks
from azukari.cli.output import aligned, show, working
from azukari.cli.roll import find
from azukari.desk import decide as desk
from azukari.errors import BadInput
from azukari.vault.engine import MEMORY_LIMIT

_PROGRAMME = click.option(
    "--programme",
    type=click.Choice(rules.names()),
    default="fy2021",
    show_default=True,
    help="Whose dates, amounts and thresholds.",
)
_ROLL = click.argument("roll", metavar="[ROLL]", default="")


@click.group("benefit", epilog="Example: azukari benefit decide --as officer")
def command() -> None:
    """Decide who is eligible, and explain one household.

    Every household is eligible, not eligible or undecided, each with its reason.
    """


@command.command("decide", epilog="Example: azukari benefit decide --programme fy2021 --as officer")
@_ROLL
@_PROGRAMME
@unlocks
@acts
def decide(call: Call, roll: str, programme: str) -> None:
    """Judge every household of a roll, the newest if none is named; seal the answers."""
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        chosen = find(office, "roll", roll).id
        with working("judging every household"):
            found = desk.decide(
                office, chosen, rules.load(programme), by, memory_limit=_limit(call)
            )
    value = {
        "determination": found.determination,
        "roll": chosen,
        "programme": programme,
        "households": found.households,
        "reasons": found.reasons,
    }
    answers = sorted(found.households.items())
    why = sorted(found.reasons.items(), key=lambda one: (-one[1], one[0]))
    lines = [
        f"determination {found.determination}",
        *aligned([("answer", "households"), *answers]),
        "",
        *aligned([("reason", "households"), *why]),
    ]
    show(call, value, lines)


@command.command("explain", epilog="Example: azukari benefit explain --as officer")
@_ROLL
@_PROGRAMME
@unlocks
@acts
def explain(call: Call, roll: str, programme: str) -> None:
    """Say why one household gets its answer, by every rule and every member.

    The household's number is asked for, or read from a line of stdin; it is never an argument,
    because other programs and the shell's history read those.  Members are shown by their place
    in the roll, without name or address.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        chosen = find(office, "roll", roll).id
        found = desk.explain(
            office, chosen, rules.load(programme), _household(), by, memory_limit=_limit(call)
        )
    show(call, msgspec.to_builtins(found), explaining.lines(found, page_language(call)))


def _limit(call: Call) -> str:
    """How much memory the engine may take: as the site's settings say, else its own limit."""
    return settings.load(call.home).memory_limit or MEMORY_LIMIT


def _household() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("household number", err=True)
    else:
        typed = sys.stdin.readline()
    if not typed.strip():
        raise BadInput("stdin", "a household's number is expected")
    return typed.strip()
