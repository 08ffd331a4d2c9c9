"""Impact agrees with plain sets, counts nobody twice, and knows nothing of canaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.carrier import homes
from azukari.carrier.counterfoil import Counterfoil, FoilColumn, FoilPart, FoilTable, bitmap
from azukari.carrier.exposure import PartState, State, Word
from azukari.errors import BadFormat, Conflict
from azukari.incident.impact import CLASSES, Count, Sensitivity, by_state, impact
from azukari.personal import Kind

PEOPLE = st.sets(st.integers(0, 60), max_size=40)
TABLES = st.dictionaries(
    st.sampled_from(list(Kind)), PEOPLE, min_size=1, max_size=5
)  # one table: for each kind the persons it tells about
HOMES = homes.encode(pa.array([ordinal // 3 * 3 for ordinal in range(61)]))
CARRIERS = st.lists(st.lists(TABLES, min_size=1, max_size=3), min_size=1, max_size=3)


def foil(
    tables: list[dict[Kind, set[int]]],
    carrier: str = "a",
    hidden: set[int] | None = None,
    roll: str = "roll",
    canaries: int = 0,
    living: bytes = b"",
) -> Counterfoil:
    """One part per column; ``canaries`` further rows in every table."""
    made, parts = [], []
    for t, kinds in enumerate(tables):
        columns = tuple(FoilColumn(kind.value, kind, kind.value) for kind in kinds)
        sets = {kind.value: bitmap(members) for kind, members in kinds.items()}
        rows = 10 + canaries
        made.append(FoilTable(f"t{t}", rows, columns, sets, tuple(range(10, rows))))
        parts += [
            FoilPart(f"{t}-{c.name}", f"t{t}", c.name, (c.name,), (), 0, "0" * 64) for c in columns
        ]
    return Counterfoil(
        1,
        carrier,
        f"C-{carrier}",
        "o",
        roll,
        0,
        "p",
        tuple(parts),
        tuple(made),
        "00",
        bitmap(hidden or set()),
        "0" * 64,
        living,
    )


def judged(persons: set[int], hidden: set[int]) -> Count:
    """The judge: plain sets and loops, three to a household."""
    homes = {ordinal // 3 for ordinal in persons}
    return Count(len(persons), len(persons & hidden), len(homes))


def told(tables: list[dict[Kind, set[int]]], wanted: Callable[[Kind], bool]) -> set[int]:
    """Everybody about whom any of these tables tells something that is wanted."""
    found = set()
    for kinds in tables:
        for kind, members in kinds.items():
            if wanted(kind):
                found |= members
    return found


@given(CARRIERS, PEOPLE, st.frozensets(st.sampled_from(list(Kind))))
@settings(deadline=None, max_examples=150)
def test_it_agrees_with_plain_sets(
    carriers: list[list[dict[Kind, set[int]]]], hidden: set[int], special: frozenset[Kind]
) -> None:
    foils = [foil(tables, str(i), hidden, living=HOMES) for i, tables in enumerate(carriers)]
    found = impact(foils, special_care=special)

    every = [tables for carrier in carriers for tables in carrier]
    by_carrier = [told(carrier, lambda _: True) for carrier in carriers]
    assert judged(set().union(*by_carrier), hidden) == found.total
    assert judged(set.intersection(*by_carrier), hidden) == found.on_every_carrier
    for i, one in enumerate(found.by_carrier):
        others = set().union(*by_carrier[:i], *by_carrier[i + 1 :])
        assert judged(by_carrier[i], hidden) == one.total
        assert judged(by_carrier[i] - others, hidden) == one.only_here
    _judge_groups(every, hidden, special, found.by_kind, found.by_sensitivity)
    names = {f"t{t}" for tables in carriers for t in range(len(tables))}
    assert names == {one.table for one in found.by_table}
    for table in found.by_table:
        mine = [c[int(table.table[1:])] for c in carriers if int(table.table[1:]) < len(c)]
        assert judged(told(mine, lambda _: True), hidden) == table.total
        _judge_groups(mine, hidden, special, table.by_kind, table.by_sensitivity)


def _judge_groups(
    tables: list[dict[Kind, set[int]]],
    hidden: set[int],
    special: frozenset[Kind],
    by_kind: Mapping[Kind, Count],
    by_sensitivity: Mapping[Sensitivity, Count],
) -> None:
    there = {kind for kinds in tables for kind in kinds}
    assert [kind for kind in Kind if kind in there] == list(by_kind)
    for kind in there:
        assert judged(told(tables, {kind}.__contains__), hidden) == by_kind[kind]
    for one in Sensitivity:
        classed = {
            kind
            for kind in there
            if one == (Sensitivity.SPECIAL_CARE if kind in special else CLASSES[kind])
        }
        if classed:
            assert judged(told(tables, classed.__contains__), hidden) == by_sensitivity[one]
        assert bool(classed) == (one in by_sensitivity)


@given(CARRIERS, PEOPLE, st.sampled_from(list(State)))
@settings(deadline=None, max_examples=80)
def test_by_state_puts_everybody_in_exactly_one_state(
    carriers: list[list[dict[Kind, set[int]]]],
    hidden: set[int],
    one: State,
) -> None:
    foils = [foil(tables, str(i), hidden) for i, tables in enumerate(carriers)]
    keys = [(each.carrier, part.id) for each in foils for part in each.parts]
    states = {
        key: PartState(one if n % 2 else State.NEVER_RELEASED, Word.NOBODY, "")
        for n, key in enumerate(keys)
    }

    found = by_state(foils, states)

    assert impact(foils).total.persons == sum(count.persons for count in found.values())
    assert impact(foils).total.suppressed == sum(count.suppressed for count in found.values())


def test_the_main_carrier_and_its_backup_hold_nobody_twice() -> None:
    tables = [{Kind.NAME: {0, 1, 2}, Kind.ADDRESS: {0, 1}}]
    found = impact([foil(tables, "main"), foil(tables, "backup")])

    assert Count(3, 0) == found.total
    assert Count(3, 0) == found.on_every_carrier
    assert [each.only_here.persons for each in found.by_carrier] == [0, 0]


def test_a_household_of_three_is_three_persons_and_one_household() -> None:
    found = impact([foil([{Kind.NAME: {0, 1, 2}}])], households=[7, 7, 7, 8])

    assert (found.total.persons, found.households) == (3, 1)


def test_households_that_nobody_handed_in_are_not_counted_rather_than_guessed() -> None:
    assert impact([foil([{Kind.NAME: {0}}])]).households is None


def test_households_come_from_whichever_carrier_kept_them() -> None:
    kept = foil([{Kind.NAME: {0, 1, 2}}], "a", living=HOMES)
    silent = foil([{Kind.NAME: {3}}], "b")

    assert 2 == impact([silent, kept]).households


def test_carriers_of_one_roll_that_know_other_households_are_refused() -> None:
    one = foil([{Kind.NAME: {0}}], "a", living=HOMES)
    other = foil([{Kind.NAME: {0}}], "b", living=homes.encode(pa.array(range(61))))

    with pytest.raises(Conflict, match="other households"):
        impact([one, other])


def test_a_list_of_households_that_is_too_short_is_refused() -> None:
    with pytest.raises(BadFormat, match="fewer households"):
        impact([foil([{Kind.NAME: {5}}])], households=[1, 2])


def test_canaries_are_neither_persons_nor_rows() -> None:
    found = impact([foil([{Kind.NAME: {0, 1}}], canaries=4)])

    assert (found.total.persons, found.by_carrier[0].rows) == (2, 10)


def test_suppressed_residents_stand_apart() -> None:
    found = impact([foil([{Kind.NAME: {0, 1, 2}, Kind.ADDRESS: {0}}], hidden={1, 9})])

    assert Count(3, 1) == found.total
    assert Count(1, 0) == found.by_kind[Kind.ADDRESS]


def test_a_city_says_itself_what_is_special_care() -> None:
    one = foil([{Kind.ASSISTANCE: {0, 1}, Kind.TAX: {1, 2}}])

    assert {Sensitivity.MEANS: Count(3, 0)} == impact([one]).by_sensitivity
    assert {
        Sensitivity.MEANS: Count(2, 0),
        Sensitivity.SPECIAL_CARE: Count(2, 0),
    } == impact([one], special_care=frozenset({Kind.ASSISTANCE})).by_sensitivity


def test_every_kind_has_a_class() -> None:
    assert set(Kind) == set(CLASSES)


def test_carriers_of_different_rolls_are_not_added_up() -> None:
    """An ordinal of another roll is another person."""
    with pytest.raises(Conflict, match="different rolls"):
        impact([foil([{Kind.NAME: {0}}], "a"), foil([{Kind.NAME: {0}}], "b", roll="other")])


def test_the_same_counterfoil_twice_counts_once() -> None:
    one = foil([{Kind.NAME: {0, 1}}])

    assert impact([one]) == impact([one, one])


def test_two_counterfoils_of_one_carrier_are_refused() -> None:
    with pytest.raises(Conflict, match="two different"):
        impact([foil([{Kind.NAME: {0}}]), foil([{Kind.NAME: {1}}])])


def test_nothing_to_count_from_is_said() -> None:
    with pytest.raises(Conflict, match="no counterfoil"):
        impact([])


def test_a_part_whose_state_is_not_given_is_refused() -> None:
    with pytest.raises(Conflict, match="is not given"):
        by_state([foil([{Kind.NAME: {0}}])], {})


def test_the_worst_part_of_a_person_decides() -> None:
    one = foil([{Kind.NAME: {0, 1}, Kind.ADDRESS: {1}}])
    states = {
        ("a", "0-name"): PartState(State.NEVER_RELEASED, Word.LEDGER, ""),
        ("a", "0-address"): PartState(State.TRAVELLED, Word.NOBODY, ""),
    }
    found = by_state([one], states)

    assert (found[State.NEVER_RELEASED].persons, found[State.TRAVELLED].persons) == (1, 1)


def test_the_members_are_the_set_itself_and_are_not_printed() -> None:
    found = impact([foil([{Kind.NAME: {0, 2}}])])

    assert found.members == 0b101
    assert "members" not in repr(found)
