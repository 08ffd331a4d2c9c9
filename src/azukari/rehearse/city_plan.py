"""The plan of the invented city: how many households of which make, and what becomes of each.

Shares, not people: tables and the exact counts drawn from them.  A count is fixed first and
members are invented to fit it, so the city keeps its proportions at every size and seed.

The proportions are those of a Japanese city of 460,000 in 2020 and 2021: about 2.08 persons a
household, 28 % of persons 65 or older, 33.8 % of households entitled to the benefit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

PERSONS_PER_HOUSEHOLD: Final = 2.0758


class Role(IntEnum):
    """What a member is to the household; the first is always its head."""

    HEAD = 0
    SPOUSE = 1
    MINOR = 2  # a child born on or after 2001-01-03
    GROWN = 3  # a child born before
    PARENT = 4
    OTHER = 5


@dataclass(frozen=True)
class Make:
    """One make of household."""

    share: float  # of a hundred households
    roles: str  # one letter a member: Head Spouse Minor Grown Parent Other
    head_from: float  # age of the head on 2021-01-02
    head_to: float
    exempt: float  # how readily such a household has nobody who pays the levy


MAKES: Final = (
    Make(20.6, "H", 20, 65, 0.27),  # must stay first: sizes are evened out between it
    Make(6.8, "HS", 27, 65, 0.13),  # and this one
    Make(20.0, "H", 65, 98, 0.66),
    Make(2.3, "H", 18.3, 24, 0.30),  # students
    Make(12.1, "HS", 65, 94, 0.52),
    Make(2.8, "HM", 23, 56, 0.62),
    Make(4.8, "HG", 48, 92, 0.30),
    Make(1.0, "HO", 24, 80, 0.20),
    Make(4.9, "HSM", 24, 58, 0.08),
    Make(5.3, "HSG", 48, 84, 0.11),
    Make(1.5, "HMM", 26, 56, 0.66),
    Make(1.5, "HSP", 42, 66, 0.10),
    Make(1.8, "HGG", 55, 88, 0.14),
    Make(6.2, "HSMM", 29, 58, 0.06),
    Make(3.1, "HSGG", 50, 78, 0.07),
    Make(0.7, "HSMP", 34, 56, 0.05),
    Make(0.6, "HSMG", 44, 60, 0.05),
    Make(0.4, "HMMM", 28, 50, 0.66),
    Make(2.0, "HSMMM", 31, 57, 0.08),
    Make(0.8, "HSMMP", 34, 54, 0.05),
    Make(0.5, "HSMMMP", 36, 52, 0.05),
    Make(0.2, "HSMMPP", 36, 52, 0.04),
    Make(0.1, "HSMMMPO", 36, 50, 0.04),
)
SINGLE, COUPLE, STUDENT = 0, 1, 3
_OLD: Final = (2, 4)
_LETTERS: Final = dict(zip("HSMGPO", Role, strict=True))


class Case(IntEnum):
    """What becomes of a household when the benefit is decided; every household has one."""

    TAXED = 0  # somebody pays the levy: not eligible
    ELIGIBLE = 1
    ONLY_DEPENDANTS = 2  # of somebody who is taxed: not eligible
    AFTER_BASE_DATE = 3  # nobody lived here on the base date: not eligible
    MOVED_IN = 4  # after the first of January: taxed elsewhere, undecided
    UNDECLARED = 5
    TREATY = 6
    DISAGREE = 7  # levy and facts: undecided
    UNKNOWN_PAYER = 8  # dependants of somebody elsewhere of whom nothing is known


CASE_SHARES: Final = {  # of a hundred households; the rest is TAXED
    Case.ONLY_DEPENDANTS: 1.9,
    Case.AFTER_BASE_DATE: 1.3,
    Case.MOVED_IN: 3.9,
    Case.UNDECLARED: 1.7,
    Case.TREATY: 1.25,
    Case.DISAGREE: 1.4,
    Case.UNKNOWN_PAYER: 0.35,
    Case.ELIGIBLE: 33.8,
}


@dataclass(frozen=True)
class Households:
    """One entry per household and, behind ``of``, one per person in file order."""

    make: Ints
    case: Ints
    size: Ints
    first: Ints  # the person who is the household's head
    of: Ints  # person → household
    role: Ints  # person → Role


def plan(residents: int, random: np.random.Generator) -> Households:
    """Households for exactly ``residents`` persons, each with its make and its case."""
    counts = _counts(residents)
    make = np.repeat(np.arange(len(MAKES)), counts)
    random.shuffle(make)
    size = np.array([len(made.roles) for made in MAKES])[make]
    first = np.cumsum(size) - size
    of = np.repeat(np.arange(len(make)), size)
    letters = np.zeros((len(MAKES), max(len(made.roles) for made in MAKES)), dtype=np.int64)
    for number, made in enumerate(MAKES):
        letters[number, : len(made.roles)] = [_LETTERS[letter] for letter in made.roles]
    role = letters[make[of], np.arange(residents) - first[of]]
    return Households(make, _cases(make, random), size, first, of, role)


def choose(random: np.random.Generator, count: int, weight: Floats | Mask) -> Ints:
    """Exactly ``count`` different places (fewer if fewer have a weight), in random order."""
    key = random.exponential(size=len(weight))
    with np.errstate(divide="ignore"):
        key /= weight.astype(np.float64)
    count = min(count, int(np.count_nonzero(weight)))
    return np.argsort(key, kind="stable")[:count].astype(np.int64)


def quota(whole: int, percent: float) -> int:
    """The count that is at least ``percent`` of a hundred."""
    return int(np.ceil(whole * percent / 100))


def _counts(residents: int) -> list[int]:
    """Households of each make: largest remainders, then as many persons as were asked for."""
    households = max(1, round(residents / PERSONS_PER_HOUSEHOLD))
    whole = sum(made.share for made in MAKES)
    exact = [households * made.share / whole for made in MAKES]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(MAKES)), key=lambda make: counts[make] - exact[make])
    for make in by_remainder[: households - sum(counts)]:
        counts[make] += 1
    missing = residents - sum(
        count * len(made.roles) for count, made in zip(counts, MAKES, strict=True)
    )
    move = max(-counts[COUPLE], min(missing, counts[SINGLE]))
    counts[SINGLE] -= move
    counts[COUPLE] += move
    counts[SINGLE] += max(0, missing - move)
    return counts


def _cases(make: Ints, random: np.random.Generator) -> Ints:
    case = np.full(len(make), Case.TAXED, dtype=np.int64)
    for wanted, share in CASE_SHARES.items():
        weight = np.array([_weight(wanted, number) for number in range(len(MAKES))])[make]
        weight[case != Case.TAXED] = 0.0
        case[choose(random, round(len(make) * share / 100), weight)] = wanted
    return case


def _weight(case: Case, make: int) -> float:
    """How readily a household of this make comes to this case."""
    made = MAKES[make]
    if case is Case.ELIGIBLE:
        return made.exempt
    if case is Case.ONLY_DEPENDANTS:
        return 30.0 if make == STUDENT else 0.8 if make in _OLD else 0.0
    if make == STUDENT:  # a minor without tax record counts as exempt, wherever from
        return 0.0
    if case is Case.UNKNOWN_PAYER:
        return 1.0 if len(made.roles) == 1 else 0.0
    if case in (Case.MOVED_IN, Case.AFTER_BASE_DATE):
        return 0.2 if made.head_from >= 48 else 1.0
    return 1.0
