"""An explanation says the same as the determination, for every household, and names nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from azukari.benefit.explain import Explanation, lines
from azukari.benefit.rules import Programme
from azukari.errors import NotFound
from azukari.vault.engine import decide, explain_household


def verdict(explanation: Explanation) -> str:
    truths = {criterion.holds for criterion in explanation.criteria}
    return "not_eligible" if False in truths else "undecided" if None in truths else "eligible"


def test_criteria_sentence_and_determination_say_the_same(court: Any, programme: Programme) -> None:
    """One household for every reason; its four criteria alone give the answer."""
    people = court.bulk(5, 1500, 700)
    roll, unsettled = court.roll_of(people), court.unsettled(people)
    found = decide(roll, programme, unsettled=unsettled)
    persons = {row["ordinal"]: row for row in found.persons.to_pylist()}
    one_of_each = {row["reason"]: row for row in found.households.to_pylist()}

    for reason, row in one_of_each.items():
        told = explain_household(roll, programme, row["household"], unsettled=unsettled)

        assert (row["answer"], reason) == (told.answer, told.reason.code)
        assert row["answer"] == verdict(told)
        assert programme.reason[reason] == told.reason.sentence
        members = [p for p in persons.values() if p["household"] == row["household"]]
        assert [p["ordinal"] for p in members] == [m.ordinal for m in told.members]
        assert [p["levy"] for p in members] == [m.levy for m in told.members]
        assert [p["reason"] for p in members] == [m.reason.code for m in told.members]
        assert [p["dependence"] for p in members] == [m.dependence.code for m in told.members]


def test_of_nobody_it_is_not_said_that_they_are_only_dependants(
    court: Any, programme: Programme
) -> None:
    student = court.somebody(since=date(2022, 1, 1), record={"dependant_elsewhere": "taxed"})

    told = explain_household(court.roll_of([student]), programme, "7700000000")

    assert told.reason.code == "not_registered_on_base_date"
    assert {c.code: c.holds for c in told.criteria}["not_only_dependants"] is None


def test_a_household_that_is_not_there_is_not_found(court: Any, programme: Programme) -> None:
    roll = court.roll_of([court.somebody()])

    with pytest.raises(NotFound) as error:
        explain_household(roll, programme, "7799999999")

    assert "7799999999" not in str(error.value)


def test_an_explanation_names_nobody(court: Any, programme: Programme) -> None:
    roll = court.roll_of([court.somebody(accounts=("assistance",)), court.somebody(payer=0)])

    told = explain_household(roll, programme, "7700000000")

    text = msgspec.json.encode(told).decode() + "\n".join(lines(told) + lines(told, "en"))
    for value in ("8800000000", "7700000000", "架空", "ｶｸｳ", "0000001", "1950"):
        assert value not in text


def test_an_explanation_reads_as_lines_in_both_languages(court: Any, programme: Programme) -> None:
    record = {"status": "exempt", "total_income_yen": 450_001, "dependants": 0, "disabled": True}
    roll = court.roll_of([court.somebody(record=record), court.somebody(record=None)])

    told = explain_household(roll, programme, "7700000000")

    english, japanese = lines(told, "en"), lines(told)
    assert english[1] == f"undecided: {programme.reason['undeclared'].en}"
    assert japanese[1] == f"undecided: {programme.reason['undeclared'].ja}"
    assert "    ○ " + programme.criterion["allowance"].ja in "\n".join(japanese)
    assert any("total_income_yen=450001" in line and "disabled=yes" in line for line in english)
    assert len(english) == len(japanese)
