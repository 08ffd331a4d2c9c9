"""``azukari incident``: a loss and what follows; here where it stands, beside it each command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from azukari.cli import (
    declaring,
    incident_acts,
    incident_facts,
    incident_found,
    incident_measures,
    incident_papers,
    incident_release,
    incident_search,
    seat,
)
from azukari.cli.call import Call, page_language, reads
from azukari.cli.chosen import LAW_ON, response
from azukari.cli.headings import head
from azukari.cli.output import aligned, instant, show
from azukari.desk import respond
from azukari.incident import impact
from azukari.incident.duty import Duty
from azukari.incident.rolls import OfRoll, numbered
from azukari.incident.sentences import Language, say


@click.group("incident", epilog="Example: azukari incident status")
def command() -> None:
    """Declare a loss; see where it stands; do what follows; close it."""


for _more in (
    declaring.declare,
    incident_papers.report,
    incident_release.check,
    *incident_acts.COMMANDS,
    *incident_search.COMMANDS,
    *incident_found.COMMANDS,
    *incident_measures.COMMANDS,
    *incident_facts.COMMANDS,
):
    command.add_command(_more)


@command.command("status", epilog="Example: azukari incident status")
@click.argument("incident", metavar="[INCIDENT]", default="")
@LAW_ON
@reads
def status(call: Call, incident: str, law_on: str | None) -> None:
    """Where an incident stands: persons, states, duties, blanks; the newest if none is named.

    Counted anew from counterfoils and ledgers at every call.  What it says of law is evidence for
    a duty, never a verdict.
    """
    with seat.office(call) as office:
        found = response(call, office, incident, law_on)
    language = page_language(call)
    show(call, _value(found, language), _page(found, language))


def _duties(found: respond.Response, language: Language) -> Iterator[dict[str, Any]]:
    for who, duties in (("city", found.city), ("processor", found.processor)):
        for duty in duties:
            if duty.in_force:
                yield {
                    "who": who,
                    "id": duty.id,
                    "state": duty.state.value,
                    "due_on": None if duty.due_on is None else duty.due_on.isoformat(),
                    "authority": duty.authority_ja if language == "ja" else duty.authority_en,
                    "what": _what(duty, language),
                    "article": duty.article,
                    "certainty": duty.certainty,
                }


def _what(duty: Duty, language: Language) -> str:
    words = say(f"act.{duty.act}", (), language)
    what = f"{words} ({say(f'stage.{duty.stage}', (), language)})"
    return f"{what}, {say(f'about.{duty.scope}', (), language)}" if duty.scope else what


def _value(found: respond.Response, language: Language) -> dict[str, Any]:
    rolls = [_roll(one) for one in found.rolls]
    together = rolls[0] if len(rolls) == 1 else dict.fromkeys(rolls[0])
    return {
        "incident": found.incident.incident,
        "revoked": found.incident.revoked,
        "carriers": [foil.label for foil in found.foils],
        "known_at": found.declared.known_at,
        "in_the_bag": found.declared.in_the_bag,
        # Of several rolls there is no number of all: whoever stands in two is counted in each.
        **together,
        "rolls": [
            {"carriers": [c.label for c in one.impact.by_carrier], **roll}
            for one, roll in zip(found.rolls, rolls, strict=True)
        ],
        "found_at": {foil.label: found.found_at.get(foil.carrier) for foil in found.foils},
        "duties": list(_duties(found, language)),
        "blanks": [{"name": b.name, "who": b.who_must_fill} for b in found.report.blanks],
        "law_on": found.report.law_on.isoformat(),
    }


def _roll(one: OfRoll) -> dict[str, Any]:
    counted = one.impact
    return {
        "persons": _known(counted),
        "files_not_counted": counted.not_counted,
        "suppressed": counted.total.suppressed,
        "by_kind": {kind.value: count.persons for kind, count in counted.by_kind.items()},
        "by_state": {state.value: c.persons for state, c in one.persons_by_state.items()},
    }


def _known(counted: impact.Impact) -> int | None:
    """How many persons; None, and not 0, where there are only files that nobody has counted."""
    return counted.total.persons or (None if counted.not_counted else 0)


def _counted(one: impact.CarrierImpact, language: Language) -> str:
    persons = head("persons.of", language, persons=f"{one.total.persons:,}")
    if not one.not_counted:
        return persons
    files = head("files.of", language, files=f"{one.not_counted:,}")
    return f"{persons}, {files}" if one.rows else files


def _persons(roll: OfRoll, language: Language) -> Iterator[str]:
    counted, total = roll.impact, roll.impact.total
    if counted.not_counted:
        yield head("files.without", language, files=f"{counted.not_counted:,}")
    if _known(counted) is not None:
        numbers = {"persons": f"{total.persons:,}", "suppressed": f"{total.suppressed:,}"}
        yield head("persons", language, **numbers)
    names = {kind: say(f"kind.{kind.value}", (), language) for kind in counted.by_kind}
    yield from aligned(
        (f"  {names[kind] if language == 'ja' else kind.value}", c.persons)
        for kind, c in counted.by_kind.items()
    )
    yield head("keys", language)
    yield from aligned(
        ("  ", count.persons, say(f"state.{state.value}", (), language))
        for state, count in roll.persons_by_state.items()
        if count.persons
    )


def _page(found: respond.Response, language: Language) -> Iterator[str]:
    revoked = head("revoked" if found.incident.revoked else "revoked.not", language)
    yield head("incident.state", language, incident=found.incident.incident, state=revoked)
    said = found.declared
    held = instant(said.last_held_at)
    yield head("when", language, known=instant(said.known_at), held=held)
    restored = {one.carrier for one in found.case.lost if one.restored_at is not None}
    for one in (carrier for roll in found.rolls for carrier in roll.impact.by_carrier):
        at = found.found_at.get(one.carrier)
        state = head("lost" if at is None else "found", language, at=at and instant(at))
        state = head("restored", language) if one.carrier in restored else state
        yield f"  {one.label}: {state}, {_counted(one, language)}"
    for roll, heading in numbered(found.rolls):
        if heading:
            yield say("rolls.one", heading, language)
        yield from _persons(roll, language)
    if len(found.rolls) > 1:
        yield say("rolls.apart", [("rolls", len(found.rolls))], language)
    law = say("law.on", [("law_on", found.report.law_on)], language)
    yield head("duties", language, law=law)
    yield from aligned(
        (
            f"  {duty['due_on'] or '-'}",
            head(duty["who"], language),
            duty["authority"],
            duty["what"],
            say(f"duty.{duty['state']}", (), language),
        )
        for duty in _duties(found, language)
    )
    yield head("blanks", language, blanks=len(found.report.blanks))
    yield from aligned((f"  {blank.name}", blank.who_must_fill) for blank in found.report.blanks)
