"""What the papers of an incident are told from: the case, and what surrounds it.

The nine items come from the case alone; a police statement, the mayor's page and the press need
whose hands it went through, what it looks like and whom to call, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from azukari.carrier.exposure import State
from azukari.errors import NotFound
from azukari.incident.case import Case, Said
from azukari.incident.deadlines import Deadline
from azukari.incident.duty import Duty, Tri
from azukari.incident.form import Bar, Blank, Block, Clock, Hands, Hold, Points, Say, blank
from azukari.incident.report import BLANKS
from azukari.incident.sentences import Language

#: Blanks that only the other papers have: name -> who fills them.
MORE_BLANKS: Final[Mapping[str, str]] = {
    "place": "holder_officer",
    "bag": "holder_officer",
    "locators": "holder_officer",
    "station": "holder_officer",
    "decision": "mayor",
    "public_course": "press_officer",
    "next_briefing": "press_officer",
    "enquiries": "press_officer",
}
_THOUSAND: Final = 1000
_ZONE: Final = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True)
class Hand:
    """Somebody had a carrier from an instant on; ``late``: longer than they might."""

    who: str
    from_at: dt.datetime
    late: bool = False


@dataclass(frozen=True)
class Thing:
    """A lost carrier as somebody would recognise it."""

    carrier: str
    label: str
    medium: str
    tag: str
    purpose: str
    sealed_at: dt.datetime | None
    hands: tuple[Hand, ...]
    serial: str = ""  # as the machine told it when the medium was registered


@dataclass(frozen=True)
class Telling:
    """All that the papers tell; ``processor`` is empty where the city itself had it last."""

    case: Case
    city: str
    call: str
    as_of: dt.datetime
    last_held_at: dt.datetime
    things: tuple[Thing, ...]
    processor: str
    entrustor: str
    processor_case: Case
    said: tuple[Said, ...] = ()
    enquiries: str = ""  # whom residents call, as set up; ``call`` is for whoever finds it

    @property
    def never_released(self) -> bool:
        """Whether no key of any part of any lost carrier was ever released."""
        return all(one.state is State.NEVER_RELEASED for one in self.case.states.values())

    @property
    def revoked_at(self) -> dt.datetime | None:
        """When the last was revoked of those that still are; none while one is not, or none is."""
        still = [one.revoked_at for one in self.case.lost if one.restored_at is None]
        known = [at for at in still if at is not None]
        return max(known) if known and len(known) == len(still) else None

    @property
    def restored(self) -> int:
        """How many were undone as a false alarm."""
        return sum(one.restored_at is not None for one in self.case.lost)

    @property
    def false_alarm(self) -> bool:
        """Whether that is so of every one."""
        return 0 < self.restored == len(self.case.lost)

    @property
    def found(self) -> bool:
        """Whether none is missing any more, and at least one had been."""
        lost = [one for one in self.case.lost if one.restored_at is None]
        return bool(lost) and not any(one.missing for one in lost)

    @property
    def media_found(self) -> bool:
        """Whether each that was found is the very medium; a folder that was found may be a copy."""
        lost = [one for one in self.case.lost if one.restored_at is None]
        return self.found and all(one.medium_found for one in lost)


def split(said: Sequence[Said]) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
    """What was said into blanks of the report, and into those of the other papers."""
    report = {name for blanks in BLANKS.values() for name, _ in blanks}
    for one in said:
        if one.blank not in report | MORE_BLANKS.keys():
            raise NotFound("no paper has a blank of that name")
    return (
        tuple(one for one in said if one.blank in report),
        tuple(one for one in said if one.blank in MORE_BLANKS),
    )


def filled(telling: Telling, name: str, say: Say, *, short: bool = False) -> Block:
    """What somebody said into a blank, with their name and the time; else the blank."""
    for one in (*telling.case.said, *telling.said):
        if one.blank == name:
            return Points((say(one.code, text=one.text, by=one.by, at=one.at),))
    return blank(name, _who(name), say, short=short)


def plainly(telling: Telling, name: str, say: Say) -> Block:
    """As `filled`, for the public: what was said, and not by whom."""
    found = filled(telling, name, say, short=True)
    if isinstance(found, Blank):
        return found
    texts = [one.text for one in (*telling.case.said, *telling.said) if one.blank == name]
    return Points(tuple(texts))


def hands(telling: Telling, say: Say) -> tuple[Hands, ...]:
    """The line from hand to hand of every lost carrier; it ends where nobody knows, or found."""
    lost = {one.label: one for one in telling.case.lost}
    made = []
    for thing in telling.things:
        one = lost[thing.label]
        # A claimed time of loss cannot lie before the last hand-over on record.
        gone_at = max([telling.last_held_at, *(hand.from_at for hand in thing.hands)])
        holds = [
            Hold(hand.who, _short(hand.from_at), say("hands.late") if hand.late else "", lost=False)
            for hand in thing.hands
        ]
        if one.restored_at is not None:
            holds.append(Hold(say("hands.restored"), _short(one.restored_at), "", lost=False))
        elif one.found_at is not None:
            holds.append(
                Hold(
                    say("hands.found" if one.medium_found else "hands.copy"),
                    _short(one.found_at),
                    "",
                    lost=False,
                )
            )
        else:
            since = say("hands.since", at=_short(gone_at))
            holds.append(Hold(say("hands.lost"), since, "", lost=True))
        made.append(Hands(f"{thing.label}（{thing.tag}）" if thing.tag else thing.label, (*holds,)))
    return tuple(made)


def clock(case: Case, now: dt.datetime, say: Say, language: Language) -> Clock:
    """Every duty of a case that is met or not known, and that has a day, against now."""
    bars = [
        _bar(duty, duty.due, case.known_at, now, say, language)
        for duty in case.duties
        if duty.in_force and duty.state is not Tri.NOT_MET and duty.due is not None
    ]
    return Clock(tuple(bars))


def _bar(
    duty: Duty,
    due: Deadline,
    known_at: dt.datetime,
    now: dt.datetime,
    say: Say,
    language: Language,
) -> Bar:
    span = due.last_at - known_at
    left = due.first_at - now
    over = left < dt.timedelta(0)
    days, rest = divmod(abs(left), dt.timedelta(days=1))
    words = say("clock.over" if over else "clock.left", days=days, hours=rest.seconds // 3600)
    who = [duty.authority_ja if language == "ja" else duty.authority_en]
    who += [say(f"about.{duty.scope}")] if duty.scope else []
    who += [say("clock.not_known")] if duty.state is Tri.NOT_KNOWN else []
    return Bar(
        name=say("clock.name", act=say(f"act.{duty.act}"), stage=say(f"stage.{duty.stage}")),
        who=say("clock.and").join(who),
        left=words,
        due=_days(due.first_on, due.last_on),
        gone=max(0, min(_THOUSAND, round((now - known_at) / span * _THOUSAND))),
        first=round((due.first_at - known_at) / span * _THOUSAND),
        over=over,
    )


def _short(at: dt.datetime) -> str:
    there = at.astimezone(_ZONE)
    return f"{there.month}/{there.day} {there:%H:%M}"


def _days(first_on: dt.date, last_on: dt.date) -> str:
    days = dict.fromkeys(f"{day.year}/{day.month}/{day.day}" for day in (first_on, last_on))
    return " – ".join(days)


def _who(name: str) -> str:
    of_report = {blank: who for blanks in BLANKS.values() for blank, who in blanks}
    return (of_report | dict(MORE_BLANKS))[name]
