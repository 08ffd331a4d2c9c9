"""The chain of parties as a picture: one SVG that stands on its own, without script or request.

Boxes from the city to the right, one for each link; a line is the thicker the more columns its link
allows.  A link that does not hold has a broken border, a sign and a word, so colour says nothing
alone.  What others wrote is escaped, and what would turn letters about is shown by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from rich.cells import cell_len, chop_cells

from azukari.entrust.tree import Branch, State
from azukari.incident.sentences import visible
from azukari.web import chain_words as words

WIDTH: Final = 300  # of a box
GAP_X: Final = 84
GAP_Y: Final = 22
LINE: Final = 20
PAD: Final = 14
EDGE: Final = 24  # around everything
CELLS: Final = 36  # half-width letters that fit on one line of a box
NAME_CELLS: Final = 30
MOST_LINES: Final = 3  # of a name; what is longer ends in an ellipsis
THIN, THICK = 3, 17
HEAD: Final = 24  # below a box's upper edge: where its line comes in


@dataclass(frozen=True)
class Box:
    """One party under one link, where it stands and what is written in it."""

    x: int
    y: int
    height: int
    name: tuple[str, ...]
    lines: tuple[str, ...]
    state: State | None  # none: the city
    word: str


@dataclass(frozen=True)
class Line:
    """From the box of who entrusts to that of who is entrusted."""

    path: str
    width: int
    holds: bool


def render(branches: Iterable[Branch], city: str, names: Mapping[str, str], language: str) -> str:
    """The picture; ``city`` is its name, ``names`` are those of parties by id."""
    roots = tuple(branches)
    boxes, lines = _laid_out(roots, city, names, language)
    return _template().render(
        language=language,
        title=_title(city, language),
        told=list(_told(roots, names, language)),
        boxes=boxes,
        # What does not hold is drawn first, so that it covers nothing that does.
        lines=sorted(lines, key=lambda line: (line.holds, -line.width)),
        width=max(box.x + WIDTH for box in boxes) + EDGE,
        height=max(box.y + box.height for box in boxes) + EDGE,
        box_width=WIDTH,
        line=LINE,
        pad=PAD,
    )


def _laid_out(
    roots: tuple[Branch, ...], city: str, names: Mapping[str, str], language: str
) -> tuple[list[Box], list[Line]]:
    boxes: list[Box] = []
    lines: list[Line] = []
    most = max((len(b.link.terms.columns) for root in roots for b in root.walk()), default=0)

    def place(branch: Branch, depth: int, top: int) -> tuple[Box, int]:
        """The box of a branch, and where the next one may begin below it and its own."""
        box = _box(branch, EDGE + depth * (WIDTH + GAP_X), top, names, language)
        boxes.append(box)
        below = top
        for under in branch.below:
            child, below = place(under, depth + 1, below)
            lines.append(_line(box, child, len(under.link.terms.columns), most))
        return box, max(below, top + box.height + GAP_Y)

    name = _name(city)
    first = Box(EDGE, EDGE, _height(name, ()), name, (), None, "")
    boxes.append(first)
    top = EDGE
    for root in roots:
        box, top = place(root, 1, top)
        if root.state is not State.BROKEN:
            lines.append(_line(first, box, len(root.link.terms.columns), most))
    return boxes, lines


def _box(branch: Branch, x: int, y: int, names: Mapping[str, str], language: str) -> Box:
    name = _name(names.get(branch.link.processor, branch.link.processor))
    until = words.value("expires_at", branch.link.terms.expires_at, language, {})
    lines = [f"{words.say(words.FIELDS['expires_at'], language)} {until}"]
    lines += [_cut(line) for line in words.terms(branch, language)]
    lines.append(branch.link.id)
    word = words.say(words.STATES[branch.state], language)
    return Box(x, y, _height(name, tuple(lines)), name, tuple(lines), branch.state, word)


def _height(name: tuple[str, ...], lines: tuple[str, ...]) -> int:
    rows = len(name) + len(lines) + bool(lines)
    return rows * LINE + 2 * PAD


def _line(above: Box, below: Box, columns: int, most: int) -> Line:
    holds = below.state is State.HOLDS
    width = THIN + round((THICK - THIN) * columns / most) if holds and most else THIN
    x1, y1, x2, y2 = above.x + WIDTH, above.y + HEAD, below.x, below.y + HEAD
    bend = "" if y1 == y2 else f"H{x1 + GAP_X // 2}V{y2}"
    return Line(f"M{x1} {y1}{bend}H{x2}", width, holds)


def _name(name: str) -> tuple[str, ...]:
    pieces = chop_cells(_visible(name) or "?", NAME_CELLS)
    if len(pieces) > MOST_LINES:
        pieces = [*pieces[: MOST_LINES - 1], pieces[MOST_LINES - 1][:-1] + "…"]
    return tuple(pieces)


def _cut(line: str) -> str:
    line = _visible(line)
    return line if cell_len(line) <= CELLS else chop_cells(line, CELLS - 1)[0] + "…"


def _title(city: str, language: str) -> str:
    seen = _visible(city)
    return f"{seen}から続く委託契約" if language == "ja" else f"Agreements from {seen} downwards"


def _told(roots: Iterable[Branch], names: Mapping[str, str], language: str) -> Iterator[str]:
    """The picture in words, for whoever does not see it."""
    for root in roots:
        for branch in root.walk():
            link = branch.link
            giver, taker = (_visible(names.get(p, p)) for p in (link.entrustor, link.processor))
            state = words.say(words.STATES[branch.state], language)
            until = words.value("expires_at", link.terms.expires_at, language, {})
            said = "、" if language == "ja" else "; "
            terms = said.join(_visible(line) for line in words.terms(branch, language))
            if language == "ja":
                yield f"{giver}から{taker}へ：{state}、期限 {until}。{terms}。"
            else:
                yield f"{giver} to {taker}: {state}, until {until}. {terms}."


def _visible(text: str) -> str:
    return visible(text).replace("\n", "⟨U+000A⟩")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("azukari.web"),
        autoescape=True,  # for every template, whatever its name ends in
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("chain.svg")
