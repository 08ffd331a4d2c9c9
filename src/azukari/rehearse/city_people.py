"""The people of the invented city: born when, living here since when, called what.

Arrays with one entry per person, in the order of the register; no bytes and no tax.
Days are counted from 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from azukari.rehearse.city_dates import day
from azukari.rehearse.city_names import Names
from azukari.rehearse.city_plan import (
    MAKES,
    STUDENT,
    Case,
    Floats,
    Households,
    Ints,
    Mask,
    Role,
    choose,
    quota,
)

YEAR_DAYS: Final = 365.25
LEVY_DAY: Final = day(2021, 1, 1)  # who lived here then is taxed here
FIRST_MINOR: Final = day(2001, 1, 3)  # born from here on: a minor for the levy of fiscal 2021
BASE_DAY: Final = day(2021, 12, 10)  # who lived here then counts for the benefit
EXPORT_DAY: Final = day(2022, 6, 10)  # the city's system wrote its export


@dataclass(frozen=True)
class People:
    """One entry per person; every array as long as the city has residents."""

    birth: Ints
    since: Ints  # resident since
    male: Mask
    foreign: Mask
    family: Ints  # index of the family name
    given: Ints
    suppressed: Mask
    birth_known: Ints  # 0 the day, 1 the month, 2 the year, 3 nothing
    since_known: Mask

    @property
    def minor(self) -> Mask:
        return self.birth >= FIRST_MINOR


def people(homes: Households, names: Names, random: np.random.Generator) -> People:
    """Invent everybody of the households."""
    birth = _births(homes, random)
    head = homes.first[homes.of]
    male = random.random(len(birth)) < np.where(birth < LEVY_DAY - 65 * YEAR_DAYS, 0.42, 0.5)
    male[homes.first] = random.random(len(homes.first)) < 0.55
    male[homes.first[(homes.size > 1)]] = random.random(int((homes.size > 1).sum())) < 0.85
    lone = np.array(["S" not in made.roles and "M" in made.roles for made in MAKES])[homes.make]
    male[homes.first[lone]] = random.random(int(lone.sum())) < 0.12
    male = np.where(homes.role == Role.SPOUSE, ~male[head], male)
    foreign = (_foreign_homes(homes, random))[homes.of]
    since = _since(homes, birth, random)
    family, given = _names(homes, male, foreign, names, random)
    return People(
        birth=birth,
        since=since,
        male=male,
        foreign=foreign,
        family=family,
        given=given,
        suppressed=_suppressed(homes, lone, random),
        birth_known=_birth_known(homes, birth, random),
        since_known=~_some(
            random, len(birth), 0.1, (homes.case[homes.of] == Case.TAXED) & _incidental(homes)
        ),
    )


def _births(homes: Households, random: np.random.Generator) -> Ints:
    """Ages on 2021-01-02, then birthdays; children may be born up to the export."""
    low = np.array([made.head_from for made in MAKES])[homes.make]
    high = np.array([made.head_to for made in MAKES])[homes.make]
    shape = random.beta(1.15, 1.3, len(homes.make))
    head = (low + shape * (high - low))[homes.of]
    drawn: Floats = random.random(len(homes.of))
    among_children = _among_children(homes, drawn)
    age = head.copy()
    for role, youngest, oldest, place in (
        (Role.SPOUSE, head - 7, head + 4, drawn),
        (Role.MINOR, np.maximum(head - 40, -1.43), np.minimum(head - 20, 19.9), among_children),
        (Role.GROWN, np.maximum(head - 38, 20.1), np.minimum(head - 20, 62), among_children),
        (Role.PARENT, head + 20, head + 34, drawn),
        (Role.OTHER, np.full_like(head, 20.1), np.full_like(head, 80), drawn),
    ):
        ages = oldest - place * np.maximum(oldest - youngest, 0)
        age = np.where(homes.role == role, ages, age)
    age = np.where(age > 104, 104 - drawn, age)
    birth: Ints = (LEVY_DAY + 1 - age * YEAR_DAYS).astype(np.int64)
    # Rounding must not make a minor of anybody else: a minor without tax record is exempt.
    minor = (homes.role == Role.MINOR) | (homes.make[homes.of] == STUDENT)
    birth = np.where(minor, birth, np.minimum(birth, FIRST_MINOR - 1))
    births: Ints = np.minimum(birth, EXPORT_DAY)
    return births


def _among_children(homes: Households, drawn: Floats) -> Floats:
    """Places from 0 (eldest) to 1, so that no two children of a house are born at once."""
    child = np.isin(homes.role, (Role.MINOR, Role.GROWN))
    so_far = np.cumsum(child)
    place = so_far - so_far[homes.first[homes.of]] - 1
    of_house = np.bincount(homes.of, weights=child, minlength=len(homes.make))[homes.of]
    among: Floats = (place + 0.2 + 0.8 * drawn) / np.maximum(of_house, 1)
    return among


def _since(homes: Households, birth: Ints, random: np.random.Generator) -> Ints:
    count = len(homes.make)
    lived = (random.exponential(15 * YEAR_DAYS, count)).astype(np.int64)
    household = LEVY_DAY - lived
    moved = random.integers(LEVY_DAY + 1, BASE_DAY + 1, count)
    after = random.integers(BASE_DAY + 1, EXPORT_DAY + 1, count)
    household = np.where(homes.case == Case.MOVED_IN, moved, household)
    household = np.where(homes.case == Case.AFTER_BASE_DATE, after, household)
    since: Ints = np.maximum(household[homes.of], birth)
    late = (homes.role == Role.OTHER) | (homes.role == Role.PARENT)
    later = np.minimum(since + random.integers(0, 4000, len(birth)), LEVY_DAY)
    since = np.where(late, np.maximum(since, later), since)
    # Some joined a household that already lived here; whose tax is known stays known.
    joins = (homes.case[homes.of] == Case.TAXED) & _incidental(homes)
    arrived = _within(since, birth).sum()
    join = choose(random, max(0, quota(len(birth), 4.0) - int(arrived)), joins)
    since[join] = random.integers(LEVY_DAY + 1, BASE_DAY + 1, len(join))
    joins[join] = False
    join = choose(random, quota(len(birth), 0.4), joins)
    since[join] = random.integers(BASE_DAY + 1, EXPORT_DAY + 1, len(join))
    return since


def _within(since: Ints, birth: Ints) -> Mask:
    within: Mask = (since > LEVY_DAY) & (since <= BASE_DAY) & (birth <= LEVY_DAY)
    return within


def _incidental(homes: Households) -> Mask:
    """Grown members on whom the household's tax does not hang."""
    return np.isin(homes.role, (Role.SPOUSE, Role.OTHER, Role.PARENT))


def _some(random: np.random.Generator, whole: int, percent: float, among: Mask) -> Mask:
    """Exactly so many, as a mask."""
    chosen = np.zeros(whole, dtype=np.bool_)
    chosen[choose(random, quota(whole, percent), among)] = True
    return chosen


def _foreign_homes(homes: Households, random: np.random.Generator) -> Mask:
    count = len(homes.make)
    foreign: Mask = homes.case == Case.TREATY
    rest = max(0, quota(count, 2.6) - int(foreign.sum()))
    foreign[choose(random, rest, ~foreign)] = True
    return foreign


def _names(
    homes: Households, male: Mask, foreign: Mask, names: Names, random: np.random.Generator
) -> tuple[Ints, Ints]:
    homes_count, count = len(homes.make), len(male)
    # Families are of unequal size: the low indexes are drawn more often.
    skewed = (random.random(homes_count) ** 1.6 * len(names.ordinary)).astype(np.int64)
    of_home = names.ordinary.start + skewed
    rare = choose(random, quota(homes_count, 1.4), ~foreign[homes.first])
    of_home[rare] = names.rare.start + np.arange(len(rare)) % len(names.rare)
    family = of_home[homes.of]
    other = (homes.role == Role.OTHER) & ~foreign
    family[other] = names.ordinary.start + random.integers(0, len(names.ordinary), int(other.sum()))
    alien = names.foreign.start + random.integers(0, len(names.foreign), homes_count)
    family = np.where(foreign, alien[homes.of], family)
    each = max(1, count // 20_000)
    attacked = choose(random, each * len(names.attacks), ~foreign)
    family[attacked] = names.attacks.start + np.arange(len(attacked)) % len(names.attacks)
    given = np.where(male, _draw(random, names.male, count), _draw(random, names.female, count))
    return family, np.where(foreign, _draw(random, names.foreign_given, count), given)


def _draw(random: np.random.Generator, among: range, count: int) -> Ints:
    return random.integers(among.start, among.stop, count)


def _suppressed(homes: Households, lone: Mask, random: np.random.Generator) -> Mask:
    """0.3 % of persons: all of a household, or its head alone."""
    weight = np.where(lone, 8.0, 1.0)
    chosen = choose(random, quota(len(homes.make), 0.38), weight)
    whole = np.zeros(len(homes.make), dtype=np.bool_)
    whole[chosen[::2]] = True
    suppressed: Mask = whole[homes.of]
    suppressed[homes.first[chosen[1::2]]] = True
    return suppressed


def _birth_known(homes: Households, birth: Ints, random: np.random.Generator) -> Ints:
    """Who is old and was registered late may have no known day, month or year of birth."""
    known = np.zeros(len(birth), dtype=np.int64)
    old = (birth < LEVY_DAY - 55 * YEAR_DAYS) & (homes.case[homes.of] != Case.MOVED_IN)
    chosen = choose(random, quota(len(birth), 0.25), old)
    known[chosen] = np.array([1, 2, 1, 2, 3])[np.arange(len(chosen)) % 5]
    return known
