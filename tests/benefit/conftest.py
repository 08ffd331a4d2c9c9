"""A roll by hand, random rolls, and the slow judge: plain Python, one person at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from azukari.benefit.rules import Programme, load
from azukari.roll.columns import ACCOUNTS_SCHEMA, REGISTER_SCHEMA, TAX_SCHEMA, Roll

SINCE = (
    None,
    date(1999, 4, 1),
    date(2021, 1, 1),
    date(2021, 1, 2),
    date(2021, 12, 10),
    date(2021, 12, 11),
)
BIRTHS = (
    (None, None),
    (date(1950, 5, 5), date(1950, 5, 5)),
    (date(2001, 1, 2), date(2001, 1, 2)),
    (date(2001, 1, 3), date(2001, 1, 3)),
    (date(2001, 1, 1), date(2001, 1, 31)),
    (date(2001, 1, 2), date(2001, 1, 3)),
    (date(2010, 1, 1), date(2010, 12, 31)),
)
INCOMES = (None, 0, 450_000, 450_001, 1_010_000, 1_350_000, 1_350_001, 1_360_001, 9_000_000)
STATUSES = ("taxed", "exempt", "undeclared", "asking", "treaty")
TRUTHS = (None, None, False, False, False, True)


@dataclass
class Somebody:
    """One row of the register with what else is known about that person."""

    household: int = 0
    since: date | None = date(1999, 4, 1)
    birth: tuple[date | None, date | None] = (date(1950, 5, 5), date(1950, 5, 5))
    record: dict[str, Any] | None = field(default_factory=dict)
    payer: int | None = None  # position of the payer in the register
    accounts: tuple[str, ...] = ()
    unsettled: bool = False  # a row about them, or about their household, was refused


def roll_of(people: Sequence[Somebody]) -> Roll:
    """Those people as a roll of the schemas that intake writes."""
    number = [f"88{place:08d}" for place in range(len(people))]
    register, tax, accounts = [], [], []
    for place, one in enumerate(people):
        register.append(
            {
                "ordinal": place,
                "line": place + 2,
                "resident": number[place],
                "household": f"77{one.household:08d}",
                "name": "架空　太郎",
                "name_fold": "架空太郎",
                "birth_from": one.birth[0],
                "birth_to": one.birth[1],
                "resident_since": one.since,
                "suppressed": False,
            }
        )
        if one.record is not None:
            row: dict[str, Any] = {"ordinal": place, "line": place + 2, "resident": number[place]}
            row |= {"status": "exempt", **one.record}
            row["dependant_of"] = None if one.payer is None else number[one.payer]
            tax.append(row)
        for kind in one.accounts:
            account: dict[str, Any] = {"ordinal": place, "line": 2, "resident": number[place]}
            account |= {"kind": kind, "bank": "9001", "branch": "001", "account_type": "1"}
            accounts.append(account | {"number": "0000001", "holder": "ｶｸｳ ﾀﾛｳ"})
    return Roll(
        pa.Table.from_pylist(register, schema=REGISTER_SCHEMA),
        pa.Table.from_pylist(tax, schema=TAX_SCHEMA),
        pa.Table.from_pylist(accounts, schema=ACCOUNTS_SCHEMA),
    )


def draw(choose: Callable[[Sequence[Any]], Any], size: int, homes: int) -> list[Somebody]:
    """That many random people; ``choose`` picks one of a sequence."""
    people = []
    for _ in range(size):
        record, payer = None, None
        if choose((True, True, True, False)):
            record = {
                "status": choose(STATUSES[:2] * 4 + STATUSES),
                "levied_yen": choose((None, 0, 0, 5800)),
                "total_income_yen": choose(INCOMES),
                "dependants": choose((None, 0, 0, 1, 2, 100, 2**62)),
                "disabled": choose(TRUTHS),
                "widowed": choose(TRUTHS),
                "single_parent": choose(TRUTHS),
                "dependant_elsewhere": choose((None, None, None, "taxed", "exempt", "unknown")),
            }
            payer = choose((None, None, choose(range(size))))
        accounts = choose(((), (), (), ("assistance",), ("child_allowance", "assistance")))
        lost = choose((False,) * 9 + (True,))
        home, since, birth = choose(range(homes)), choose(SINCE), choose(BIRTHS)
        people.append(Somebody(home, since, birth, record, payer, accounts, lost))
    return people


def unsettled(people: Sequence[Somebody]) -> list[int]:
    """The ordinals of those about whom a row was refused."""
    return [place for place, one in enumerate(people) if one.unsettled]


def either(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's or."""
    seen = set(truths)
    return True if True in seen else None if None in seen else False


def every(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's and."""
    seen = set(truths)
    return False if False in seen else None if None in seen else True


def judge_levy(one: Somebody) -> tuple[str | None, str]:
    """'exempt', 'taxed' or None, and why: for fiscal year 2021, in so many words."""
    if one.unsettled:
        return None, "row_refused"
    first, last = one.birth
    minor = None
    if first is not None and first > date(2001, 1, 2):
        minor = True
    if last is not None and last <= date(2001, 1, 2):
        minor = False

    if one.record is None:
        if minor:
            return "exempt", "minor_without_record"
        if minor is None:
            return None, "birth_unknown"
        if one.since is None:
            return None, "since_unknown"
        return None, "moved_in" if one.since > date(2021, 1, 1) else "undeclared"

    said = {"status": "exempt", **one.record}
    if said["status"] not in ("exempt", "taxed"):
        return None, said["status"]
    income, n, yen = (said.get(x) for x in ("total_income_yen", "dependants", "levied_yen"))
    spared = either([minor, *(said.get(x) for x in ("disabled", "widowed", "single_parent"))])
    within = None if income is None else income <= 1_350_000
    low = None
    if income is not None and n is not None and 0 <= n <= 99:
        low = income <= 350_000 * (1 + n) + 100_000 + (210_000 if n else 0)
    poor = either(["assistance" in one.accounts, every([spared, within]), low])
    if said["status"] == "exempt":
        wrong = poor is False or (yen is not None and yen > 0)
    else:
        wrong = poor is True or yen == 0
    return (None, "disagree") if wrong else (said["status"], said["status"])


def judge_dependence(one: Somebody, people: Sequence[Somebody]) -> str:
    """Whether that person is the dependant of somebody taxed."""
    if one.record is None or one.unsettled:
        return "dependence_unknown"
    levies = []
    if one.payer is not None:
        levies.append(judge_levy(people[one.payer])[0])
    elsewhere = one.record.get("dependant_elsewhere")
    if elsewhere is not None:
        levies.append(None if elsewhere == "unknown" else elsewhere)
    depends = either([None if levy is None else levy == "taxed" for levy in levies])
    return {True: "dependant", False: "independent", None: "payer_unknown"}[depends]


def judge_household(people: Sequence[Somebody], home: int) -> tuple[str, str]:
    """The answer and its reason for one household."""
    mine = [one for one in people if one.household == home]
    rows = []
    for one in mine:
        counted = None if one.since is None else one.since <= date(2021, 12, 10)
        if counted is not False:
            rows.append((counted, *judge_levy(one), judge_dependence(one, people)))
    if any(counted and levy == "taxed" for counted, levy, _, _ in rows):
        return "not_eligible", "taxed_member"
    # Whoever was certainly not registered does not matter, unless nobody was.
    asked = [one for one in mine if one.since is None or one.since <= date(2021, 12, 10)]
    if any(one.unsettled for one in asked or mine):
        return "undecided", "row_refused"
    if not rows:
        return "not_eligible", "not_registered_on_base_date"
    if all(dependence == "dependant" for *_, dependence in rows):
        return "not_eligible", "only_dependants"

    outside = any(counted and dependence == "independent" for counted, *_, dependence in rows)
    sure = all(counted for counted, *_ in rows)
    if outside and sure and all(levy == "exempt" for _, levy, _, _ in rows):
        return "eligible", "all_exempt"

    whys = [why for _, levy, why, _ in rows if levy is None]
    for why in ("undeclared", "moved_in", "asking", "treaty", "disagree", "birth_unknown"):
        if why in whys:
            return "undecided", why
    if not outside and any(dependence == "payer_unknown" for *_, dependence in rows):
        return "undecided", "payer_unknown"
    return "undecided", "dependence_unknown" if sure else "since_unknown"


def judge(people: Sequence[Somebody]) -> tuple[list[tuple[Any, ...]], dict[str, tuple[str, str]]]:
    """What ``decide`` must say: persons as rows in order, households by number."""
    persons = []
    for place, one in enumerate(people):
        counted = None if one.since is None else one.since <= date(2021, 12, 10)
        home = f"77{one.household:08d}"
        persons.append((place, home, counted, *judge_levy(one), judge_dependence(one, people)))
    homes = sorted({one.household for one in people})
    return persons, {f"77{home:08d}": judge_household(people, home) for home in homes}


def bulk(seed: int, size: int, homes: int) -> list[Somebody]:
    """The same random people for the same seed."""
    return draw(Random(seed).choice, size, homes)


@dataclass(frozen=True)
class Bench:
    """What the tests of this room share."""

    somebody: type[Somebody] = Somebody
    roll_of: Callable[[Sequence[Somebody]], Roll] = roll_of
    unsettled: Callable[[Sequence[Somebody]], list[int]] = unsettled
    draw: Callable[..., list[Somebody]] = draw
    bulk: Callable[[int, int, int], list[Somebody]] = bulk
    judge: Callable[..., Any] = judge
    judge_levy: Callable[[Somebody], tuple[str | None, str]] = judge_levy


@pytest.fixture(scope="session")
def court() -> Bench:
    """The slow judge and the rolls it is asked about."""
    return Bench()


@pytest.fixture(scope="session")
def programme() -> Programme:
    """The programme of fiscal year 2021."""
    return load("fy2021")
