from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azukari.errors import BadInput
from azukari.roll.columns import ACCOUNTS_SCHEMA, FILES, REGISTER_SCHEMA, TAX_SCHEMA
from azukari.roll.intake import FileReport, Intake

Rows = dict[str, list[list[str]]]
Write = Callable[..., dict[str, bytes]]
Take = Callable[[Mapping[str, bytes]], Intake]

_AT = {file: {c.name: i for i, c in enumerate(columns)} for file, columns in FILES.items()}


def _refused(report: FileReport) -> list[tuple[int, str | None, str]]:
    return [(refusal.line, refusal.column, refusal.reason) for refusal in report.refusals]


def test_a_right_export_is_kept_whole(right: Rows, written: Write, taken: Take) -> None:
    roll = taken(written(right)).roll

    assert roll.register.schema == REGISTER_SCHEMA
    assert roll.tax.schema == TAX_SCHEMA
    assert roll.accounts.schema == ACCOUNTS_SCHEMA
    assert [len(roll.register), len(roll.tax), len(roll.accounts)] == [5, 4, 2]
    for table in (roll.register, roll.tax, roll.accounts):
        table.validate(full=True)


def test_a_resident_reads_as_received_with_search_forms_beside(
    right: Rows, written: Write, taken: Take
) -> None:
    residents = taken(written(right)).roll.register.to_pylist()

    assert {
        "ordinal": 2,
        "line": 4,
        "resident": "8800000003",
        "household": "7700000002",
        "relationship": "母",
        "name": "見本　髙",
        "kana": "ミホン　タカ",
        "name_fold": "見本高",
        "kana_fold": "ミホンタカ",
        "birth": "S22.03.不詳",
        "birth_from": date(1947, 3, 1),
        "birth_to": date(1947, 3, 31),
        "sex": "female",
        "postal_code": "6600001",
        "address": "架空市例示町1丁目2番3号",
        "resident_since": None,
        "suppressed": True,
        "flags": None,
    } == residents[2]
    assert date(1989, 5, 9) == residents[0]["resident_since"]


def test_empty_cells_are_what_the_columns_say(right: Rows, written: Write, taken: Take) -> None:
    resident = taken(written(right)).roll.register.to_pylist()[4]
    empty = [name for name, value in resident.items() if value is None]

    assert empty == [
        "relationship",
        "kana",
        "kana_fold",
        "birth",
        "birth_from",
        "birth_to",
        "sex",
        "postal_code",
        "address",
        "resident_since",
        "flags",
    ]
    assert resident["suppressed"] is False


def test_tax_facts_and_accounts_point_to_their_resident(
    right: Rows, written: Write, taken: Take
) -> None:
    roll = taken(written(right)).roll
    tax = roll.tax.to_pylist()

    assert roll.tax.column("ordinal").to_pylist() == [0, 1, 2, 4]
    assert roll.accounts.column("ordinal").to_pylist() == [2, 0]
    assert tuple(
        tax[0][name]
        for name in ("status", "levied_yen", "total_income_yen", "dependants", "disabled")
    ) == ("taxed", 5800, 3_000_000, 1, False)
    assert (tax[1]["dependant_of"], tax[1]["dependant_elsewhere"]) == ("8800000001", None)
    assert (tax[2]["dependant_of"], tax[2]["dependant_elsewhere"]) == (None, "taxed")
    assert (
        tax[3]["status"],
        tax[3]["levied_yen"],
        tax[3]["disabled"],
    ) == ("undeclared", None, None)
    assert roll.accounts.column("kind").to_pylist() == ["assistance", "child_allowance"]


def test_the_bytes_received_are_hashed(right: Rows, written: Write, taken: Take) -> None:
    files = written(right)

    report = taken(files).report.files

    assert {file: hashlib.sha256(raw).hexdigest() for file, raw in files.items()} == {
        file: found.sha256 for file, found in report.items()
    }
    assert len(files["tax"]) == report["tax"].size_bytes
    assert (report["tax"].encoding, report["tax"].how) == ("cp932", "told by the header")


def test_both_bytes_of_taka_are_one_character(right: Rows, written: Write, taken: Take) -> None:
    ours = written(right)
    assert b"\xee\xe0" in ours["register"]
    windows = {**ours, "register": ours["register"].replace(b"\xee\xe0", b"\xfb\xfc")}

    assert taken(ours).roll.register == taken(windows).roll.register
    assert (
        taken(ours).report.files["register"].sha256
        != taken(windows).report.files["register"].sha256
    )


def test_private_use_characters_pass_unchanged_and_are_flagged(
    right: Rows, written: Write, taken: Take
) -> None:
    files = written(right)
    files["register"] = files["register"].replace(b"\xee\xe0", b"\xf0\x40\xf9\xfc")

    intake = taken(files)
    resident = intake.roll.register.to_pylist()[2]

    assert resident["name"] == "見本　\ue000\ue757"
    assert resident["name_fold"] == "見本\ue000\ue757"
    assert resident["flags"] == "private-use"
    assert intake.report.files["register"].flags == {"private-use": 1}


@pytest.mark.parametrize(
    "column, cell, flags",
    [
        ("name", "見本\u202e次郎", "bidi"),
        ("name", "見本\u200b次郎", "zero-width"),
        ("name", "=SUM(見本)", "formula"),
        ("kana", "+ミホン", "formula"),
        ("address", "@見本町", "formula"),
        ("relationship", "-子", "formula"),
        ("address", "\ue000\u200b", "private-use zero-width"),
        ("name", "#eval(見本)", None),
        ("name", "<b>見本</b>", None),
    ],
)
def test_what_could_harm_a_reader_is_kept_and_flagged(
    right: Rows, written: Write, taken: Take, column: str, cell: str, flags: str | None
) -> None:
    right["register"][4][_AT["register"][column]] = cell

    resident = taken(written(right, "utf-8")).roll.register.to_pylist()[3]

    assert (cell, flags) == (resident[column], resident["flags"])


@pytest.mark.parametrize(
    "file, column, cell, reason",
    [
        ("register", "resident", "", "empty"),
        ("register", "resident", "880000000x", "not-digits"),
        ("register", "resident", "８８００００００１０", "not-digits"),
        ("register", "resident", "880000000", "wrong-length"),
        ("register", "resident", "8800000001", "duplicate"),
        ("register", "household", "77000000011", "wrong-length"),
        ("register", "name", "", "empty"),
        ("register", "name", "　", "empty"),
        ("register", "name", "見本\x00", "control-character"),
        ("register", "name", "見\r本", "control-character"),
        ("register", "address", "見本\x1b[2J", "control-character"),
        ("register", "birth", "S65.01.01", "no-such-day"),
        ("register", "birth", "H01.02.30", "no-such-day"),
        ("register", "sex", "男性", "unknown-word"),
        ("register", "postal_code", "6600001", "wrong-length"),
        ("register", "resident_since", "R01.04.30", "no-such-day"),
        ("register", "suppressed", "0", "unknown-word"),
        ("tax", "resident", "8899999999", "not-in-register"),
        ("tax", "levied_yen", "-1", "negative"),
        ("tax", "levied_yen", "5,800", "not-digits"),
        ("tax", "status", "", "empty"),
        ("tax", "status", "免除", "unknown-word"),
        ("tax", "total_income_yen", "1e6", "not-digits"),
        ("tax", "total_income_yen", "1234567890123", "wrong-length"),
        ("tax", "dependants", "100", "wrong-length"),
        ("tax", "disabled", "2", "unknown-word"),
        ("tax", "widowed", "-", "unknown-word"),
        ("tax", "single_parent", "はい", "unknown-word"),
        ("tax", "dependant_of", "8899999999", "payer-not-in-register"),
        ("tax", "dependant_of", "8800000002", "own-dependant"),
        ("tax", "dependant_of", "市外", "unknown-word"),
        ("accounts", "resident", "8899999999", "not-in-register"),
        ("accounts", "kind", "年金", "unknown-word"),
        ("accounts", "bank", "901", "wrong-length"),
        ("accounts", "branch", "00a", "not-digits"),
        ("accounts", "account_type", "3", "unknown-word"),
        ("accounts", "number", "000000١", "not-digits"),
        ("accounts", "holder", "カクウ", "not-kana"),
        ("accounts", "holder", "", "empty"),
    ],
)
def test_a_wrong_cell_refuses_its_row_and_no_other(
    right: Rows, written: Write, taken: Take, file: str, column: str, cell: str, reason: str
) -> None:
    at = _AT[file][column]
    right[file][2][at] = f'"{cell}"'

    report = taken(written(right, "utf-8")).report.files[file]

    assert [(3, right[file][0][at], reason)] == _refused(report)
    assert len(right[file]) - 2 == report.rows_kept


def test_a_second_tax_row_of_a_resident_is_refused(
    right: Rows, written: Write, taken: Take
) -> None:
    right["tax"][4][0] = "8800000001"

    intake = taken(written(right))

    assert _refused(intake.report.files["tax"]) == [(5, "住民番号", "duplicate")]
    assert intake.unsettled == 0b1


def test_a_resident_may_have_several_accounts(right: Rows, written: Write, taken: Take) -> None:
    right["accounts"].append(list(right["accounts"][1]))

    assert taken(written(right)).roll.accounts.column("ordinal").to_pylist() == [2, 0, 2]


def test_the_first_fault_of_a_row_is_told(right: Rows, written: Write, taken: Take) -> None:
    right["tax"][1] = ["880000000", "x", "y", "", "", "", "", "", ""]

    report = taken(written(right)).report.files["tax"]

    assert _refused(report) == [(2, "住民番号", "wrong-length")]


def test_a_row_at_fault_does_not_make_the_next_one_a_duplicate(
    right: Rows, written: Write, taken: Take
) -> None:
    again = list(right["register"][1])
    right["register"][1][_AT["register"]["sex"]] = "?"
    right["register"].append(again)

    intake = taken(written(right))

    assert _refused(intake.report.files["register"]) == [(2, "性別", "unknown-word")]
    assert intake.roll.register.column("ordinal").to_pylist() == [0, 1, 2, 3, 4]
    assert intake.roll.register.column("resident").to_pylist()[4] == "8800000001"
    assert intake.roll.tax.column("ordinal").to_pylist()[0] == 4


def test_a_repeated_row_at_fault_is_told_by_its_fault(
    right: Rows, written: Write, taken: Take
) -> None:
    right["register"].append(list(right["register"][1]))
    right["register"][-1][_AT["register"]["sex"]] = "?"

    report = taken(written(right)).report.files["register"]

    assert _refused(report) == [(7, "性別", "unknown-word")]


def test_whoever_lost_a_tax_row_is_unsettled(right: Rows, written: Write, taken: Take) -> None:
    """Absence of a row proves nothing about a resident whose row was refused."""
    right["tax"][1][1] = "-5800"  # ordinal 0, a cell at fault
    right["tax"][3].append("")  # ordinal 2, a row at fault
    right["accounts"][2][2] = "x"  # ordinal 0 again

    assert taken(written(right)).unsettled == 0b101


def test_whoever_lives_with_a_refused_resident_is_unsettled(
    right: Rows, written: Write, taken: Take
) -> None:
    """The one who was refused may be the one who pays tax."""
    right["register"][1][_AT["register"]["sex"]] = "?"  # of 7700000001, a cell at fault
    right["register"][3].append("")  # of 7700000002, a row at fault
    right["tax"] = right["tax"][:1]
    right["accounts"] = right["accounts"][:1]

    intake = taken(written(right))

    assert intake.roll.register["name"].to_pylist() == ["架空　花子", "見本　次郎", "例示　三郎"]
    assert intake.unsettled == 0b011


def test_nobody_is_unsettled_where_nothing_was_refused(
    right: Rows, written: Write, taken: Take
) -> None:
    assert taken(written(right)).unsettled == 0


def test_rows_read_are_rows_kept_and_rows_refused(right: Rows, written: Write, taken: Take) -> None:
    right["register"][1][0] = "x"
    right["register"][2].pop()
    files = written(right)
    files["register"] += b'"\xff",\r\n\r\n\r\n'

    report = taken(files).report
    register = report.files["register"]

    assert (
        register.rows_read,
        register.rows_kept,
        register.rows_refused,
        register.blank_lines,
    ) == (6, 3, 3, 2)
    assert [refusal.line for refusal in register.refusals] == [2, 3, 7]
    assert report.refusals[: len(register.refusals)] == register.refusals


def test_quotes_and_line_ends_may_be_mixed(right: Rows, written: Write, taken: Take) -> None:
    plain = written(right)
    right["register"][3] = [f'"{cell}"' for cell in right["register"][3]]
    right["register"][5][_AT["register"]["name"]] = '"例示　三郎"'
    quoted = written(right)
    quoted["tax"] = quoted["tax"].replace(b"\r\n", b"\n")

    assert taken(plain).roll == taken(quoted).roll


def test_all_three_files_are_expected(right: Rows, written: Write, taken: Take) -> None:
    files = written(right)
    del files["tax"]

    with pytest.raises(BadInput, match="the files register, tax, accounts are expected"):
        taken(files)


_CELL = st.sampled_from(
    ["", "1", "0", "8800000001", "8800000009", "架空", "課税", '"', ",", "\x00"]
)


@given(
    file=st.sampled_from(list(FILES)),
    changes=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10), _CELL), max_size=8),
    cut=st.none() | st.integers(0, 60),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_kept_or_refused(
    right: Rows,
    written: Write,
    taken: Take,
    file: str,
    changes: list[tuple[int, int, str]],
    cut: int | None,
) -> None:
    rows = {name: [list(row) for row in table] for name, table in right.items()}
    for row, column, cell in changes:
        if row < len(rows[file]) and column < len(rows[file][row]):
            rows[file][row][column] = cell
    files = written(rows)
    if cut:
        files[file] = files[file][:-cut]

    for report in taken(files).report.files.values():
        assert report.rows_read == report.rows_kept + report.rows_refused
        assert len(report.refusals) == report.rows_refused
    intake = taken(files)
    tables = [intake.roll.register, intake.roll.tax, intake.roll.accounts]
    assert [len(t) for t in tables] == [r.rows_kept for r in intake.report.files.values()]
    for table in tables:
        table.validate(full=True)
