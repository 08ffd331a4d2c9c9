"""``azukari incident report``: the papers of an incident, to read, as data and as PDF.

What the press and everybody else will read is looked at before it is printed, by the same checker
as ``azukari incident release-check``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import msgspec

from azukari.cli import exits, seat, speech
from azukari.cli.call import Call, page_language, reads
from azukari.cli.chosen import LAW_ON, response
from azukari.cli.incident_release import allowing, not_compared, values
from azukari.cli.incident_release import lines as objecting
from azukari.cli.output import aligned, show
from azukari.desk import papers, publish
from azukari.errors import BadInput
from azukari.incident import form, release, tables
from azukari.incident.case import Said
from azukari.incident.telling import Telling
from azukari.settings import Language
from azukari.shelf import files

MOST_BYTES: Final = 1 << 20  # of what people filled in
_PDF = click.option("--pdf", type=click.Path(path_type=Path), metavar="FILE", help="Print it.")


class Filling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody wrote into a blank: the words, who said so, and when."""

    text: str
    by: str
    at: dt.datetime


@click.command(
    "report", epilog="Example: azukari incident report --kind brief --pdf brief.pdf --lang ja"
)
@click.argument("incident", metavar="[INCIDENT]", default="")
@click.option(
    "--kind", type=click.Choice(papers.KINDS), default="prompt", show_default=True, help="Which."
)
@click.option("--fill", type=click.Path(path_type=Path), metavar="FILE", help="What people know.")
@click.option("--party", default="", metavar="PARTY", help="Whose notice: its name or its id.")
@_PDF
@click.option("--all", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Every one.")
@allowing
@LAW_ON
@reads
def report(
    call: Call,
    incident: str,
    kind: str,
    fill: Path | None,
    party: str,
    pdf: Path | None,
    folder: Path | None,
    withhold: tuple[str, ...],
    cleared: tuple[str, ...],
    numbers: tuple[int, ...],
    law_on: str | None,
) -> None:
    """A paper of an incident: read it here, as data with --json, as a PDF with --pdf.

    prompt and final: the authority's report with its nine items.  notice: the processor's, to the
    party above it, by its own clock.  police, brief (the mayor's page), press and questions.

    What nobody has said is a named blank.  FILE fills blanks: TOML, a table for each by its name,
    with text, by and at.  --all writes every paper as PDF and as data into a folder, and tables for
    a spreadsheet.  Printing needs the extra `press`.

    What everybody will read is held against the facts first, as by `azukari incident
    release-check`; where that objects, its objections are shown instead.
    """
    language = page_language(call)
    if fill is not None and (folder is not None or kind in papers.PUBLIC):
        not_compared()
    may = (withhold, cleared, numbers)
    told, known = _told(call, incident, fill, party, law_on, may)
    if folder is not None:
        _every(call, told, known, language, folder)
        return
    made = papers.form_of(told, kind, language)
    if found := _objections(made, known):
        show(call, values(found, language), objecting(found, language))
        raise click.exceptions.Exit(exits.NO)
    if pdf is not None:
        _print(made, pdf)
        blanks = len(made.blanks)
        show(call, {"file": str(pdf), "blanks": blanks}, aligned([("written", pdf)]))
        if blanks:
            speech.say(f"{blanks} blanks are open: it is a draft")
        return
    if call.json:
        click.echo(papers.data_of(told, kind, language).decode())
        return
    show(call, None, form.lines(made))


def _told(
    call: Call,
    incident: str,
    fill: Path | None,
    party: str,
    law_on: str | None,
    may: tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]],
) -> tuple[Telling, release.Known]:
    said = tuple(_said(fill)) if fill is not None else ()
    withheld, cleared, vouched = may
    with seat.office(call) as office:
        found = response(call, office, incident, law_on)
        told = papers.telling_of(office, found, said, party)
        known = publish.known_of(office, told, cleared=cleared, withheld=withheld, vouched=vouched)
    return told, known


def _objections(made: form.Form, known: release.Known) -> tuple[release.Finding, ...]:
    """What must not be said in a paper for everybody; any other is not read out."""
    if made.kind not in papers.PUBLIC:
        return ()
    return release.check(form.without_blanks(made), known)


def _said(path: Path) -> Iterator[Said]:
    """What people filled in; what stands in it is never quoted."""
    try:
        raw = path.read_bytes()[: MOST_BYTES + 1]
    except OSError:
        raise BadInput("--fill", "the file cannot be read") from None
    if len(raw) > MOST_BYTES:
        raise BadInput("--fill", f"at most {MOST_BYTES:,} bytes")
    try:
        found = msgspec.toml.decode(raw, type=dict[str, Filling])
    except (msgspec.DecodeError, UnicodeDecodeError):
        expected = "TOML is expected: a table for each blank, with text, by and at"
        raise BadInput("--fill", expected) from None
    for name, one in found.items():
        if one.at.utcoffset() is None:
            raise BadInput("--fill", "at needs a zone, such as 2022-06-23T09:00:00+09:00")
        yield Said(name, one.text, one.by, one.at)


def _print(made: form.Form, path: Path) -> None:
    # Late: a site that prints nothing needs nothing to print with.
    from azukari.press import printing

    value = msgspec.to_builtins(made)
    files.write_new(path, printing.pdf(made.template, value, made.language, made.at))


def _every(
    call: Call, told: Telling, known: release.Known, language: Language, folder: Path
) -> None:
    """Every paper into a folder, but for what the checker objects to."""
    files.folder(folder)
    written: list[dict[str, object]] = []
    refused = False
    for kind in papers.KINDS:
        if kind == "notice" and not told.processor:
            continue
        made = papers.form_of(told, kind, language)
        found = _objections(made, known)
        refused |= bool(found)
        written.append({"kind": kind, "blanks": len(made.blanks), "objections": len(found)})
        if found:
            continue
        _print(made, folder / f"{kind}.pdf")
        files.write_new(folder / f"{kind}.json", papers.data_of(told, kind, language))
    for name, table in tables.tables(told, language).items():
        files.write_new(folder / f"{name}.csv", table)
    head = ("paper", "blanks", "objections")
    show(call, written, aligned([head, *(tuple(one.values()) for one in written)]))
    if refused:
        speech.say("what must not be said was not printed; --kind shows where it stands and why")
        raise click.exceptions.Exit(exits.NO)
