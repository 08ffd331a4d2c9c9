"""Deciding a city: our rule through Ibis and DuckDB beside the same rule by hand in Polars.

Both start from the Arrow tables of a roll and end with Arrow tables of persons and households;
both must give the same answers, or the bench stops.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from azukari.benefit.rules import Programme, load
from azukari.roll.columns import ACCOUNTS_SCHEMA, REGISTER_SCHEMA, TAX_SCHEMA, Roll
from azukari.vault.engine import decide
from benches import Row, side_by_side

RANKED = ("undeclared", "moved_in", "asking", "treaty", "disagree", "birth_unknown")


def run(residents: int, repeat: int) -> list[Row]:
    """One row: end to end, from the tables of a roll to its determination."""
    roll, programme = invent(residents), load("fy2021")
    ours = decide(roll, programme)
    persons, households = by_hand(roll, programme)
    for mine, theirs in ((ours.persons, persons), (ours.households, households)):
        if not pl.DataFrame(mine).equals(pl.DataFrame(theirs)):
            raise SystemExit("benches: decide: ours and Polars by hand disagree")
    ours_s, theirs_s = side_by_side(
        repeat, lambda: decide(roll, programme), lambda: by_hand(roll, programme)
    )
    return [
        Row(
            "decide a city",
            "rules, engine start included",
            ours_s,
            "Polars by hand",
            theirs_s,
            "≤ 1.5×, ≤ 2 s",
        )
    ]


def invent(residents: int, seed: int = 1) -> Roll:
    """A roll of random facts, a tenth of them missing; names and addresses stay empty."""
    rng = np.random.default_rng(seed)
    ordinal = np.arange(residents, dtype=np.int32)
    home = np.sort(rng.integers(0, max(1, residents * 10 // 21), residents))
    resident = digits(rng.permutation(residents), 88)
    birth = days(rng, residents, date(1931, 1, 1), date(2021, 12, 1))
    since = days(rng, residents, date(1980, 1, 1), date(2022, 3, 1))
    blank = pa.array(np.full(residents, ""))
    register = {
        "ordinal": ordinal,
        "line": ordinal + 2,
        "resident": resident,
        "household": digits(home, 77),
        "name": blank,
        "name_fold": blank,
        "birth_from": birth,
        "birth_to": birth,
        "resident_since": since,
        "suppressed": np.zeros(residents, dtype=bool),
    }
    taxed = np.sort(rng.choice(residents, residents * 78 // 100, replace=False)).astype(np.int32)
    count = len(taxed)
    status = rng.choice(
        ["taxed", "exempt", "undeclared", "asking", "treaty"],
        count,
        p=[0.45, 0.5, 0.02, 0.02, 0.01],
    )
    payer = resident.take(pa.array(rng.integers(0, residents, count), mask=rng.random(count) > 0.2))
    elsewhere = pa.array(
        rng.choice(["taxed", "exempt", "unknown"], count), mask=rng.random(count) > 0.05
    )
    tax = {
        "ordinal": taxed,
        "line": taxed + 2,
        "resident": resident.take(pa.array(taxed)),
        "levied_yen": maybe(rng, np.where(status == "taxed", 5800, 0)),
        "status": status,
        "total_income_yen": maybe(rng, rng.integers(0, 4_000_000, count)),
        "dependants": maybe(rng, rng.integers(0, 5, count)),
        "disabled": maybe(rng, rng.random(count) < 0.05),
        "widowed": maybe(rng, rng.random(count) < 0.03),
        "single_parent": maybe(rng, rng.random(count) < 0.03),
        "dependant_of": payer,
        "dependant_elsewhere": elsewhere,
    }
    held = np.sort(rng.choice(residents, residents * 18 // 100, replace=False)).astype(np.int32)
    empty = pa.array(np.full(len(held), ""))
    accounts = {
        "ordinal": held,
        "line": held + 2,
        "resident": resident.take(pa.array(held)),
        "kind": np.where(rng.random(len(held)) < 0.2, "assistance", "child_allowance"),
        **dict.fromkeys(("bank", "branch", "account_type", "number", "holder"), empty),
    }
    return Roll(
        table(register, REGISTER_SCHEMA), table(tax, TAX_SCHEMA), table(accounts, ACCOUNTS_SCHEMA)
    )


def table(known: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """Those columns as a table of that schema; the others are null."""
    size = len(known["ordinal"])
    columns = [
        pa.array(known[f.name]).cast(f.type) if f.name in known else pa.nulls(size, f.type)
        for f in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def digits(numbers: np.ndarray[Any, Any], prefix: int) -> pa.Array:
    """Ten digits with that prefix."""
    return pa.array(numbers.astype(np.int64) + prefix * 10**8).cast(pa.string())


def days(rng: np.random.Generator, size: int, first: date, last: date) -> pa.Array:
    """Random days, one in fifty unknown."""
    start, end = (np.datetime64(day).astype(np.int32) for day in (first, last))
    drawn = rng.integers(start, end, size).astype(np.int32)
    return pa.array(drawn, mask=rng.random(size) < 0.02).cast(pa.date32())


def maybe(rng: np.random.Generator, values: np.ndarray[Any, Any]) -> pa.Array:
    """Those values, a tenth of them null."""
    return pa.array(values, mask=rng.random(len(values)) < 0.1)


def by_hand(roll: Roll, programme: Programme) -> tuple[pa.Table, pa.Table]:
    """The same rule as somebody would write it in Polars."""
    people = judge(roll, programme)
    col, lit = pl.col, pl.lit
    possible = col("counted").fill_null(True)
    counted = col("counted").fill_null(False)
    exempt = col("levy").eq_missing("exempt")
    rank = pl.coalesce(*(pl.when(col("reason") == w).then(i) for i, w in enumerate(RANKED)))
    homes = people.group_by("household").agg(
        first=col("ordinal").min(),
        members=pl.len().cast(pl.Int64),
        counted_members=counted.sum().cast(pl.Int64),
        possible=possible.any(),
        unsure=col("counted").is_null().any(),
        taxed=(counted & col("levy").eq_missing("taxed")).any(),
        open=(possible & ~exempt).any(),
        outside=(counted & (col("dependence") == "independent")).any(),
        free=(possible & (col("dependence") != "dependant")).any(),
        payer=(possible & (col("dependence") == "payer_unknown")).any(),
        rank=pl.when(possible).then(rank).min(),
    )
    none_open = ~col("open") & col("outside") & ~col("unsure")
    reason = (
        pl.when(col("taxed")).then(lit("taxed_member"))
        .when(~col("possible")).then(lit("not_registered_on_base_date"))
        .when(~col("free")).then(lit("only_dependants"))
        .when(none_open).then(lit("all_exempt"))
        .when(col("rank").is_not_null())
        .then(col("rank").replace_strict(dict(enumerate(RANKED)), return_dtype=pl.String))
        .when(~col("outside") & col("payer")).then(lit("payer_unknown"))
        .when(col("unsure")).then(lit("since_unknown"))
        .otherwise(lit("dependence_unknown"))
    )  # fmt: skip
    refused = ("taxed_member", "not_registered_on_base_date", "only_dependants")
    answer = (
        pl.when(col("reason") == "all_exempt").then(lit("eligible"))
        .when(col("reason").is_in(refused)).then(lit("not_eligible"))
        .otherwise(lit("undecided"))
    )  # fmt: skip
    found = homes.with_columns(reason=reason).with_columns(answer=answer).sort("first")
    persons = people.select("ordinal", "household", "counted", "levy", "reason", "dependence").sort(
        "ordinal"
    )
    kept = found.select("household", "answer", "reason", "members", "counted_members")
    both = pl.collect_all([persons, kept])  # the common part is computed once
    return both[0].to_arrow(), both[1].to_arrow()


def judge(roll: Roll, programme: Programme) -> pl.LazyFrame:
    """Every person's levy, reason and dependence."""
    col, lit, limits = pl.col, pl.lit, programme.income
    register = pl.DataFrame(roll.register.select(
        ["ordinal", "resident", "household", "birth_from", "birth_to", "resident_since"]
    )).lazy()  # fmt: skip
    tax = pl.DataFrame(roll.tax.drop_columns(["line", "resident"])).lazy()
    tax = tax.with_columns(recorded=lit(True))
    accounts = pl.DataFrame(roll.accounts.select(["ordinal", "kind"])).lazy()
    assisted = accounts.filter(col("kind") == "assistance").select("ordinal").unique()
    assisted = assisted.with_columns(assistance=lit(True))
    born = programme.minor_born_on_or_after
    facts = (
        register.join(tax, on="ordinal", how="left")
        .join(assisted, on="ordinal", how="left")
        .with_columns(
            col("recorded", "assistance").fill_null(False),
            counted=col("resident_since") <= programme.base_date,
            minor=pl.when(col("birth_from") >= born).then(True).when(col("birth_to") < born)
            .then(False),
            n=pl.when(col("dependants").is_between(0, 99)).then(col("dependants")),
        )
        .with_columns(
            limit=limits.scaled_per_head * (1 + col("n"))
            + limits.fixed_yen
            + pl.when(col("n") >= 1).then(limits.scaled_extra).otherwise(0)
        )
        .with_columns(
            poor=col("assistance")
            | (
                (col("disabled") | col("widowed") | col("single_parent") | col("minor"))
                & (col("total_income_yen") <= limits.allowance_yen)
            )
            | (col("total_income_yen") <= col("limit"))
        )
    )  # fmt: skip
    status = col("status")
    reason = (
        pl.when(status.is_in(["undeclared", "asking", "treaty"])).then(status)
        .when((status == "exempt") & ((col("levied_yen") > 0) | ~col("poor")))
        .then(lit("disagree"))
        .when((status == "taxed") & ((col("levied_yen") == 0) | col("poor")))
        .then(lit("disagree"))
        .when(status.is_not_null()).then(status)
        .when(col("minor")).then(lit("minor_without_record"))
        .when(col("minor").is_null()).then(lit("birth_unknown"))
        .when(col("resident_since").is_null()).then(lit("since_unknown"))
        .when(col("resident_since") >= programme.moved_in_from).then(lit("moved_in"))
        .otherwise(lit("undeclared"))
    )  # fmt: skip
    judged = facts.with_columns(reason=reason).with_columns(
        levy=pl.when(col("reason").is_in(["exempt", "minor_without_record"])).then(lit("exempt"))
        .when(col("reason") == "taxed").then(lit("taxed"))
    )  # fmt: skip
    payers = judged.select(dependant_of="resident", payer_levy="levy")
    inside = pl.when(col("dependant_of").is_null()).then(False).otherwise(
        col("payer_levy") == "taxed"
    )  # fmt: skip
    other = col("dependant_elsewhere")
    elsewhere = (
        pl.when(other.is_null()).then(False).when(other == "taxed").then(True)
        .when(other == "exempt").then(False)
    )  # fmt: skip
    return judged.join(payers, on="dependant_of", how="left").with_columns(
        dependence=pl.when(~col("recorded")).then(lit("dependence_unknown"))
        .when(inside | elsewhere).then(lit("dependant"))
        .when(~(inside | elsewhere)).then(lit("independent"))
        .otherwise(lit("payer_unknown"))
    )  # fmt: skip
