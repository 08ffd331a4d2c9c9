"""A form: what a paper says, already in one language, as blocks that a template sets.

A form is the last value before ink: texts, tables, blanks, the line from hand to hand, the clock.
Nothing here knows how it looks, and nothing in it is markup; the blocks' names are the template's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from azukari.incident.sentences import Language, Value, say

Say = Callable[..., str]


class Text(msgspec.Struct, frozen=True, tag_field="is", tag="text"):
    """A paragraph."""

    text: str


class Note(msgspec.Struct, frozen=True, tag_field="is", tag="note"):
    """A remark, small."""

    text: str


class Points(msgspec.Struct, frozen=True, tag_field="is", tag="points"):
    """A list."""

    texts: tuple[str, ...]


class Blank(msgspec.Struct, frozen=True, tag_field="is", tag="blank"):
    """Something that a person must fill in; ``short`` leaves no room to write."""

    name: str
    asks: str
    why: str
    short: bool = False


class Rows(msgspec.Struct, frozen=True, tag_field="is", tag="rows"):
    """A table; ``widths`` are shares."""

    widths: tuple[int, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Hold(msgspec.Struct, frozen=True):
    """One station of a line from hand to hand."""

    who: str
    since: str
    note: str
    lost: bool


class Hands(msgspec.Struct, frozen=True, tag_field="is", tag="hands"):
    """Who had one carrier, from hand to hand."""

    label: str
    holds: tuple[Hold, ...]


class Bar(msgspec.Struct, frozen=True):
    """One deadline against now; ``gone`` and ``first`` in thousandths of the time there is."""

    name: str
    who: str
    left: str
    due: str
    gone: int
    first: int
    over: bool


class Clock(msgspec.Struct, frozen=True, tag_field="is", tag="clock"):
    """Deadlines as bars."""

    bars: tuple[Bar, ...]


class Figures(msgspec.Struct, frozen=True, tag_field="is", tag="figures"):
    """A few numbers, large, each with what it counts."""

    figures: tuple[tuple[str, str], ...]


Block = Text | Note | Points | Blank | Rows | Hands | Clock | Figures


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A paper in one language."""

    kind: str
    template: Literal["paper", "page"]
    language: Language
    at: dt.datetime
    title: str
    author: str
    to: str = ""
    stamp: str = ""
    stamp_note: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    footer: str = ""

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names of what is still to be filled in, in order."""
        every = (one for section in self.sections for one in section.blocks)
        return tuple(one.name for one in every if isinstance(one, Blank))


#: What begins a line that waits for a person.
BLANK_MARK: Final = "【"


def speaker(language: Language) -> Say:
    """Say sentences in one language: a code, and values by their names."""

    def said(code: str, **values: Value) -> str:
        return say(code, values.items(), language)

    return said


def blank(name: str, who: str, say: Say, *, short: bool = False) -> Blank:
    """A named blank, with who fills it and why no record can."""
    why = say("form.blank_why", who=say(f"who.{who}"), why=say(f"why.{name}"))
    return Blank(name, say("form.blank", what=say(f"blank.{name}")), why, short)


def lines(form: Form) -> Iterator[str]:
    """The form as plain lines, for a terminal and for whoever checks what it says."""
    yield form.title
    yield from (one for one in (form.to, form.stamp) if one)
    yield from (f"{name}: {value}" for name, value in form.facts)
    for section in form.sections:
        yield ""
        yield from [section.title] if section.title else []
        for block in section.blocks:
            yield from (f"  {line}" for line in _lines(block))


def without_blanks(form: Form) -> str:
    """All that the form says to its reader, and none of what it asks of whoever fills it in."""
    kept = tuple(
        Section(one.title, tuple(b for b in one.blocks if not isinstance(b, Blank)))
        for one in form.sections
    )
    return "\n".join(lines(msgspec.structs.replace(form, sections=kept, stamp="")))


def _lines(block: Block) -> Iterable[str]:
    match block:
        case Text() | Note():
            return block.text.splitlines()
        case Points():
            return [f"- {text}" for text in block.texts]
        case Blank():
            return [f"{BLANK_MARK}{block.asks}】", f"  {block.why}"]
        case Rows():
            return [_joined(*(" / ".join(c.splitlines()) for c in row)) for row in block.rows]
        case Hands():
            return [block.label, *(_joined(h.since, h.who, h.note) for h in block.holds)]
        case Clock():
            return [_joined(b.name, b.left, b.due) for b in block.bars]
        case Figures():
            return [_joined(name, number) for number, name in block.figures]


def _joined(*words: Any) -> str:
    return "  ".join(str(word) for word in words if word)
