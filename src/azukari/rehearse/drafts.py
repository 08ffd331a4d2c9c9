"""The papers of the night: every draft as data and, where there is something to print with, as PDF.

What everybody will read is held against the facts first, as at the office; what is refused there
is not printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from azukari.desk import papers, publish
from azukari.incident import form, release
from azukari.incident.form import Form
from azukari.incident.sentences import Language
from azukari.incident.telling import Telling
from azukari.rehearse.night import Night
from azukari.shelf import files

#: The page and the city's people are Japanese.
LANGUAGE: Final[Language] = "ja"


@dataclass(frozen=True)
class Drafted:
    """One paper: its form, what was objected to, and whether it lies there as a PDF."""

    form: Form
    objections: tuple[release.Finding, ...]
    printed: bool


@dataclass(frozen=True)
class Papers:
    """All of them, what they tell, and the facts that a text is held against."""

    told: Telling
    known: release.Known
    drafts: tuple[Drafted, ...]


def write(night: Night) -> None:
    """Draft and print everything, minutes after the loss was declared; nobody has filled a blank.

    Into ``papers``: KIND.json and KIND.pdf.  Names and places are compared with the roll, which is
    opened for it under the officer's id.
    """
    office, folder = night.house.office, files.folder(night.out / "papers")
    with night.measured("papers_s"):
        told = papers.telling_of(office, night.response)
        forms = [papers.form_of(told, kind, LANGUAGE) for kind in papers.KINDS]
        for made in forms:
            data = papers.data_of(told, made.kind, LANGUAGE)
            files.write_whole(folder / f"{made.kind}.json", data)
        prints = {one.kind: _pdf(one) for one in forms}
    with night.measured("release_check_s"):
        by = night.house.cast.people["officer"]
        known = publish.known_of(office, told, by=by)
        objections = {one.kind: _objections(one, known) for one in forms}
    drafts = []
    for made in forms:
        found, printed = objections[made.kind], prints[made.kind]
        if printed is not None and not found:
            files.write_whole(folder / f"{made.kind}.pdf", printed)
        drafts.append(Drafted(made, found, printed is not None and not found))
    night.known["papers"] = Papers(told, known, tuple(drafts))


def _objections(made: Form, known: release.Known) -> tuple[release.Finding, ...]:
    if made.kind not in papers.PUBLIC:
        return ()
    return release.check(form.without_blanks(made), known)


def _pdf(made: Form) -> bytes | None:
    """None where the extra ``press`` is not installed."""
    try:
        from azukari.press import printing
    except ImportError:
        return None
    return printing.pdf(made.template, msgspec.to_builtins(made), made.language, made.at)
