"""Take in and decide at the office: sealed, recorded, nobody decided by a row that is missing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from azukari.benefit.rules import load
from azukari.desk import decide, take_in
from azukari.errors import AzukariError, BadInput, NotFound, Refused
from azukari.names import new_id
from azukari.roll.columns import FILES


@pytest.fixture
def export(city: Any, tmp_path: Path) -> Path:
    """The city's files, to be spoilt."""
    return Path(shutil.copytree(city.out / "city", tmp_path / "export"))


def lines(export: Path, name: str) -> list[bytes]:
    return (export / f"{name}.csv").read_bytes().split(b"\r\n")


def answered(city: Any, roll: str) -> dict[str, tuple[str, str]]:
    """Household -> answer and reason."""
    made = decide.decide(city.office, roll, load("fy2021"), city.person("requester"))
    table = take_in.open_table(
        city.office, made.determination, "households", city.person("officer")
    )
    return {row["household"]: (row["answer"], row["reason"]) for row in table.to_pylist()}


def test_taking_in_is_one_entry_and_the_key_is_older(city: Any, export: Path) -> None:
    taken = take_in.take_in_roll(city.office, export, city.person("requester"))

    entry = city.entries("office")[-1]
    assert ("roll.taken_in", (taken.roll,)) == (entry.type, entry.refs)
    acts = [e.type for e in city.entries("keys") if e.act == entry.act]
    assert ["key.created", "key.released.roll"] == acts
    assert len(city.open_roll().register) == entry.n["register"]


def test_no_value_stands_on_the_disk_of_the_office(city: Any) -> None:
    register = city.open_roll().register
    values = {v.encode() for c in ("name", "kana", "address", "resident") for v in
              register[c].to_pylist() if v and len(v.encode()) >= 8}  # fmt: skip
    for path in sorted((*city.office_home.rglob("*"), *city.keys_home.rglob("*"))):
        if path.is_file():
            raw = path.read_bytes()
            assert not any(value in raw for value in values), path.name


def test_a_household_whose_row_was_refused_is_not_decided_by_default(
    city: Any, export: Path
) -> None:
    """A tax row that cannot be split: whom it was about is read from what is left of it."""
    before = answered(city, city.roll)
    register = city.open_roll().register.to_pylist()
    home = next(h for h, (answer, _) in before.items() if answer == "eligible")
    member = next(row for row in register if row["household"] == home)
    rows = lines(export, "tax")
    at = next(i for i, row in enumerate(rows) if row.startswith(member["resident"].encode()))
    rows[at] += b",one,cell,too,many"
    (export / "tax.csv").write_bytes(b"\r\n".join(rows))

    taken = take_in.take_in_roll(city.office, export, city.person("requester"))
    after = answered(city, taken.roll)

    assert 1 == taken.report.files["tax"].rows_refused
    assert ("undecided", "row_refused") == after[home]
    assert set(before) == set(after)


def test_a_refused_row_of_the_register_unsettles_the_whole_household(
    city: Any, export: Path
) -> None:
    register = city.open_roll().register.to_pylist()
    sizes: dict[str, list[Any]] = {}
    for row in register:
        sizes.setdefault(row["household"], []).append(row)
    home, members = next((home, rows) for home, rows in sizes.items() if len(rows) > 1)
    rows = lines(export, "register")
    at = next(i for i, row in enumerate(rows) if row.startswith(members[-1]["resident"].encode()))
    rows[at] += b",one,cell,too,many"
    (export / "register.csv").write_bytes(b"\r\n".join(rows))

    taken = take_in.take_in_roll(city.office, export, city.person("requester"))
    told = decide.explain(city.office, taken.roll, load("fy2021"), home, city.person("officer"))

    assert len(register) - 1 == taken.report.files["register"].rows_kept
    assert ("undecided", "row_refused") == answered(city, taken.roll)[home]
    assert ("undecided", "row_refused") == (told.answer, told.reason.code)
    assert {"row_refused"} == {member.reason.code for member in told.members}


def test_what_was_said_of_a_household_is_said_by_its_explanation_too(city: Any) -> None:
    for home, (answer, reason) in list(answered(city, city.roll).items())[:3]:
        told = decide.explain(city.office, city.roll, load("fy2021"), home, city.person("officer"))

        assert (answer, reason) == (told.answer, told.reason.code)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_takes_nothing_in(city: Any, export: Path, name: str) -> None:
    (export / f"{name}.csv").unlink()
    before = city.types("office"), city.types("keys")

    with pytest.raises(BadInput, match=f"{name}.csv"):
        take_in.take_in_roll(city.office, export, city.person("requester"))

    assert before == (city.types("office"), city.types("keys"))


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n\r\n"])
def test_a_register_of_a_header_only_is_told_as_that(city: Any, export: Path, end: bytes) -> None:
    """Not as thousands of accounts of people whom nobody knows."""
    (export / "register.csv").write_bytes(lines(export, "register")[0] + end)
    before = city.types("office"), city.types("keys")

    with pytest.raises(BadInput, match="a header and no rows"):
        take_in.take_in_roll(city.office, export, city.person("requester"))

    assert before == (city.types("office"), city.types("keys"))


def test_a_roll_or_table_that_is_not_there(city: Any) -> None:
    by = city.person("officer")
    with pytest.raises(NotFound):
        take_in.open_roll(city.office, new_id(), by)
    with pytest.raises(NotFound):
        take_in.open_table(city.office, city.roll, "nothing", by)


def test_a_sealed_table_that_was_swapped_or_cut_is_our_error(city: Any) -> None:
    folder = city.office_home / "rolls" / city.roll
    register, tax = folder / "register.azs", folder / "tax.azs"
    whole = register.read_bytes()
    for raw in (tax.read_bytes(), whole[:-1], whole[: len(whole) // 2], b""):
        register.write_bytes(raw)
        with pytest.raises(AzukariError):
            city.open_roll()


def test_a_shredded_roll_is_gone(city: Any) -> None:
    city.keeper.shred(new_id(), city.person("officer"), city.roll)

    with pytest.raises(Refused, match="carrier_is_shredded"):
        city.open_roll()
