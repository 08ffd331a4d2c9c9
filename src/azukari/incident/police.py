"""The statement for the police: what was lost, as somebody would recognise it, and who had it.

It tells what the thing looks like and whom to call.  Of the residents on it there are numbers only.
"""

from __future__ import annotations

from typing import Final

from azukari.incident.form import Block, Form, Points, Rows, Say, Section, Text, speaker
from azukari.incident.rolls import numbered
from azukari.incident.sentences import Language, visible, write
from azukari.incident.telling import Telling, Thing, filled, hands

#: Kinds of media that have words of their own; any other stands as the order says it.
MEDIA: Final = frozenset({"stick", "usb", "disk", "network"})


def form(telling: Telling, language: Language) -> Form:
    """The statement; where and how it was lost, and how a telephone can be found, people know."""
    say = speaker(language)
    case = telling.case
    return Form(
        kind="police",
        template="paper",
        language=language,
        at=telling.as_of,
        title=say("title.police"),
        author=visible(telling.city),
        to=say("police.to"),
        stamp=say("form.draft"),
        stamp_note=say("police.note"),
        facts=(
            (say("form.incident"), visible(case.label)),
            (say("form.party"), visible(telling.city)),
            (say("police.call"), visible(telling.call)),
            (say("form.drafted"), write(telling.as_of, language)),
        ),
        sections=(
            Section(say("police.things"), _things(telling, say, language)),
            Section(
                say("police.course"),
                (
                    Text(say("police.last_held", at=telling.last_held_at)),
                    *hands(telling, say),
                    filled(telling, "place", say),
                    filled(telling, "circumstances", say),
                ),
            ),
            Section(
                say("police.bag"),
                (filled(telling, "bag", say), filled(telling, "locators", say)),
            ),
            Section(say("police.content"), _content(telling, say)),
            Section(
                say("police.number"),
                (
                    filled(telling, "station", say, short=True),
                    filled(telling, "police_number", say, short=True),
                ),
            ),
        ),
        footer=say("form.footer", incident=case.label, at=telling.as_of),
    )


def _things(telling: Telling, say: Say, language: Language) -> tuple[Block, ...]:
    head = (say("police.label"), say("police.medium"), say("police.tag"), say("police.sealed"))
    rows = tuple(
        (
            visible(one.label),
            _kind(one, say),
            visible(one.tag) or "―",
            "―" if one.sealed_at is None else write(one.sealed_at, language),
        )
        for one in telling.things
    )
    return (Rows((3, 3, 2, 4), head, rows), Text(say("police.looks", call=telling.call)))


def _kind(one: Thing, say: Say) -> str:
    """What kind of thing it is, and the number that its maker gave it."""
    known = one.medium in MEDIA
    kind = say(f"medium.{one.medium}") if known else visible(one.medium)
    return f"{kind}\n{say('police.serial', serial=one.serial)}" if one.serial else kind


def _content(telling: Telling, say: Say) -> tuple[Block, ...]:
    said = []
    for one, heading in numbered(telling.case.rolls):
        counted = one.impact
        if heading:
            said.append(say("rolls.one", **dict(heading)))
        if counted.total.persons or not counted.not_counted:
            said.append(say("police.persons", persons=counted.total.persons))
        if counted.not_counted:
            said.append(say("police.not_counted", files=counted.not_counted))
    if len(telling.case.rolls) > 1:
        said.append(say("rolls.apart", rolls=len(telling.case.rolls)))
    return (Points((*said, say("kinds.sealed"), say("police.do_not_open"))),)
