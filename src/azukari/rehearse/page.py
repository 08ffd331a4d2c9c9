"""The page a mayor can read: one night of the rehearsal on one sheet, as it was measured.

A page is given only what it may show: counts, times, names of parties and parts; no resident.
Everything is in the one file: no script, no request, no address outside.  The sentences about
2022 are from the published reports of that year and name nobody.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.rehearse import titles
from azukari.rehearse.sentences import (
    ATTACK_OUTCOMES,
    CERTAINTIES,
    FIGURES,
    PART_STATES,
    PROMISE_STATES,
    PROMISES,
    SETUPS,
    STEP_OUTCOMES,
    WORDS,
    Outcome,
)

JST: Final = timezone(timedelta(hours=9), "JST")
# From the moment the holder knew, on the morning of 22 June 2022 at three.
KNEW_2022: Final = timedelta(hours=12, minutes=45)
FOUND_2022: Final = timedelta(hours=56, minutes=40)


@dataclass(frozen=True)
class Hold:
    """Somebody, or nobody, held the carriers for a while."""

    who: str
    role: str
    from_at: datetime
    to_at: datetime | None  # None: still
    note: str = ""
    lost: bool = False


@dataclass(frozen=True)
class Incident:
    """The loss as the records tell it."""

    lost_from: datetime  # last surely held
    lost_to: datetime  # noticed; every duration on the page counts from here
    known_at: datetime  # the city knew
    declared_at: datetime
    revoked_at: datetime
    found_at: datetime | None
    alarm_at: datetime | None = None  # our own clockwork noticed that something was late


@dataclass(frozen=True)
class KindCount:
    """How many persons a kind of data on the carriers is about; suppressed ones counted apart."""

    kind: str
    ja: str
    persons: int
    suppressed: int


@dataclass(frozen=True)
class PartLine:
    """One part of one carrier and its state, by its code in ``sentences.PART_STATES``."""

    carrier_label: str
    part: str
    columns: Sequence[str]
    state: str
    on_whose_word: str  # a code of ``sentences.WORDS``, or a sentence


@dataclass(frozen=True)
class DutyBar:
    """A duty with its clock; ``due_at`` None where the rule says no day."""

    name: str
    who: str
    from_at: datetime
    due_at: datetime | None
    source: str
    certainty: str  # S, T, M or U


@dataclass(frozen=True)
class Story:
    """What the page tells beside the results of the run."""

    title: str
    custody: Sequence[Hold]
    incident: Incident
    kinds: Sequence[KindCount]
    persons_total: int
    suppressed_total: int
    parts: Sequence[PartLine]
    duties: Sequence[DutyBar]
    now: datetime


def render(result: Mapping[str, Any], story: Story) -> str:
    """The page: one HTML file that asks for nothing.

    Args:
        result: what ``result.json`` holds; a promise without a line there is *not yet*.
        story: times with a zone; shown in Japanese time.
    """
    environment = Environment(
        loader=PackageLoader("azukari.rehearse"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "clock": _clock,
        "until": _until,
        "iso": lambda at: at.astimezone(JST).isoformat(timespec="minutes"),
        "span": _span,
        "span_en": _span_en,
        "count": "{:,}".format,
        "percent": "{:.3f}%".format,
        "story_at": _story_at,
    }
    promises = _promises(result["promises"])
    source, _, _ = environment.loader.get_source(environment, "page.css")  # type: ignore[union-attr]  # given just above
    return environment.get_template("page.html").render(
        css=Markup(source),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(source.encode()).digest()).decode(),
        result=result,
        story=story,
        beside=_beside(story.incident),
        custody=_custody(story),
        states=_states(story.parts),
        part_state=lambda code: _outcome(PART_STATES, code),
        duties=_duties(story),
        attacks=[(each, _outcome(ATTACK_OUTCOMES, each["outcome"])) for each in result["attacks"]],
        attack_counts=_counts(ATTACK_OUTCOMES, [each["outcome"] for each in result["attacks"]]),
        promises=promises,
        promise_counts=_counts(
            PROMISE_STATES, [_told(result["promises"], n)["state"] for n, *_ in promises]
        ),
        steps=[(each, _outcome(STEP_OUTCOMES, each["outcome"])) for each in result["steps"]],
        setups=SETUPS,
        attack_names=titles.ATTACKS,
        chapter_names=titles.CHAPTERS,
        figures=[_figure(name, value) for name, value in result["figures"].items()],
        certainties=CERTAINTIES,
        words=WORDS,
        failed=_failed(result),
    )


@dataclass(frozen=True)
class _Mark:
    at: float  # percent of the picture's width
    shape: str
    ja: str
    span: timedelta | None


@dataclass(frozen=True)
class _Row:
    ja: str
    en: str
    end: float
    marks: Sequence[_Mark]


@dataclass(frozen=True)
class _Stretch:
    """A part of a bar, in percent of its width."""

    number: int
    start: float
    width: float
    hold: Hold


@dataclass(frozen=True)
class _Bar:
    duty: DutyBar
    start: float
    width: float
    gone: float
    now: float
    left: timedelta | None  # None: no day is set
    late: bool


def _beside(incident: Incident) -> Sequence[_Row]:
    """2022 and tonight on one scale, from the moment the loss was noticed."""
    since = incident.lost_to
    nothing = timedelta(0)
    knew = max(nothing, incident.known_at - since)
    revoked = max(nothing, incident.revoked_at - since)
    found = None if incident.found_at is None else max(nothing, incident.found_at - since)
    scale = max(FOUND_2022, knew, revoked, found or nothing) / 98

    def row(ja: str, en: str, *marks: tuple[str, str, timedelta | None]) -> _Row:
        placed = [
            _Mark((span or nothing) / scale, shape, name, span) for shape, name, span in marks
        ]
        return _Row(ja, en, max(mark.at for mark in placed), placed)

    return (
        row(
            "2022 年の事案",
            "2022",
            ("circle", "市が知る", KNEW_2022),
            ("square", "鍵を止める", None),
            ("triangle", "見つかる", FOUND_2022),
        ),
        row(
            "今夜の訓練",
            "tonight",
            ("circle", "市が知る", knew),
            ("square", "鍵を止める", revoked),
            ("triangle", "見つかる", found),
        ),
    )


def _custody(story: Story) -> Sequence[_Stretch]:
    if not story.custody:
        return ()
    first = min(hold.from_at for hold in story.custody)
    last = max(hold.to_at or story.now for hold in story.custody)
    whole = max(last - first, timedelta(seconds=1))
    return [
        _Stretch(
            number,
            (hold.from_at - first) / whole * 100,
            max(0.3, ((hold.to_at or story.now) - hold.from_at) / whole * 100),
            hold,
        )
        for number, hold in enumerate(story.custody, 1)
    ]


def _duties(story: Story) -> Sequence[_Bar]:
    if not story.duties:
        return ()
    first = min(story.now, *(duty.from_at for duty in story.duties))
    last = max(story.now, *(duty.due_at or duty.from_at for duty in story.duties))
    whole = max(last - first, timedelta(seconds=1)) / 100
    return [
        _Bar(
            duty,
            (duty.from_at - first) / whole,
            max(timedelta(0), (duty.due_at or last) - duty.from_at) / whole,
            max(timedelta(0), min(story.now, duty.due_at or last) - duty.from_at) / whole,
            (story.now - first) / whole,
            None if duty.due_at is None else duty.due_at - story.now,
            duty.due_at is not None and duty.due_at < story.now,
        )
        for duty in story.duties
    ]


def _states(parts: Sequence[PartLine]) -> Sequence[tuple[Outcome, int]]:
    return _counts(PART_STATES, [part.state for part in parts])


def _counts(known: Mapping[str, Outcome], codes: Sequence[str]) -> list[tuple[Outcome, int]]:
    """Every known outcome with its number, and every other one that came."""
    every = dict.fromkeys([*known, *codes])
    return [(_outcome(known, code), codes.count(code)) for code in every]


def _outcome(known: Mapping[str, Outcome], code: str) -> Outcome:
    """An outcome nobody foresaw is shown in its own words, as a doubt, never as a success."""
    return known.get(code) or Outcome("？", code, code, "doubt", known=False)


def _promises(
    told: Mapping[str, Mapping[str, Any]],
) -> list[tuple[int, str, str, Outcome, Sequence[str]]]:
    lines = []
    for number, (ja, en) in enumerate(PROMISES, 1):
        line = _told(told, number)
        state = _outcome(PROMISE_STATES, line["state"])
        lines.append((number, ja, en, state, line["checked_by"]))
    return lines


def _told(told: Mapping[str, Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    return told.get(str(number), {"state": "not yet", "checked_by": []})


def _failed(result: Mapping[str, Any]) -> bool:
    return any(each["outcome"] == "opened" for each in result["attacks"]) or any(
        each["state"] == "broken" for each in result["promises"].values()
    )


def _figure(name: str, value: Any) -> tuple[str, str, str]:
    """(code, Japanese, value with its unit)"""
    shown = f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    if isinstance(value, int):
        shown = f"{value:,}"
    unit = "秒" if name.endswith("_s") else "MiB" if name.endswith("_mib") else ""
    return name, FIGURES.get(name, name), f"{shown} {unit}".strip()


def _clock(at: datetime) -> str:
    local = at.astimezone(JST)
    return f"{local.month} 月 {local.day} 日（{'月火水木金土日'[local.weekday()]}）{local:%H:%M}"


def _until(at: datetime, since: datetime) -> str:
    """As ``_clock``, without the day where it is the same."""
    local = at.astimezone(JST)
    return f"{local:%H:%M}" if local.date() == since.astimezone(JST).date() else _clock(at)


def _story_at(text: str) -> str:
    try:
        return _clock(datetime.fromisoformat(text))
    except ValueError:
        return text


def _parts_of(span: timedelta) -> list[tuple[int, str, str]]:
    seconds = round(abs(span).total_seconds())
    days, hours = divmod(seconds // 3600, 24)
    minutes, rest = seconds // 60 % 60, seconds % 60
    if days < 3:
        days, hours = 0, days * 24 + hours
    if days:
        return [(days, "日", "d"), (hours, "時間", "h")]
    if hours or minutes:
        return [(hours, "時間", "h"), (minutes, "分", "min")]
    return [(rest, "秒", "s")]


def _span(span: timedelta) -> str:
    return " ".join(f"{n} {ja}" for n, ja, _ in _parts_of(span) if n) or "0 秒"


def _span_en(span: timedelta) -> str:
    return " ".join(f"{n} {en}" for n, _, en in _parts_of(span) if n) or "0 s"
