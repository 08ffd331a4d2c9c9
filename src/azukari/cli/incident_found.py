"""``azukari incident found``: a lost carrier is back, looked at and recorded; which papers are old.

What was printed before says that it is missing, or how it was when nobody had looked: the command
names exactly the papers whose words the find changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from azukari.carrier import manifest as manifests
from azukari.cli import papers as files_of
from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, acts, page_language
from azukari.cli.output import aligned, show
from azukari.desk import loss, papers, respond
from azukari.desk.office import Office
from azukari.errors import BadInput, NotFound
from azukari.incident import form
from azukari.incident.sentences import Language
from azukari.shelf.folder import Folder
from azukari.vault import records


@click.command("found", epilog="Example: azukari incident found /media/stick --as officer")
@click.argument("medium", metavar="MEDIUM", type=FOLDER)
@click.option("--carrier", "label", default="", metavar="LABEL", help="Which it must be.")
@click.option("--tag", default="", metavar="TAG", help="As you read it on the very medium.")
@files_of.TO
@acts
def found(call: Call, medium: Path, label: str, tag: str, to: Path) -> None:
    """Record that a lost carrier was found: compared byte by byte, signed by whoever looked.

    Needs no key and changes nothing on it.  That it is back gives no key back: two persons restore
    it, if at all.  A folder may be a copy: that it is the medium, its registered serial says, or
    you with --tag; else the papers say that it is not known.

    Says which papers of the incident read otherwise from now on.
    """
    if not medium.is_dir():
        raise BadInput("MEDIUM", "there is no such folder")
    language = page_language(call)
    with seat.office(call) as office:
        by, signer = seat.person(call, office)
        carrier, named = _which(office, medium, label)
        incident = _incident(office, carrier)
        # At one instant: else a minute that passes would make every paper another.
        now = call.now()
        before = _words(office, incident, language, now)
        report, envelope = loss.find(office, carrier, medium, by, signer, tag)
        after = _words(office, incident, language, now)
    path = files_of.write(to, envelope)
    old = [kind for kind in papers.KINDS if before[kind] != after[kind]]
    value = {
        "carrier": carrier,
        "incident": incident,
        "unchanged": report.unchanged,
        "file": str(path),
        "old_papers": old,
    }
    how = "unchanged to the last byte" if report.unchanged else "NOT as sealed"
    rows = [("found", named), ("it is", how), ("written", path), ("old papers", ", ".join(old))]
    show(call, value, aligned(rows))
    if old:
        speech.say("what was printed of these before now is old: print it again")
        speech.hint("`azukari incident report --all DIR` prints every paper with the find in it")


def _which(office: Office, medium: Path, label: str) -> tuple[str, str]:
    """The carrier that is meant, or that the folder says it is; its id and its label."""
    named = label
    if not named:
        key = office.signers["carrier"].public
        named = manifests.read_envelope(Folder(medium).envelope(), {key.id: key}.get).carrier
    with office.act() as tx:
        row = records.carrier(tx, named)
    if row.envelope is None:
        raise BadInput("--carrier", "this carrier was never sealed")
    return row.id, row.label


def _incident(office: Office, carrier: str) -> str:
    """The newest incident in which it was lost."""
    for one in reversed(loss.incidents(office)):
        if carrier in loss.incident_of(office, one)[0].carriers:
            return one
    raise NotFound("this carrier was not declared lost")


def _words(
    office: Office, incident: str, language: Language, now: int
) -> Mapping[str, tuple[str, ...]]:
    """What every paper of an incident says, were it printed now."""
    at = replace(office, now=lambda: now)
    told = papers.telling_of(
        at,
        respond.respond(
            at,
            incident,
            party=seat.names(office).get(office.city, office.city),
            law_on=respond.instant(now).date(),
        ),
    )
    return {kind: tuple(form.lines(papers.form_of(told, kind, language))) for kind in papers.KINDS}


COMMANDS: Final = (found,)
