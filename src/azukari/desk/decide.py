"""Decide a programme over a roll, and explain one household's answer."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from azukari.benefit.explain import Explanation
from azukari.benefit.rules import Programme
from azukari.desk.office import Office
from azukari.desk.take_in import keep_tables, open_unsettled
from azukari.vault import engine


@dataclass(frozen=True)
class Determined:
    """A determination in the office's keeping."""

    determination: str
    households: dict[str, int]  # answer -> households
    reasons: dict[str, int]  # reason -> households


def decide(
    office: Office,
    roll: str,
    programme: Programme,
    by: str,
    *,
    memory_limit: str = engine.MEMORY_LIMIT,
) -> Determined:
    """Judge every household of a roll; the answers are sealed and recorded; one entry.

    Nobody about whom a row was refused at intake is decided by what is not there.
    """
    kept, unsettled = open_unsettled(office, roll, by)
    found = engine.decide(kept, programme, unsettled=unsettled, memory_limit=memory_limit)
    answers = _tally(found.households.column("answer"))
    reasons = _tally(found.households.column("reason"))
    detail = {"programme": programme.id, "answers": answers, "reasons": reasons}
    identifier = keep_tables(
        office,
        {"persons": found.persons, "households": found.households},
        by,
        kind="determination",
        entry="benefit.determined",
        n=answers,
        detail=detail,
        of=roll,
    )
    return Determined(identifier, answers, reasons)


def explain(
    office: Office,
    roll: str,
    programme: Programme,
    household: str,
    by: str,
    *,
    memory_limit: str = engine.MEMORY_LIMIT,
) -> Explanation:
    """Why one household was answered as it was."""
    kept, unsettled = open_unsettled(office, roll, by)
    return engine.explain_household(
        kept, programme, household, unsettled=unsettled, memory_limit=memory_limit
    )


def _tally(column: object) -> dict[str, int]:
    rows = pc.value_counts(column).to_pylist()
    return {row["values"]: row["counts"] for row in rows if row["values"] is not None}
