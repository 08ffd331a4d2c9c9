"""The rule as a query and the slow judge agree; boundaries stand where the law puts them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.benefit.rules import ANSWERS, HOUSEHOLD_REASONS, PERSON_REASONS, Programme
from azukari.vault.engine import Determination, decide

FLAGS = ("disabled", "widowed", "single_parent")
ELIGIBLE = ("eligible", "all_exempt")
TAXED = ("not_eligible", "taxed_member")
DISAGREE = ("undecided", "disagree")
LIMITS = {0: 450_000, 1: 1_010_000, 2: 1_360_000, 3: 1_710_000, 4: 2_060_000, 5: 2_410_000}


def rows(found: Determination) -> tuple[list[tuple[Any, ...]], dict[str, tuple[str, str]]]:
    persons = [tuple(row.values()) for row in found.persons.to_pylist()]
    homes = found.households.to_pylist()
    return persons, {home["household"]: (home["answer"], home["reason"]) for home in homes}


def check(court: Any, programme: Programme, people: list[Any]) -> Determination:
    found = decide(court.roll_of(people), programme, unsettled=court.unsettled(people))

    persons, homes = rows(found)

    expected_persons, expected_homes = court.judge(people)
    assert expected_persons == persons
    assert expected_homes == homes
    return found


def alone(court: Any, programme: Programme, people: list[Any]) -> list[tuple[str, str]]:
    """The answer and reason of each of them, every one a household of their own."""
    for home, person in enumerate(people):
        person.household = home
    _, homes = rows(check(court, programme, people))
    return list(homes.values())


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
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


def test_the_income_limit_is_exact_to_the_yen(court: Any, programme: Programme) -> None:
    """Limits of area class 1 with no to five dependants, as recomputed from the law's formula."""
    cases = [(n, over, said) for n in LIMITS for over in (-1, 0, 1) for said in ("exempt", "taxed")]
    people = [
        court.somebody(
            record=dict.fromkeys(FLAGS, False)
            | {"status": said, "total_income_yen": LIMITS[n] + over, "dependants": n}
        )
        for n, over, said in cases
    ]

    answers = alone(court, programme, people)

    for (n, over, said), answer in zip(cases, answers, strict=True):
        agreed = {"exempt": ELIGIBLE, "taxed": TAXED}[said]
        assert (agreed if (over <= 0) == (said == "exempt") else DISAGREE) == answer, (n, over)


@pytest.mark.parametrize("flag", FLAGS)
def test_the_allowance_is_exact_to_the_yen(court: Any, programme: Programme, flag: str) -> None:
    flags = dict.fromkeys(FLAGS, False) | {flag: True, "dependants": 0}
    incomes = (1_349_999, 1_350_000, 1_350_001)
    people = [court.somebody(record=flags | {"total_income_yen": yen}) for yen in incomes]

    assert alone(court, programme, people) == [ELIGIBLE, ELIGIBLE, DISAGREE]


def test_a_minor_has_the_allowance_too(court: Any, programme: Programme) -> None:
    earned = dict.fromkeys(FLAGS, False) | {"dependants": 0, "total_income_yen": 1_350_000}
    people = [
        court.somebody(birth=(day, day), record=earned)
        for day in (date(2001, 1, 2), date(2001, 1, 3))
    ]

    assert alone(court, programme, people) == [DISAGREE, ELIGIBLE]


def test_a_minor_is_who_was_born_on_3_january_2001_or_later(
    court: Any, programme: Programme
) -> None:
    ranges = (
        (date(2001, 1, 2), date(2001, 1, 2)),
        (date(2001, 1, 3), date(2001, 1, 3)),
        (date(2001, 1, 1), date(2001, 1, 31)),  # some day of January 2001
        (date(2001, 1, 2), date(2001, 1, 3)),
        (None, None),
    )
    people = [court.somebody(birth=days, record=None) for days in ranges]

    found = check(court, programme, people).persons["reason"].to_pylist()

    assert found == ["undeclared", "minor_without_record", *["birth_unknown"] * 3]


def test_who_came_when_decides_who_is_asked(court: Any, programme: Programme) -> None:
    cases = {
        date(2021, 1, 1): ("undecided", "undeclared"),
        date(2021, 1, 2): ("undecided", "moved_in"),
        date(2021, 12, 10): ("undecided", "moved_in"),
        date(2021, 12, 11): ("not_eligible", "not_registered_on_base_date"),
        None: ("undecided", "since_unknown"),
    }
    people = [court.somebody(since=since, record=None) for since in cases]

    assert list(cases.values()) == alone(court, programme, people)


def test_a_levy_that_contradicts_its_status_decides_nobody(
    court: Any, programme: Programme
) -> None:
    records = ({"status": "exempt", "levied_yen": 5800}, {"status": "taxed", "levied_yen": 0})
    people = [court.somebody(record=record) for record in records]

    assert alone(court, programme, people) == [DISAGREE, DISAGREE]


def test_assistance_and_a_levy_contradict_each_other(court: Any, programme: Programme) -> None:
    taxed = {"status": "taxed", "levied_yen": 5800}
    people = [
        court.somebody(record=taxed, accounts=(kind,)) for kind in ("assistance", "child_allowance")
    ]

    assert alone(court, programme, people) == [DISAGREE, TAXED]


def test_a_student_alone_depends_on_whoever_pays_elsewhere(
    court: Any, programme: Programme
) -> None:
    cases = {
        "taxed": ("not_eligible", "only_dependants"),
        "exempt": ELIGIBLE,
        "unknown": ("undecided", "payer_unknown"),
        None: ELIGIBLE,
    }
    people = [court.somebody(record={"dependant_elsewhere": payer}) for payer in cases]

    assert list(cases.values()) == alone(court, programme, people)


@pytest.mark.parametrize(
    ("payer", "expected"),
    [
        ("taxed", ("not_eligible", "only_dependants")),
        ("exempt", ELIGIBLE),
        ("undeclared", ("undecided", "payer_unknown")),
    ],
)
def test_a_payer_in_another_household_of_the_city_counts_too(
    court: Any, programme: Programme, payer: str, expected: tuple[str, str]
) -> None:
    parent = court.somebody(record={"status": payer})
    student = court.somebody(payer=0)

    assert expected == alone(court, programme, [parent, student])[1]


def test_a_child_without_a_record_beside_a_dependant_is_left_undecided(
    court: Any, programme: Programme
) -> None:
    """Eligible by default would be wrong wherever the payer lives in another city."""
    mother = court.somebody(record={"dependant_elsewhere": "taxed"})
    child = court.somebody(birth=(date(2015, 5, 5),) * 2, record=None)

    _, homes = rows(check(court, programme, [mother, child]))

    assert list(homes.values()) == [("undecided", "dependence_unknown")]


def test_somebody_who_came_after_the_base_date_is_not_counted(
    court: Any, programme: Programme
) -> None:
    late = court.somebody(since=date(2021, 12, 11), record={"status": "taxed"})

    found = check(court, programme, [court.somebody(), late]).households.to_pylist()[0]

    assert found["answer"] == "eligible"
    assert (found["members"], found["counted_members"]) == (2, 1)


def test_one_absurd_row_does_not_stop_a_city(court: Any, programme: Programme) -> None:
    """So many dependants that the limit would leave 64 bits are a number that is not known."""
    record = {"total_income_yen": 9_000_000, "dependants": 2**63 - 1}

    assert alone(court, programme, [court.somebody(record=record)]) == [ELIGIBLE]


def test_a_refused_row_decides_nobody_by_default(court: Any, programme: Programme) -> None:
    """Alone, each of them would be eligible, excluded or taxed by what is left of their rows."""
    lost = {"unsettled": True}
    people = [
        court.somebody(**lost),
        court.somebody(record=None, birth=(date(2010, 1, 1), date(2010, 1, 1)), **lost),
        court.somebody(record={"status": "taxed", "levied_yen": 5800}, **lost),
        court.somebody(record={"dependant_elsewhere": "taxed"}, **lost),
        court.somebody(since=date(2021, 12, 11), **lost),
    ]

    assert [("undecided", "row_refused")] * 5 == alone(court, programme, people)


def test_another_member_who_is_certainly_taxed_settles_a_refused_row(
    court: Any, programme: Programme
) -> None:
    taxed = court.somebody(record={"status": "taxed", "levied_yen": 5800})
    _, homes = rows(check(court, programme, [taxed, court.somebody(unsettled=True)]))

    assert [TAXED] == list(homes.values())


def test_a_refused_row_of_somebody_who_does_not_count_changes_nothing(
    court: Any, programme: Programme
) -> None:
    late = court.somebody(since=date(2021, 12, 11), unsettled=True)
    _, homes = rows(check(court, programme, [court.somebody(), late]))

    assert [ELIGIBLE] == list(homes.values())


def test_a_payer_whose_row_was_refused_is_not_known_to_be_taxed(
    court: Any, programme: Programme
) -> None:
    payer = court.somebody(0, record={"status": "taxed", "levied_yen": 5800}, unsettled=True)
    _, homes = rows(check(court, programme, [payer, court.somebody(1, payer=0)]))

    assert ("undecided", "payer_unknown") == list(homes.values())[1]
