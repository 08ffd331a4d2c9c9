"""The nine items as a form: the authority's prompt and final report, the processor's notice.

The value is the report's; here it is only said in one language and laid out for paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from azukari.incident.case import Statement
from azukari.incident.citation import cite
from azukari.incident.duty import Duty, Tri, TriggerFound
from azukari.incident.exemption import Point
from azukari.incident.form import (
    Block,
    Form,
    Note,
    Points,
    Rows,
    Say,
    Section,
    Text,
    blank,
    speaker,
)
from azukari.incident.paper import due_in_words, state_in_words
from azukari.incident.report import Item, Report
from azukari.incident.sentences import Language, Value, visible, write

Kind = Literal["prompt", "final", "notice"]


def form(report: Report, kind: Kind, language: Language, to: str, author: str) -> Form:
    """A report laid out; ``to`` is whom it is for, ``author`` the city whose office drafted it."""
    say = speaker(language)
    facts = [
        (say("form.incident"), visible(report.incident)),
        (say("form.party"), visible(report.party)),
        (say("form.drafted"), write(report.drafted_at, language)),
        (say("form.rules"), say(report.law_sentence, law_on=report.law_on)),
        (say("form.blanks"), say("form.blanks_left", blanks=len(report.blanks))),
    ]
    sections = [
        Section(say("form.duties"), tuple(_duties(report, say, language))),
        *(_item(item, say, language) for item in report.items),
    ]
    if report.evidence:
        points = tuple(
            say("form.point", speaks=say(f"evidence.{one.speaks}"), text=say(one.code, **_of(one)))
            for one in report.evidence
        )
        note = Note(say("form.evidence_note"))
        sections.append(Section(say("form.evidence"), (note, Points(points))))
    return Form(
        kind=kind,
        template="paper",
        language=language,
        at=report.drafted_at,
        title=say(f"title.{kind}"),
        author=visible(author),
        to=say("form.to", to=to) if to else "",
        stamp=say("form.draft"),
        stamp_note=say("form.draft_note"),
        facts=tuple(facts),
        sections=tuple(sections),
        footer=say("form.footer", incident=report.incident, at=report.drafted_at),
    )


def _duties(report: Report, say: Say, language: Language) -> Iterator[Block]:
    """What is owed by when; a duty of whom the facts call for nothing is not printed."""
    shown = [one for one in report.duties if one.in_force and one.state is not Tri.NOT_MET]
    if not shown:
        yield Text(say("form.no_duty"))
        return
    yield Rows(
        (4, 2, 5, 5),
        (say("form.duty"), say("form.state"), say("form.due"), say("form.source")),
        tuple(_duty(one, say, language) for one in shown),
    )
    # The same number of persons, counted by another law, is another question.
    triggers = dict.fromkeys((one.scope, trigger) for one in shown for trigger in one.triggers)
    yield Points(
        tuple(
            say(
                "form.trigger",
                trigger=_trigger(scope, one, say),
                found=say(f"found.{one.found}"),
                article=cite(one.article, language),
                certainty=one.certainty,
            )
            for scope, one in triggers
        )
    )
    yield Note(say("form.certainty"))


def _trigger(scope: str, one: TriggerFound, say: Say) -> str:
    limit = {} if one.more_than is None else {"more_than": one.more_than}
    trigger = say(f"trigger.{one.code}", **limit)
    return say("form.of_law", law=say(f"about.{scope}"), trigger=trigger) if scope else trigger


def _duty(one: Duty, say: Say, language: Language) -> tuple[str, ...]:
    authority = one.authority_ja if language == "ja" else one.authority_en
    due = due_in_words(one, language)
    if one.release is not None:
        due = f"{due}\n{say(f'release.{one.release}')}"
    name = say("clock.name", act=say(f"act.{one.act}"), stage=say(f"stage.{one.stage}"))
    of = f"\n{say(f'about.{one.scope}')}" if one.scope else ""
    return (
        f"{name}{of}\n{authority}",
        state_in_words(one, language),
        due,
        say(
            "form.basis",
            article=cite(one.article, language),
            certainty=one.certainty,
            read=one.date_read,
        ),
    )


def _item(item: Item, say: Say, language: Language) -> Section:
    name = item.name_ja if language == "ja" else item.name_en
    blocks: list[Block] = []
    if item.statements:
        blocks.append(Points(tuple(say(one.code, **_of(one)) for one in item.statements)))
    blocks += [blank(one.name, one.who_must_fill, say) for one in item.blanks]
    return Section(f"{item.number}　{name}", tuple(blocks))


def _of(one: Statement | Point) -> dict[str, Value]:
    return dict(one.values)
