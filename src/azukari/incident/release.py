"""What must not be said in public: a text and the facts of an incident, to every objection.

In 2022 an official gave away the length of a password while the medium was still missing.  This
looks for that sentence and its kin before anybody reads it out.  It is a net and no proof: a text
without objection has still to be read by a person.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

import msgspec

from azukari.errors import BadSettings
from azukari.incident.folded import (
    NUMBER_EN,
    NUMBER_JA,
    Folded,
    joined,
    number,
    plain,
    spaced,
)
from azukari.incident.sentences import Language

#: Names shorter than this are compared only where somebody is addressed by them.
SHORT_NAME: Final = 3
TITLES: Final = ("サン", "様", "氏", "君", "チャン")
#: Where a sentence ends: at a stop, an empty line, or before the next point of a list.
_END: Final = re.compile(r"[。．.!?！？]|\n(?=\s*[-・\n])")
_PERSONS_JA: Final = rf"({NUMBER_JA})(?:余リ)?(人|名|世帯|件|口座|戸)(?!目|物)"
_PERSONS_EN: Final = (
    rf"(?<![a-z0-9.])({NUMBER_EN})[ -](?:\w+ )?"
    r"(people|persons?|residents?|citizens?|individuals?|inhabitants?|households?|accounts?)"
)
_VAGUE_JA: Final = (
    r"数[十百千万]*(?:人|名|世帯)(?!物)|(?:ゴク|ホンノ)?一部ノ(?:人|方|住民|世帯)"
    r"|(?:半数|過半数|大半|大部分|多数|少数)ノ(?:人|方|住民|市民|世帯)"
)
_VAGUE_EN: Final = (
    r"(?:dozens|hundreds|thousands|tens of thousands|a few|several|some|many|most|few) (?:of )?"
    r"(?:people|persons|residents|citizens|households|individuals)"
    r"|half (?:of )?(?:the|our|a million|a thousand) "
    r"(?:people|persons|residents|citizens|households|individuals)"
)
#: That it is everybody: a number, too, and the largest.
_ALL_JA: Final = (
    r"(?:全|スベテノ|全テノ|全部ノ|アラユル)(?:市民|住民|町民|村民|区民|県民|世帯)(?!ヘ|ニオ知ラセ|ニ通知|ノ皆)"
    r"|(?:市民|住民|町民|村民|区民|県民|世帯)ノ?(?:全員|スベテ|全テ|全部)(?!ヘ|ニオ知ラセ|ニ通知)"
)
_ALL_EN: Final = (
    r"(?<![a-z])(?:all|every|each)(?: of)?(?: the| our| its| this city's| the city's)?"
    r" (?:\w+ )?(?:residents?|citizens?|inhabitants?|households?)(?![a-z])"
    r"|(?:whole|entire) (?:population|city|town)(?![a-z])"
    r"|(?<![a-z])every(?:one|body) in (?:the|our|this) (?:city|town)(?![a-z])"
)
#: Each of us, and such: numerals that count nobody.
_NOBODY: Final = re.compile("[一1]人(?:ヒトリ|[一1]人|残ラズ|モ)")


#: What kind of a company it is, as `plain` leaves it.
_FORM: Final = re.compile(
    r"株式会社|株式會社|有限会社|合同会社|合資会社|\([株有同資]\)|,?(?:co\.,?ltd|inc|ltd|llc|corp)\.?$"
)


@dataclass(frozen=True)
class Known:
    """The facts of the incident that a text is held against.

    ``residents`` and ``places`` hold what `plain` makes of names and addresses; None where the roll
    was not opened, so that nobody takes *not compared* for *not found*.
    """

    persons: frozenset[int]
    households: frozenset[int]
    never_released: bool
    everybody: bool = False  # the roll was opened, and whoever is in it is affected
    parties: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    vouched: frozenset[int] = frozenset()
    residents: Collection[str] | None = field(default=None, repr=False)
    places: Collection[str] | None = field(default=None, repr=False)


@dataclass(frozen=True, order=True)
class Finding:
    """One objection; ``found`` is empty where repeating it would tell a resident's value."""

    line: int
    column: int
    code: str
    found: str = field(compare=False)


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of sentence that is refused, and why."""

    code: str
    ja: tuple[str, ...]
    en: tuple[str, ...]
    why_ja: str
    why_en: str
    near: bool = False
    unless_never_released: bool = False


class _Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ja: str
    en: str


class _Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    secrets_ja: str
    secrets_en: str
    rule: tuple[Rule, ...]
    why: dict[str, _Why]


def check(text: str, known: Known) -> tuple[Finding, ...]:
    """Every objection to a text, in the order of the text; none is no permission."""
    ja, en = joined(text), spaced(text)
    found = {
        _finding(text, folded.place(start, end), code)
        for folded, code, start, end in (
            *_ruled(text, ja, en, known),
            *_numbers(ja, en, known),
            *_named(ja, known),
        )
    }
    return tuple(sorted(found))


def why(code: str, language: Language) -> str:
    """Why something is refused, in words for whoever wrote it."""
    rules = _rules()
    if code in rules.why:
        return rules.why[code].ja if language == "ja" else rules.why[code].en
    rule = next(rule for rule in rules.rule if rule.code == code)
    return rule.why_ja if language == "ja" else rule.why_en


def codes() -> tuple[str, ...]:
    """Every kind of objection there is."""
    rules = _rules()
    return tuple(dict.fromkeys([*(rule.code for rule in rules.rule), *rules.why]))


Match = tuple[Folded, str, int, int]


def _ruled(text: str, ja: Folded, en: Folded, known: Known) -> Iterator[Match]:
    for rule, ja_patterns, en_patterns in _compiled():
        if rule.unless_never_released and known.never_released:
            continue
        for folded, patterns, secret in ((ja, ja_patterns, 0), (en, en_patterns, 1)):
            for pattern in patterns:
                for match in pattern.finditer(folded.text):
                    where = folded.place(*match.span())
                    if not rule.near or _secrets()[secret].search(_around(text, *where, secret)):
                        yield folded, rule.code, *match.span()


def _around(text: str, start: int, end: int, language: int) -> str:
    """The sentence that something stands in and its neighbours, folded."""
    ends = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    spans = [span for span in pairwise(ends) if text[slice(*span)].strip()]
    own = [i for i, (first, last) in enumerate(spans) if first < end and start < last]
    near = spans[max(0, own[0] - 1) : own[-1] + 2] if own else [(start, end)]
    part = text[near[0][0] : near[-1][1]]
    return (spaced(part) if language else joined(part)).text


def _numbers(ja: Folded, en: Folded, known: Known) -> Iterator[Match]:
    for folded, counted, vague, everybody in (
        (ja, _PERSONS_JA, _VAGUE_JA, _ALL_JA),
        (en, _PERSONS_EN, _VAGUE_EN, _ALL_EN),
    ):
        nobody = {i for found in _NOBODY.finditer(folded.text) for i in range(*found.span())}
        for match in re.finditer(counted, folded.text):
            said = number(match[1])
            if said is None or match.start() in nobody:
                continue
            if said not in known.vouched | _allowed(match[2], known):
                yield folded, "number_differs", *match.span()
        for match in re.finditer(vague, folded.text):
            yield folded, "number_vague", *match.span()
        for match in () if known.everybody else re.finditer(everybody, folded.text):
            yield folded, "number_all", *match.span()


def _allowed(unit: str, known: Known) -> frozenset[int]:
    if unit.startswith("household") or unit in ("世帯", "戸"):
        return known.households
    if unit in ("人", "名") or unit.startswith(("people", "person", "resident", "citizen")):
        return known.persons
    return known.persons | known.households


def _named(ja: Folded, known: Known) -> Iterator[Match]:
    parties = map(_core, map(plain, known.parties))
    for code, names in (("party_named", parties), ("name_withheld", map(plain, known.withheld))):
        for name in filter(None, names):
            for match in re.finditer(re.escape(name), ja.text):
                yield ja, code, *match.span()
    for code, values in (("resident_named", known.residents), ("place_suppressed", known.places)):
        if values:
            yield from ((ja, code, *span) for span in _within(ja.text, values))


def _core(name: str) -> str:
    """A party's name without its form, which people write in many ways or leave out."""
    core = _FORM.sub("", name)
    return core if len(core) >= SHORT_NAME else name


def _within(text: str, values: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where any of very many values stands in a text."""
    for length in sorted({len(value) for value in values} - {0}):
        for start in range(len(text) - length + 1):
            if text[start : start + length] not in values:
                continue
            end = start + length
            if length >= SHORT_NAME or text.startswith(TITLES, end):
                yield start, end


def _finding(text: str, where: tuple[int, int], code: str) -> Finding:
    start, end = where
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    told = "" if code in ("resident_named", "place_suppressed") else text[start:end]
    return Finding(line, column, code, told)


@cache
def _rules() -> _Rules:
    raw = files("azukari.incident").joinpath("templates", "release.toml").read_bytes()
    try:
        return msgspec.toml.decode(raw, type=_Rules)
    except msgspec.DecodeError:
        raise BadSettings("release.toml: not a table of rules") from None


@cache
def _compiled() -> tuple[
    tuple[Rule, tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]], ...
]:
    """The rules with their patterns, which are folded as a text is."""
    return tuple(
        (
            rule,
            tuple(_pattern(one, NUMBER_JA, _rules().secrets_ja) for one in rule.ja),
            tuple(_pattern(one, NUMBER_EN, _rules().secrets_en) for one in rule.en),
        )
        for rule in _rules().rule
    )


@cache
def _secrets() -> tuple[re.Pattern[str], re.Pattern[str]]:
    rules = _rules()
    return _pattern(rules.secrets_ja, "", ""), _pattern(
        f"(?<![a-z])(?:{rules.secrets_en})(?![a-z])", "", ""
    )


def _pattern(text: str, numbers: str, secrets: str) -> re.Pattern[str]:
    filled = text.replace("{N}", f"(?:{numbers})").replace("{S}", secrets)
    # Only kana and width are folded: spaces and letters of the pattern's own signs stay.
    return re.compile(_kana(filled))


def _kana(pattern: str) -> str:
    hiragana = {code: code + 0x60 for code in range(0x3041, 0x3097)}
    wide = {code: code - 0xFEE0 for code in range(0xFF21, 0xFF5B)}
    lowered = pattern.translate(hiragana).translate(wide)
    return re.sub(r"(?<!\\)[A-Z]", lambda found: found[0].lower(), lowered)
