"""Why one household gets its answer: every criterion, every member, every sentence.

It judges nothing: it puts the words of the programme beside what ``determine`` found.  Members
are known by their ordinal; no name, number, address or birth date comes in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from azukari.benefit.rules import HOUSEHOLD_CRITERIA, PERSON_CRITERIA, Programme, Sentence

# What a record says of a member, as found; None stands for not known or not recorded.
FACTS: Final = (
    "recorded",
    "status",
    "levied_yen",
    "total_income_yen",
    "dependants",
    "limit_yen",
    "disabled",
    "widowed",
    "single_parent",
    "payer_here",
    "payer_levy",
    "dependant_elsewhere",
)


class Criterion(msgspec.Struct, frozen=True):
    """One question, its answer (None: not known) and the sentence that asks it."""

    code: str
    holds: bool | None
    sentence: Sentence


class Reason(msgspec.Struct, frozen=True):
    """A code and the sentence that says it."""

    code: str
    sentence: Sentence


class Member(msgspec.Struct, frozen=True):
    """One member of the household, by ordinal in the roll."""

    ordinal: int
    counted: bool | None  # registered on the base date
    levy: str | None  # 'exempt', 'taxed' or not known
    reason: Reason
    dependence: Reason
    facts: dict[str, bool | int | str | None]  # by FACTS, yen and persons as numbers
    criteria: tuple[Criterion, ...]


class Explanation(msgspec.Struct, frozen=True):
    """The whole answer, ready to be printed or encoded as JSON by a door."""

    programme: str
    name_ja: str
    name_en: str
    answer: str
    reason: Reason
    criteria: tuple[Criterion, ...]
    members: tuple[Member, ...]


def explain(
    programme: Programme, members: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]
) -> Explanation:
    """Put words to what was found for one household.

    Args:
        members: rows of ``determine.evidence`` for every member, in the order to be shown.
        answer: the row of ``determine.tally`` for them.
    """
    return Explanation(
        programme=programme.id,
        name_ja=programme.name_ja,
        name_en=programme.name_en,
        answer=answer["answer"],
        reason=_reason(programme, answer["reason"]),
        criteria=_criteria(programme, HOUSEHOLD_CRITERIA, answer),
        members=tuple(_member(programme, row) for row in members),
    )


def lines(explanation: Explanation, language: str = "ja") -> list[str]:
    """The explanation as plain lines in 'ja' or 'en', for a terminal or a log of the office."""
    marks = {True: "○", False: "×", None: "?"}

    def said(sentence: Sentence) -> str:
        return sentence.ja if language == "ja" else sentence.en

    def asked(criterion: Criterion, indent: str) -> str:
        sentence = criterion.sentence
        source = f"[{sentence.source}; {sentence.certainty}]"
        return f"{indent}{marks[criterion.holds]} {said(sentence)} {source}"

    name = explanation.name_ja if language == "ja" else explanation.name_en
    out = [name, f"{explanation.answer}: {said(explanation.reason.sentence)}"]
    out += [asked(criterion, "  ") for criterion in explanation.criteria]
    for member in explanation.members:
        out.append(f"#{member.ordinal}: {said(member.reason.sentence)}")
        seen = (f"{fact}={_plain(value)}" for fact, value in member.facts.items())
        out.append("    " + " ".join(seen))
        out += [asked(criterion, "    ") for criterion in member.criteria]
    return out


def _member(programme: Programme, row: Mapping[str, Any]) -> Member:
    levy = row["levy"]
    found = dict(row)
    found["registered"] = row["counted"]
    found["levy_exempt"] = None if levy is None else levy == "exempt"
    found["dependant"] = {"dependant": True, "independent": False}.get(row["dependence"])
    return Member(
        ordinal=row["ordinal"],
        counted=row["counted"],
        levy=levy,
        reason=_reason(programme, row["reason"]),
        dependence=_reason(programme, row["dependence"]),
        facts={fact: row[fact] for fact in FACTS},
        criteria=_criteria(programme, PERSON_CRITERIA, found),
    )


def _reason(programme: Programme, code: str) -> Reason:
    return Reason(code, programme.reason[code])


def _criteria(
    programme: Programme, codes: Sequence[str], found: Mapping[str, Any]
) -> tuple[Criterion, ...]:
    return tuple(Criterion(code, found[code], programme.criterion[code]) for code in codes)


def _plain(value: bool | int | str | None) -> str:
    if value is None:
        return "?"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
