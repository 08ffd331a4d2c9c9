"""The query engine: rules run over Arrow tables in memory, and nothing reaches a disk.

DuckDB by itself spills values in the clear to the working directory, fetches extensions and opens
whatever file a query names.  Here it may do none of that, and cannot be told otherwise later.
It keeps nothing; sealed rolls are another page's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis.common.exceptions import IbisError

from azukari.benefit import determine, explain
from azukari.benefit.rules import Programme
from azukari.errors import BadFormat, BadSettings, NotFound
from azukari.roll.columns import ACCOUNTS_SCHEMA, REGISTER_SCHEMA, TAX_SCHEMA, Roll

T = TypeVar("T")

MEMORY_LIMIT: Final = "2GB"
_SIZE: Final = re.compile(r"[1-9][0-9]{0,5}(KB|MB|GB|KiB|MiB|GiB)")
_SCHEMAS: Final = {"register": REGISTER_SCHEMA, "tax": TAX_SCHEMA, "accounts": ACCOUNTS_SCHEMA}


@dataclass(frozen=True)
class Determination:
    """What a programme decided: ``persons`` by ordinal, ``households`` by their first ordinal.

    Columns: ``determine.PERSON_COLUMNS`` and ``determine.HOUSEHOLD_COLUMNS``.
    """

    persons: pa.Table
    households: pa.Table


class Engine:
    """One locked DuckDB in memory; a context manager.

    ``memory_limit`` such as '2GB' is the engine's own; when it is not enough the work ends in
    BadSettings and no file has been written.
    """

    def __init__(self, *, memory_limit: str = MEMORY_LIMIT) -> None:
        if not _SIZE.fullmatch(memory_limit):
            raise BadSettings("engine: the memory limit is not a size such as 2GB")
        self._limit = memory_limit
        self._tables = 0
        self._duck = _guarded(lambda: _open_locked(memory_limit), memory_limit)

    def table(self, rows: pa.Table) -> ir.Table:
        """Those rows as a table to build expressions on; not copied."""
        self._tables += 1
        name = f"t{self._tables}"
        # Not through Ibis: its 12.0.0 fails on DuckDB 2.0.0 in `create_table` (DROP VIEW without
        # a name) and warns in `table`.  A table without a backend is also any engine's table.
        _guarded(lambda: self._duck.register(name, rows), self._limit)
        return ibis.table(ibis.schema(rows.schema), name=name)

    def run(self, question: ir.Table) -> pa.Table:
        """The rows of an expression.

        BadSettings where the memory limit is too small, BadFormat for everything else the engine
        refuses; neither quotes what stood in a row.
        """

        def answer() -> pa.Table:
            rows = self._duck.sql(ibis.to_sql(question, dialect="duckdb")).to_arrow_table()
            return rows.cast(question.schema().to_pyarrow())

        return _guarded(answer, self._limit)

    def close(self) -> None:
        """Give the memory back; safe to repeat."""
        with suppress(duckdb.Error):
            self._duck.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def decide(
    roll: Roll,
    programme: Programme,
    *,
    unsettled: Iterable[int] = (),
    memory_limit: str = MEMORY_LIMIT,
) -> Determination:
    """Decide every person and every household of a roll.

    ``unsettled``: ordinals of those about whom a row was refused; none of them, and no household
    with one of them, is decided by what is not there.

    BadFormat where the tables are not a roll: another schema, a resident twice, two tax rows.
    """
    _check(roll)
    with Engine(memory_limit=memory_limit) as engine:
        question = _ask(engine, roll, programme, unsettled, determine.persons)
        persons = engine.run(question.order_by("ordinal"))
        # Two rows for one person would count that person twice; refuse rather than choose.
        if not _counts_up(persons["ordinal"], roll.register.num_rows):
            raise BadFormat("roll: a resident or a tax record stands there twice")
        found = determine.tally(engine.table(persons)).order_by("first")
        households = engine.run(found.select(*determine.HOUSEHOLD_COLUMNS))
    return Determination(persons, households)


def explain_household(
    roll: Roll,
    programme: Programme,
    household: str,
    *,
    unsettled: Iterable[int] = (),
    memory_limit: str = MEMORY_LIMIT,
) -> explain.Explanation:
    """Why one household of a roll gets its answer; NotFound where the roll has no such one."""
    _check(roll)
    near = _neighbourhood(roll, household)
    with Engine(memory_limit=memory_limit) as engine:
        facts = _ask(engine, near, programme, unsettled, determine.evidence)
        members = engine.run(facts.filter(facts.household == household).order_by("ordinal"))
        answer = engine.run(determine.tally(engine.table(members)))
    return explain.explain(programme, members.to_pylist(), answer.to_pylist()[0])


def _open_locked(memory_limit: str) -> duckdb.DuckDBPyConnection:
    duck = duckdb.connect(
        ":memory:",
        config={
            # Never spill: a spilled page holds residents' values in the clear.
            "temp_directory": "",
            "memory_limit": memory_limit,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
        },
    )
    for line in (
        "SET TimeZone = 'UTC'",
        "SET python_enable_replacements = false",  # a variable of ours is never a table
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ):
        duck.execute(line)
    return duck


def _guarded(work: Callable[[], T], memory_limit: str) -> T:
    """That work, with every exception of the libraries below turned into ours.

    They quote rows and values in their messages, so only the kind of the error goes on.
    """
    try:
        return work()
    except (duckdb.OutOfMemoryException, MemoryError):
        reason = f"engine: a memory limit of {memory_limit} is not enough for this work"
        raise BadSettings(reason) from None
    except (duckdb.Error, IbisError, pa.ArrowException) as error:
        raise BadFormat(f"engine: refused: {type(error).__name__}") from None


def _ask(
    engine: Engine,
    roll: Roll,
    programme: Programme,
    unsettled: Iterable[int],
    question: Callable[[ir.Table, ir.Table, ir.Table, Programme, ir.Table], ir.Table],
) -> ir.Table:
    lost = pa.table({"ordinal": pa.array(sorted(set(unsettled)), pa.int32())})
    register, tax, accounts, missing = (
        engine.table(rows) for rows in (roll.register, roll.tax, roll.accounts, lost)
    )
    return question(register, tax, accounts, programme, missing)


def _check(roll: Roll) -> None:
    for name, schema in _SCHEMAS.items():
        rows: pa.Table = getattr(roll, name)
        if not rows.schema.equals(schema):
            raise BadFormat(f"roll: {name}: the table has not the columns of a roll")


def _neighbourhood(roll: Roll, household: str) -> Roll:
    """The rows that can matter to one household: its members and those on whom they depend."""
    members = roll.register.filter(pc.equal(roll.register["household"], household))
    if members.num_rows == 0:
        raise NotFound("no such household in this roll")
    taxed = roll.tax.filter(pc.is_in(roll.tax["ordinal"], value_set=_set(members["ordinal"])))
    payers = pc.is_in(roll.register["resident"], value_set=_set(taxed["dependant_of"].drop_null()))
    ours = pc.equal(roll.register["household"], household)
    register = roll.register.filter(pc.or_(ours, payers))
    near = _set(register["ordinal"])
    return Roll(
        register,
        roll.tax.filter(pc.is_in(roll.tax["ordinal"], value_set=near)),
        roll.accounts.filter(pc.is_in(roll.accounts["ordinal"], value_set=near)),
    )


def _counts_up(ordinals: pa.ChunkedArray, size: int) -> bool:
    return len(ordinals) == size and all(pc.equal(ordinals, pa.arange(0, size)).to_pylist())


def _set(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()
