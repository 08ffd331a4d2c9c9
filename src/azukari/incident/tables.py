"""Tables of an incident for a spreadsheet: impact, duties, hands, and what is still open.

A spreadsheet runs a cell that begins like a formula.  Much in these cells was written by others, so
such a cell is given an apostrophe in front, every cell stands in quotes, and what acts on a
screen is shown by its number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from azukari.incident.case import Said
from azukari.incident.citation import cite
from azukari.incident.duty import Tri
from azukari.incident.form import speaker
from azukari.incident.report import BLANKS
from azukari.incident.sentences import Language, Value, visible
from azukari.incident.telling import MORE_BLANKS, Telling

#: What begins a formula, a command or a new cell in any of the usual programs, in either width.
FORMULA: Final = frozenset("=+-@\t\r\n|%＝＋－＠")
_BLANK: Final = " \u3000\xa0"
#: Where the spreadsheet of another country parts cells, quotes or not, a formula could begin again.
_PARTED: Final = re.compile(rf"([;；]\s*)(?=[{re.escape(''.join(sorted(FORMULA)))}])")

Row = Sequence[Value | None]


def tables(telling: Telling, language: Language) -> dict[str, bytes]:
    """Every table by its name, as CSV in UTF-8 with its mark, which spreadsheets in Japan need."""
    found: dict[str, Iterable[Row]] = {
        "impact": _impact(telling, language),
        "duties": _duties(telling, language),
        "hands": _hands(telling),
        "blanks": _blanks(telling, language),
    }
    return {name: written(rows) for name, rows in found.items()}


def written(rows: Iterable[Row]) -> bytes:
    """Rows as CSV; no cell of them is run by whoever opens it."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: Value | None) -> str:
    """A cell that is shown and never run."""
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else str(cell)
    shown = _PARTED.sub(r"\1'", visible(text))
    return f"'{shown}" if text.lstrip(_BLANK)[:1] in FORMULA and text.strip() else shown


def _impact(telling: Telling, language: Language) -> Iterator[Row]:
    say = speaker(language)
    yield "roll", "carrier", "kind", "persons", "suppressed"
    for roll, of in enumerate(telling.case.rolls, start=1):
        counted = of.impact
        yield roll, "", "", counted.total.persons, counted.total.suppressed
        for kind, count in counted.by_kind.items():
            yield roll, "", say(f"kind.{kind.value}"), count.persons, count.suppressed
        for one in counted.by_carrier:
            yield roll, one.label, "", one.total.persons, one.total.suppressed
            for kind, count in one.by_kind.items():
                yield roll, one.label, say(f"kind.{kind.value}"), count.persons, count.suppressed


def _duties(telling: Telling, language: Language) -> Iterator[Row]:
    say = speaker(language)
    yield "party", "duty", "authority", "state", "first_on", "last_on", "article", "certainty"
    for case in (telling.case, telling.processor_case):
        for one in case.duties:
            if not one.in_force or one.state is Tri.NOT_MET:
                continue
            yield (
                case.party,
                say("clock.name", act=say(f"act.{one.act}"), stage=say(f"stage.{one.stage}")),
                one.authority_ja if language == "ja" else one.authority_en,
                say(f"duty.{one.state}"),
                None if one.due is None else one.due.first_on,
                None if one.due is None else one.due.last_on,
                cite(one.article, language),
                one.certainty,
            )


def _hands(telling: Telling) -> Iterator[Row]:
    yield "carrier", "tag", "who", "from", "late"
    for thing in telling.things:
        for hand in thing.hands:
            yield thing.label, thing.tag, hand.who, hand.from_at, "late" if hand.late else ""


def _words(one: Said) -> Row:
    return one.text, one.by, one.at, "yes" if one.signed else "no"


def _blanks(telling: Telling, language: Language) -> Iterator[Row]:
    """Every blank with who fills it in, and what they said; to hand out and to work through."""
    say = speaker(language)
    said = {one.blank: one for one in (*telling.case.said, *telling.said)}
    yield "blank", "asks", "who", "text", "by", "at", "signed"
    of_report = [pair for blanks in BLANKS.values() for pair in blanks]
    for name, who in (*of_report, *MORE_BLANKS.items()):
        one = said.get(name)
        words: Row = ("", "", "", "") if one is None else _words(one)
        yield name, say(f"blank.{name}"), say(f"who.{who}"), *words
