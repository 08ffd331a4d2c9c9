"""``azukari agreement review start|close``: the city's side of an access review."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from azukari.cli import papers, reasons, seat, speech
from azukari.cli.call import Call, acts
from azukari.cli.dates import end_of
from azukari.cli.output import aligned, harmless, instant, show
from azukari.desk import review
from azukari.entrust.review import Finding
from azukari.errors import Refused
from azukari.seal import documents as doc


@click.command("start", epilog="Example: azukari agreement review start ID --as hanako")
@click.argument("agreement", metavar="AGREEMENT")
@click.option(
    "--from", "since", default="", metavar="DATE", help="Its first day; else after the last review."
)
@click.option("--until", default="", metavar="DATE", help="Its last day; else until now.")
@papers.TO
@acts
def start(call: Call, agreement: str, since: str, until: str, to: Path) -> None:
    """Write the roster of everybody enrolled for a processor, for its officer to answer.

    It says since when, when last used, until when trained.  A newer roster of the same agreement
    replaces this one.
    """
    with seat.office(call) as office:
        hand = seat.person(call, office)
        from_at = _first(since) if since else review.begins_at(office, agreement)
        to_at = end_of("--until", until) if until else call.now()
        roster = review.ask(office, agreement, from_at, to_at, hand)
    path = papers.write(to, roster)
    asked = doc.unverified(roster, doc.Roster)
    value = {"roster": asked.id, "people": [one.person for one in asked.people], "file": str(path)}
    period = f"{instant(asked.from_at)} to {instant(asked.to_at)}"
    rows = [("period", period), ("people", len(asked.people)), ("roster", path)]
    show(call, value, aligned(rows))
    speech.hint("an officer of the processor is next: `azukari agreement review answer FILE`")


@click.command(
    "close", epilog="Example: azukari agreement review close review-7q4m2k-1of2.json --as hanako"
)
@papers.FILE
@click.option("--yes", "typed", metavar="N", help="How many will go: scripts; else it is asked.")
@papers.TO
@acts
def close(call: Call, file: Path, typed: str | None, to: Path) -> None:
    """Compare the officer's word with each person's own and the entry, and close the review.

    Every difference is shown by person before anything is signed.  Whoever goes no longer counts,
    at once and for good; you agree by typing how many they are.  Writes the review with both hands
    for the processor, and the city's status statement for other sites.
    """
    half = papers.read(file)
    papers.whole(half, doc.Review)
    with seat.office(call) as office:
        hand = seat.person(call, office)
        looked = review.look(office, half.envelope)
        names = seat.names(office)
        lines = list(_differences(looked.findings, names, call.language))
        for line in aligned([("person", "as", "why"), *lines]) if lines else ():
            click.echo(harmless(line), err=True)
        _must_be_agreed(len(looked.going), typed)
        done = review.close(office, half.envelope, hand, looked.going)
    written = [papers.write(to, one) for one in (done.envelope, done.status) if one is not None]
    false = [one.line.person for one in done.looked.findings if one.false_employer]
    value = {
        "review": done.looked.review.id,
        "going": {one.line.person: list(one.why) for one in done.looked.findings if one.why},
        "false_employers": false,
        "left": list(done.left),
        "files": [str(path) for path in written],
    }
    rows: list[tuple[str, object]] = [
        ("reviewed", len(done.looked.findings)),
        ("false employers", len(false)),
        ("no longer", len(done.looked.going)),
    ]
    show(call, value, aligned([*rows, *(("written", path) for path in written)]))


def _first(day: str) -> int:
    """The first instant of a day in Japan."""
    return end_of("--from", day) - 86_399_000


def _must_be_agreed(going: int, typed: str | None) -> None:
    if typed is None and going:
        speech.say(f"type how many will no longer count, to close the review: {going}")
        typed = sys.stdin.readline()
    if going and (typed or "").strip() != str(going):
        raise Refused("review", ("review_not_agreed",))


def _differences(
    findings: tuple[Finding, ...], names: dict[str, str], language: str
) -> Iterator[tuple[str, str, str]]:
    """Everybody who goes, and whose words differ how."""
    for one in findings:
        said = {
            "entry": one.party,
            "officer": one.line.employer,
            "person": one.party if one.own is None else one.own,
        }
        for code in one.why:
            yield one.line.person, "", f"{code}: {reasons.sentence(code, language)}"
        if one.why:
            for who, employer in said.items():
                yield "", who, names.get(employer, employer or "none the city knows")


COMMANDS = {"start": start, "close": close}
