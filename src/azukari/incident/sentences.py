"""The sentences of papers, in Japanese and English, as data; values are put in, never guessed.

The text ships in ``templates/sentences.toml``, that of the printed papers in ``papers.toml``.  A
sentence is chosen by its code; what a person wrote is only ever a value of a sentence, so it cannot
become one.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from azukari.errors import BadSettings, NotFound
from azukari.incident import measures

Value = int | str | dt.date | dt.datetime
Language = Literal["ja", "en"]
_FILES: Final = ("sentences.toml", "papers.toml")
_WEEKDAYS: Final = "月火水木金土日"
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
#: Values of these names are codes of sentences.
_CODED: Final = frozenset({"kind", "state", "control", "owner", "stands"})
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence with named places for its values."""

    ja: str
    en: str


@cache
def table() -> dict[str, Sentence]:
    """Every sentence by its code."""
    found: dict[str, Sentence] = {}
    for name in _FILES:
        raw = files("azukari.incident").joinpath("templates", name).read_bytes()
        try:
            more = msgspec.toml.decode(raw, type=dict[str, Sentence])
        except msgspec.DecodeError:
            raise BadSettings(f"{name}: not a table of sentences") from None
        if found.keys() & more.keys():
            raise BadSettings(f"{name}: a sentence stands in two files")
        found |= more
    # What failed is said in the words of the table of controls.
    controls = {
        f"control.{one.code}": Sentence(one.ja, one.en) for one in measures.table().values()
    }
    return found | controls


def say(
    code: str, values: Iterable[tuple[str, Value]], language: Language, zone: str = "Asia/Tokyo"
) -> str:
    """The sentence of a code with its values, in one language."""
    sentence = table().get(code)
    if sentence is None:
        raise NotFound(f"there is no sentence for {code}")
    spoken = {
        name: say(str(value), (), language)
        if name in _CODED
        else visible(write(value, language, zone))
        for name, value in values
    }
    return (sentence.ja if language == "ja" else sentence.en).format_map(spoken)


def write(value: Value, language: Language, zone: str = "Asia/Tokyo") -> str:
    """A value as people write it: 465,177 · 2022年6月22日（水）15時45分 · 22 June 2022, 15:45."""
    if isinstance(value, dt.datetime):
        there = value.astimezone(ZoneInfo(zone))
        clock = f"{there.hour}時{there.minute:02}分" if language == "ja" else f", {there:%H:%M}"
        return write(there.date(), language) + clock
    if isinstance(value, dt.date):
        if language == "ja":
            weekday = _WEEKDAYS[value.weekday()]
            return f"{value.year}年{value.month}月{value.day}日（{weekday}）"
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value:,}" if isinstance(value, int) else value


def visible(text: str) -> str:
    """The text with every control, direction and zero-width character shown by its number.

    A line break stays.  What turns the reading direction around would otherwise let a sentence
    on paper say something else than the value holds.
    """
    return "".join(
        f"⟨U+{ord(letter):04X}⟩"
        if letter != "\n" and unicodedata.category(letter) in _INVISIBLE
        else letter
        for letter in text
    )
