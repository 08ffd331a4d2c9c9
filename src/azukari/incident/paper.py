"""A report as JSON and as a page to print: the value's two renderings, and no decision.

The page is Japanese with English beside it, stands on its own (no script, nothing fetched), and
shows an open blank as a dashed box with a word in it, never by colour alone.  Everything that a
person wrote passes the template's escaping.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import jinja2
import msgspec

from azukari.incident.case import Statement
from azukari.incident.deadlines import Deadline
from azukari.incident.duty import Duty, TriggerFound
from azukari.incident.exemption import Point
from azukari.incident.facts import Tri
from azukari.incident.report import Blank, Report
from azukari.incident.sentences import Language, Value, say, visible, write


def render_json(report: Report) -> bytes:
    """The report as JSON in UTF-8: codes and values for machines, both languages for people.

    Keys are sorted and instants are ISO 8601 with their zone, so one report has one spelling.
    """
    return msgspec.json.format(msgspec.json.encode(_plain(report), order="sorted"), indent=1)


def render_html(report: Report) -> str:
    """The report as one page to print."""
    law = (("law_on", report.law_on),)
    return _template().render(
        report=report,
        triggers=_triggers(report.duties),
        law_ja=say(report.law_sentence, law, "ja"),
        law_en=say(report.law_sentence, law, "en"),
    )


def due_in_words(duty: Duty, language: Language) -> str:
    """By when a duty is due, in words: a day, two bounds, no days, or nothing."""
    if duty.due is None:
        return say("due.none" if duty.due_note == "no_days_set" else "due.over", (), language)
    if duty.due.exact is not None:
        exact = (("first_at", duty.due.first_at), ("last_at", duty.due.last_at))
        return say("due.hours", exact, language, duty.due.zone)
    bounds = (("first_on", duty.due.first_on), ("last_on", duty.due.last_on))
    one = duty.due.first_on == duty.due.last_on
    return say("due.one" if one else "due.between", bounds, language)


def state_in_words(duty: Duty, language: Language) -> str:
    """Met, not met, not known, or not law on that day."""
    return say(f"duty.{duty.state.value if duty.in_force else 'not_in_force'}", (), language)


def _triggers(duties: Iterable[Duty]) -> tuple[tuple[str, TriggerFound], ...]:
    """Every trigger of the duties that are law, each once: duties of one party share them.

    With what the duty is about: the same number of persons by another law is another question.
    Those of a duty about something that was not there (no My Number in it) would only distract.
    """
    asked = [duty for duty in duties if duty.in_force and duty.applies is not Tri.NOT_MET]
    return tuple(dict.fromkeys((duty.scope, one) for duty in asked for one in duty.triggers))


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("azukari.incident", "templates"),
        autoescape=True,  # for every template, whatever its name ends in
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=say, due=due_in_words, state=state_in_words)
    environment.filters.update(visible=visible, ja=_ja, en=_en)
    return environment.get_template("report.html")


def _ja(value: Value) -> str:
    return visible(write(value, "ja"))


def _en(value: Value) -> str:
    return visible(write(value, "en"))


def _plain(report: Report) -> dict[str, Any]:
    law = (("law_on", report.law_on),)
    return {
        "draft": True,
        "stage": report.stage,
        "incident": report.incident,
        "party": report.party,
        "drafted_at": report.drafted_at,
        "law_on": report.law_on,
        "law": _both(report.law_sentence, law),
        "items": [
            {
                "number": item.number,
                "name": {"ja": item.name_ja, "en": item.name_en},
                "statements": [_statement(one) for one in item.statements],
                "blanks": [_blank(one) for one in item.blanks],
            }
            for item in report.items
        ],
        "duties": [_duty(one) for one in report.duties],
        "evidence": [_point(one) for one in report.evidence],
    }


def _both(code: str, values: Iterable[tuple[str, Value]] = ()) -> dict[str, str]:
    values = tuple(values)
    return {"code": code, "ja": say(code, values, "ja"), "en": say(code, values, "en")}


def _values(values: Iterable[tuple[str, Value]]) -> Mapping[str, Value]:
    return dict(values)


def _statement(one: Statement) -> dict[str, Any]:
    return {**_both(one.code, one.values), "values": _values(one.values), "basis": one.basis}


def _blank(one: Blank) -> dict[str, Any]:
    return {
        "name": one.name,
        "asks": _both(f"blank.{one.name}"),
        "who_must_fill": _both(f"who.{one.who_must_fill}"),
        "why": _both(one.why),
    }


def _point(one: Point) -> dict[str, Any]:
    text = _both(one.code, one.values)
    return {**text, "condition": one.condition, "speaks": one.speaks, "values": dict(one.values)}


def _duty(one: Duty) -> dict[str, Any]:
    return {
        "id": one.id,
        "stage": one.stage,
        "authority": {"ja": one.authority_ja, "en": one.authority_en},
        "article": one.article,
        "sentence": {"ja": one.sentence_ja, "en": one.sentence_en},
        "scope": one.scope,
        "applies": one.applies,
        "in_force": one.in_force,
        "in_force_from": one.in_force_from,
        "state": one.state,
        "triggers": [
            {"code": t.code, "found": t.found, "article": t.article, "certainty": t.certainty}
            for t in one.triggers
        ],
        "due": None if one.due is None else _deadline(one.due),
        "due_note": one.due_note,
        "release": one.release,
        "source": one.source,
        "certainty": one.certainty,
        "certainty_note": one.certainty_note,
        "date_read": one.date_read,
        "snapshot": msgspec.Raw(one.snapshot.encode()),
    }


def _deadline(due: Deadline) -> dict[str, dt.date | dt.datetime | bool]:
    return {
        "first_on": due.first_on,
        "last_on": due.last_on,
        "first_at": due.first_at,
        "last_at": due.last_at,
        "calendar_known": due.calendar_known,
    }
