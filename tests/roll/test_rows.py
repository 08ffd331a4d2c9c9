from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from azukari.errors import BadInput
from azukari.roll import rows as rows_module
from azukari.roll.rows import MAX_ROW_LINES, Rows, cells, read_rows

HEADERS = ("氏名", "住所")


def _read(text: str, encoding: str = "cp932") -> Rows:
    return read_rows("register", ("氏名,住所\r\n" + text).encode(encoding), HEADERS)


def _table(rows: Rows) -> list[tuple[int, str, str]]:
    columns = [rows.lines, *(rows.columns[header] for header in HEADERS)]
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def _faults(rows: Rows) -> list[tuple[int, str | None, str]]:
    return [(fault.line, fault.header, fault.reason) for fault in rows.faults]


@pytest.mark.parametrize(
    "row, found",
    [
        ("a,b", ["a", "b"]),
        ('"a",b', ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b",c', ['a"b', "c"]),
        ('"",""', ["", ""]),
        ('""""', ['"']),
        ('"a\nb",c', ["a\nb", "c"]),
        ("", [""]),
        (",", ["", ""]),
        ('a"b,c', None),
        ('"a"b,c', None),
        ('a,b"c"', None),
        ('"a" ,b', None),
        ('"a', None),
        ('a""b', None),
    ],
)
def test_quotes_are_those_of_rfc_4180(row: str, found: list[str] | None) -> None:
    assert found == cells(row)


@given(st.lists(st.text('ab,"\n \r', max_size=5), min_size=1, max_size=4), st.data())
@settings(deadline=None)
def test_what_another_writer_quotes_is_read_back(row: list[str], data: st.DataObject) -> None:
    quote_all = data.draw(st.booleans())
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerow(row)

    assert row == cells(written.getvalue().removesuffix("\r\n"))


@given(st.text('a,"', max_size=12))
@example('"",')
@settings(deadline=None, max_examples=500)
def test_what_is_read_is_what_the_csv_module_reads(row: str) -> None:
    found = cells(row)

    if found is not None and row:
        assert found == next(csv.reader([row], strict=True))


def test_rows_know_the_line_they_begin_on() -> None:
    rows = _read('一,"甲\r\n乙"\r\n二,丙\r\n"三\n\n",丁\r\n四,戊\r\n')

    assert _table(rows) == [
        (2, "一", "甲\r\n乙"),
        (4, "二", "丙"),
        (5, "三\n\n", "丁"),
        (8, "四", "戊"),
    ]
    assert rows.faults == []


def test_a_forgotten_quote_costs_one_row() -> None:
    many = "".join(f"五,{number}\r\n" for number in range(3 * MAX_ROW_LINES))

    rows = _read('一,"甲\r\n' + many)

    assert _faults(rows) == [(2, None, "bad-quotes")]
    assert len(_table(rows)) == 3 * MAX_ROW_LINES
    assert _table(rows)[0] == (3, "五", "0")


def test_a_row_of_other_width_is_refused_alone() -> None:
    rows = _read("一,甲\r\n二\r\n三,丙,丁\r\n\r\n四,戊\r\n")

    assert _table(rows) == [(2, "一", "甲"), (6, "四", "戊")]
    assert _faults(rows) == [
        (3, None, "too-few-cells"),
        (4, None, "too-many-cells"),
        (5, None, "too-few-cells"),
    ]


@pytest.mark.parametrize("end, blank", [("", 0), ("\r\n", 0), ("\n", 0), ("\r\n\r\n\n", 2)])
def test_blank_lines_at_the_end_are_counted_and_are_no_rows(end: str, blank: int) -> None:
    rows = _read("一,甲" + end)

    assert _table(rows) == [(2, "一", "甲")]
    assert blank == rows.blank_lines
    assert rows.faults == []


def test_a_file_may_hold_no_row() -> None:
    rows = read_rows("register", "氏名,住所".encode("cp932"), HEADERS)

    assert _table(rows) == []


@pytest.mark.parametrize(
    "raw, encoding, how",
    [
        ("氏名,住所\r\n".encode("cp932"), "cp932", "told by the header"),
        ("氏名,住所\r\n".encode(), "utf-8", "told by the header"),
        ("氏名,住所\r\n".encode("utf-8-sig"), "utf-8", "told by the byte order mark and header"),
    ],
)
def test_the_header_tells_the_encoding(raw: bytes, encoding: str, how: str) -> None:
    rows = read_rows("register", raw, HEADERS)

    assert (encoding, how) == (rows.encoding, rows.how)


def test_columns_may_stand_in_any_order() -> None:
    rows = read_rows("register", "住所,氏名\r\n甲,一\r\n".encode("cp932"), HEADERS)

    assert _table(rows) == [(2, "一", "甲")]


@pytest.mark.parametrize(
    "raw, said",
    [
        (b"", "register: the file is empty"),
        ("氏名,住所".encode("utf-16"), "register:1: the header holds no expected column"),
        ("氏名,住所".encode("euc-jp"), "register:1: the header holds no expected column"),
        (b"name,address", "register:1: the header holds no expected column"),
        ("氏名".encode(), "register:1: 住所: the column is missing"),
        ("氏名,住所,氏名".encode(), "register:1: 氏名: the column stands twice"),
        ("氏名,住所,架空太郎".encode(), "register:1: column 3 is not expected"),
        ('"氏名,住所'.encode(), "register:1: the header holds no expected column"),
    ],
)
def test_another_header_is_refused_without_quoting_it(raw: bytes, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_rows("register", raw, HEADERS)

    assert str(caught.value).startswith(said)
    assert "架空" not in str(caught.value)


def test_a_row_of_other_bytes_is_refused_alone() -> None:
    raw = "氏名,住所\r\n一,甲\r\n".encode("cp932") + b"\x82\xa0,\x85\x40\r\n\xff,a\r\n" + b"b,c\r\n"

    rows = read_rows("register", raw, HEADERS)

    assert _table(rows) == [(2, "一", "甲"), (5, "b", "c")]
    assert _faults(rows) == [(3, "住所", "undecodable"), (4, "氏名", "undecodable")]


@pytest.mark.parametrize("byte", [b"\x80", b"\xa0", b"\xfd", b"\xfe", b"\xff"])
def test_bytes_that_only_python_can_read_as_cp932_are_refused(byte: bytes) -> None:
    raw = "氏名,住所\r\n".encode("cp932") + b"a," + byte + b"\r\n"

    rows = read_rows("register", raw, HEADERS)

    assert _faults(rows) == [(2, "住所", "undecodable")]


def test_attack_half_a_character_swallows_no_line_end() -> None:
    raw = "氏名,住所\r\n".encode("cp932") + b"a,b\x82\r\nc,d\r\n"

    rows = read_rows("register", raw, HEADERS)

    assert _table(rows) == [(3, "c", "d")]
    assert _faults(rows) == [(2, "住所", "undecodable")]


def test_the_numbers_in_a_refused_row_are_known_and_not_shown() -> None:
    rows = _read("8800000001,甲,乙\r\n")

    assert rows.faults[0].numbers == ("8800000001",)
    assert "8800000001" not in repr(rows.faults)


_LINE = st.text('a,"\r\n', max_size=8) | st.sampled_from(["a,b\r\n", 'a,"b\r\nc"\r\n', "a,b,c\n"])


@given(st.lists(_LINE, max_size=30), st.integers(1, 40))
@settings(deadline=None)
def test_rows_are_the_same_however_the_bytes_are_cut(lines: list[str], block: int) -> None:
    whole = _read("".join(lines))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "_BLOCK_BYTES", block)
        cut = _read("".join(lines))

    assert _table(whole) == _table(cut)
    assert _faults(whole) == _faults(cut)


@given(st.lists(_LINE, max_size=30))
@settings(deadline=None)
def test_every_line_belongs_to_one_row(lines: list[str]) -> None:
    text = "".join(lines)

    rows = _read(text)

    # One row is one line, but for the line ends that its cells hold.
    held = sum(cell.count("\n") for _, *found in _table(rows) for cell in found)
    refused_lines = [fault.line for fault in rows.faults]
    begins = sorted([line for line, *_ in _table(rows)] + refused_lines)
    assert begins == sorted(set(begins))
    several = sum(1 for fault in rows.faults if fault.reason.endswith("cells"))
    lines_of_file = text.count("\n") + (not text.endswith("\n") and text != "")
    if not several:
        assert lines_of_file == len(begins) + held + rows.blank_lines


@given(st.text('a,"', max_size=10))
@example('a"b",c')
@example('"a"b,c')
@settings(deadline=None, max_examples=300)
def test_the_quick_way_reads_what_the_careful_way_reads(row: str) -> None:
    rows = _read(row + "\r\nz,z\r\n")
    careful = cells(row)

    kept = careful is not None and len(careful) == len(HEADERS)
    spans = row.count('"') % 2 == 1  # the next line belongs to it, or it is refused
    if not spans:
        assert [(2, *(careful or ()))] * kept == [found for found in _table(rows) if found[0] == 2]


def test_attack_a_row_of_a_million_quotes_costs_no_more_than_its_bytes() -> None:
    # Where a cell grows quote by quote this takes a minute, and a day for the largest file.
    assert ['"' * 1_499_999] == cells('"""' * 1_000_000)
