"""The papers of an incident, from the office's records: every form, ready for a template.

Reads only.  What people know is handed in by blanks' names; what nobody has said stays a blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from azukari.desk import agree, custody, people
from azukari.desk import order as orders
from azukari.desk.entered import entered
from azukari.desk.links import link_of
from azukari.desk.office import Office
from azukari.desk.respond import Response, instant
from azukari.errors import NotFound
from azukari.incident import announcement, brief, nine_items, paper, police, report, telling
from azukari.incident.case import Said
from azukari.incident.duty import Duty
from azukari.incident.form import Form
from azukari.incident.sentences import Language
from azukari.incident.telling import Hand, Telling, Thing
from azukari.vault import media, records

#: Every paper there is, in the order in which they are wanted.
KINDS: Final = ("prompt", "final", "notice", "police", "brief", "press", "questions")
#: What is read out to everybody, and looked at before it is printed.
PUBLIC: Final = ("press", "questions")
_NINE_ITEMS: Final[Mapping[str, nine_items.Kind]] = {
    "prompt": "prompt",
    "final": "final",
    "notice": "notice",
}


def telling_of(
    office: Office, found: Response, said: Sequence[Said] = (), party: str = ""
) -> Telling:
    """All that the papers tell, at this moment.

    ``party``: which processor's notice is meant, by its clock; else that of who had it last.

    Raises:
        NotFound: somebody filled a blank that no paper has, or no such processor is in the chain,
            or nobody has said when it knew.
    """
    things = tuple(_thing(office, foil.carrier, foil.label) for foil in found.foils)
    names = {party.id: party.name for party in people.parties_of(office)}
    of = {one.id: names.get(one.party, "?") for one in orders.people_of(office)}
    # What somebody says now stands before what was entered earlier.
    known = {one.blank: one for one in entered(office, found.incident.incident, of)}
    now = {one.blank for one in said}
    earlier = [one for blank, one in known.items() if blank not in now]
    of_report, of_others = telling.split([*earlier, *said])
    processor, entrustor = _processor(office, found)
    link = _link(found, party) if party else _clock_of(found, processor)
    if link is not None:
        processor, entrustor = link.party, link.entrustor
    case = replace(found.case, said=of_report)
    return Telling(
        case=case,
        city=names.get(office.city, case.party),
        call=office.call,
        as_of=instant(office.now()),
        last_held_at=instant(found.declared.last_held_at),
        things=things,
        processor=names.get(processor, ""),
        entrustor=names.get(entrustor, ""),
        processor_case=replace(
            case,
            party=names.get(processor, ""),
            # The clock of each link of the chain begins with that link's own knowledge.
            known_at=instant(link.known_at if link else found.declared.known_at),
            duties=link.duties if link else found.processor,
            # Those on record are the city's; what the processor does, it says itself.
            measures=(),
        ),
        said=of_others,
        enquiries=office.enquiries,
    )


def form_of(told: Telling, kind: str, language: Language) -> Form:
    """One paper; `NotFound` for a processor's notice where the city itself had it last."""
    if (nine := _NINE_ITEMS.get(kind)) is not None:
        drafted = report_of(told, nine)
        to = told.entrustor if nine == "notice" else _authority(drafted, language)
        return nine_items.form(drafted, nine, language, to, told.city)
    if kind == "police":
        return police.form(told, language)
    if kind == "brief":
        blanks = tuple(one.name for one in report_of(told, "prompt").blanks)
        return brief.form(told, language, blanks)
    if kind == "press":
        return announcement.press(told, language)
    if kind == "questions":
        return announcement.questions(told, language)
    raise NotFound("there is no paper of that kind")


def report_of(told: Telling, kind: nine_items.Kind) -> report.Report:
    """The nine items of the authority's prompt or final report, or of a processor's notice."""
    if kind == "notice":
        if not told.processor:
            raise NotFound("no processor had it last, so none gives notice")
        return report.draft(told.processor_case, "prompt", told.as_of)
    return report.draft(told.case, kind, told.as_of)


def data_of(told: Telling, kind: str, language: Language) -> bytes:
    """One paper as JSON: a report with codes and both languages, the others as they are said."""
    if (nine := _NINE_ITEMS.get(kind)) is not None:
        return paper.render_json(report_of(told, nine))
    made = form_of(told, kind, language)
    return msgspec.json.format(msgspec.json.encode(made, order="sorted"), indent=1)


def _authority(drafted: report.Report, language: Language) -> str:
    """Whom the report goes to, by the duties that call for one."""
    found = [one for one in drafted.duties if one.act == "report" and one.in_force]
    names = [one.authority_ja if language == "ja" else one.authority_en for one in found]
    return "、".join(dict.fromkeys(names))


def _thing(office: Office, carrier: str, label: str) -> Thing:
    with office.act() as tx:
        row = records.carrier(tx, carrier)
        medium = None if row.tag is None else media.medium(tx, row.tag)
    order = orders.order_of(office, row.order_id)
    parties = {party.id: party.name for party in people.parties_of(office)}
    of = {person.id: person.party for person in orders.people_of(office)}
    # Of persons the office keeps no names: a party is named, and which of its people.
    line = custody.line_of(office, carrier)
    hands = tuple(
        Hand(
            f"{parties.get(of.get(hold.holder, ''), '?')} ({hold.holder[:6]})",
            instant(hold.from_at),
            late=(hold.to_at or office.now()) > hold.due_at,
        )
        for hold in line
    )
    return Thing(
        carrier=carrier,
        label=label,
        medium=order.medium,
        tag=row.tag or "",
        purpose=order.purpose,
        sealed_at=None if row.sealed_at is None else instant(row.sealed_at),
        hands=hands,
        serial="" if medium is None else medium.serial or "",
    )


class _Clock(NamedTuple):
    """A processor whose own clock has begun."""

    party: str
    entrustor: str
    known_at: int
    duties: tuple[Duty, ...]


def _clock_of(found: Response, processor: str) -> _Clock | None:
    """The clock of who had it last; none where the city did, or a party outside the chain."""
    for link in found.links[1:]:
        if link.party == processor and link.known_at is not None:
            return _Clock(link.party, link.entrustor, link.known_at, link.duties)
    return None


def _link(found: Response, party: str) -> _Clock:
    link = link_of(found.links[1:], party)
    if link.known_at is None:
        raise NotFound("nobody has said when this party knew: its clock is not known")
    return _Clock(link.party, link.entrustor, link.known_at, link.duties)


def _processor(office: Office, found: Response) -> tuple[str, str]:
    """The party that had a carrier last, and whom it must tell: the party above it in the chain.

    Empty where the city itself had it.
    """
    of = {person.id: person.party for person in orders.people_of(office)}
    for foil in found.foils:
        line = custody.line_of(office, foil.carrier)
        party = of.get(line[-1].holder, "") if line else ""
        if not party or party == office.city:
            continue
        with office.act() as tx:
            row = records.carrier(tx, foil.carrier)
        links = {link.id: link for link in agree.agreements_of(office)}
        link = links.get(orders.order_of(office, row.order_id).agreement)
        while link is not None:
            if link.processor == party:
                return party, link.entrustor
            link = links.get(link.parent)
        return party, office.city
    return "", ""
