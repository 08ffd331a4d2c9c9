"""The tax facts of the invented city: income, dependants, status, assistance.

Arrays with one entry per person.  Facts come first and the status follows from them, as the
municipal tax law has it for fiscal 2021 in an area of the first class; then the cases that make a
tax office's life hard are laid over exactly as many households as the plan says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from azukari.rehearse.city_people import FIRST_MINOR, LEVY_DAY, YEAR_DAYS, People
from azukari.rehearse.city_plan import MAKES, Case, Households, Ints, Mask, Role, choose, quota

LEVY_YEN: Final = 5_800
RELIEF_YEN: Final = 1_350_000  # up to here the disabled, widowed, lone parents, minors are exempt
DEPENDANT_YEN: Final = 480_000  # nobody with more income is somebody's dependant
_ALONE_YEN: Final = 450_000  # up to here anybody is exempt


class Status(IntEnum):
    """The third column of the tax file; ``NONE`` has no row there."""

    NONE = 0
    TAXED = 1
    EXEMPT = 2
    UNDECLARED = 3
    ASKING = 4
    TREATY = 5


NOBODY, TAXED_ELSEWHERE, EXEMPT_ELSEWHERE, UNKNOWN_ELSEWHERE = -1, -2, -3, -4


@dataclass(frozen=True)
class Tax:
    """One entry per person; what an entry without row holds means nothing."""

    status: Ints
    income: Ints
    income_known: Mask
    dependants: Ints
    dependants_known: Mask
    disabled: Ints  # 0, 1, or 2 where the cell is empty
    widowed: Ints
    single_parent: Ints
    payer: Ints  # a person, or one of NOBODY … UNKNOWN_ELSEWHERE
    assistance: Mask  # receives it
    paid: Mask  # into an account the city knows
    limit: Ints  # income up to which somebody with so many dependants is exempt


def tax(homes: Households, folk: People, random: np.random.Generator) -> Tax:
    """Invent everybody's tax facts so that every household meets its case."""
    count, heads = len(homes.of), homes.first
    case = homes.case[homes.of]
    here = folk.since <= LEVY_DAY
    earner = _earners(homes, folk)
    is_earner = np.zeros(count, dtype=np.bool_)
    is_earner[earner] = True
    record = here & (~folk.minor | is_earner)  # some students are minors
    dependent = _dependants(homes, folk, here & ~is_earner, random)
    record = _fill_up(record, dependent, homes, folk, random)
    payer = np.where(dependent, earner[homes.of], NOBODY)
    payer = _payers_elsewhere(homes, folk, earner, payer, random)
    dependants = np.bincount(payer[payer >= 0], minlength=count)
    limit = 350_000 * (1 + dependants) + 100_000 + 210_000 * (dependants > 0)

    disabled, widowed, single_parent = _circumstances(homes, folk, record, random)
    relieved = disabled | widowed | single_parent | folk.minor
    reach = np.where(relieved, np.maximum(limit, RELIEF_YEN), limit)
    assistance, paid = _assistance(homes, random)
    high = _high(homes, case, is_earner, payer, folk, random)
    income = _incomes(high, reach, limit, payer, case, random)
    over = assistance & paid & ~folk.minor & (random.random(count) < 0.12)
    income = np.where(over, reach + random.integers(1, 500_000, count), income)
    income, exact = _edges(homes, earner, relieved, assistance, limit, dependants, income, random)

    lawful = np.where((income <= reach) | paid, Status.EXEMPT, Status.TAXED)
    spare = (case == Case.TAXED) & record & ~is_earner & (payer == NOBODY) & ~exact
    status = _statuses(homes, folk, lawful, record, high, spare, random)
    certain = exact.copy()
    certain[heads[homes.case == Case.DISAGREE]] = True
    silent = (status == Status.UNDECLARED) | (status == Status.ASKING)
    return Tax(
        status=status,
        income=income,
        income_known=~silent & (certain | (random.random(count) >= 0.012)),
        dependants=dependants,
        dependants_known=certain | (random.random(count) >= 0.004),
        disabled=_with_gaps(disabled, certain, random),
        widowed=_with_gaps(widowed, certain, random),
        single_parent=_with_gaps(single_parent, certain, random),
        payer=np.where(status == Status.NONE, NOBODY, payer),
        assistance=assistance,
        paid=paid,
        limit=limit,
    )


def _earners(homes: Households, folk: People) -> Ints:
    """Whose income the household lives on: the head, or a grown child of an old head."""
    earner = homes.first.copy()
    grown = np.flatnonzero(homes.role == Role.GROWN)
    home, at = np.unique(homes.of[grown], return_index=True)
    old = folk.birth[homes.first[home]] < LEVY_DAY - 68 * YEAR_DAYS
    old &= homes.case[home] == Case.TAXED
    earner[home[old]] = grown[at[old]]
    return earner


def _dependants(homes: Households, folk: People, may: Mask, random: np.random.Generator) -> Mask:
    """Who is a dependant of the household's earner."""
    taxed = (homes.case == Case.TAXED)[homes.of]
    chance = np.zeros(len(may))
    for role, if_taxed, if_not in (
        (Role.HEAD, 0.5, 0.0),
        (Role.SPOUSE, 0.36, 0.8),
        (Role.MINOR, 1.0, 1.0),
        (Role.GROWN, 0.18, 0.3),
        (Role.PARENT, 0.6, 0.5),
    ):
        of_role = homes.role == role
        chance[of_role] = np.where(taxed[of_role], if_taxed, if_not)
    case = homes.case[homes.of]
    out = np.isin(case, (Case.ONLY_DEPENDANTS, Case.MOVED_IN, Case.AFTER_BASE_DATE))
    dependent: Mask = may & ~out & (folk.birth < LEVY_DAY) & (random.random(len(may)) < chance)
    return dependent


def _fill_up(
    record: Mask, dependent: Mask, homes: Households, folk: People, random: np.random.Generator
) -> Mask:
    """78 % of persons have a tax record: some minors of 15 or more too, or not every dependant.

    (0.6 % will be those of newcomers about whom another city was asked.)
    """
    record = record.copy()
    missing = round(0.774 * len(record)) - int(record.sum())
    if missing > 0:
        youths = dependent & folk.minor & (folk.birth < FIRST_MINOR + 5 * YEAR_DAYS) & ~record
        record[choose(random, missing, youths)] = True
    else:
        spare = record & dependent & (homes.case[homes.of] == Case.TAXED)
        record[choose(random, -missing, spare)] = False
    return record


def _payers_elsewhere(
    homes: Households, folk: People, earner: Ints, payer: Ints, random: np.random.Generator
) -> Ints:
    """Dependants of somebody outside the household, in the city or out of it."""
    payer = payer.copy()
    only = np.flatnonzero(homes.case == Case.ONLY_DEPENDANTS)
    born = folk.birth[homes.first]
    elders = only[born[only] < LEVY_DAY - 60 * YEAR_DAYS]
    # An old couple of whom only one is a grown child's dependant stays eligible.
    pairs = (homes.case == Case.ELIGIBLE) & (homes.size == 2) & (born < LEVY_DAY - 66 * YEAR_DAYS)
    pairs &= homes.role[np.minimum(homes.first + 1, len(payer) - 1)] == Role.SPOUSE
    halves = homes.first[choose(random, quota(len(born), 0.4), pairs)] + 1
    children = (homes.case == Case.TAXED) & (folk.birth[earner] < LEVY_DAY - 35 * YEAR_DAYS)
    children &= folk.birth[earner] > LEVY_DAY - 62 * YEAR_DAYS
    chosen = earner[choose(random, len(elders) + len(halves), children)]
    whom = np.full(len(homes.make), TAXED_ELSEWHERE, dtype=np.int64)
    near = elders[: int(len(elders) * 0.7)]
    whom[near[: len(chosen)]] = chosen[: len(near)]
    inside = (homes.case == Case.ONLY_DEPENDANTS)[homes.of]
    payer[inside] = whom[homes.of[inside]]
    payer[halves[: len(chosen[len(near) :])]] = chosen[len(near) :][: len(halves)]
    payer[homes.first[homes.case == Case.UNKNOWN_PAYER]] = UNKNOWN_ELSEWHERE
    alone = (homes.case == Case.ELIGIBLE) & (homes.size == 1)
    payer[homes.first[choose(random, quota(len(born), 0.3), alone)]] = EXEMPT_ELSEWHERE
    return payer


def _circumstances(
    homes: Households, folk: People, record: Mask, random: np.random.Generator
) -> tuple[Mask, Mask, Mask]:
    count = len(record)
    is_head = homes.role == Role.HEAD
    lone = np.array(["S" not in made.roles and "M" in made.roles for made in MAKES])
    lone_parent = is_head & lone[homes.make][homes.of]
    old = folk.birth < LEVY_DAY - 60 * YEAR_DAYS
    disabled = record & (random.random(count) < np.where(old, 0.07, 0.025))
    widowed = is_head & old & ~folk.male & (homes.size[homes.of] < 3)
    widowed &= random.random(count) < 0.12
    return disabled, widowed, lone_parent & (random.random(count) < 0.85)


def _assistance(homes: Households, random: np.random.Generator) -> tuple[Mask, Mask]:
    """4 % of persons receive assistance, most of them single and old; a tenth of them in cash."""
    roles = [made.roles for made in MAKES]
    weight = np.array([2.0 if r == "H" else 1.5 if "S" not in r else 0.5 for r in roles])
    weight *= [2.5 if made.head_from >= 65 else 1.0 for made in MAKES]
    chosen = choose(random, len(homes.make), weight[homes.make] * (homes.case == Case.ELIGIBLE))
    persons = np.cumsum(homes.size[chosen])
    chosen = chosen[persons <= round(0.04 * len(homes.of))]
    receives = np.zeros(len(homes.make), dtype=np.bool_)
    receives[chosen] = True
    paid = receives.copy()
    paid[chosen[::10]] = False
    return receives[homes.of], paid[homes.of]


def _high(
    homes: Households,
    case: Ints,
    is_earner: Mask,
    payer: Ints,
    folk: People,
    random: np.random.Generator,
) -> Mask:
    """Whose income lies above what is exempt."""
    free = (payer == NOBODY) & ~folk.minor & (random.random(len(case)) < 0.85)
    high: Mask = (case == Case.TAXED) & (is_earner | free)
    high[homes.first[homes.case == Case.DISAGREE][::2]] = True
    high[homes.first[homes.case == Case.TREATY]] = True
    return high


def _incomes(
    high: Mask, reach: Ints, limit: Ints, payer: Ints, case: Ints, random: np.random.Generator
) -> Ints:
    count = len(high)
    share = random.random(count)
    bound = np.where(payer == NOBODY, reach, np.minimum(limit, _ALONE_YEN))
    low = np.where(share < 0.3, 0, (random.random(count) * bound).astype(np.int64))
    some_more = (case == Case.TAXED) & (payer != NOBODY) & (share > 0.95)
    low = np.where(some_more, random.integers(_ALONE_YEN + 1, DEPENDANT_YEN + 1, count), low)
    above = reach + 1_000 + random.lognormal(14.25, 0.7, count).astype(np.int64)
    return np.where(high, above, low)


def _statuses(
    homes: Households,
    folk: People,
    lawful: Ints,
    record: Mask,
    high: Mask,
    spare: Mask,
    random: np.random.Generator,
) -> Ints:
    """What stands in the tax file: the lawful status, but for those whose case says otherwise."""
    status, heads = lawful.copy(), homes.first
    disagree = heads[homes.case == Case.DISAGREE]  # one way or the other
    status[disagree] = np.where(high[disagree], Status.EXEMPT, Status.TAXED)
    status[heads[homes.case == Case.TREATY]] = Status.TREATY
    undeclared = heads[homes.case == Case.UNDECLARED]
    status[undeclared] = Status.UNDECLARED
    status[choose(random, quota(len(heads), 0.8), spare)] = Status.UNDECLARED
    newcomer = (homes.case == Case.MOVED_IN)[homes.of] & ~folk.minor
    asked = newcomer & (random.random(len(status)) < 0.25)
    status = np.where(record, status, np.where(asked, Status.ASKING, Status.NONE))
    status[undeclared[::6]] = Status.NONE  # some are not in the file at all
    return status


def _edges(
    homes: Households,
    earner: Ints,
    relieved: Mask,
    assistance: Mask,
    limit: Ints,
    dependants: Ints,
    income: Ints,
    random: np.random.Generator,
) -> tuple[Ints, Mask]:
    """Incomes one yen below, at and above the threshold, in more than 1 % of households each."""
    income, exact = income.copy(), np.zeros(len(income), dtype=np.bool_)
    plain = ~relieved[earner] & ~assistance[earner]
    helped = relieved[earner] & ~assistance[earner] & (dependants[earner] < 2)
    for case, among, percent, above in (
        (Case.ELIGIBLE, plain, 1.3, 0),
        (Case.ELIGIBLE, plain, 1.3, -1),
        (Case.TAXED, plain, 1.3, 1),
        (Case.ELIGIBLE, helped, 0.2, 0),
        (Case.TAXED, helped, 0.2, 1),
    ):
        free = (homes.case == case) & among & ~exact[earner]
        chosen = earner[choose(random, quota(len(earner), percent), free)]
        income[chosen] = (RELIEF_YEN if among is helped else limit[chosen]) + above
        exact[chosen] = True
    return income, exact


def _with_gaps(true: Mask, certain: Mask, random: np.random.Generator) -> Ints:
    gap = ~certain & (random.random(len(true)) < 0.004)
    return np.where(gap, 2, true.astype(np.int64))
