"""Letters: what of a text the fonts can draw, and a visible mark for everything else.

A paper must not say less than the value holds.  So a letter that the font lacks, one that it draws
as nothing, a private letter (gaiji) and a control or direction character are all shown by their
number; which those are is asked of the font itself, before anything is printed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import noto_cjk_sans_jp_bold as bold
import noto_cjk_sans_jp_regular as regular
from fontTools.pens.boundsPen import ControlBoundsPen
from fontTools.ttLib import TTFont

FAMILY: Final = "Noto Sans CJK JP"
FONTS: Final = tuple(Path(str(one.FONT_PATH)) for one in (regular, bold))
MISSING: Final = "〓"  # what Japanese printers set for a letter they do not have
#: The spaces that a text may hold; every other letter without ink is shown by its number.
SPACES: Final = frozenset(" \u3000\xa0")
_ACTS: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"})
_PRIVATE: Final = "Co"
_MARKS_IN_A_ROW: Final = 2
# Chinese and Japanese lines may end anywhere: what stands before U+2E80 may not.
_HERE: Final = "\u200b"
_LONG: Final = re.compile("[^\\s\u2e80-\U0010ffff]{20,}")
_FOUR: Final = re.compile("(?:[^\u0300-\u036f][\u0300-\u036f]*){4}")
# Our other pages write numbers in these brackets, which the font lacks.
_BRACKETS: Final = str.maketrans("⟨⟩", "〈〉")


def shown(text: str) -> str:
    """The text as it can be printed: nothing acts, nothing is blank, nothing is missing.

    A line break stays.  A variant of a letter (IVS) that the font has is kept; of one that it
    lacks the selector is shown behind the plain letter, so that nobody takes it for the variant.
    """
    return "".join(_each(text.translate(_BRACKETS)))


def breakable(text: str) -> str:
    """The text with places where a line may end: a word of many letters ends where the page does.

    The places are not seen, and they are the only thing without ink that a paper holds.
    """
    return _LONG.sub(lambda run: _FOUR.sub(lambda few: few[0] + _HERE, run[0]), text)


def number(letter: str) -> str:
    """A letter by its code point."""
    return f"〈U+{ord(letter):04X}〉"


def _each(text: str) -> Iterator[str]:
    before, marks = "", 0
    for letter in text:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") and not _selects(letter) else 0
        if letter == "\n" or letter in SPACES:
            yield letter
        elif kind in _ACTS or marks > _MARKS_IN_A_ROW:
            # More marks than any language stacks cover the lines above and below.
            yield number(letter)
        elif _selects(letter):
            yield letter if (ord(before or "\0"), ord(letter)) in _variants() else number(letter)
        elif kind == _PRIVATE or not _drawn(letter):
            # What a font has at a private number is the font's, and not what the city meant.
            yield MISSING + number(letter)
        else:
            yield letter
        before = letter


def _selects(letter: str) -> bool:
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"


@cache
def _fonts() -> tuple[Any, ...]:
    return tuple(TTFont(path, lazy=True) for path in FONTS)


@cache
def _drawn(letter: str) -> bool:
    """Whether every one of the fonts has ink for a letter."""
    for font in _fonts():
        name = font.getBestCmap().get(ord(letter))
        if name is None:
            return False
        glyphs = font.getGlyphSet()
        pen = ControlBoundsPen(glyphs)
        glyphs[name].draw(pen)
        if pen.bounds is None:
            return False
    return True


@cache
def _variants() -> frozenset[tuple[int, int]]:
    """Every letter with a selector that all of the fonts know."""
    found = []
    for font in _fonts():
        tables = [table for table in font["cmap"].tables if table.format == 14]
        found.append(
            {
                (letter, selector)
                for table in tables
                for selector, pairs in table.uvsDict.items()
                for letter, _ in pairs
            }
        )
    return frozenset(set.intersection(*found))
