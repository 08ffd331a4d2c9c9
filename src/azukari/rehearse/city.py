"""An invented city: everybody's register row, tax facts and account, as a city exports them.

Nobody in it exists; names look invented, numbers begin with 88 (residents) and 77 (households),
addresses lie in 架空市.  Proportions are those of a real city of that size.  The three files are
what ``roll.intake`` reads; their columns are those of ``roll.columns``.  It judges nobody: what
it counts is what it planned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from azukari.errors import BadInput
from azukari.rehearse import city_export as export
from azukari.rehearse.city_accounts import Accounts, accounts
from azukari.rehearse.city_dates import era_index, era_texts
from azukari.rehearse.city_homes import addresses
from azukari.rehearse.city_names import Names, account_kana, names
from azukari.rehearse.city_people import BASE_DAY, LEVY_DAY, People, people
from azukari.rehearse.city_plan import Case, Households, Ints, Mask, Role, plan
from azukari.rehearse.city_tax import LEVY_YEN, Status, Tax, tax
from azukari.roll.columns import ACCOUNTS, REGISTER, TAX

MIN_RESIDENTS: Final = 50
MAX_RESIDENTS: Final = 50_000_000
_RELATIONS: Final = ("世帯主", "妻", "夫", "子", "父", "母", "同居人", "長男", "長女")
_STATUS: Final = ("", "課税", "非課税", "未申告", "他市照会中", "条約")
_ELSEWHERE: Final = ("市外不明", "市外非課税", "市外課税", "")  # −4 … −1


@dataclass(frozen=True)
class Invented:
    """What was written: counts only, nobody's value."""

    residents: int
    households: int
    tax_records: int
    accounts: int
    persons: dict[str, int]  # kinds of person, by name
    cases: dict[str, int]  # kinds of household, by name; one may be counted under several


def invent(
    residents: int,
    seed: int,
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    encoding: str = "cp932",
) -> Invented:
    """Write ``register.csv``, ``tax.csv`` and ``accounts.csv`` of a city into ``folder``.

    The same residents, seed and encoding give the same bytes.  Nothing is made durable.

    Args:
        residents: from 50; every kind of edge case is there from 2,000 on.
        progress: called with rows written and rows to write.
        encoding: ``cp932``, or ``utf-8`` (without a mark), in which alone there are residents
            with right-to-left and zero-width characters in their names: no CP932 byte can
            mean these.
    """
    if not MIN_RESIDENTS <= residents <= MAX_RESIDENTS:
        raise BadInput("residents", f"expected {MIN_RESIDENTS} to {MAX_RESIDENTS}, got {residents}")
    if encoding not in ("cp932", "utf-8"):
        raise BadInput("encoding", "expected cp932 or utf-8")
    random = np.random.default_rng([seed, residents])
    known = names(encoding)
    homes = plan(residents, random)
    folk = people(homes, known, random)
    facts = tax(homes, folk, random)
    money = accounts(homes, folk, facts, random)
    numbers = export.scattered(residents, random)
    city = _City(homes, folk, facts, money, known, numbers, encoding)
    count = _Counter(residents + int((facts.status != 0).sum()) + len(money.person), progress)
    folder.mkdir(parents=True, exist_ok=True)
    _write_register(city, folder / "register.csv", random, count)
    _write_tax(city, folder / "tax.csv", random, count)
    _write_accounts(city, folder / "accounts.csv", random, count)
    return _counted(city)


@dataclass(frozen=True)
class _City:
    homes: Households
    folk: People
    tax: Tax
    accounts: Accounts
    names: Names
    numbers: Ints
    encoding: str

    def resident(self, person: Ints) -> export.Texts:
        return export.padded(self.numbers[person], 8, b"88")

    def table(self, rows: list[str] | tuple[str, ...]) -> export.Texts:
        return export.table(rows, self.encoding)


class _Counter:
    def __init__(self, whole: int, progress: Callable[[int, int], None] | None) -> None:
        self._whole, self._progress, self._written = whole, progress, 0

    def __call__(self, rows: int) -> None:
        self._written += rows
        if self._progress is not None:
            self._progress(self._written, self._whole)


def _write_register(city: _City, path: Path, random: np.random.Generator, count: _Counter) -> None:
    homes, folk, names, encoding = city.homes, city.folk, city.names, city.encoding
    number = len(folk.birth)
    second = (random.random(number) < 0.3).astype(np.int64)
    eras = city.table(era_texts())
    family = city.table([text.replace('"', '""') for text, _ in names.families])
    given = city.table([text for text, _ in names.givens])
    space = export.encode("\u3000", encoding)
    household = export.padded(export.scattered(len(homes.make), random), 8, b"77")
    postal, address = addresses(len(homes.make), homes.of, encoding, random)
    sex = np.where(random.random(number) < 0.0005, 2, (~folk.male).astype(np.int64))
    since = era_index(folk.since, np.where(folk.since_known, 0, 3), np.zeros_like(second))
    columns = [
        city.resident(np.arange(number)),
        export.take(household, homes.of),
        export.take(city.table(_RELATIONS), _relations(homes, folk, random)),
        export.joined(export.take(family, folk.family), space, export.take(given, folk.given)),
        export.joined(
            export.take(city.table([kana for _, kana in names.families]), folk.family),
            space,
            export.take(city.table([kana for _, kana in names.givens]), folk.given),
        ),
        export.take(eras, era_index(folk.birth, folk.birth_known, second)),
        export.take(city.table(("男", "女", "")), sex),
        postal,
        address,
        export.take(eras, since),
        export.take(city.table(("", "1")), folk.suppressed.astype(np.int64)),
    ]
    manner = random.random(number)
    every, texts = manner < 0.12, manner < 0.6
    must = np.array([_must_quote(text) for text, _ in names.families])[folk.family]
    quoted = [every, every, every, texts | must, texts, every, every, every, texts, every, every]
    headers = [column.header for column in REGISTER]
    export.write_csv(path, headers, columns, quoted, encoding, count)


def _must_quote(text: str) -> bool:
    return '"' in text or "," in text


def _relations(homes: Households, folk: People, random: np.random.Generator) -> Ints:
    """Index into ``_RELATIONS``; a child is 子 or, on an older form, 長男 or 長女."""
    child = np.where(random.random(len(folk.male)) < 0.04, np.where(folk.male, 7, 8), 3)
    spouse, parent = np.where(folk.male, 2, 1), np.where(folk.male, 4, 5)
    by_role = {
        Role.HEAD: np.zeros_like(homes.role),
        Role.SPOUSE: spouse,
        Role.MINOR: child,
        Role.GROWN: child,
        Role.PARENT: parent,
        Role.OTHER: np.full_like(homes.role, 6),
    }
    return np.choose(homes.role, [by_role[role] for role in Role])


def _write_tax(city: _City, path: Path, random: np.random.Generator, count: _Counter) -> None:
    facts = city.tax
    # Another system, another order: by resident number.
    order = np.argsort(city.numbers, kind="stable")
    order = order[facts.status[order] != Status.NONE]
    status = facts.status[order]
    silent = (status == Status.UNDECLARED) | (status == Status.ASKING)
    flags = city.table(("0", "1", ""))
    payer = facts.payer[order]
    inside = payer >= 0
    elsewhere = export.take(city.table(_ELSEWHERE), np.where(inside, 3, payer + 4))
    columns = [
        city.resident(order),
        export.whole_numbers(np.where(status == Status.TAXED, LEVY_YEN, 0), ~silent),
        export.take(city.table(_STATUS), status),
        export.whole_numbers(facts.income[order], facts.income_known[order]),
        export.whole_numbers(facts.dependants[order], facts.dependants_known[order]),
        export.take(flags, facts.disabled[order]),
        export.take(flags, facts.widowed[order]),
        export.take(flags, facts.single_parent[order]),
        export.either(inside, city.resident(np.maximum(payer, 0)), elsewhere),
    ]
    manner = random.random(len(order)) < 0.3
    quoted: list[Mask | None] = [None, None, manner, *[None] * 5, manner]
    headers = [column.header for column in TAX]
    export.write_csv(path, headers, columns, quoted, city.encoding, count)


def _write_accounts(city: _City, path: Path, random: np.random.Generator, count: _Counter) -> None:
    money, folk, names = city.accounts, city.folk, city.names
    order = np.lexsort((city.numbers[money.person], money.kind))
    holder = money.holder[order]
    columns = [
        city.resident(money.person[order]),
        export.take(city.table(("生活保護", "児童手当")), money.kind[order]),
        export.padded(money.bank[order], 3, b"9"),
        export.padded(money.branch[order], 3),
        export.whole_numbers(money.type[order]),
        export.padded(money.number[order], 7),
        export.joined(
            export.take(
                city.table([account_kana(kana) for _, kana in names.families]), folk.family[holder]
            ),
            b" ",
            export.take(
                city.table([account_kana(kana) for _, kana in names.givens]), folk.given[holder]
            ),
        ),
    ]
    manner = random.random(len(order)) < 0.5
    quoted = [manner, manner, None, None, None, manner, manner]
    headers = [column.header for column in ACCOUNTS]
    export.write_csv(path, headers, columns, quoted, city.encoding, count)


def _counted(city: _City) -> Invented:
    homes, folk, facts, names = city.homes, city.folk, city.tax, city.names
    recorded = facts.status != Status.NONE
    known = recorded & facts.income_known & facts.dependants_known
    distance = facts.income - facts.limit
    moved = (folk.since > LEVY_DAY) & (folk.since <= BASE_DAY) & (folk.birth <= LEVY_DAY)
    persons = {
        "assistance": facts.assistance,
        "foreign": folk.foreign,
        "suppressed": folk.suppressed,
        "moved_in": moved,
        "rare_characters": np.isin(folk.family, names.rare),
        "attacking_names": np.isin(folk.family, names.attacks),
        "unknown_birth": folk.birth_known > 0,
        "unknown_since": ~folk.since_known,
    }
    members = {
        "at_threshold": known & (distance == 0),
        "one_above_threshold": known & (distance == 1),
        "one_below_threshold": known & (distance == -1),
        "undeclared": facts.status == Status.UNDECLARED,
        "asking": facts.status == Status.ASKING,
        "treaty": facts.status == Status.TREATY,
        "moved_in": moved,
        "suppressed": folk.suppressed,
        "assistance": facts.assistance,
    }
    cases = {name: len(np.unique(homes.of[mask])) for name, mask in members.items()}
    cases |= {
        name: int((homes.case == case).sum())
        for name, case in (
            ("eligible", Case.ELIGIBLE),
            ("only_dependants", Case.ONLY_DEPENDANTS),
            ("levy_and_facts_disagree", Case.DISAGREE),
            ("after_base_date", Case.AFTER_BASE_DATE),
        )
    }
    return Invented(
        residents=len(folk.birth),
        households=len(homes.make),
        tax_records=int(recorded.sum()),
        accounts=len(city.accounts.person),
        persons={name: int(mask.sum()) for name, mask in persons.items()},
        cases=cases,
    )
