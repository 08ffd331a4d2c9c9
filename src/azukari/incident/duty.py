"""Duties: which obligations of law the facts of an incident call for, and by when.

Every answer is one of three: the trigger is met, not met, or not known.  Nothing here is a
verdict: that a duty exists, or that encryption lifts it, is for the authority and the party to
say, and ``exemption`` lists what speaks for it.  An unknown fact never becomes a no.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from azukari.incident import pack as packs_module
from azukari.incident.deadlines import Deadline, deadline
from azukari.incident.pack import Certainty, Obligation, Pack, Role, Trigger
from azukari.personal import Kind


class Tri(StrEnum):
    """Met, not met, not known."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Facts:
    """What one party knows; ``None`` is *not known* everywhere.

    ``known_at`` is when this party knew, not when the loss happened: each link of the chain has
    a clock of its own.  ``told_entrustor_at`` is for a processor.  "Possibly" counts as yes in
    the law, so a fact is ``False`` only where somebody can say that it cannot be.  ``kinds`` are
    persons per kind, kept for the snapshot: no trigger is concluded from a kind, because what
    is special-care or can cause damage is a question for a person.  ``at_least``: further persons
    may be affected whom nobody has counted.
    """

    role: Role
    known_at: dt.datetime
    persons: int | None
    kinds: Mapping[Kind, int] = field(default_factory=dict)
    special_care: bool | None = None
    ordinance_special_care: bool | None = None
    property_damage: bool | None = None
    possibly_improper_purpose: bool | None = None
    told_entrustor_at: dt.datetime | None = None
    at_least: bool = False


@dataclass(frozen=True)
class TriggerFound:
    """One trigger against the facts."""

    code: str
    found: Tri
    article: str
    certainty: Certainty
    more_than: int | None = None


@dataclass(frozen=True)
class Duty:
    """One obligation against the facts, on the law of one day.

    ``state`` is *not met* where the obligation was not law on that day, and ``in_force`` says
    so.  ``due`` is there whenever the duty is met or not known and the law sets days.
    ``release`` of a processor's duty: ``None`` where no such way exists, *not met* while the
    entrustor was not told, *met* when it was told: evidence for a release, not more.
    ``snapshot`` is JSON: the facts, the obligation's text as it stood when matched, and the
    pack's digest, so that it can be told later what was matched against what.
    """

    id: str
    pack: str
    who: Role
    act: str
    stage: str
    authority_ja: str
    authority_en: str
    article: str
    sentence_ja: str
    sentence_en: str
    items: tuple[int, ...]
    in_force: bool
    in_force_from: dt.date
    state: Tri
    triggers: tuple[TriggerFound, ...]
    due: Deadline | None
    due_note: str
    release: Tri | None
    source: str
    certainty: Certainty
    certainty_note: str
    date_read: dt.date
    law_on: dt.date
    snapshot: str

    @property
    def due_on(self) -> dt.date | None:
        """The day to plan on: the first of the bounds."""
        return None if self.due is None else self.due.first_on

    @property
    def due_at(self) -> dt.datetime | None:
        """The instant at which that day is over."""
        return None if self.due is None else self.due.first_at


def match(facts: Facts, packs: Sequence[Pack], law_on: dt.date) -> tuple[Duty, ...]:
    """Every obligation of this party's role, whatever its state, in the order of the packs.

    An obligation that was not law on ``law_on`` comes back too, not in force and not met, so
    that a page can say that there was none.
    """
    return tuple(
        _match_one(facts, pack, one, law_on)
        for pack in packs
        for one in pack.obligation
        if one.who == facts.role
    )


def any_of(found: Sequence[Tri]) -> Tri:
    """Met if one is met; not met only if every one is known not to be."""
    if Tri.MET in found:
        return Tri.MET
    return Tri.NOT_KNOWN if Tri.NOT_KNOWN in found else Tri.NOT_MET


def _match_one(facts: Facts, pack: Pack, one: Obligation, law_on: dt.date) -> Duty:
    in_force = one.in_force(law_on)
    triggers = tuple(_trigger(facts, trigger) for trigger in one.trigger)
    state = any_of([trigger.found for trigger in triggers]) if in_force else Tri.NOT_MET
    due, note = (None, "") if state is Tri.NOT_MET else _due(facts, pack, one)
    return Duty(
        id=one.id,
        pack=pack.id,
        who=one.who,
        act=one.act,
        stage=one.stage,
        authority_ja=one.authority_ja,
        authority_en=one.authority_en,
        article=one.article,
        sentence_ja=one.sentence_ja,
        sentence_en=one.sentence_en,
        items=one.items,
        in_force=in_force,
        in_force_from=one.in_force_from,
        state=state,
        triggers=triggers,
        due=due,
        due_note=note if in_force else "not_in_force",
        release=_release(facts, one),
        source=one.source,
        certainty=one.certainty,
        certainty_note=one.certainty_note,
        date_read=one.date_read,
        law_on=law_on,
        snapshot=_snapshot(facts, pack, one, law_on),
    )


def _trigger(facts: Facts, trigger: Trigger) -> TriggerFound:
    if trigger.more_than is not None:
        found = _tri(_more_than(facts, trigger.more_than))
    else:
        found = _tri(_fact(facts, trigger.code))
    return TriggerFound(trigger.code, found, trigger.article, trigger.certainty, trigger.more_than)


def _more_than(facts: Facts, threshold: int) -> bool | None:
    if facts.persons is None:
        return None
    # So many are known; whether there are more, nobody has counted.
    return True if facts.persons > threshold else None if facts.at_least else False


def _fact(facts: Facts, code: str) -> bool | None:
    known: dict[str, bool | None] = {
        "special_care": facts.special_care,
        "ordinance_special_care": facts.ordinance_special_care,
        "property_damage": facts.property_damage,
        "improper_purpose": facts.possibly_improper_purpose,
    }
    # Nobody affected: an open question is then a no. Else a loss of nothing would stay open.
    nobody = facts.persons == 0 and not facts.at_least
    return False if nobody and known[code] is None else known[code]


def _tri(fact: bool | None) -> Tri:
    if fact is None:
        return Tri.NOT_KNOWN
    return Tri.MET if fact else Tri.NOT_MET


def _due(facts: Facts, pack: Pack, one: Obligation) -> tuple[Deadline | None, str]:
    if one.days is None:
        return None, "no_days_set"
    days, note = one.days, ""
    if one.days_if_improper_purpose is not None:
        improper = _tri(_fact(facts, "improper_purpose"))
        if improper is Tri.MET:
            days, note = one.days_if_improper_purpose, "improper_purpose"
        elif improper is Tri.NOT_KNOWN:
            days = (one.days[0], one.days_if_improper_purpose[1])
            note = "improper_purpose_not_known"
    calendar = packs_module.holidays(pack.holidays)
    return deadline(facts.known_at, days, calendar, rolls_forward=one.rolls_forward), note


def _release(facts: Facts, one: Obligation) -> Tri | None:
    if one.released_by is None:
        return None
    return Tri.NOT_MET if facts.told_entrustor_at is None else Tri.MET


def _snapshot(facts: Facts, pack: Pack, one: Obligation, law_on: dt.date) -> str:
    value = {
        "facts": facts,
        "law_on": law_on,
        "obligation": one,
        "pack": pack.id,
        "pack_sha256": pack.sha256,
    }
    return msgspec.json.encode(value, order="sorted").decode()
