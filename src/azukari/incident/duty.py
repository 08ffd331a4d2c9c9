"""Duties: which obligations of law the facts of an incident call for, and by when.

Every answer is one of three: the trigger is met, not met, or not known.  Nothing here is a
verdict: that a duty exists, or that encryption lifts it, is for the authority and the party to
say, and ``exemption`` lists what speaks for it.  An unknown fact never becomes a no.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from azukari.incident import pack as packs_module
from azukari.incident.deadlines import Deadline, deadline, in_hours
from azukari.incident.facts import Facts, Tri, applies, fact, more_than, tri
from azukari.incident.pack import Certainty, Obligation, Pack, Role, Scope, Trigger

__all__ = ["Duty", "Facts", "Tri", "TriggerFound", "all_of", "any_of", "match"]


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
    so.  ``scope`` is what the obligation is about at all (data that hold a My Number, a loss under
    the GDPR) and ``applies`` whether it is; without a scope it does.  ``due`` is there whenever the
    duty is met or not known and the law sets days or hours.
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
    scope: Scope
    applies: Tri
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
        if facts.role in one.who
    )


def any_of(found: Sequence[Tri]) -> Tri:
    """Met if one is met; not met only if every one is known not to be."""
    if Tri.MET in found:
        return Tri.MET
    return Tri.NOT_KNOWN if Tri.NOT_KNOWN in found else Tri.NOT_MET


def all_of(found: Sequence[Tri]) -> Tri:
    """Not met if one is not; met only if every one is known to be."""
    if Tri.NOT_MET in found:
        return Tri.NOT_MET
    return Tri.NOT_KNOWN if Tri.NOT_KNOWN in found else Tri.MET


def _match_one(facts: Facts, pack: Pack, one: Obligation, law_on: dt.date) -> Duty:
    in_force = one.in_force(law_on)
    triggers = tuple(_trigger(facts, one, trigger) for trigger in one.trigger)
    reached = tri(applies(facts, one.scope))
    state = all_of([reached, any_of([trigger.found for trigger in triggers])])
    state = state if in_force else Tri.NOT_MET
    due, note = (None, "") if state is Tri.NOT_MET else _due(facts, pack, one)
    return Duty(
        id=one.id,
        pack=pack.id,
        who=facts.role,
        act=one.act,
        stage=one.stage,
        authority_ja=one.authority_ja,
        authority_en=one.authority_en,
        article=one.article,
        sentence_ja=one.sentence_ja,
        sentence_en=one.sentence_en,
        items=one.items,
        scope=one.scope,
        applies=reached,
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


def _trigger(facts: Facts, one: Obligation, trigger: Trigger) -> TriggerFound:
    if trigger.more_than is not None:
        found = tri(more_than(facts, trigger.more_than, one.scope))
    else:
        found = tri(fact(facts, trigger.code))
    return TriggerFound(trigger.code, found, trigger.article, trigger.certainty, trigger.more_than)


def _due(facts: Facts, pack: Pack, one: Obligation) -> tuple[Deadline | None, str]:
    if one.hours is not None:
        return in_hours(facts.known_at, one.hours, pack.zone), "hours"
    if one.days is None:
        return None, "no_days_set"
    days, note = one.days, ""
    if one.days_if_improper_purpose is not None:
        improper = tri(fact(facts, "improper_purpose"))
        if improper is Tri.MET:
            days, note = one.days_if_improper_purpose, "improper_purpose"
        elif improper is Tri.NOT_KNOWN:
            days = (one.days[0], one.days_if_improper_purpose[1])
            note = "improper_purpose_not_known"
    calendar = packs_module.holidays(pack.holidays)
    return deadline(facts.known_at, days, calendar, rolls_forward=one.rolls_forward), note


def _release(facts: Facts, one: Obligation) -> Tri | None:
    if one.released_by is None or facts.role != "processor":
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
