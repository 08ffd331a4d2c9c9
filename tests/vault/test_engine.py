"""The engine keeps to memory, opens nothing, and quotes nobody in its errors."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pytest

from azukari.benefit.rules import load
from azukari.errors import AzukariError, BadFormat, BadSettings
from azukari.roll.columns import ACCOUNTS_SCHEMA, REGISTER_SCHEMA, TAX_SCHEMA, Roll
from azukari.vault.engine import Engine, decide

SECRET = "架空 秘密子"


def roll_of(people: int) -> Roll:
    numbers = pa.array(range(people), pa.int32())
    known = {
        "ordinal": numbers,
        "line": numbers,
        "resident": pa.array([f"88{place:08d}" for place in range(people)]),
        "household": pa.array([f"77{place // 2:08d}" for place in range(people)]),
        "name": pa.array([SECRET] * people),
        "name_fold": pa.array([SECRET] * people),
        "suppressed": pa.array([False] * people),
        "resident_since": pa.array([date(2000, 1, 1)] * people),
    }
    columns = [known.get(field.name, pa.nulls(people, field.type)) for field in REGISTER_SCHEMA]
    register = pa.Table.from_arrays(columns, schema=REGISTER_SCHEMA)
    return Roll(register, TAX_SCHEMA.empty_table(), ACCOUNTS_SCHEMA.empty_table())


def tax_rows(*ordinals: int) -> pa.Table:
    rows = [
        {"ordinal": place, "line": 2, "resident": f"88{place:08d}", "status": "exempt"}
        for place in ordinals
    ]
    return pa.Table.from_pylist(rows, schema=TAX_SCHEMA)


def files_under(*folders: Path) -> set[str]:
    return {f"{at}/{name}" for top in folders for at, _, names in os.walk(top) for name in names}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working directory, HOME and temporary directory, all below one empty folder."""
    for name in ("work", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_attack_spill_under_a_small_memory_limit_raises_and_writes_no_file(empty: Path) -> None:
    """DuckDB as it comes sorts the same rows, with the values in files of the working directory.

    It removes them when it closes, so that both are looked at while they are open.
    """
    rows = pa.table({"name": [f"{SECRET} {place}" for place in range(600_000)]})

    with Engine(memory_limit="30MB") as engine:
        with pytest.raises(BadSettings) as error:
            engine.run(engine.table(rows).order_by("name"))
        assert files_under(empty) == set()
    with duckdb.connect(":memory:", config={"memory_limit": "30MB"}) as plain:
        plain.register("rows", rows)
        plain.execute("CREATE TABLE sorted AS SELECT * FROM rows ORDER BY name")
        assert files_under(empty) != set()

    assert SECRET not in str(error.value)
    assert (error.value.__cause__, error.value.__suppress_context__) == (None, True)


def test_attack_spill_while_a_roll_is_decided_writes_no_file(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []
    close = Engine.close

    def look_then_close(engine: Engine) -> None:
        seen.append(files_under(empty))
        close(engine)

    monkeypatch.setattr(Engine, "close", look_then_close)

    with pytest.raises(BadSettings, match="20MB is not enough"):
        decide(roll_of(200_000), load("fy2021"), memory_limit="20MB")

    assert seen == [set()]
    assert files_under(empty) == set()


def test_the_same_roll_is_decided_where_memory_suffices() -> None:
    found = decide(roll_of(2000), load("fy2021"), memory_limit="200MB")

    assert (found.persons.num_rows, found.households.num_rows) == (2000, 1000)


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 1) TO 'out.csv'",
        "SELECT * FROM read_csv('/etc/hostname')",
        "ATTACH 'other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET temp_directory = '.tmp'",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SET lock_configuration = false",
    ],
)
def test_attack_a_query_that_would_open_a_door_is_refused(
    statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with Engine() as engine, pytest.raises(duckdb.Error):
        engine._duck.execute(statement)

    assert files_under(tmp_path) == set()


def test_a_variable_of_ours_is_never_a_table() -> None:
    rows = pa.table({"secret": [SECRET]})

    with Engine() as engine, pytest.raises(duckdb.CatalogException):
        engine._duck.sql("SELECT * FROM rows")

    assert rows.num_rows == 1


def test_attack_a_value_that_no_cast_can_read_is_not_quoted() -> None:
    rows = pa.table({"name": [SECRET]})

    with Engine() as engine, pytest.raises(BadFormat) as error:
        engine.run(engine.table(rows).select(number=ibis._.name.cast("int64")))

    assert str(error.value) == "engine: refused: ConversionException"
    assert (error.value.__cause__, error.value.__suppress_context__) == (None, True)


def test_an_expression_that_asks_for_an_unknown_table_is_refused() -> None:
    with Engine() as engine, pytest.raises(BadFormat):
        engine.run(ibis.table({"a": "int64"}, name="elsewhere"))


def test_a_closed_engine_answers_with_our_error() -> None:
    engine = Engine()
    table = engine.table(pa.table({"a": [1]}))
    engine.close()
    engine.close()

    with pytest.raises(AzukariError):
        engine.run(table)


@pytest.mark.parametrize("limit", ["", "2", "-1GB", "80%", "2GB; SELECT 1", "0GB", "２GB"])
def test_a_memory_limit_that_is_not_a_size_is_refused(limit: str) -> None:
    with pytest.raises(BadSettings):
        Engine(memory_limit=limit)


def test_rows_go_through_unchanged() -> None:
    rows = pa.table({"a": [1, None, 3], "b": ["x", None, SECRET]})

    with Engine() as engine:
        assert engine.run(engine.table(rows)) == rows


def test_two_tax_rows_for_one_resident_are_refused() -> None:
    roll = roll_of(3)

    with pytest.raises(BadFormat, match="twice"):
        decide(Roll(roll.register, tax_rows(0, 1, 1), roll.accounts), load("fy2021"))


def test_a_resident_who_stands_twice_in_the_register_is_refused() -> None:
    roll = roll_of(3)
    doubled = pa.concat_tables([roll.register, roll.register.slice(2, 1)])

    with pytest.raises(BadFormat, match="twice"):
        decide(Roll(doubled, tax_rows(2), roll.accounts), load("fy2021"))


def test_tables_that_are_not_a_roll_are_refused() -> None:
    roll = roll_of(3)

    with pytest.raises(BadFormat, match="tax"):
        decide(Roll(roll.register, roll.accounts, roll.accounts), load("fy2021"))
