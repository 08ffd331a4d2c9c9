from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from azukari.errors import BadFormat
from azukari.roll.intake import Intake
from azukari.roll.select import (
    COLUMNS,
    EXTRACT_SCHEMA,
    Extract,
    eligibility_extract,
    first_members,
    sets,
)

Rows = dict[str, list[list[str]]]


def _answers(*rows: tuple[str, str, str | None]) -> pa.Table:
    homes, answers, reasons = zip(*rows, strict=True)
    return pa.table(
        {
            "household": pa.array(homes, pa.string()),
            "answer": pa.array(answers, pa.string()),
            "reason": pa.array(reasons, pa.string()),
        }
    )


_EVERY = (
    ("7700000003", "undecided", "undeclared"),
    ("7700000001", "not_eligible", "taxed_member"),
    ("7700000002", "eligible", "all_exempt"),
)


@pytest.fixture
def register(
    right: Rows, written: Callable[..., dict[str, bytes]], taken: Callable[..., Intake]
) -> pa.Table:
    return taken(written(right)).roll.register


@pytest.fixture
def extract(register: pa.Table) -> Extract:
    return eligibility_extract(register, _answers(*_EVERY))


def test_one_row_per_household_with_what_a_caller_can_say(extract: Extract) -> None:
    assert extract.table.schema == EXTRACT_SCHEMA
    assert len(extract.table) == 3
    assert {
        "name_forms": ["架空太郎", "架空花子"],
        "kana_forms": ["カクウタロウ", "カクウハナコ"],
        "birth_dates": [date(1988, 1, 7), date(1989, 1, 8)],
        "postal_code": "6600001",
        "answer": "not_eligible",
        "reason": "taxed_member",
    } == extract.table.to_pylist()[0]


def test_what_is_not_known_is_null(extract: Extract) -> None:
    row = extract.table.to_pylist()[2]

    assert (row["kana_forms"], row["birth_dates"], row["postal_code"]) == ([None], [None], None)


def test_attack_a_suppressed_resident_is_looked_for_by_a_relative(extract: Extract) -> None:
    """Neither address nor answer nor reason of the household leaves the city."""
    row = extract.table.to_pylist()[1]

    assert (row["postal_code"], row["answer"], row["reason"]) == (None, "supervisor", None)
    assert [None, date(2021, 4, 1)] == row["birth_dates"]


def test_a_row_knows_whom_it_is_about(extract: Extract) -> None:
    assert [extract.persons(row) for row in range(3)] == [[0, 1], [2, 3], [4]]


def test_sets_say_who_is_in_and_whose_answer_is(extract: Extract) -> None:
    assert sets(extract) == {"all": 0b11111, "open": 0b10011}


def test_only_a_supervisor_sees_the_reason() -> None:
    assert list(COLUMNS) == EXTRACT_SCHEMA.names
    assert {"reason"} == {
        name for name, column in COLUMNS.items() if column.roles == frozenset({"supervisor"})
    }
    assert all("supervisor" in column.roles for column in COLUMNS.values())


def test_nothing_of_the_register_but_the_least_stands_in_it(
    register: pa.Table, extract: Extract
) -> None:
    said = repr(extract.table.to_pylist())

    for column in ("resident", "household", "name", "address"):
        for value in register.column(column).drop_null().to_pylist():
            assert value not in said


@pytest.mark.parametrize(
    "rows, said",
    [
        (_EVERY[:2], "the answers lack 1 of 3 households"),
        ((*_EVERY, _EVERY[0]), "a household twice"),
        ((*_EVERY, ("7700000009", "eligible", None)), "not in the register"),
        ((*_EVERY[:2], ("7700000002", "maybe", None)), "an answer is none of eligible"),
    ],
)
def test_nobody_is_answered_by_default(
    register: pa.Table, rows: tuple[tuple[str, str, str | None], ...], said: str
) -> None:
    with pytest.raises(BadFormat, match=said) as caught:
        eligibility_extract(register, _answers(*rows))

    assert "77000000" not in str(caught.value)


def test_a_null_answer_is_refused(register: pa.Table) -> None:
    answers = _answers(*_EVERY).set_column(1, "answer", pa.array(["eligible", None, "eligible"]))

    with pytest.raises(BadFormat, match="an answer is none of"):
        eligibility_extract(register, answers)


def test_no_register_is_no_extract(register: pa.Table) -> None:
    extract = eligibility_extract(register.slice(0, 0), _answers(*_EVERY).slice(0, 0))

    assert len(extract.table) == 0
    assert sets(extract) == {"all": 0, "open": 0}


def test_everybody_is_told_by_the_first_member_of_their_household(
    register: pa.Table, extract: Extract
) -> None:
    living = register.column("household").to_pylist()

    assert [living.index(home) for home in living] == first_members(extract).to_pylist()
