"""``azukari agreement review answer``: the processor's officer, person by person."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from azukari.cli import hands, papers, speech
from azukari.cli.call import Call, acts
from azukari.cli.enrolment import must_be_id
from azukari.cli.output import aligned, harmless, instant, show
from azukari.desk import answering, post
from azukari.entrust.review import NOBODY, REMOVE
from azukari.errors import BadInput
from azukari.seal import documents as doc
from azukari.seal.envelope import Use

OURS: Final = "ours"
NONE: Final = "none"


@click.command(
    "answer",
    epilog="Example: azukari agreement review answer roster-7q4m2k.json --employer ID=ours "
    "--employer ID=none --as saburo",
)
@papers.FILE
@click.option(
    "--employer",
    "employers",
    multiple=True,
    metavar="ID=WHO",
    help="Who pays a person: ours, none (that the city knows), or a party's id.  Each person.",
)
@click.option(
    "--remove", "removed", multiple=True, metavar="ID", help="Yours, and needs no access any more."
)
@papers.TO
@acts
def answer(
    call: Call, file: Path, employers: tuple[str, ...], removed: tuple[str, ...], to: Path
) -> None:
    """Say of everybody on the city's roster who pays them; at a terminal it asks line by line.

    Answer from your own books, not from the roster.  The file with your hand goes to the office,
    which compares it with what each person says; whom you do not pay no longer counts there.
    """
    asked = papers.read(file)
    papers.whole(asked, doc.Roster)
    key = post.trust_of(call.home).key(Use.ORDER, call.now())
    roster = answering.read(asked.envelope, key)
    said = dict(_pair(one) for one in employers)
    if len(said) != len(employers):
        raise BadInput("--employer", "each person once")
    _ask(roster, said)
    paid = {person: _employer(who, roster.party) for person, who in said.items()}
    half = answering.answer(roster, paid, removed, hands.key(call), call.now())
    path = papers.write(to, half)
    review = doc.unverified(half, doc.Review)
    going = [one.person for one in review.people if one.verdict == REMOVE]
    value = {"review": review.id, "people": len(review.people), "remove": going, "file": str(path)}
    rows = [*_lines(review.people, roster.party), ("signed", "", "", "", path)]
    show(call, value, aligned(rows))
    speech.hint("an officer of the city is next: `azukari agreement review close FILE`")


def somebody_types() -> bool:
    """Is there a terminal to ask at?"""
    return sys.stdin.isatty()


def _ask(roster: doc.Roster, said: dict[str, str]) -> None:
    """At a terminal, whoever was not answered for is asked about."""
    for one in roster.people:
        if one.person in said or not somebody_types():
            continue
        told = (
            f"{one.person}, since {_day(one.since)}, last used {_day(one.last_used_at)}, "
            f"trained until {_day(one.trained_until)}"
        )
        click.echo(harmless(told), err=True)
        said[one.person] = click.prompt("who pays them: ours, none or a party's id", err=True)


def _pair(text: str) -> tuple[str, str]:
    person, equals, who = text.partition("=")
    if not equals:
        raise BadInput("--employer", "ID=WHO is expected")
    return person, who


def _employer(who: str, ours: str) -> str:
    if who in (OURS, NONE):
        return ours if who == OURS else NOBODY
    must_be_id("--employer", who)
    return who


def _lines(people: Sequence[doc.Reviewed], ours: str) -> list[tuple[object, ...]]:
    head = ("person", "since", "last used", "trained", "employer")
    words = {ours: OURS, NOBODY: NONE}
    return [
        head,
        *(
            (
                one.person,
                _day(one.since),
                _day(one.last_used_at),
                _day(one.trained_until),
                f"{words.get(one.employer, one.employer)}, {one.verdict}",
            )
            for one in people
        ),
    ]


def _day(at: int) -> str:
    return instant(at)[:10] if at else "never"


COMMANDS = {"answer": answer}
