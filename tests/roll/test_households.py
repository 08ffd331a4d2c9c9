from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.roll.households import HOUSEHOLDS_SCHEMA, households, members
from azukari.roll.intake import Intake

Person = tuple[str, str | None, bool]


def _register(persons: list[Person]) -> pa.Table:
    homes, relationships, suppressed = zip(*persons, strict=True) if persons else ((), (), ())
    return pa.table(
        {
            "ordinal": pa.array(range(len(persons)), pa.int32()),
            "household": pa.array(homes, pa.string()),
            "relationship": pa.array(relationships, pa.string()),
            "suppressed": pa.array(suppressed, pa.bool_()),
        }
    )


def test_households_stand_in_the_order_of_their_first_members() -> None:
    register = _register([("b", "子", False), ("a", None, True), ("b", "世帯主", False)])

    found = households(register)

    assert found.schema == HOUSEHOLDS_SCHEMA
    assert found.to_pylist() == [
        {"household": "b", "members": 2, "suppressed": False, "head": 2},
        {"household": "a", "members": 1, "suppressed": True, "head": 1},
    ]


def test_a_household_knows_its_members() -> None:
    living = members(_register([("b", None, False), ("a", None, False), ("b", None, False)]))

    assert [living.members(0), living.members(1)] == [[0, 2], [1]]


def test_an_empty_register_has_no_household() -> None:
    assert len(households(_register([]))) == 0


_PERSONS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([None, "世帯主", "子"]), st.booleans()),
    max_size=12,
)


@given(_PERSONS)
@settings(deadline=None)
def test_any_register_agrees_with_a_plain_count(persons: list[Person]) -> None:
    living = members(_register(persons))
    homes: dict[str, list[int]] = defaultdict(list)
    for ordinal, (home, _, _) in enumerate(persons):
        homes[home].append(ordinal)

    assert list(homes) == living.table.column("household").to_pylist()
    assert list(homes.values()) == [living.members(row) for row in range(len(homes))]
    for found, ordinals in zip(living.table.to_pylist(), homes.values(), strict=True):
        heads = [ordinal for ordinal in ordinals if persons[ordinal][1] == "世帯主"]
        assert (heads or ordinals)[0] == found["head"]
        assert len(ordinals) == found["members"]
        assert any(persons[ordinal][2] for ordinal in ordinals) == found["suppressed"]


def test_a_register_taken_in_has_households(
    right: dict[str, list[list[str]]],
    written: Callable[..., dict[str, bytes]],
    taken: Callable[..., Intake],
) -> None:
    found = households(taken(written(right)).roll.register)

    assert found.column("members").to_pylist() == [2, 2, 1]
    assert found.column("head").to_pylist() == [0, 3, 4]
