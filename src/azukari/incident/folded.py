"""A text folded for comparing, with the way back: what is written otherwise reads the same.

Full and half width, hiragana and katakana, upper and lower case are one; what is not seen is gone.
Numbers are read as people write them: 465,177 · ４６万５１７７ · 四十六万五千百七十七 · thirteen.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

_KANA: Final = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_VOICED: Final = frozenset("\uff9e\uff9f\u3099\u309a")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Mn", "Me"})
#: Letters of other alphabets that look like ours, and so read like them.
_LOOK_ALIKE: Final = str.maketrans(
    "аеіјорсухѕһԁԛԝгмнктвαενορτυχικ\u2212", "aeijopcyxshdqwrmhktbaevoptuxik-"
)
#: A word that goes on behind a line's end.
_BROKEN: Final = re.compile(r"(?<=\w)[-\u00ad\u2010\u2011][ \t]*\r?\n[ \t]*(?=\w)")
#: Letters set apart: p a s s w o r d.  Not digits, which would become part of another number.
_APART: Final = re.compile(r"(?<!\w)[^\W\d](?:[ \t.*_][^\W\d]){2,}(?!\w)")
_DIGITS: Final = dict(
    zip("〇零一二三四五六七八九壱弐参", (0, 0, *range(1, 10), 1, 2, 3), strict=True)
)
_TENS: Final = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_MYRIADS: Final = {"万": 10**4, "億": 10**8}
#: A number in a folded Japanese text.
NUMBER_JA: Final = (
    r"[0-9〇零一二三四五六七八九壱弐参十拾百千万億][0-9,.〇零一二三四五六七八九壱弐参十拾百千万億]*"
)
_ONES: Final = re.findall(
    "[a-z]+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
)
_DECADES: Final = re.findall("[a-z]+", "twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS: Final = {word: n for n, word in enumerate(_ONES)} | {
    word: n * 10 for n, word in enumerate(_DECADES, start=2)
}
_SCALES: Final = {"hundred": 100, "thousand": 1000, "million": 10**6}
_WORD: Final = "|".join(sorted((*_WORDS, *_SCALES), key=len, reverse=True))
#: A number in a folded English text.
NUMBER_EN: Final = (
    rf"(?:[0-9][0-9,.]*(?: (?:thousand|million))?|(?:{_WORD})(?:[ -](?:and )?(?:{_WORD}))*)"
)


@dataclass(frozen=True)
class Folded:
    """A folded text; ``at`` says of each of its letters where it stood before."""

    text: str
    at: tuple[int, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where some of it stood in the text as it was written: first, and one behind the last."""
        return self.at[start], self.at[end - 1] + 1


def joined(text: str) -> Folded:
    """For Japanese: without any space or line break."""
    return _folded(text, spaces=False)


def spaced(text: str) -> Folded:
    """For English: every run of spaces and breaks is one space."""
    return _folded(text, spaces=True)


def plain(text: str) -> str:
    """As `joined`, for what is looked for: hundreds of thousands of names."""
    if _VOICED.isdisjoint(text):  # then every letter folds by itself
        return "".join(map(_alone, text))
    return joined(text).text


def number(text: str) -> int | None:
    """A number as it stands in a folded text; none where it is no whole number of anything."""
    found = _english(text) if re.search("[a-z]", text) else _japanese(text)
    return None if found is None or found != int(found) else int(found)


@cache
def _alone(letter: str) -> str:
    return joined(letter).text


def _folded(text: str, *, spaces: bool) -> Folded:
    letters: list[str] = []
    at: list[int] = []
    apart = _between(text) if spaces else frozenset()
    i = 0
    while i < len(text):
        if i in apart:
            i += 1
            continue
        end = i + 1
        while end < len(text) and text[end] in _VOICED:
            end += 1
        for letter in unicodedata.normalize("NFKC", text[i:end]).casefold():
            if letter.isspace():
                if spaces and letters and letters[-1] != " ":
                    letters.append(" ")
                    at.append(i)
            elif (kind := unicodedata.category(letter)) not in _UNSEEN:
                letters.append(_plain(letter, kind))
                at.append(i)
        i = end
    return Folded("".join(letters), tuple(at))


def _between(text: str) -> frozenset[int]:
    """Where something stands between the letters of one word."""
    broken = {i for found in _BROKEN.finditer(text) for i in range(*found.span())}
    apart = {i + 1 for found in _APART.finditer(text) for i in range(*found.span(), 2)}
    return frozenset(broken | {i for i in apart if i < len(text) and not text[i].isalnum()})


def _plain(letter: str, kind: str) -> str:
    if kind == "Pd":
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    return letter.translate(_KANA).translate(_LOOK_ALIKE)


def _japanese(text: str) -> float | None:
    """465,177 and 46万5177 and 四十六万 and 一三: places, or tens and myriads."""
    total, group, digits = 0.0, 0.0, ""
    for letter in text.rstrip(",.").replace(",", ""):
        if letter.isdigit() or letter == ".":
            digits += letter
        elif letter in _DIGITS:
            digits += str(_DIGITS[letter])
        elif letter in _TENS:
            group += _value(digits or "1") * _TENS[letter]
            digits = ""
        else:
            total += (group + _value(digits or ("0" if group else "1"))) * _MYRIADS[letter]
            group, digits = 0.0, ""
    if digits.count(".") > 1:
        return None
    return total + group + _value(digits or "0")


def _value(digits: str) -> float:
    return float(digits) if digits.count(".") <= 1 and digits != "." else 0.0


def _english(text: str) -> float | None:
    words = re.findall("[a-z]+|[0-9][0-9,.]*", text)
    total, group = 0.0, 0.0
    for word in words:
        if word == "and":
            continue
        if word in _SCALES:
            scale = _SCALES[word]
            group = (group or 1) * scale
            if scale > 100:
                total, group = total + group, 0.0
        elif word in _WORDS:
            group += _WORDS[word]
        else:
            group += _value(word.rstrip(".,").replace(",", ""))
    return total + group
