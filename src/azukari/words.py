"""Eight words for a hash: what two people read to each other to know that they see one thing.

A word is three syllables of one consonant and one vowel, the same in Japanese and in Latin
letters: くるま, kuruma.  There are 2048 of them, made by a rule and in no list; eight hold the
first 88 bits of a SHA-256.  Half of all such triples are no words: where one sound is heard as its
neighbour, what was heard is no word at all.

They compare what people see.  What is signed is the whole hash, never these.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from azukari.errors import BadFormat

CONSONANTS: Final = "krnm"  # neighbours are the ones most easily taken for one another
VOWELS: Final = "aoui"
COUNT: Final = 8
NUMBERS: Final = 1 << 11
_KANA: Final = "かこくきらろるりなのぬにまもむみ"  # in the order of the two lines above
_SYLLABLES: Final = tuple(c + v for c in CONSONANTS for v in VOWELS)
_VALUE: Final = {spelt: i for row in (_SYLLABLES, _KANA) for i, spelt in enumerate(row)}
_LATIN: Final = re.compile("(?:[krnm][aoui]){3}")
_WRITTEN: Final = re.compile(f"[{_KANA}]{{3}}")
_APART: Final = re.compile(r"[-\s・、,]+")


def eight_words(sha256: str) -> str:
    """The words of a hash in Latin letters, hyphens between them: one spelling."""
    return "-".join("".join(_SYLLABLES[i] for i in _word(n)) for n in _numbers(sha256))


def in_kana(words: str) -> str:
    """The same words as Japanese write them, a dot between each two."""
    return "・".join("".join(_KANA[i] for i in _word(n)) for n in numbers_of(words))


def same_words(typed: str, words: str) -> bool:
    """Are these the words, in Latin letters or kana, however they are set apart?

    `BadFormat` where something in ``typed`` is no word.
    """
    return numbers_of(typed) == numbers_of(words)


def numbers_of(text: str) -> tuple[int, ...]:
    """The number of each word in a text, from 0 to 2047."""
    plain = unicodedata.normalize("NFKC", text).lower()
    hiragana = "".join(chr(ord(x) - 0x60) if "ァ" <= x <= "ヶ" else x for x in plain)
    return tuple(_number(word) for word in _APART.split(hiragana) if word)


def _numbers(sha256: str) -> list[int]:
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise BadFormat("not a SHA-256: 64 hexadecimal digits are expected")
    bits = int(sha256, 16) >> (256 - 11 * COUNT)
    return [bits >> 11 * i & (NUMBERS - 1) for i in reversed(range(COUNT))]


def _word(number: int) -> tuple[int, int, int]:
    """The three syllables of a number; the last vowel makes the sum of all sounds even."""
    first, second, rest = number >> 7, number >> 3 & 15, number & 7
    third = rest >> 1 << 2 | (rest & 1) << 1
    return first, second, third | _odd(first, second, third)


def _number(word: str) -> int:
    if not (_LATIN.fullmatch(word) or _WRITTEN.fullmatch(word)):
        raise BadFormat("no word: three syllables of k, r, n, m and a, o, u, i are expected")
    step = 2 if _LATIN.fullmatch(word) else 1
    first, second, third = (_VALUE[word[i : i + step]] for i in range(0, 3 * step, step))
    if _odd(first, second, third):
        raise BadFormat("no word: one sound of it was heard as another")
    return first << 7 | second << 3 | third >> 2 << 1 | third >> 1 & 1


def _odd(*syllables: int) -> int:
    """1 where the places of all sounds in their rows add up to an odd number."""
    return sum((syllable >> 2) + (syllable & 3) for syllable in syllables) & 1
