"""After a loss: count, say the five states, match the duties, draft the report.

Everything comes from counterfoils, ledgers and what was declared; nothing from memory.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from azukari.carrier import exposure
from azukari.carrier.counterfoil import Counterfoil
from azukari.carrier.exposure import PartState
from azukari.desk import measures, people, tasks
from azukari.desk.counterfoil import read_counterfoil
from azukari.desk.links import Link, duties_of, facts_of, links_of
from azukari.desk.loss import NOT_KNOWN, Declared, Incident, incident_of
from azukari.desk.office import Office
from azukari.desk.released import releases_of, releases_then
from azukari.desk.stated import Words, words_of
from azukari.desk.written import must_agree
from azukari.errors import NotFound
from azukari.incident import duty, exemption, report, rolls
from azukari.incident.case import Case, LostCarrier, OnRecord
from azukari.incident.facts import DEVICES
from azukari.incident.readers import Keeper, Reader, readers
from azukari.incident.rolls import OfRoll
from azukari.ledger.entry import decode
from azukari.vault import records, schema

LAW_ON: Final = dt.date(2023, 4, 1)
_FOUND: Final = b'"type":"carrier.found"'  # how it stands in a line
JST: Final = dt.timezone(dt.timedelta(hours=9), "JST")


@dataclass(frozen=True)
class Response:
    """All that is known of an incident at one moment."""

    incident: Incident
    declared: Declared
    foils: tuple[Counterfoil, ...]
    rolls: tuple[OfRoll, ...]  # who is affected, of each roll by itself
    states: dict[tuple[str, str], PartState]
    then: dict[tuple[str, str], PartState]  # when it was lost
    city: tuple[duty.Duty, ...]
    processor: tuple[duty.Duty, ...]
    report: report.Report
    found_at: dict[str, int]
    case: Case
    readers: tuple[Reader, ...]  # every device that was given a key
    links: tuple[Link, ...]  # each party with its own clock, the city first
    words: Words  # what people answered


def respond(
    office: Office,
    incident: str,
    *,
    party: str,
    law_on: dt.date = LAW_ON,
    words: Words | None = None,
) -> Response:
    """Count, match and draft; reads only, so it may be asked again at any time.

    ``words``: what people answered, else what is on record.
    """
    found, declared = incident_of(office, incident)
    must_agree(office, found.incident)
    words = words_of(office, found.incident) if words is None else words
    foils = tuple(read_counterfoil(office, carrier) for carrier in _sealed(office, found))
    released = {
        foil.carrier: releases_of(office, foil, declared, words.answers.get(DEVICES))
        for foil in foils
    }
    states = {
        (foil.carrier, part): state
        for foil in foils
        for part, state in exposure.states(foil, released[foil.carrier]).items()
    }
    counted = rolls.count(foils, states)
    then = {
        (foil.carrier, part): state
        for foil in foils
        for part, state in exposure.states(foil, releases_then(office, foil, declared)).items()
    }
    recorded, revoked, found_at, restored_at = _times(office, found)
    media = _media_found(office, found)
    links = links_of(office, foils, counted, declared, recorded, words, law_on)
    city, processor = links[0].duties, _holders(links, counted, declared, recorded, words, law_on)
    revoked_at = None if revoked is None else instant(revoked)
    # What two persons restored is not revoked any more.
    revocations = {
        foil.carrier: exemption.Revocation(None if foil.carrier in restored_at else revoked_at)
        for foil in foils
    }
    lost = tuple(
        LostCarrier(
            foil.carrier,
            foil.label,
            instant(recorded),
            last_held_at=instant(declared.last_held_at),
            noticed_at=instant(declared.known_at),
            revoked_at=revoked_at,
            found_at=instant(found_at[foil.carrier]) if foil.carrier in found_at else None,
            restored_at=instant(restored_at[foil.carrier]) if foil.carrier in restored_at else None,
            medium_found=foil.carrier in media,
        )
        for foil in foils
    )
    case = Case(
        label=found.incident[:8],
        party=party,
        known_at=instant(recorded if links[0].known_at is None else links[0].known_at),
        law_on=law_on,
        lost=lost,
        rolls=counted,
        states=states,
        duties=city,
        evidence=exemption.evidence(states, revocations, then),
        measures=_measures(office, found),
        prompt_filed_at=_prompt_filed(office, found.incident, city),
    )
    draft = report.draft(case, "prompt", instant(office.now()))
    keepers = _keepers(office)
    could = tuple(
        reader
        for own in rolls.by_roll(foils)
        for reader in readers(own, [r for foil in own for r in released[foil.carrier]], keepers)
    )
    return Response(
        found,
        declared,
        foils,
        counted,
        states,
        then,
        city,
        processor,
        draft,
        found_at,
        case,
        could,
        links,
        words,
    )


def _sealed(office: Office, found: Incident) -> list[str]:
    """The lost carriers that were ever whole; a sealing that broke off has no counterfoil."""
    with office.act() as tx:
        rows = [records.carrier(tx, carrier) for carrier in found.carriers]
    return [row.id for row in rows if row.counterfoil is not None]


def instant(ms: int) -> dt.datetime:
    """An instant of the records as people in Japan read it."""
    return dt.datetime.fromtimestamp(ms / 1000, JST)


def recorded_at(office: Office, act: str) -> int:
    """When a loss was recorded, ms UTC."""
    with office.act() as tx:
        size = office.book.head(tx).size
        own = map(decode, office.book.entries(tx, 0, size))
        for entry in own:
            if entry.act == act and entry.type == "carrier.lost":
                return entry.at
    raise NotFound("the office's ledger tells of no such loss")


def _times(
    office: Office, found: Incident
) -> tuple[int, int | None, dict[str, int], dict[str, int]]:
    """When it was recorded, when revoked, when each carrier was found or restored: from ledgers."""
    with office.act() as tx:
        head = office.book.head(tx)
        own = [decode(line) for line in office.book.entries(tx, 0, head.size)]
        keys = [decode(line) for line in records.keys_entries(tx)]
    place, lost = next(
        (i, e) for i, e in enumerate(own) if e.act == found.act and e.type == "carrier.lost"
    )
    opened = next(e for e in own[place:] if e.act == found.act and e.type == "incident.opened")
    # By the earlier of two clocks: a ledger that was once led ahead makes no deadline later.
    recorded = lost.at if opened.happened is None else min(lost.at, opened.happened)
    revoked = next((e.at for e in keys if e.act == found.act and e.type == "carrier.revoked"), None)
    found_at: dict[str, int] = {}
    restored_at: dict[str, int] = {}
    # What was found after an earlier loss is not found after this one.
    for e in own[place:]:
        if e.type == "carrier.found" and e.refs[0] in found.carriers:
            found_at.setdefault(e.refs[0], e.at)
        if e.type == "carrier.restored":
            restored_at |= dict.fromkeys(set(e.refs).intersection(found.carriers), e.at)
    return recorded, revoked, found_at, restored_at


def _media_found(office: Office, found: Incident) -> set[str]:
    """Carriers of which the very medium was looked at, by its serial or tag, and no mere copy."""
    seen: set[str] = set()
    with office.act() as tx:
        for i, line in enumerate(office.book.entries(tx, 0, office.book.head(tx).size)):
            if _FOUND not in line and found.act.encode() not in line:
                continue
            entry = decode(line)
            if entry.type == "carrier.lost":
                seen.clear()  # what was found after an earlier loss is not found after this one
            if entry.type != "carrier.found":
                continue
            by = tasks.detail(office, tx, i).get("medium_by", NOT_KNOWN)
            if by != NOT_KNOWN:
                seen.add(entry.refs[0])
    return seen.intersection(found.carriers)


def _holders(
    links: tuple[Link, ...],
    counted: tuple[OfRoll, ...],
    declared: Declared,
    recorded: int,
    words: Words,
    law_on: dt.date,
) -> tuple[duty.Duty, ...]:
    """The duties of the contractor that had it; of any contractor, where the city itself did."""
    mine = [one for one in links[1:] if one.had_it and one.duties]
    if mine:
        return mine[-1].duties
    known, told = instant(declared.known_at), instant(recorded)
    return duties_of(facts_of("processor", known, counted, words, told), law_on)


def _measures(office: Office, found: Incident) -> tuple[OnRecord, ...]:
    """What failed controls of the lost carriers ask, as far as it is on record."""
    now = office.now()
    return tuple(
        OnRecord(one.control, one.owner, instant(one.due_at), one.state(now).value)
        for one in measures.measures_of(office)
        if one.subject in found.carriers
    )


def _prompt_filed(
    office: Office, incident: str, duties: tuple[duty.Duty, ...]
) -> dt.datetime | None:
    """When a person recorded that the city's prompt report was filed; the first, of several."""
    prompt = [one.id for one in duties if (one.act, one.stage) == ("report", "prompt")]
    rows = schema.duty_answer.c
    mine = (rows.incident == incident) & rows.duty.in_(prompt) & (rows.said == "done")
    with office.act() as tx:
        at = tx.execute(select(func.min(rows.at)).where(mine)).scalar()
    return None if at is None else instant(at)


def _keepers(office: Office) -> dict[str, Keeper]:
    """Whose each device is."""
    names = {party.id: party.name for party in people.parties_of(office)}
    return {
        one.id: Keeper(one.party, names.get(one.party, "?")) for one in people.devices_of(office)
    }
