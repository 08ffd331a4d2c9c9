"""The page for the mayor: one page, one minute: how many, what, who had it, which keys, by when.

It is a status, not a report: what the mayor has to decide stands on it as a question.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from azukari.incident.duty import Tri
from azukari.incident.form import (
    Bar,
    Block,
    Clock,
    Figures,
    Form,
    Hands,
    Hold,
    Note,
    Points,
    Say,
    Section,
    Text,
    speaker,
)
from azukari.incident.impact import Impact
from azukari.incident.rolls import OfRoll, numbered
from azukari.incident.sentences import Language, Value, visible, write
from azukari.incident.telling import Telling, clock, filled, hands

#: More lines than these and it is no page for one minute; each state of keys beyond two takes the
#: room of a blank.
MOST_THINGS, MOST_BLANKS, MOST_HANDS, MOST_ROLLS = 2, 6, 5, 3
#: From so many days on, minutes are no longer told.
DAYS_FROM = 3


def form(telling: Telling, language: Language, blanks: tuple[str, ...]) -> Form:
    """The page; ``blanks`` are the names of what the authority's report still lacks."""
    say = speaker(language)
    case = telling.case
    lines = [_shortened(one, say) for one in hands(telling, say)]
    more = len(lines) - MOST_THINGS
    keys = _keys(telling, say)
    most = MOST_BLANKS - max(0, len(keys) - 3)
    return Form(
        kind="brief",
        template="page",
        language=language,
        at=telling.as_of,
        title=say("title.brief"),
        author=visible(telling.city),
        stamp=say("brief.stamp"),
        stamp_note=say("brief.as_of", at=telling.as_of),
        facts=((say("form.incident"), visible(case.label)),),
        sections=(
            Section("", (Figures(_figures(telling, say, language)), Text(_content(telling, say)))),
            Section(
                say("brief.hands"),
                (
                    *lines[:MOST_THINGS],
                    *([Note(say("brief.more", more=more))] if more > 0 else []),
                ),
            ),
            Section(say("brief.clock"), (*_clock(telling, say, language), Note(say("brief.bar")))),
            Section(say("brief.keys"), (Points(keys),)),
            Section(say("brief.decide"), (filled(telling, "decision", say, short=True),)),
            Section(
                say("brief.blanks", blanks=len(blanks)),
                (
                    Points(tuple(say(f"blank.{one}") for one in blanks[:most])),
                    *(
                        [Note(say("brief.more", more=len(blanks) - most))]
                        if len(blanks) > most
                        else []
                    ),
                )
                if blanks
                else (Text(say("brief.no_blanks")),),
            ),
        ),
        footer=say("brief.footer", incident=case.label),
    )


def _figures(telling: Telling, say: Say, language: Language) -> tuple[tuple[str, str], ...]:
    rolls = telling.case.rolls
    persons = [
        (_persons(one.impact, say, language), _whose(one, heading, say))
        for one, heading in numbered(rolls)
    ]
    since = telling.as_of - telling.case.known_at
    hours, minutes = divmod(max(since, dt.timedelta(0)) // dt.timedelta(minutes=1), 60)
    days = hours // 24
    return (
        *persons[:MOST_ROLLS],
        (write(len(telling.things), language), say("brief.things")),
        (
            say("brief.days", days=days, hours=hours % 24)
            if days >= DAYS_FROM
            else say("brief.hours", hours=hours, minutes=minutes),
            say("brief.since"),
        ),
    )


def _persons(counted: Impact, say: Say, language: Language) -> str:
    known = counted.total.persons or not counted.not_counted
    return write(counted.total.persons, language) if known else say("brief.unknown")


def _whose(one: OfRoll, heading: tuple[tuple[str, Value], ...], say: Say) -> str:
    suppressed = one.impact.total.suppressed
    if not heading:
        return say("brief.persons", suppressed=suppressed)
    return say("brief.persons_of", roll=dict(heading)["roll"], suppressed=suppressed)


def _content(telling: Telling, say: Say) -> str:
    """Which kinds of data, the first thing that anybody will ask."""
    every = dict.fromkeys(kind for one in telling.case.rolls for kind in one.impact.by_kind)
    kinds = say("clock.and").join(say(f"kind.{kind.value}") for kind in every)
    content = say("brief.content", kinds=kinds or say("brief.unknown"))
    rolls = len(telling.case.rolls)
    return content if rolls == 1 else f"{content}\n{say('rolls.apart', rolls=rolls)}"


def _keys(telling: Telling, say: Say) -> tuple[str, ...]:
    said = []
    if telling.revoked_at is not None:
        said.append(say("brief.revoked", at=telling.revoked_at))
    elif not telling.false_alarm:
        said.append(say("brief.not_revoked"))
    if telling.restored:
        said.append(say("brief.restored", carriers=telling.restored))
    for one, heading in numbered(telling.case.rolls):
        if heading:
            said.append(say("rolls.one", **dict(heading)))
        said += [
            say("state.count", state=f"state.{state.value}", **_of(count.persons, count.suppressed))
            for state, count in one.persons_by_state.items()
            if count.persons
        ]
    if files := sum(one.impact.not_counted for one in telling.case.rolls):
        said.append(say("police.not_counted", files=files))
    return tuple(said)


def _clock(telling: Telling, say: Say, language: Language) -> tuple[Block, ...]:
    """The bars, and beside them what the law wants without a number of days."""
    made = _together(clock(telling.case, telling.as_of, say, language), say)
    soon = [
        say(f"act.{one.act}")
        for one in telling.case.duties
        if one.in_force and one.state is not Tri.NOT_MET and one.due is None
    ]
    if not made.bars and not soon:
        return (Text(say("form.no_duty")),)
    promptly = say("brief.promptly", acts=say("clock.and").join(dict.fromkeys(soon)))
    return (*([made] if made.bars else []), *([Text(promptly)] if soon else []))


def _together(made: Clock, say: Say) -> Clock:
    """Bars that say the same of the same days as one: what two laws ask for is one thing to do."""
    bars: list[Bar] = []
    for bar in made.bars:
        for i, one in enumerate(bars):
            if one == msgspec.structs.replace(bar, who=one.who):
                also = bar.who.removeprefix(one.who).removeprefix(say("clock.and"))
                bars[i] = msgspec.structs.replace(one, who=f"{one.who} / {also}")
                break
        else:
            bars.append(bar)
    return Clock(tuple(bars))


def _shortened(line: Hands, say: Say) -> Hands:
    """A line of many hands with its middle left out, and said to be."""
    left_out = len(line.holds) - MOST_HANDS
    if left_out <= 0:
        return line
    first, last = line.holds[:1], line.holds[-(MOST_HANDS - 2) :]
    gap = Hold(say("brief.gap", hands=left_out + 1), "", "", lost=False)
    return Hands(line.label, (*first, gap, *last))


def _of(persons: int, suppressed: int) -> dict[str, int]:
    return {"persons": persons, "suppressed": suppressed}
