"""The bytes of an invented city: as Windows writes them, always the same, and nobody's."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadInput
from azukari.rehearse.city import Invented, invent
from azukari.rehearse.city_dates import era_index, era_texts
from azukari.rehearse.city_export import encode, padded, scattered
from azukari.rehearse.city_names import account_kana, names
from azukari.roll.columns import FILES

NAMES = tuple(FILES)
ERAS = {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}
ERA_TEXTS = era_texts()
Rows = list[dict[str, str]]


def read(folder: Path, name: str, encoding: str = "cp932") -> Rows:
    with (folder / f"{name}.csv").open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    invent(20_000, 2, folder)
    return folder


@pytest.fixture(scope="module")
def residents(town: Path) -> Rows:
    return read(town, "register")


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Invented]:
    folder = tmp_path_factory.mktemp("village")
    return folder, invent(2_000, 1, folder)


@pytest.fixture(scope="module")
def modern_village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("modern")
    invent(2_000, 1, folder, encoding="utf-8")
    return folder


# ---- bytes ------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("one", 7), ("two", 7), ("three", 8)):
        invent(3_000, seed, tmp_path / folder)
    for name in NAMES:
        one, two, three = (
            (tmp_path / folder / f"{name}.csv").read_bytes() for folder in ("one", "two", "three")
        )
        assert one == two
        assert one != three


def test_the_files_are_those_that_the_columns_page_describes(town: Path) -> None:
    for name, columns in FILES.items():
        header = (town / f"{name}.csv").read_bytes().split(b"\r\n", 1)[0]
        assert ",".join(column.header for column in columns) == header.decode("cp932")


def test_every_line_ends_as_windows_ends_it(town: Path) -> None:
    for name in NAMES:
        content = (town / f"{name}.csv").read_bytes()
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n")


def test_rare_characters_are_written_as_windows_writes_them(town: Path) -> None:
    content = (town / "register.csv").read_bytes()
    assert "髙".encode("cp932") == b"\xee\xe0"  # what Python would write
    assert b"\xfb\xfc" in content
    assert not re.search(r"[\uf8f0-\uf8f3\ufffd]", content.decode("cp932"))
    for sign in "髙﨑濵瀨德栁\ue000":
        assert sign in content.decode("cp932")


def test_some_cells_are_quoted_and_some_are_not(town: Path) -> None:
    lines = (town / "register.csv").read_text("cp932").splitlines()[1:]
    quotes = Counter(line.count('"') for line in lines)
    assert {0, 22} <= set(quotes)


def test_eras_are_written_in_every_way_a_register_knows(residents: Rows) -> None:
    births = [row["生年月日"] for row in residents]
    for manner in (
        r"[THRS]\d\d\.\d\d\.\d\d",
        r"[HRS]元\.\d\d\.\d\d",
        r"S\d\d\.\d\d\.不詳",
        r"[ST]\d\d\.不詳\.不詳",
        r"|不詳",
    ):
        assert any(re.fullmatch(manner, birth) for birth in births), manner


# ---- names ------------------------------------------------------------------------------------


def test_one_name_in_two_hundred_has_characters_outside_the_old_standard(
    residents: Rows,
) -> None:
    def outside(name: str) -> bool:
        try:
            name.encode("shift_jis")
        except UnicodeEncodeError:
            return True
        return False

    rare = sum(outside(row["氏名"]) for row in residents)
    assert 100 * rare / len(residents) >= 0.5


@pytest.mark.parametrize("start", ["=", "#eval(", "@", "+", "-", "<b>", "<script>", "{{", "'"])
def test_a_village_has_a_resident_whose_name_attacks(
    start: str, village: tuple[Path, Invented]
) -> None:
    folder, made = village
    assert any(row["氏名"].startswith(start) for row in read(folder, "register"))
    assert made.persons["attacking_names"] >= 9


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\u200d", "\U00020bb7"])
def test_only_a_utf8_city_hides_characters_in_names(sign: str, modern_village: Path) -> None:
    rows = read(modern_village, "register", "utf-8")
    assert any(sign in row["氏名"] for row in rows)
    with pytest.raises(UnicodeEncodeError):
        sign.encode("cp932")


def test_kana_has_as_many_parts_as_the_name(residents: Rows) -> None:
    for row in residents:
        assert row["氏名"].count("\u3000") == 1 == row["氏名カナ"].count("\u3000")


def test_the_real_city_is_not_named(town: Path) -> None:
    real = chr(0x5C3C) + chr(0x5D0E)  # spelled out, so that no search of ours finds it here
    for name in NAMES:
        assert real not in (town / f"{name}.csv").read_text("cp932")


def test_addresses_lie_in_the_invented_city(residents: Rows) -> None:
    manner = re.compile(r"架空市[^\d\s]+(\d丁目)?\d+番\d+号(\u3000[^\d\s]+\d+号)?")
    for row in residents:
        assert manner.fullmatch(row["住所"])
        assert re.fullmatch(r"66[01]-\d{4}", row["郵便番号"])


# ---- the call ---------------------------------------------------------------------------------


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    made = invent(2_000, 1, tmp_path, lambda done, whole: seen.append((done, whole)))
    whole = made.residents + made.tax_records + made.accounts
    assert (whole, whole) == seen[-1]


@pytest.mark.parametrize("many", [50, 51, 64, 137, 500, 999])
def test_a_hamlet_has_exactly_the_residents_asked_for(many: int, tmp_path: Path) -> None:
    invent(many, 1, tmp_path)
    assert many == len(read(tmp_path, "register"))


@pytest.mark.parametrize("many", [-1, 0, 49, 50_000_001])
def test_a_city_of_an_impossible_size_is_refused(many: int, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        invent(many, 1, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        invent(2_000, 1, tmp_path, encoding="euc-jp")
    assert not list(tmp_path.iterdir())


# ---- the pieces -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        *(("髙", "fbfc"), ("﨑", "fab1"), ("ⅰ", "fa40"), ("￤", "fa55"), ("Ⅰ", "8754")),
        *(("①", "8740"), ("㈱", "878a"), ("∵", "81e6"), ("￢", "81ca"), ("～", "8160")),
        ("\ue000", "f040"),
    ],
)
def test_twins_are_written_as_in_the_table_of_code_page_932(sign: str, code: str) -> None:
    """Of the codes that mean one character, the one that Microsoft's table maps it back to."""
    assert code == encode(sign, "cp932").hex()


def test_every_code_of_cp932_is_read_back_as_the_same_character() -> None:
    for lead in (*range(0x81, 0xA0), *range(0xE0, 0xFD)):
        for trail in range(0x40, 0xFD):
            try:
                sign = bytes((lead, trail)).decode("cp932")
            except UnicodeDecodeError:
                continue
            written = encode(sign, "cp932")
            assert sign == written.decode("cp932")
            assert written[0] not in (0xED, 0xEE)


@settings(deadline=None)
@given(st.dates(date(1912, 7, 30), date(2023, 12, 31)), st.integers(0, 3), st.integers(0, 1))
def test_any_date_can_be_read_back_as_far_as_it_is_known(at: date, known: int, second: int) -> None:
    days = np.array([(at - date(1970, 1, 1)) // timedelta(days=1)])

    text = ERA_TEXTS[int(era_index(days, np.array([known]), np.array([second]))[0])]

    if known == 3:
        assert text == ("不詳" if second else "")
        return
    year, *rest = text.split(".")
    assert at.year == ERAS[year[0]] + (1 if year[1:] == "元" else int(year[1:]))
    assert (second == 1) == (year[1:] == "元") or year[1:] != "01"
    exact = [f"{at.month:02}", f"{at.day:02}"]
    assert rest == exact[: 2 - known] + ["不詳"] * known


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 20_000), st.integers(0, 2**32))
def test_scattered_numbers_are_never_the_same_twice(count: int, seed: int) -> None:
    numbers = scattered(count, np.random.default_rng(seed))
    assert count == len(np.unique(numbers))
    assert all(0 <= number < 10**8 for number in numbers[:100])


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**7 - 1), min_size=1))
def test_padded_numbers_are_the_numbers(numbers: list[int]) -> None:
    assert [b"9%07d" % number for number in numbers] == padded(
        np.array(numbers), 7, b"9"
    ).to_pylist()


def test_every_name_of_the_tables_can_be_written_and_paid() -> None:
    known = names("cp932")
    for name, kana in known.families + known.givens:
        encode(name, "cp932")
        assert re.fullmatch(r"[ｱ-ﾝﾞﾟ-]+", account_kana(kana))
