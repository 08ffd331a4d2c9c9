"""The page a mayor can read: one night of the rehearsal on one sheet, as it was measured.

A page is given only what it may show: counts, times, names of parties and parts; no resident.
Everything is in the one file: no script, no request, no address outside.  The sentences about
2022 are from the published reports of that year and name nobody.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.rehearse import pictures, titles
from azukari.rehearse.sentences import (
    ATTACK_OUTCOMES,
    CERTAINTIES,
    FIGURES,
    NOT_LOOKED_AT,
    PART_STATES,
    PROMISE_STATES,
    PROMISES,
    SETUPS,
    STEP_OUTCOMES,
    WORDS,
    Outcome,
)
from azukari.rehearse.spans import JST, clock, day, span, span_en, story_at, until
from azukari.rehearse.story import PartLine, Story


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
        "clock": clock,
        "day": day,
        "until": until,
        "iso": lambda at: at.astimezone(JST).isoformat(timespec="minutes"),
        "span": span,
        "span_en": span_en,
        "count": "{:,}".format,
        "percent": "{:.3f}%".format,
        "story_at": story_at,
    }
    promises = _promises(result["promises"])
    chain, chain_style = pictures.chain(story.chain)
    source, _, _ = environment.loader.get_source(environment, "page.css")  # type: ignore[union-attr]  # given just above
    source += chain_style
    return environment.get_template("page.html").render(
        css=Markup(source),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(source.encode()).digest()).decode(),
        result=result,
        story=story,
        beside=pictures.beside(story.incident),
        custody=pictures.custody(story),
        strands=pictures.watch(story),
        chain=Markup(chain),  # noqa: S704  # drawn by ourselves, what others wrote is escaped in it
        states=_states(story.parts),
        part_state=lambda code: _outcome(PART_STATES, code),
        duties=pictures.duties(story),
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
) -> list[tuple[int, str, str, Outcome, Sequence[str], Sequence[str]]]:
    lines: list[tuple[int, str, str, Outcome, Sequence[str], Sequence[str]]] = []
    for number, (ja, en) in enumerate(PROMISES, 1):
        line = _told(told, number)
        state = _outcome(PROMISE_STATES, line["state"])
        without = [NOT_LOOKED_AT.get(each, each) for each in line.get("without", ())]
        checked = [titles.ATTACKS.get(each, each) for each in line["checked_by"]]
        lines.append((number, ja, en, state, checked, without))
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
