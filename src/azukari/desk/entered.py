"""What people entered already, as words in the blanks of a paper: nobody is asked twice.

The police's number comes from the timeline, bag, telephones and places from the search sheet.  What
was erased there is in no paper written afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from azukari.desk import search, timeline
from azukari.desk.office import Office
from azukari.desk.respond import instant
from azukari.incident.case import Said

#: Lines of the search sheet by their kind -> the blank they answer.
_BLANKS: Final[Mapping[str, str]] = {
    "bag": "bag",
    "device": "bag",
    "phone": "locators",
    "tag": "locators",
    "way_home": "place",
    "seen": "place",
}


def entered(office: Office, incident: str, names: Mapping[str, str]) -> Iterator[Said]:
    """Every blank that the office's own records answer; ``names`` says who entered it."""
    told = [one for one in timeline.timeline_of(office, incident).police if one.told]
    for blank in ("police_number", "station"):
        if told:
            last = told[-1]
            texts = [f"{one.told['station']} {one.told['number']}" for one in told]
            yield _said(blank, texts, names.get(last.by, last.by[:6]), last.recorded_at)
    things = search.sheet(office, incident).of(*search.KINDS)
    for blank in dict.fromkeys(_BLANKS.values()):
        mine = [one for one in things if _BLANKS[one.kind] == blank]
        if mine:
            last_line = max(mine, key=lambda one: one.at)
            by = names.get(last_line.by, last_line.by[:6])
            yield _said(blank, [_line(one) for one in mine], by, last_line.at)


def _said(blank: str, texts: Sequence[str], by: str, at: int) -> Said:
    return Said(blank, "\n".join(texts), by, instant(at), signed=True)


def _line(one: search.Thing) -> str:
    """One line of the sheet: what it is, its number, whom to ask; of what was seen, when."""
    seen = "" if one.seen_at is None else f"{instant(one.seen_at):%Y-%m-%d %H:%M}"
    return "、".join(part for part in (seen, one.what, one.identifier, one.ask) if part)
