"""``azukari incident fact|knew|impact|evidence``: what people know of a loss, and what it means.

What no record has, a person says with their own key; what records have, is counted anew each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from azukari import promises
from azukari.cli import judging, seat, speech
from azukari.cli.call import Call, acts, page_language, reads
from azukari.cli.chosen import LAW_ON, SAID, response
from azukari.cli.chosen import incident as meant
from azukari.cli.dates import moment
from azukari.cli.headings import head
from azukari.cli.output import aligned, instant, show
from azukari.desk import dossier as dossiers
from azukari.desk import respond, stating
from azukari.desk.links import Link, link_of
from azukari.desk.stated import KNEW, TOLD, YES_OR_NO
from azukari.incident import dossier, tested
from azukari.incident.facts import NUMBERS
from azukari.incident.impact import Count, Impact
from azukari.incident.rolls import numbered
from azukari.incident.sentences import Language, say
from azukari.shelf import files

_HEADS: Final = ("persons", "suppressed", "households")
_OF = click.option("--incident", default="", metavar="ID", help="Else the newest one.")


@click.command(
    "fact", epilog="Example: azukari incident fact --question my_number --say no --as officer"
)
@click.option("--question", type=click.Choice(list(YES_OR_NO)), required=True, help="Which.")
@click.option("--say", "said", type=click.Choice(list(SAID)), required=True, help="The answer.")
@click.option("--number", type=click.IntRange(0), help="Of my_number: of how many persons.")
@_OF
@acts
def fact(call: Call, question: str, said: str, number: int | None, incident: str) -> None:
    """Answer a question that no record can: the duties are matched anew.

    An unknown fact never counts as a no: say `unknown` to take an answer back.  Whether the devices
    that were given a key are where they belong, devices_accounted_for, is said by who looked.
    """
    words = [(question, "", said)]
    if number is not None:
        words.append((NUMBERS, "", str(number)))
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        stating.state(office, meant(office, incident), words, by, call.now())
    show(call, {"question": question, "answer": said}, [f"{question}: {said}"])
    speech.hint("`azukari incident status` shows the duties as they are matched now")


@click.command(
    "knew",
    epilog="Example: azukari incident knew --party 7ydxg2 --at 2022-06-22T14:00 --as officer",
)
@click.option("--party", required=True, metavar="PARTY", help="By its id or its name.")
@click.option("--at", "at", required=True, metavar="TIME", help="When this party knew.")
@click.option("--told-by", metavar="PARTY", help="The party below it whose notice it was.")
@_OF
@acts
def knew(call: Call, party: str, at: str, told_by: str | None, incident: str) -> None:
    """Enter when a party of the chain knew: its own clock begins then.

    With --told-by the party below has told it, which is evidence for that one's release.
    """
    ms = moment("--at", at)
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        chosen = meant(office, incident)
        links = response(call, office, chosen, None).links
        words = [(KNEW, link_of(links, party).party, str(ms))]
        if told_by is not None:
            words.append((TOLD, link_of(links, told_by).party, str(ms)))
        stating.state(office, chosen, words, by, call.now())
    show(call, {"known_at": ms}, [f"known {instant(ms)}"])


@click.command("impact", epilog="Example: azukari incident impact")
@click.argument("incident", metavar="[INCIDENT]", default="")
@LAW_ON
@reads
def impact(call: Call, incident: str, law_on: str | None) -> None:
    """Who is affected: persons and households by table, kind and class; who can have read it.

    Suppressed residents are counted apart.  Carriers together and each by itself; nobody twice.
    """
    with seat.office(call) as office:
        found = response(call, office, incident, law_on)
    language = page_language(call)
    show(call, _value(found), _page(found, language))


@click.command("evidence", epilog="Example: azukari incident evidence --to evidence.json")
@click.argument("incident", metavar="[INCIDENT]", default="")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="FILE", help="With the proofs, JSON."
)
@click.option(
    "--test-record",
    "record",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Of a run of the tests of this very program.",
)
@judging.POLICY
@judging.ROOT
@LAW_ON
@reads
def evidence(
    call: Call,
    incident: str,
    to: Path | None,
    record: Path | None,
    policy: Path | None,
    root: Path | None,
    law_on: str | None,
) -> None:
    """What speaks for and against the encryption exemption, with proofs; never a verdict.

    Techniques and their list, where each key was, what is out, the revocation's place in the keys'
    ledger, known answers that this program gives now, and the questions that a person must answer.
    Above them the set-up: how far promises hold here, by --policy whose witnesses vouch for it.
    """
    tests = None if record is None else files.read_small(record, tested.MAX_BYTES)
    outside = 0
    with seat.both(call) as (office, keeper):
        found = response(call, office, incident, law_on)
        gathered = dossiers.dossier(office, found, tests)
        if policy is not None:
            logs = judging.logs(office, keeper.verifier)
            chosen = judging.read(policy, root)
            _, _, outside = judging.of_office(office, logs, chosen, call.now())
    row = promises.applies(outside=outside)
    made = dossier.render_json(gathered, promises.as_value(row))
    for one in gathered.self_test:
        if not one.passed:
            speech.say(f"THE KNOWN ANSWER {one.name} IS NOT GIVEN: what this computed is in doubt")
    if to is not None:
        files.write_new(to, made)
        show(call, {"file": str(to)}, aligned([("written", to)]))
    elif call.json:
        click.echo(made.decode())
    else:
        said = dossier.lines(gathered, page_language(call))
        show(call, None, [*promises.lines(row), "", *said])


def _value(found: respond.Response) -> dict[str, Any]:
    rolls = [_roll(one.impact) for one in found.rolls]
    # Of several rolls there is no number of all: whoever stands in two is counted in each.
    together = rolls[0] if len(rolls) == 1 else dict.fromkeys(rolls[0])
    return {
        "incident": found.incident.incident,
        **together,
        "rolls": rolls,
        "readers": [
            {
                "label": one.label,
                "device": one.device,
                "party": None if one.keeper is None else one.keeper.party,
                "until": one.until,
                "key_destroyed": one.ended,
                "persons": _plain(one.persons),
            }
            for one in found.readers
        ],
        "parties": [_link(one) for one in found.links],
    }


def _roll(counted: Impact) -> dict[str, Any]:
    return {
        "total": _plain(counted.total),
        "on_every_carrier": _plain(counted.on_every_carrier),
        "files_not_counted": counted.not_counted,
        "tables": [
            {
                "table": one.table,
                "total": _plain(one.total),
                "by_kind": {kind.value: _plain(n) for kind, n in one.by_kind.items()},
                "by_sensitivity": {of.value: _plain(n) for of, n in one.by_sensitivity.items()},
            }
            for one in counted.by_table
        ],
        "carriers": [
            {"label": c.label, "total": _plain(c.total), "only_here": _plain(c.only_here)}
            for c in counted.by_carrier
        ],
    }


def _plain(count: Count) -> dict[str, int | None]:
    plain: dict[str, int | None] = msgspec.to_builtins(count)
    return plain


def _link(one: Link) -> dict[str, Any]:
    return {
        "party": one.party,
        "name": one.name,
        "known_at": one.known_at,
        "told_at": one.told_at,
        "had_it": one.had_it,
        "duties": {duty.id: duty.state.value for duty in one.duties if duty.in_force},
    }


def _page(found: respond.Response, language: Language) -> Iterator[str]:
    for roll, heading in numbered(found.rolls):
        if heading:
            yield say("rolls.one", heading, language)
        yield from _counted(roll.impact, language)
    if len(found.rolls) > 1:
        yield say("rolls.apart", [("rolls", len(found.rolls))], language)
    yield head("readers", language)
    for one in found.readers:
        party = "?" if one.keeper is None else one.keeper.name
        yield head(
            "reader",
            language,
            label=one.label,
            device=one.device,
            party=party,
            until=head("until.not", language)
            if one.until is None
            else head("until", language, at=instant(one.until)),
            end=head("ended", language) if one.ended else "",
            persons=f"{one.persons.persons:,}",
        )
    if not found.readers:
        yield head("readers.none", language)
    yield head("clocks", language)
    for link in found.links:
        unknown = link.known_at is None
        at = head("clock.not", language) if unknown else instant(link.known_at)
        told = "" if link.told_at is None else head("told", language, at=instant(link.told_at))
        first = min((duty.due_on for duty in link.duties if duty.due_on is not None), default=None)
        due = "" if first is None else head("due", language, on=first.isoformat())
        yield head("clock", language, name=link.name, at=at, told=told, due=due)


def _counted(counted: Impact, language: Language) -> Iterator[str]:
    yield from aligned(
        [
            ("", *(head(f"head.{one}", language) for one in _HEADS)),
            (head("together", language), *_cells(counted.total, language)),
            *_tables(counted, language),
            *(
                (head("only", language, label=c.label), *_cells(c.only_here, language))
                for c in counted.by_carrier
            ),
            (head("every", language), *_cells(counted.on_every_carrier, language)),
        ]
    )
    if counted.not_counted:
        yield head("files", language, files=f"{counted.not_counted:,}")


def _tables(counted: Impact, language: Language) -> Iterator[tuple[object, ...]]:
    for table in counted.by_table:
        yield (head("table", language, table=table.table), *_cells(table.total, language))
        for kind, count in table.by_kind.items():
            yield (f"  {say(f'kind.{kind.value}', (), language)}", *_cells(count, language))
        for of, count in table.by_sensitivity.items():
            yield (f"  = {of.value}", *_cells(count, language))


def _cells(count: Count, language: Language) -> tuple[object, ...]:
    households = (
        head("not_counted", language) if count.households is None else f"{count.households:,}"
    )
    return f"{count.persons:,}", f"{count.suppressed:,}", households


COMMANDS: Final = (fact, knew, impact, evidence)
