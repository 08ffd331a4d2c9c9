"""``azukari incident measures|measure``: what failed controls ask, who did it, who looked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from azukari.cli import seat
from azukari.cli.call import FOLDER, Call, acts, page_language, reads
from azukari.cli.output import aligned, instant, short, show
from azukari.desk import measures as desk
from azukari.desk.office import Office
from azukari.errors import BadInput
from azukari.incident import measures
from azukari.incident.measures import Measure
from azukari.incident.tasks import OWNERS
from azukari.shelf import files
from azukari.vault import records


@click.command("measures", epilog="Example: azukari incident measures --html measures.html")
@click.option("--open", "only_open", is_flag=True, help="Only those that are not closed.")
@click.option("--html", "page", type=FOLDER, metavar="FILE", help="The report, to print.")
@reads
def measures_(call: Call, only_open: bool, page: Path | None) -> None:
    """Measures against what failed: for oneself, or with --html or --json for the authority.

    Every control that fails opens one by itself, with an owner and a due date; it is closed when
    another person than who did it has looked again.
    """
    now, language = call.now(), page_language(call)
    with seat.office(call) as office:
        found = desk.measures_of(office)
        names, labels = seat.names(office), _labels(office)
        city = names.get(office.city, office.city)
    shown = [one for one in found if not (only_open and one.checked)]
    if page is not None:
        # Late: only whoever prints needs the templates.
        from azukari.web import measures_page

        files.write_new(page, measures_page.render(shown, city, names, labels, now).encode())
    value = {"at": now, "city": city, "measures": [_value(one, labels, now) for one in shown]}
    lines = [*_lines(shown, names, labels, language, now)] or ["no measures"]
    show(call, value, [*lines, *([f"written  {page}"] if page else [])])


@click.command(
    "measure",
    epilog="Example: azukari incident measure 4f1c9q --done 'lockers at the centre' --as officer",
)
@click.argument("measure", metavar="ID")
@click.option("--done", metavar="TEXT", help="It was done: what shows it.")
@click.option("--enough", metavar="TEXT", help="Another person looked again, and found this.")
@click.option("--not-enough", metavar="TEXT", help="The same, and it is to be done again.")
@acts
def measure(
    call: Call, measure: str, done: str | None, enough: str | None, not_enough: str | None
) -> None:
    """A person's word on one measure: done, or looked at again by another person."""
    given = [text for text in (done, enough, not_enough) if text is not None]
    if len(given) != 1:
        raise BadInput("--done", "one of --done, --enough, --not-enough is expected")
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        if done is not None:
            known, word = desk.done(office, measure, by, done), "done"
        else:
            known = desk.check(office, measure, by, given[0], enough=enough is not None)
            word = "open again" if enough is None else "closed"
    show(call, {"measure": known, "state": word}, [f"{short(known)}: {word}"])


def _labels(office: Office) -> dict[str, str]:
    with office.act() as tx:
        return {row.id: row.label for row in records.carriers(tx)}


def _value(one: Measure, labels: Mapping[str, str], now: int) -> dict[str, Any]:
    control = measures.table()[one.control]
    return {
        "id": one.id,
        "control": one.control,
        "what_ja": control.ja,
        "what_en": control.en,
        "subject": labels.get(one.subject, one.subject),
        "owner": one.owner,
        "opened_at": one.opened_at,
        "due_at": one.due_at,
        "state": one.state(now).value,
        "done": _word(one.done),
        "checked": _word(one.checked),
    }


def _word(said: measures.Word | None) -> dict[str, Any] | None:
    return None if said is None else {"by": said.by, "at": said.at, "text": said.text}


def _lines(
    found: list[Measure],
    names: Mapping[str, str],
    labels: Mapping[str, str],
    language: str,
    now: int,
) -> Iterator[str]:
    place = 0 if language == "ja" else 1
    yield from aligned(
        (
            short(one.id),
            measures.STATES[one.state(now)][place],
            instant(one.due_at),
            OWNERS[one.owner][place],
            labels.get(one.subject, short(one.subject)),
            measures.table()[one.control].ja
            if language == "ja"
            else measures.table()[one.control].en,
            "" if one.done is None else f"{names.get(one.done.by, '-')}: {one.done.text}",
        )
        for one in found
    )


COMMANDS: Final = (measures_, measure)
