"""``azukari incident release-check``: what must not be said, found before it is said.

The same checker stands before every press release that is printed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from azukari.cli import exits, seat, speech
from azukari.cli.call import Call, page_language, reads, unlocks
from azukari.cli.chosen import LAW_ON, response
from azukari.cli.output import show
from azukari.desk import papers, publish
from azukari.errors import BadInput
from azukari.incident import release
from azukari.settings import Language

MOST_BYTES: Final = 1 << 20
Command = Callable[..., None]


def allowing(command: Command) -> Command:
    """The options that say what else may be said, and what may not."""
    for option in (
        click.option("--number", "numbers", type=int, multiple=True, help="Counted otherwise."),
        click.option("--cleared", multiple=True, metavar="NAME", help="A party that may be named."),
        click.option("--withhold", multiple=True, metavar="TEXT", help="A name or place, never."),
    ):
        command = option(command)
    return command


@click.command(
    "release-check", epilog="Example: azukari incident release-check statement.txt --lang ja"
)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.argument("incident", metavar="[INCIDENT]", default="")
@allowing
@click.option("--residents", is_flag=True, help="Compare with the roll: needs --as and the keys.")
@click.option("--as", "person", metavar="PERSON", help="Who opens the roll.")
@click.option("--person-fd", type=int, metavar="N", help="Their passphrase's descriptor.")
@LAW_ON
@unlocks
@reads
def check(
    call: Call,
    file: Path,
    incident: str,
    withhold: tuple[str, ...],
    cleared: tuple[str, ...],
    numbers: tuple[int, ...],
    residents: bool,
    law_on: str | None,
) -> None:
    """Look for what must not be said in public; exits with 1 where anything is found.

    Facts of keys and passwords, settings, names that nobody cleared, numbers that were not counted,
    "no leak" while a key was released, assurances, verdicts about law, blanks.  Every objection
    says where it stands and why.  It is a net and no proof: a person reads the text as well.

    --residents opens the roll and compares every resident's name and the addresses of suppressed
    residents, too; neither is ever repeated.
    """
    text = _read(file)
    with seat.office(call, unlock=residents) as office:
        by = seat.person(call, office)[0] if residents else ""
        told = papers.telling_of(office, response(call, office, incident, law_on))
        known = publish.known_of(
            office, told, cleared=cleared, withheld=withhold, vouched=numbers, by=by
        )
    found = release.check(text, known)
    language = page_language(call)
    show(call, values(found, language), lines(found, language))
    if not residents:
        not_compared()
    if found:
        raise click.exceptions.Exit(exits.NO)


def not_compared() -> None:
    """Say what nobody looked at, so that it is not taken for clean."""
    speech.say(
        "residents' names and suppressed addresses: NOT COMPARED; `release-check --residents` does"
    )


def values(found: tuple[release.Finding, ...], language: Language) -> list[dict[str, Any]]:
    """Objections as data; what would tell a resident's value is empty."""
    return [
        {
            "line": one.line,
            "column": one.column,
            "code": one.code,
            "found": one.found,
            "why": release.why(one.code, language),
        }
        for one in found
    ]


def lines(found: tuple[release.Finding, ...], language: Language) -> Iterator[str]:
    """Objections to read."""
    for one in found:
        yield f"{one.line}:{one.column}  {one.code}  {' '.join(one.found.split())}".rstrip()
        yield f"    {release.why(one.code, language)}"
    yield f"objections: {len(found) or 'none'}"


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()[: MOST_BYTES + 1]
    except OSError:
        raise BadInput("FILE", "it cannot be read") from None
    if len(raw) > MOST_BYTES:
        raise BadInput("FILE", f"at most {MOST_BYTES:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("FILE", "text in UTF-8 is expected") from None
