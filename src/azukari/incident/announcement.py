"""What the city says to everybody: the press release, and questions with their answers.

Every sentence is a fact with a source, something being looked into, or something nobody knows.  No
name, no place, nothing of keys but what the ledger shows; suppressed residents are in no number of
their own.  `release` looks at what people wrote into it before it is printed.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from azukari.incident.form import Block, Form, Points, Say, Section, Text, speaker
from azukari.incident.impact import Impact
from azukari.incident.rolls import numbered
from azukari.incident.sentences import Language, visible, write
from azukari.incident.telling import Telling, plainly


def press(telling: Telling, language: Language) -> Form:
    """The press release."""
    say = speaker(language)
    return _form(
        telling,
        language,
        "press",
        (
            Section(
                say("press.what"),
                (Text(say("press.sorry")), Points(_what(telling, say)), _course(telling, say)),
            ),
            Section(say("press.whose"), (Points(_whose(telling, say)),)),
            Section(say("press.keys"), (Points(_keys(telling, say)),)),
            Section(
                say("press.now"),
                (Points(_now(telling, say)), plainly(telling, "next_briefing", say)),
            ),
            Section(
                say("press.residents"),
                (Points((say("press.never_asks"),)), _call(telling, say)),
            ),
        ),
    )


def questions(telling: Telling, language: Language) -> Form:
    """Questions and answers for the desk and the press conference."""
    say = speaker(language)
    answers: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("mine", (_call(telling, say),)),
        ("many", (Points(_whose(telling, say)),)),
        ("sealed", (Text(say("answer.sealed")),)),
        ("read", (Points(_keys(telling, say)),)),
        ("who", (Text(say("answer.who")),)),
        ("where", (Text(say(_where(telling))),)),
        ("law", (Text(say("answer.law")),)),
        ("damage", (plainly(telling, "damage_seen", say),)),
        ("again", (plainly(telling, "measures", say),)),
        ("next", (plainly(telling, "next_briefing", say),)),
    )
    sections = tuple(Section(say(f"question.{name}"), blocks) for name, blocks in answers)
    return _form(telling, language, "questions", sections)


def _form(telling: Telling, language: Language, kind: str, sections: tuple[Section, ...]) -> Form:
    say = speaker(language)
    made = Form(
        kind=kind,
        template="paper",
        language=language,
        at=telling.as_of,
        title=say(_title(telling) if kind == "press" else f"title.{kind}"),
        author=visible(telling.city),
        facts=(
            (say("press.by"), visible(telling.city)),
            (say("press.at"), write(telling.as_of, language)),
            *([(say("press.contact"), visible(telling.enquiries))] if telling.enquiries else []),
        ),
        sections=sections,
        footer=say("press.footer", city=telling.city, at=telling.as_of),
    )
    return _stamped(made, say)


def _title(telling: Telling) -> str:
    if telling.false_alarm:
        return "title.press_restored"
    return "title.press_found" if telling.media_found else "title.press"


def _where(telling: Telling) -> str:
    if telling.false_alarm:
        return "answer.restored"
    if telling.media_found:
        return "answer.found"
    return "answer.found_copy" if telling.found else "answer.where"


def _stamped(made: Form, say: Say) -> Form:
    """A paper with a blank in it is a draft, and says so."""
    if not made.blanks:
        return made
    blanks = say("form.blanks_left", blanks=len(made.blanks))
    return msgspec.structs.replace(made, stamp=say("form.draft"), stamp_note=blanks)


def _what(telling: Telling, say: Say) -> tuple[str, ...]:
    case = telling.case
    said = [
        say("press.lost", carriers=len(telling.things)),
        say("press.known", at=case.known_at),
    ]
    if telling.restored:
        said.append(say("press.restored", carriers=telling.restored))
    if telling.found:
        at = max(one.found_at for one in case.lost if one.found_at is not None)
        said.append(say("press.found" if telling.media_found else "press.found_copy", at=at))
    elif not telling.false_alarm:
        said.append(say("press.not_found"))
    return tuple(said)


def _course(telling: Telling, say: Say) -> Block:
    return plainly(telling, "public_course", say)


def _whose(telling: Telling, say: Say) -> tuple[str, ...]:
    said: list[str] = []
    for one, heading in numbered(telling.case.rolls):
        if heading:
            said.append(say("press.roll", **dict(heading)))
        said += _whose_of(one.impact, say)
    if (rolls := len(telling.case.rolls)) > 1:
        said.append(say("press.rolls_apart", rolls=rolls))
    return (*said, say("press.counted"))


def _whose_of(counted: Impact, say: Say) -> Iterator[str]:
    if counted.total.persons or not counted.not_counted:
        yield say("press.persons", persons=counted.total.persons)
    if counted.households is not None:
        yield say("persons.households", households=counted.households)
    for kind, count in counted.by_kind.items():
        yield say("press.kind", kind=f"kind.{kind.value}", persons=count.persons)
    if counted.not_counted:
        yield say("press.not_counted", files=counted.not_counted)


def _keys(telling: Telling, say: Say) -> tuple[str, ...]:
    """Facts of the ledger; nothing here says that nobody read anything, which nobody can know."""
    said = [say("press.sealed")]
    if telling.revoked_at is not None:
        said.append(say("press.revoked", at=telling.revoked_at))
    elif not telling.false_alarm:
        said.append(say("press.not_revoked"))
    if telling.restored:
        said.append(say("press.revoked_not_now"))
    if telling.never_released:
        return (*said, say("press.never_released"))
    for one, heading in numbered(telling.case.rolls):
        if out := one.released:
            said += [say("press.roll", **dict(heading))] if heading else []
            said.append(say("press.released", persons=out))
    return (*said, say("press.not_known"))


def _now(telling: Telling, say: Say) -> tuple[str, ...]:
    # A copy that turned up is no reason to stop.
    missing = not telling.media_found and not telling.false_alarm
    said = [say("press.searching")] if missing else []
    # Nobody is told that the police know before somebody wrote down the number of the report.
    if any(
        one.blank in ("police_number", "station") for one in (*telling.case.said, *telling.said)
    ):
        said.append(say("press.police"))
    return (*said, say("press.authority"))


def _call(telling: Telling, say: Say) -> Block:
    """The residents' line, and never the finder's: that one must stay free."""
    if telling.enquiries:
        return Points((say("press.call", call=telling.enquiries),))
    return plainly(telling, "enquiries", say)
