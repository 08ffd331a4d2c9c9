"""A bag with carriers of several rolls: each roll counted by itself, nothing added up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from azukari.carrier.counterfoil import Counterfoil, FoilColumn, FoilPart, FoilTable, bitmap
from azukari.carrier.exposure import Release, states
from azukari.incident import rolls
from azukari.incident.case import Case
from azukari.incident.report import draft
from azukari.personal import Kind

JUNE, JULY = "june", "july"


def foil(carrier: str, roll: str, members: range) -> Counterfoil:
    columns = (FoilColumn("name", Kind.NAME, "members"),)
    table = FoilTable("people", 500, columns, {"members": bitmap(members)}, ())
    part = FoilPart(f"{carrier}0", "people", "name", ("name",), ("clerk",), 65536, "a" * 64)
    label, hidden = f"C-{carrier}", bitmap({0, 1})
    return Counterfoil(
        1, carrier, label, "order", roll, 0, "例", (part,), (table,), "00", hidden, "b" * 64
    )


def counted(*foils: Counterfoil) -> tuple[rolls.OfRoll, ...]:
    out = Release("b", ("b0",), "open", "g", "d", 1, travelled=False)
    every = {
        (one.carrier, part): state
        for one in foils
        for part, state in states(one, [out] if one.carrier == "b" else []).items()
    }
    return rolls.count(foils, every)


def test_carriers_of_one_roll_are_counted_together_nobody_twice() -> None:
    (one,) = counted(foil("a", JUNE, range(100)), foil("b", JUNE, range(50, 150)))

    assert (150, 100) == (one.impact.total.persons, one.released)
    assert "C-a、C-b" == one.labels


def test_attack_an_ordinal_of_one_roll_taken_for_the_same_person_in_another() -> None:
    """As one set the two would be 150 people; as a sum 200: neither is claimed."""
    june, july = counted(foil("a", JUNE, range(100)), foil("b", JULY, range(50, 150)))

    assert (100, 100) == (june.impact.total.persons, july.impact.total.persons)
    assert (2, 0) == (june.impact.total.suppressed, july.impact.total.suppressed)
    assert (0, 100) == (june.released, july.released)


def test_files_without_a_roll_stand_with_the_only_roll_and_else_by_themselves() -> None:
    june, files, july = (
        foil("a", JUNE, range(9)),
        foil("b", "", range(0)),
        foil("c", JULY, range(9)),
    )

    assert ((june, files),) == rolls.by_roll([june, files])
    assert ((june,), (files,), (july,)) == rolls.by_roll([june, files, july])


def test_of_several_rolls_the_largest_is_certain_and_there_may_be_more() -> None:
    june, july = foil("a", JUNE, range(90)), foil("b", JULY, range(40))

    assert (90, {Kind.NAME: 90}, True) == rolls.at_least(counted(june, july))
    assert (90, {Kind.NAME: 90}, False) == rolls.at_least(counted(june))


def test_every_number_of_the_report_stands_under_its_roll_and_none_is_a_sum(case: Case) -> None:
    both = counted(foil("a", JUNE, range(100)), foil("b", JULY, range(50, 170)))
    made = draft(replace(case, rolls=both), "prompt", case.known_at)

    for number in (2, 3, 5):
        said = made.items[number - 1].statements
        heads = [one.values for one in said if one.code == "rolls.one"]
        assert [(("roll", 1), ("labels", "C-a")), (("roll", 2), ("labels", "C-b"))] == heads
        assert 1 == sum(one.code == "rolls.apart" for one in said)
    numbers = {value for item in made.items for one in item.statements for _, value in one.values}
    assert {100, 120} <= numbers
    assert not {170, 220} & numbers


@pytest.mark.parametrize("stage", ["prompt", "final"])
def test_a_report_of_one_roll_has_no_headings(case: Case, stage: str) -> None:
    made = draft(case, "final" if stage == "final" else "prompt", case.known_at)

    codes = {one.code for item in made.items for one in item.statements}
    assert not {"rolls.one", "rolls.apart"} & codes
