"""A programme: the dates, amounts, thresholds and sentences of one benefit, read from its file.

This page says what a programme file must hold and which codes exist.  It is not the rule itself
(that is ``determine``) and needs no query engine to be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec

from azukari.errors import BadSettings, NotFound

ELIGIBLE: Final = "eligible"
NOT_ELIGIBLE: Final = "not_eligible"
UNDECIDED: Final = "undecided"
ANSWERS: Final = (ELIGIBLE, NOT_ELIGIBLE, UNDECIDED)

# Why a household gets its answer.  Where several hold, the first in this order is given: first
# what settles the matter, then what our own intake lost, then what the household itself can mend,
# then what the city must.
HOUSEHOLD_REASONS: Final = {
    "taxed_member": NOT_ELIGIBLE,
    "not_registered_on_base_date": NOT_ELIGIBLE,
    "only_dependants": NOT_ELIGIBLE,
    "all_exempt": ELIGIBLE,
    "row_refused": UNDECIDED,
    "undeclared": UNDECIDED,
    "moved_in": UNDECIDED,
    "asking": UNDECIDED,
    "treaty": UNDECIDED,
    "disagree": UNDECIDED,
    "birth_unknown": UNDECIDED,
    "payer_unknown": UNDECIDED,
    "since_unknown": UNDECIDED,
    "dependence_unknown": UNDECIDED,
}

# Why a person counts as exempt, as taxed, or as neither (None).
PERSON_REASONS: Final[dict[str, str | None]] = {
    "exempt": "exempt",
    "minor_without_record": "exempt",
    "taxed": "taxed",
    "row_refused": None,
    "undeclared": None,
    "moved_in": None,
    "asking": None,
    "treaty": None,
    "disagree": None,
    "birth_unknown": None,
    "since_unknown": None,
}

# Whether a person is the dependant of someone taxed.
DEPENDENCE: Final = ("dependant", "independent", "payer_unknown", "dependence_unknown")

PERSON_CRITERIA: Final = (
    "registered",
    "levy_exempt",
    "assistance",
    "minor",
    "allowance",
    "low_income",
    "facts_exempt",
    "dependant",
)
HOUSEHOLD_CRITERIA: Final = (
    "somebody_registered",
    "registration_known",
    "all_exempt",
    "not_only_dependants",
)

Yen = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Words = Annotated[str, msgspec.Meta(min_length=1)]


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a code means, in words fit for a page, and where the rule stands."""

    ja: Words
    en: Words
    source: Words
    certainty: Literal["S", "T", "M", "U"]  # seen, tested, from memory, uncertain


class Income(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which total income a person is exempt from the per-capita levy."""

    per_head_yen: Yen
    area_percent: Literal[80, 90, 100]  # the area class of the municipality
    fixed_yen: Yen
    with_dependants_yen: Yen
    allowance_yen: Yen  # disabled, widowed, single parents and minors

    def limit(self, dependants: int) -> int:
        """The highest exempt total income in yen of someone with so many dependants."""
        extra = self.scaled_extra if dependants >= 1 else 0
        return self.scaled_per_head * (1 + dependants) + self.fixed_yen + extra

    @property
    def scaled_per_head(self) -> int:
        """Yen for each head in this area class."""
        return self.per_head_yen * self.area_percent // 100

    @property
    def scaled_extra(self) -> int:
        """Yen added once for somebody with dependants, in this area class."""
        return self.with_dependants_yen * self.area_percent // 100


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One benefit as a city runs it: every date and amount that the rule needs."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    name_ja: Words
    name_en: Words
    amount_yen: Yen  # for a household, once
    base_date: date  # in whose register a member must stand
    tax_date: date  # on which the facts behind the levy are taken
    moved_in_from: date  # from this day on the tax facts are with the former municipality
    minor_born_on_or_after: date
    income: Income
    reason: dict[str, Sentence]
    criterion: dict[str, Sentence]


def load(name: str) -> Programme:
    """The programme of that id which ships with the package.

    Raises NotFound where there is none and BadSettings where its file is not right.
    """
    if name not in names():
        raise NotFound("no such programme")
    file = resources.files("azukari.benefit") / "programmes" / f"{name}.toml"
    programme = parse(file.read_bytes())
    if programme.id != name:
        raise BadSettings(f"programme {name}: its file names another id")
    return programme


def names() -> tuple[str, ...]:
    """The ids of the programmes that ship with the package, in alphabetical order."""
    folder = resources.files("azukari.benefit") / "programmes"
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(file[:-5] for file in files if file.endswith(".toml")))


def parse(raw: bytes) -> Programme:
    """A programme from the bytes of its file; BadSettings for any unknown or impossible line."""
    try:
        programme = msgspec.toml.decode(raw, type=Programme)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # A programme holds rules, never residents, so the library's words may be passed on.
        raise BadSettings(f"programme: {_first_line(error)}") from None
    known = {*HOUSEHOLD_REASONS, *PERSON_REASONS, *DEPENDENCE}
    _same_codes("reason", programme.reason, known)
    _same_codes("criterion", programme.criterion, {*PERSON_CRITERIA, *HOUSEHOLD_CRITERIA})
    if not programme.tax_date < programme.moved_in_from <= programme.base_date:
        raise BadSettings("programme: tax_date, moved_in_from and base_date are out of order")
    if programme.minor_born_on_or_after >= programme.tax_date:
        raise BadSettings("programme: minor_born_on_or_after does not lie before tax_date")
    return programme


def _same_codes(what: str, found: Iterable[str], expected: set[str]) -> None:
    missing, unknown = sorted(expected - set(found)), sorted(set(found) - expected)
    if missing:
        raise BadSettings(f"programme: {what} {missing[0]} has no sentence")
    if unknown:
        raise BadSettings(f"programme: unknown {what} {unknown[0]}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
