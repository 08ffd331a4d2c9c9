"""Accounts of the invented city: who is paid assistance or child allowance, and where.

Bank codes begin with 9 and belong to nobody's bank; an account holder is always a resident.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from azukari.rehearse.city_people import LEVY_DAY, YEAR_DAYS, People
from azukari.rehearse.city_plan import Households, Ints, Role, choose
from azukari.rehearse.city_tax import Tax

ASSISTANCE, CHILD_ALLOWANCE = 0, 1


@dataclass(frozen=True)
class Accounts:
    """One entry per account row, never two for one person and kind."""

    person: Ints
    kind: Ints
    holder: Ints  # a person
    bank: Ints  # three digits, behind a 9
    branch: Ints
    type: Ints
    number: Ints


def accounts(homes: Households, folk: People, facts: Tax, random: np.random.Generator) -> Accounts:
    """Assistance: every member, into the head's account.  Allowance: parents, into their own.

    The child-allowance file of a city is older than its children: it still holds who once
    received, so that it comes to 14.9 % of persons.
    """
    helped = np.flatnonzero(facts.paid)
    parents = _parents(homes, folk, random)
    holder = np.concatenate([homes.first[homes.of[helped]], parents])
    count = len(folk.birth)  # an account for everybody, of which only some are known
    bank = random.integers(1, 40, count) * 7 % 1000
    branch = random.integers(1, 900, count)
    kind = np.where(random.random(count) < 0.04, 2, 1)
    number = random.integers(10_000, 10_000_000, count)
    return Accounts(
        person=np.concatenate([helped, parents]),
        kind=np.repeat([ASSISTANCE, CHILD_ALLOWANCE], [len(helped), len(parents)]),
        holder=holder,
        bank=bank[holder],
        branch=branch[holder],
        type=kind[holder],
        number=number[holder],
    )


def _parents(homes: Households, folk: People, random: np.random.Generator) -> Ints:
    child = (homes.role == Role.MINOR) | (homes.role == Role.GROWN)
    young = child & (folk.birth > LEVY_DAY - 22 * YEAR_DAYS)
    entitled = np.bincount(homes.of, weights=young, minlength=len(homes.make)) > 0
    heads = homes.first[entitled]
    spouses = np.flatnonzero((homes.role == Role.SPOUSE) & entitled[homes.of])
    wanted = round(0.149 * len(folk.birth))
    second = choose(random, max(0, wanted - len(heads)), np.ones(len(spouses), dtype=np.bool_))
    return np.concatenate([heads[:wanted], np.sort(spouses[second])])
