"""The page's lines, bars and pictures: where each thing stands, in percent of a width.

Nothing is drawn here; the template draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from azukari.rehearse.story import DutyBar, Hold, Incident, Story, Watcher

# From the moment the holder knew, on the morning of 22 June 2022 at three.
KNEW_2022: Final = timedelta(hours=12, minutes=45)
FOUND_2022: Final = timedelta(hours=56, minutes=40)


def chain(picture: str) -> tuple[str, str]:
    """The picture of the chain to stand inside a page: its drawing, and its style.

    The style counts inside the picture's own box only, or it would paint the whole page.
    """
    before, _, rest = picture.partition("<style>")
    style, _, after = rest.partition("</style>")
    drawn = (before + after).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return drawn, f".chain{{{style}}}" if style else ""


@dataclass(frozen=True)
class Mark:
    at: float  # percent of the picture's width
    shape: str
    ja: str
    span: timedelta | None


@dataclass(frozen=True)
class Row:
    ja: str
    en: str
    end: float
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Stretch:
    """A part of a bar, in percent of its width."""

    number: int
    start: float
    width: float
    hold: Hold


@dataclass(frozen=True)
class Bar:
    duty: DutyBar
    start: float
    width: float
    gone: float
    now: float
    left: timedelta | None  # None: no day is set
    late: bool


def beside(incident: Incident) -> Sequence[Row]:
    """2022 and tonight on one scale, from the moment the loss was noticed."""
    since = incident.lost_to
    nothing = timedelta(0)
    knew = max(nothing, incident.known_at - since)
    revoked = max(nothing, incident.revoked_at - since)
    found = None if incident.found_at is None else max(nothing, incident.found_at - since)
    scale = max(FOUND_2022, knew, revoked, found or nothing) / 98

    def row(ja: str, en: str, *marks: tuple[str, str, timedelta | None]) -> Row:
        placed = [Mark((span or nothing) / scale, shape, name, span) for shape, name, span in marks]
        return Row(ja, en, max(mark.at for mark in placed), placed)

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


def custody(story: Story) -> Sequence[Stretch]:
    """Who held the carriers, as stretches of one line."""
    if not story.custody:
        return ()
    first = min(hold.from_at for hold in story.custody)
    last = max(hold.to_at or story.now for hold in story.custody)
    whole = max(last - first, timedelta(seconds=1))
    return [
        Stretch(
            number,
            (hold.from_at - first) / whole * 100,
            max(0.3, ((hold.to_at or story.now) - hold.from_at) / whole * 100),
            hold,
        )
        for number, hold in enumerate(story.custody, 1)
    ]


@dataclass(frozen=True)
class Strand:
    """A witness in the picture of the ledgers, and where its line ends."""

    watcher: Watcher
    y: int


def watch(story: Story) -> Sequence[Strand]:
    """The ledgers on the left, their witnesses one below the other on the right."""
    return [Strand(watcher, 55 + 90 * place) for place, watcher in enumerate(story.watchers)]


def duties(story: Story) -> Sequence[Bar]:
    """Each duty as a bar against now."""
    if not story.duties:
        return ()
    first = min(story.now, *(duty.from_at for duty in story.duties))
    last = max(story.now, *(duty.due_at or duty.from_at for duty in story.duties))
    whole = max(last - first, timedelta(seconds=1)) / 100
    return [
        Bar(
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
