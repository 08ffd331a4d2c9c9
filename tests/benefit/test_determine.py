"""The rule as a query and the slow judge agree; boundaries stand where the law puts them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.benefit.rules import ANSWERS, HOUSEHOLD_REASONS, PERSON_REASONS, Programme
from azukari.vault.engine import Determination, decide

LIMITS = {0: 450_000, 1: 1_010_000, 2: 1_360_000, 3: 1_710_000, 4: 2_060_000, 5: 2_410_000}


def rows(found: Determination) -> tuple[list[tuple[Any, ...]], dict[str, tuple[str, str]]]:
    persons = [tuple(row.values()) for row in found.persons.to_pylist()]
    homes = found.households.to_pylist()
    return persons, {home["household"]: (home["answer"], home["reason"]) for home in homes}


def check(court: Any, programme: Programme, people: list[Any]) -> Determination:
    found = decide(court.roll_of(people), programme)

    persons, homes = rows(found)

    expected_persons, expected_homes = court.judge(people)
    assert expected_persons == persons
    assert expected_homes == homes
    return found


def one(court: Any, programme: Programme, **known: Any) -> tuple[str, str]:
    found = check(court, programme, [court.somebody(**known)]).households.to_pylist()[0]
    return found["answer"], found["reason"]


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(choices=st.data(), size=st.integers(1, 25))
def test_any_roll_is_judged_as_the_slow_judge_judges_it(
    court: Any, programme: Programme, choices: st.DataObject, size: int
) -> None:
    people = court.draw(lambda items: choices.draw(st.sampled_from(items)), size, 6)

    check(court, programme, people)


@pytest.mark.parametrize("homes", [800, 2500])
def test_thousands_of_random_people_are_judged_as_the_slow_judge_judges_them(
    court: Any, programme: Programme, homes: int
) -> None:
    """Every reason of a person and of a household occurs among them."""
    found = check(court, programme, court.bulk(homes, 3000, homes))

    assert set(PERSON_REASONS) == set(found.persons["reason"].to_pylist())
    assert set(HOUSEHOLD_REASONS) == set(found.households["reason"].to_pylist())


def test_as_many_households_come_out_as_went_in_and_none_without_an_answer(
    court: Any, programme: Programme
) -> None:
    people = court.bulk(3, 2000, 700)

    found = decide(court.roll_of(people), programme)

    homes = found.households
    assert {f"77{one.household:08d}" for one in people} == set(homes["household"].to_pylist())
    assert len({one.household for one in people}) == homes.num_rows
    assert sum(homes["members"].to_pylist()) == 2000
    assert [homes[name].null_count for name in homes.column_names] == [0] * 5
    assert set(ANSWERS) == set(homes["answer"].to_pylist())


def test_the_same_roll_is_decided_the_same_again(court: Any, programme: Programme) -> None:
    roll = court.roll_of(court.bulk(4, 2000, 700))

    assert decide(roll, programme) == decide(roll, programme)


def test_a_roll_of_nobody_decides_nobody(court: Any, programme: Programme) -> None:
    found = decide(court.roll_of([]), programme)

    assert (found.persons.num_rows, found.households.num_rows) == (0, 0)


@pytest.mark.parametrize("dependants", LIMITS)
@pytest.mark.parametrize(
    ("over_yen", "status", "expected"),
    [
        (-1, "exempt", ("eligible", "all_exempt")),
        (0, "exempt", ("eligible", "all_exempt")),
        (1, "exempt", ("undecided", "disagree")),
        (-1, "taxed", ("undecided", "disagree")),
        (0, "taxed", ("undecided", "disagree")),
        (1, "taxed", ("not_eligible", "taxed_member")),
    ],
)
def test_the_income_limit_is_exact_to_the_yen(
    court: Any,
    programme: Programme,
    dependants: int,
    over_yen: int,
    status: str,
    expected: tuple[str, str],
) -> None:
    """Limits of area class 1 with no to five dependants, as recomputed from the law's formula."""
    income = LIMITS[dependants] + over_yen
    record = {"status": status, "total_income_yen": income, "dependants": dependants}

    assert expected == one(court, programme, record=record | dict.fromkeys(FLAGS, False))


FLAGS = ("disabled", "widowed", "single_parent")


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize(
    "income, agrees", [(1_349_999, True), (1_350_000, True), (1_350_001, False)]
)
def test_the_allowance_is_exact_to_the_yen(
    court: Any, programme: Programme, flag: str, income: int, agrees: bool
) -> None:
    record = dict.fromkeys(FLAGS, False) | {flag: True, "total_income_yen": income, "dependants": 0}

    answer = one(court, programme, record=record)

    assert (("eligible", "all_exempt") if agrees else ("undecided", "disagree")) == answer


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2001, 1, 2), date(2001, 1, 2), "undeclared"),
        (date(2001, 1, 3), date(2001, 1, 3), "minor_without_record"),
        (date(2001, 1, 1), date(2001, 1, 31), "birth_unknown"),
        (None, None, "birth_unknown"),
    ],
)
def test_a_minor_is_who_was_born_on_3_january_2001_or_later(
    court: Any, programme: Programme, first: date | None, last: date | None, expected: str
) -> None:
    child = court.somebody(birth=(first, last), record=None)

    found = check(court, programme, [child])

    assert expected == found.persons["reason"][0].as_py()


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2021, 1, 1), ("undecided", "undeclared")),
        (date(2021, 1, 2), ("undecided", "moved_in")),
        (date(2021, 12, 10), ("undecided", "moved_in")),
        (date(2021, 12, 11), ("not_eligible", "not_registered_on_base_date")),
        (None, ("undecided", "since_unknown")),
    ],
)
def test_who_came_when_decides_who_is_asked(
    court: Any, programme: Programme, since: date | None, expected: tuple[str, str]
) -> None:
    assert expected == one(court, programme, since=since, record=None)


@pytest.mark.parametrize("status, levied", [("exempt", 5800), ("taxed", 0)])
def test_a_levy_that_contradicts_its_status_decides_nobody(
    court: Any, programme: Programme, status: str, levied: int
) -> None:
    record = {"status": status, "levied_yen": levied}

    assert one(court, programme, record=record) == ("undecided", "disagree")


def test_assistance_and_a_levy_contradict_each_other(court: Any, programme: Programme) -> None:
    record = {"status": "taxed", "levied_yen": 5800}

    answer = one(court, programme, record=record, accounts=("assistance",))

    assert answer == ("undecided", "disagree")


@pytest.mark.parametrize(
    ("elsewhere", "expected"),
    [
        ("taxed", ("not_eligible", "only_dependants")),
        ("exempt", ("eligible", "all_exempt")),
        ("unknown", ("undecided", "payer_unknown")),
        (None, ("eligible", "all_exempt")),
    ],
)
def test_a_student_alone_depends_on_whoever_pays_elsewhere(
    court: Any, programme: Programme, elsewhere: str | None, expected: tuple[str, str]
) -> None:
    record = {"status": "exempt", "dependant_elsewhere": elsewhere}

    assert expected == one(court, programme, record=record)


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ("taxed", ("not_eligible", "only_dependants")),
        ("exempt", ("eligible", "all_exempt")),
        ("undeclared", ("undecided", "payer_unknown")),
    ],
)
def test_a_payer_in_another_household_of_the_city_counts_too(
    court: Any, programme: Programme, payer: str, expected: tuple[str, str]
) -> None:
    parent = court.somebody(household=1, record={"status": payer})
    student = court.somebody(household=2, payer=0)

    _, homes = rows(check(court, programme, [parent, student]))

    assert expected == homes["7700000002"]


def test_somebody_who_left_before_the_base_date_taxes_nobody(
    court: Any, programme: Programme
) -> None:
    late = court.somebody(since=date(2021, 12, 11), record={"status": "taxed"})

    found = check(court, programme, [court.somebody(), late]).households.to_pylist()[0]

    assert (found["answer"], found["members"], found["counted_members"]) == ("eligible", 2, 1)


def test_one_absurd_row_does_not_stop_a_city(court: Any, programme: Programme) -> None:
    """So many dependants that the limit would leave 64 bits are a number that is not known."""
    record = {"total_income_yen": 9_000_000, "dependants": 2**63 - 1}

    assert one(court, programme, record=record) == ("eligible", "all_exempt")
