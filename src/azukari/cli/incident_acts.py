"""``azukari incident timeline|note|police|task|duty|close``: what was done, what is to be.

Who writes is a person of the city, by their own key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final

import click

from azukari.cli import seat, speech
from azukari.cli.call import Call, acts, page_language, reads
from azukari.cli.chosen import LAW_ON, day, response
from azukari.cli.chosen import incident as meant
from azukari.cli.dates import moment
from azukari.cli.headings import head
from azukari.cli.output import aligned, instant, short, show
from azukari.desk import closing, tasks, timeline
from azukari.desk.links import link_of
from azukari.desk.office import Office
from azukari.errors import BadInput, NotFound
from azukari.incident import matched
from azukari.incident.tasks import OWNERS
from azukari.vault import records

INCIDENT: Final = click.argument("incident", metavar="[INCIDENT]", default="")
OF: Final = click.option("--incident", default="", metavar="ID", help="Else the newest one.")


@click.command("timeline", epilog="Example: azukari incident timeline")
@INCIDENT
@reads
def show_timeline(call: Call, incident: str) -> None:
    """When it happened, was known and was written down; what was done, and what is to be done.

    The acts write it themselves; notes stand beside.  A time that somebody claimed is in brackets.
    """
    with seat.office(call) as office:
        found = timeline.timeline_of(office, meant(office, incident))
        names = seat.names(office)
    language = page_language(call)
    show(call, _value(found), _page(found, names, language, call.now()))


@click.command("note", epilog="Example: azukari incident note 'asked at the station' --as officer")
@click.argument("text", metavar="TEXT")
@click.option("--happened-at", metavar="TIME", help="When it happened, if not now.")
@OF
@acts
def note(call: Call, text: str, happened_at: str | None, incident: str) -> None:
    """Put a note beside the timeline: no resident's name, they are never needed here.

    The ledger commits to its words and does not show them; they can be erased.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        happened = _claimed(happened_at)
        told = timeline.note(office, meant(office, incident), by, text, happened)
    show(call, {"note": told}, ["noted"])


@click.command(
    "police",
    epilog="Example: azukari incident police --station 'Kaku East' --number 123 --as officer",
)
@click.option("--station", required=True, metavar="TEXT", help="Which police station was told.")
@click.option("--number", required=True, metavar="TEXT", help="The number that they gave.")
@click.option("--happened-at", metavar="TIME", help="When they were told, if not now.")
@OF
@acts
def police(call: Call, station: str, number: str, happened_at: str | None, incident: str) -> None:
    """Enter that the police were told, and under which number of theirs."""
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen, happened = meant(office, incident), _claimed(happened_at)
        told = timeline.police(office, chosen, by, station, number, happened)
        with office.act():
            pass
    show(call, {"police": told}, ["entered"])
    speech.hint("`azukari incident task police --as PERSON` says that this is done")


@click.command("task", epilog="Example: azukari incident task search --as officer")
@click.argument("task", metavar="TASK")
@click.option("--add", is_flag=True, help="TASK is not done but new: its text.")
@click.option("--owner", type=click.Choice(list(OWNERS)), help="Of a new one: whose it is.")
@click.option("--due-at", metavar="TIME", help="Of a new one: by when.")
@OF
@acts
def task(
    call: Call, task: str, add: bool, owner: str | None, due_at: str | None, incident: str
) -> None:
    """A task is done, named by its code or the beginning of its id; or, with --add, there is more.

    `azukari incident timeline` shows them.  One that is late raises the alarm.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen = meant(office, incident)
        if add:
            if owner is None or due_at is None:
                raise BadInput("--add", "--owner and --due-at belong to a new task")
            due = moment("--due-at", due_at)
            named, word = tasks.add(office, chosen, by, task, owner, due), "added"
        else:
            named, word = tasks.done(office, chosen, task, by), "done"
    show(call, {"task": named, word: True}, [f"{short(named)}: {word}"])


@click.command(
    "duty",
    epilog="Example: azukari incident duty appi-organ.report.prompt --done 'filed' --as officer",
)
@click.argument("duty", metavar="DUTY")
@click.option("--done", metavar="TEXT", help="It was done: how.")
@click.option("--not-due", metavar="TEXT", help="A person states that it is not due: why.")
@click.option("--party", default="", metavar="PARTY", help="Whose, of several that may have it.")
@OF
@LAW_ON
@acts
def duty(
    call: Call,
    duty: str,
    done: str | None,
    not_due: str | None,
    party: str,
    incident: str,
    law_on: str | None,
) -> None:
    """A person's word on one duty of law: done, or not due; `incident status` names them.

    The software concludes nothing of the kind.  Said again it replaces what was said before.
    """
    if (done is None) == (not_due is None):
        raise BadInput("--done", "either how it was done or, with --not-due, why it is not due")
    said: closing.Word = "not-due" if done is None else "done"
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen = meant(office, incident)
        now = closing.standing(office, chosen, day(law_on, call.now()))
        if duty not in {one.id for one in now.duties}:
            raise NotFound("no such duty may be due in this incident")
        if party:
            links = response(call, office, chosen, law_on).links
            party = link_of(links, party).party
        closing.answer(office, chosen, duty, said, done or not_due or "", by, party)
    show(call, {"duty": duty, "said": said}, [f"{duty}: {said.replace('-', ' ')}"])


@click.command("close", epilog="Example: azukari incident close --as officer")
@INCIDENT
@click.option(
    "--write-off",
    "written_off",
    type=(str, str),
    metavar="LABEL WHY",
    multiple=True,
    help="A carrier that nobody looks for any more, and why.",
)
@LAW_ON
@acts
def close(
    call: Call, incident: str, written_off: tuple[tuple[str, str], ...], law_on: str | None
) -> None:
    """Close an incident: every carrier found, restored or written off, every duty answered.

    Refused with what is missing.  Afterwards the media are free again, and nothing more is due.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen, on = meant(office, incident), day(law_on, call.now())
        for line in _missing(office, chosen, on, {label.upper() for label, _ in written_off}):
            speech.say(line)
        ended = closing.close(office, chosen, by, dict(written_off), on)
        labels = _labels(office, ended.carriers)
    rows = [(labels[one], how.replace("_", " ")) for one, how in ended.carriers.items()]
    show(call, {"incident": chosen, "carriers": dict(ended.carriers)}, ["closed", *aligned(rows)])
    speech.hint("`azukari incident bag bag --erase all` takes away what was typed to search for it")


def _missing(office: Office, incident: str, on: dt.date, written_off: set[str]) -> Iterator[str]:
    now = closing.standing(office, incident, on)
    labels = _labels(office, now.missing)
    yield from (f"missing: {labels[one]}" for one in now.missing if labels[one] not in written_off)
    yield from (f"not answered: {one}" for one in now.unanswered)


def _labels(office: Office, carriers: Iterable[str]) -> dict[str, str]:
    with office.act() as tx:
        return {one: records.carrier(tx, one).label for one in carriers}


def _claimed(given: str | None) -> int | None:
    return None if given is None else moment("--happened-at", given)


def _value(found: timeline.Timeline) -> dict[str, Any]:
    return {
        "incident": found.incident,
        "last_held_at": found.last_held_at,
        "known_at": found.known_at,
        "recorded_at": found.recorded_at,
        "revoked_at": found.revoked_at,
        "events": [
            {
                "ledger": one.ledger,
                "index": one.index,
                "type": one.type,
                "by": one.by,
                "happened_at": one.happened_at,
                "recorded_at": one.recorded_at,
                "told": dict(one.told),
            }
            for one in found.events
        ],
        "tasks": [
            {
                "id": one.id,
                "code": one.code,
                "text": one.ja,
                "owner": one.owner,
                "due_at": one.due_at,
                "done_at": one.done_at,
            }
            for one in found.tasks
        ],
    }


def _page(
    found: timeline.Timeline, names: dict[str, str], language: str, now: int
) -> Iterator[str]:
    yield head("incident", language, incident=found.incident)
    yield from aligned(
        [
            (head("last_held", language), f"({instant(found.last_held_at)})"),
            (head("known", language), f"({instant(found.known_at)})"),
            (head("recorded", language), instant(found.recorded_at)),
            (head("revoked", language), instant(found.revoked_at)),
        ]
    )
    yield head("timeline", language)
    yield from aligned(
        (
            f"  {instant(one.recorded_at)}",
            "" if one.happened_at is None else f"({instant(one.happened_at)})",
            one.type,
            names.get(one.by, short(one.by)),
            _told(one, names),
        )
        for one in found.events
    )
    yield head("tasks", language)
    yield from aligned(
        (
            f"  {instant(one.due_at)}",
            head(f"task.{_state(one, now).lower()}", language),
            one.code or short(one.id),
            OWNERS[one.owner][0 if language == "ja" else 1],
            one.ja if language == "ja" else one.en,
        )
        for one in found.tasks
    )


def _told(one: timeline.Event, names: dict[str, str]) -> str:
    """What was written with it, on one line; whole with --json."""
    if one.type != "duty.matched" or not one.told:
        return " ".join(str(one.told[name]) for name in sorted(one.told, reverse=True))
    said = matched.summary(one.told)
    first = f", first on {said.first_due_on}" if said.first_due_on else ""
    of = f"law of {said.law_on}, read {said.date_read}: {', '.join(said.packs)}"
    return f"{names.get(said.party, short(said.party))}: {said.possible} may be due{first} ({of})"


def _state(one: tasks.Task, now: int) -> str:
    if one.done_at is not None:
        return "done"
    return "LATE" if one.due_at < now else "open"


COMMANDS: Final = (show_timeline, note, police, task, duty, close)
