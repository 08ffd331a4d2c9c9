"""What the city did to supervise a processor: one page to print, which asks for nothing.

It is given a record and decides nothing.  Checks stand as bars against now: from the day they were
planned to the day they were due, with a sign where they were recorded, and on to now where they are
late.  Whatever others wrote is escaped, and what would turn letters about or hide is shown by its
number.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from azukari.entrust.supervision import Check, FollowUp, Record, State
from azukari.incident.sentences import visible
from azukari.web import chain_words, supervision_words
from azukari.web.chain_words import clock

#: The picture of bars, in its own units: names at the left, time from LEFT to RIGHT.
LEFT, RIGHT, ROW, TOP = 250, 960, 34, 40
MARGIN: Final = 0.04  # of the time shown, at both ends
MOST_ROWS: Final = 60  # of bars; the tables below have all


@dataclass(frozen=True)
class Bar:
    """One check or follow-up against time."""

    y: int
    name: tuple[str, str]  # Japanese, English
    short: str  # the beginning of its id
    state: State
    x: int
    width: int  # from planned to due
    late: int  # on from there, until it was recorded or now
    sign: int | None  # where it was recorded


@dataclass(frozen=True)
class Bars:
    """The picture: its bars, where now is, and which days stand at its ends."""

    bars: tuple[Bar, ...]
    height: int
    now: int
    first: str
    first_x: int
    last: str
    last_x: int


def render(record: Record) -> str:
    """The page: Japanese with English beside it, in one file without script or request."""
    environment, css = _environment()
    words = supervision_words
    return environment.get_template("supervision.html").render(
        css=Markup(css),  # noqa: S704  # our own file, and its digest stands in the policy
        css_digest=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
        record=record,
        bars=_bars(record),
        left=LEFT,
        right=RIGHT,
        terms=_terms(record),
        kinds=words.KINDS,
        states=words.STATES,
        badges=words.BADGES,
        counts=words.COUNTS,
        erased=words.ERASED,
    )


def _terms(record: Record) -> list[tuple[tuple[str, str], str]]:
    """What every link down to the processor allows, field by field."""
    if record.terms is None:
        return []
    return [
        (chain_words.FIELDS[name], chain_words.value(name, getattr(record.terms, name), "ja", {}))
        for name in type(record.terms).__struct_fields__
    ]


def _bars(record: Record) -> Bars | None:
    """The bars, by the day they are due; none where nothing was planned."""
    rows = list(_rows(record))
    if not rows:
        return None
    ends = [at for _, since, due, done, _ in rows for at in (since, due, done or due)]
    first, last = min(*ends, record.at), max(*ends, record.at)
    edge = max(1.0, (last - first) * MARGIN)

    def x(at: int) -> int:
        return round(LEFT + (at - first + edge) / (last - first + 2 * edge) * (RIGHT - LEFT))

    bars = []
    for number, (one, since, due, done, name) in enumerate(rows[:MOST_ROWS]):
        state = one.state(record.at)
        until = x(max(due, done if done is not None else record.at))
        late = until - x(due) if state in (State.LATE, State.DONE_LATE) else 0
        sign = None if done is None else x(done)
        y = TOP + number * ROW
        bars.append(Bar(y, name, one.id[:6], state, x(since), x(due) - x(since), late, sign))
    height = TOP + len(bars) * ROW + 30
    return Bars(tuple(bars), height, x(record.at), clock(first), x(first), clock(last), x(last))


def _rows(
    record: Record,
) -> Iterator[tuple[Check | FollowUp, int, int, int | None, tuple[str, str]]]:
    """Check or follow-up, since when, due, when it was recorded, and what it is called."""
    for check in record.checks:
        name = supervision_words.KINDS[check.kind]
        yield check, check.planned_at, check.due_at, check.done_at, name
        for one in check.follow_ups:
            since = check.planned_at if check.done_at is None else check.done_at
            yield one, since, one.due_at, one.closed_at, supervision_words.FOLLOW_UP


@cache
def _environment() -> tuple[Environment, str]:
    loader = PackageLoader("azukari.web")
    environment = Environment(
        loader=loader,
        autoescape=True,  # for every template, whatever its name ends in
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "visible": _visible,
        "written": visible,
        "clock": clock,
        "count": "{:,}".format,
    }
    sheets = [loader.get_source(environment, name)[0] for name in ("order.css", "supervision.css")]
    return environment, "".join(sheets)


def _visible(text: str) -> str:
    # On one line: a line break of the writer's must not look like a line of ours.
    return visible(text).replace("\n", "⟨U+000A⟩")
