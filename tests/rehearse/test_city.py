"""The invented city keeps its proportions and does not contradict itself."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from azukari.rehearse.city import Invented, invent

Row = dict[str, str]
Tables = dict[str, list[Row]]
NAMES = ("register", "tax", "accounts")
BASE_DATE, MOVED_IN_FROM, FIRST_MINOR = "2021-12-10", "2021-01-02", "2001-01-03"
ERAS = {"R": 2018, "H": 1988, "S": 1925, "T": 1911, "M": 1867}


def read(folder: Path, encoding: str = "cp932") -> Tables:
    tables = {}
    for name in NAMES:
        with (folder / f"{name}.csv").open(encoding=encoding, newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Invented]:
    folder = tmp_path_factory.mktemp("town")
    return folder, invent(20_000, 1, folder)


@pytest.fixture(scope="module")
def tables(town: tuple[Path, Invented]) -> Tables:
    return read(town[0])


# ---- a slow judge in plain Python -------------------------------------------------------------


def span(text: str) -> tuple[str, str] | None:
    """Earliest and latest day of an era date, or nothing."""
    found = re.fullmatch(r"([RHSTM])(元|\d\d|不詳)\.(\d\d|不詳)\.(\d\d|不詳)", text)
    if found is None:
        assert text in ("", "不詳")
        return None
    era, year, month, of_month = found.groups()
    start = f"{ERAS[era] + (1 if year == '元' else int(year))}"
    if month == "不詳":
        return f"{start}-01-01", f"{start}-12-31"
    if of_month == "不詳":
        return f"{start}-{month}-01", f"{start}-{month}-31"
    return (f"{start}-{month}-{of_month}",) * 2


def either(*facts: bool | None) -> bool | None:
    return True if True in facts else None if None in facts else False


def both(*facts: bool | None) -> bool | None:
    return False if False in facts else None if None in facts else True


def number(cell: str) -> int | None:
    return int(cell) if cell else None


def flag(cell: str) -> bool | None:
    return {"1": True, "0": False, "": None}[cell]


def is_minor(person: Row) -> bool | None:
    born = span(person["生年月日"])
    if born is None:
        return None
    return True if born[0] >= FIRST_MINOR else False if born[1] < FIRST_MINOR else None


def exempt_by_facts(person: Row, tax: Row, assisted: set[str]) -> bool | None:
    income, many = number(tax["合計所得金額"]), number(tax["扶養人数"])
    circumstances = either(
        flag(tax["障害者"]), flag(tax["寡婦"]), flag(tax["ひとり親"]), is_minor(person)
    )
    relieved = both(circumstances, None if income is None else income <= 1_350_000)
    if income is None or many is None:
        low = None
    else:
        low = income <= 350_000 * (1 + many) + 100_000 + (210_000 if many else 0)
    return either(person["住民番号"] in assisted, relieved, low)


def judge_person(person: Row, tax: Row | None, assisted: set[str]) -> str:
    if tax is None:
        return "exempt" if is_minor(person) else "unknown"
    facts = exempt_by_facts(person, tax, assisted)
    if tax["課税状況"] == "課税":
        return "disagree" if facts is True else "taxed"
    if tax["課税状況"] == "非課税":
        return "disagree" if facts is False else "exempt"
    return "unknown"


def judge(tables: Tables) -> dict[str, str]:
    """Every household: eligible, taxed, dependants, nobody or undecided."""
    assisted = {row["住民番号"] for row in tables["accounts"] if row["区分"] == "生活保護"}
    tax = {row["住民番号"]: row for row in tables["tax"]}
    person = {
        row["住民番号"]: judge_person(row, tax.get(row["住民番号"]), assisted)
        for row in tables["register"]
    }
    homes: dict[str, list[Row]] = {}
    for row in tables["register"]:
        homes.setdefault(row["世帯番号"], []).append(row)
    return {home: judge_home(rows, person, tax) for home, rows in homes.items()}


def judge_home(rows: list[Row], person: dict[str, str], tax: dict[str, Row]) -> str:
    lived = [span(row["住民となった日"]) for row in rows]
    members = [
        row["住民番号"]
        for row, since in zip(rows, lived, strict=True)
        if since is None or since[0] <= BASE_DATE
    ]
    if not members:
        return "nobody"
    verdicts = {person[member] for member in members}
    if "taxed" in verdicts:
        return "taxed"
    payers = [tax[member]["扶養者"] if member in tax else "" for member in members]
    states = [
        {"": "no", "市外課税": "taxed", "市外非課税": "no", "市外不明": "unknown"}.get(payer)
        or {"taxed": "taxed", "exempt": "no"}.get(person[payer], "unknown")
        for payer in payers
    ]
    if set(states) == {"taxed"}:
        return "dependants"
    if "no" not in states:
        return "undecided"
    return "eligible" if verdicts == {"exempt"} and None not in lived else "undecided"


# ---- proportions ------------------------------------------------------------------------------


def percent(part: int, whole: int) -> float:
    return 100 * part / whole


def test_a_third_of_all_households_is_eligible(tables: Tables) -> None:
    verdicts = Counter(judge(tables).values())
    assert percent(verdicts["eligible"], verdicts.total()) == pytest.approx(33.8, abs=0.3)
    assert 8 <= percent(verdicts["undecided"], verdicts.total()) <= 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_third_is_eligible_in_a_village_too(seed: int, tmp_path: Path) -> None:
    invent(2_000, seed, tmp_path)
    verdicts = Counter(judge(read(tmp_path)).values())
    assert percent(verdicts["eligible"], verdicts.total()) == pytest.approx(33.8, abs=1)


def test_the_plan_and_the_judge_count_the_same(town: tuple[Path, Invented], tables: Tables) -> None:
    """What the city says of itself is what somebody finds who reads only the files."""
    verdicts = Counter(judge(tables).values())
    planned = town[1].cases
    assert planned["eligible"] == verdicts["eligible"]
    assert planned["only_dependants"] == verdicts["dependants"]
    assert planned["after_base_date"] == verdicts["nobody"]


def test_households_are_as_large_as_they_are(town: tuple[Path, Invented], tables: Tables) -> None:
    sizes = Counter(Counter(row["世帯番号"] for row in tables["register"]).values())
    assert town[1].households == sizes.total()
    assert 2.07 <= 20_000 / sizes.total() <= 2.08
    for size, share in ((1, 43), (2, 27), (3, 15), (4, 11), (5, 3)):
        assert percent(sizes[size], sizes.total()) == pytest.approx(share, abs=2.5)


def test_persons_are_as_old_as_they_are(tables: Tables) -> None:
    births = [born[0] for row in tables["register"] if (born := span(row["生年月日"]))]
    assert percent(sum(b > "2006-01-01" for b in births), 20_000) == pytest.approx(11.5, abs=2.5)
    assert percent(sum(b < "1956-01-01" for b in births), 20_000) == pytest.approx(28, abs=3)


def test_records_and_accounts_are_as_many_as_they_are(tables: Tables) -> None:
    kinds = Counter(row["区分"] for row in tables["accounts"])
    assert percent(len(tables["tax"]), 20_000) == pytest.approx(78, abs=0.5)
    assert percent(kinds["生活保護"], 20_000) == pytest.approx(3.6, abs=0.15)
    assert percent(kinds["児童手当"], 20_000) == pytest.approx(14.9, abs=0.1)


EDGES = (
    "at_threshold",
    "one_above_threshold",
    "one_below_threshold",
    "only_dependants",
    "undeclared",
    "moved_in",
    "treaty",
    "levy_and_facts_disagree",
)


@pytest.mark.parametrize("edge", EDGES)
def test_every_edge_is_met_by_one_household_in_a_hundred(
    edge: str, town: tuple[Path, Invented]
) -> None:
    assert percent(town[1].cases[edge], town[1].households) >= 1


def test_the_edges_stand_in_the_files(tables: Tables) -> None:
    """Counted from the cells alone, so that the count above is not its own witness."""
    home = {row["住民番号"]: row["世帯番号"] for row in tables["register"]}
    met: dict[str, set[str]] = {}
    for row in tables["tax"]:
        met.setdefault(row["課税状況"], set()).add(home[row["住民番号"]])
        income, many = number(row["合計所得金額"]), number(row["扶養人数"])
        if income is not None and many is not None:
            limit = 350_000 * (1 + many) + 100_000 + (210_000 if many else 0)
            met.setdefault(str(income - limit), set()).add(home[row["住民番号"]])
    for row in tables["register"]:
        since, born = span(row["住民となった日"]), span(row["生年月日"])
        if since and born and MOVED_IN_FROM <= since[0] <= BASE_DATE and born != since:
            met.setdefault("moved in", set()).add(row["世帯番号"])
    for edge in ("0", "1", "-1", "未申告", "条約", "moved in"):
        assert percent(len(met[edge]), len(set(home.values()))) >= 1


# ---- consistency ------------------------------------------------------------------------------


def test_every_household_has_one_head_and_it_comes_first(tables: Tables) -> None:
    homes: dict[str, list[str]] = {}
    for row in tables["register"]:
        homes.setdefault(row["世帯番号"], []).append(row["続柄"])
    assert all(rows[0] == "世帯主" and "世帯主" not in rows[1:] for rows in homes.values())


def test_nobody_lives_here_before_birth(tables: Tables) -> None:
    for row in tables["register"]:
        born, since = span(row["生年月日"]), span(row["住民となった日"])
        assert born is None or since is None or born[0] <= since[0]


def test_numbers_are_unique_and_in_ranges_no_counter_or_year_has(tables: Tables) -> None:
    residents = [row["住民番号"] for row in tables["register"]]
    assert len(residents) == len(set(residents))
    assert all(re.fullmatch(r"88\d{8}", resident) for resident in residents)
    assert all(re.fullmatch(r"77\d{8}", row["世帯番号"]) for row in tables["register"])
    assert residents != sorted(residents)


def test_tax_and_accounts_speak_of_residents_only_and_once(tables: Tables) -> None:
    residents = {row["住民番号"] for row in tables["register"]}
    taxed = [row["住民番号"] for row in tables["tax"]]
    paid = [(row["住民番号"], row["区分"]) for row in tables["accounts"]]
    assert len(taxed) == len(set(taxed))
    assert len(paid) == len(set(paid))
    assert residents >= set(taxed) | {resident for resident, _ in paid}
    payers = {row["扶養者"] for row in tables["tax"]} - {"", "市外課税", "市外非課税", "市外不明"}
    assert residents > payers


def test_who_is_said_to_have_dependants_has_them(tables: Tables) -> None:
    named = Counter(row["扶養者"] for row in tables["tax"])
    for row in tables["tax"]:
        said = number(row["扶養人数"])
        assert said is None or said >= named[row["住民番号"]]


def test_the_levy_is_that_of_the_status(tables: Tables) -> None:
    levies = {(row["課税状況"], row["均等割額"]) for row in tables["tax"]}
    expected = {
        ("課税", "5800"),
        ("非課税", "0"),
        ("条約", "0"),
        ("未申告", ""),
        ("他市照会中", ""),
    }
    assert expected == levies


def test_a_bank_could_read_every_holder(tables: Tables) -> None:
    for row in tables["accounts"]:
        assert re.fullmatch(r"[ｱ-ﾝﾞﾟ -]+", row["名義カナ"])
        assert re.fullmatch(r"9\d{3}", row["銀行コード"])
        assert re.fullmatch(r"\d{3}", row["支店コード"])
        assert re.fullmatch(r"\d{7}", row["口座番号"])
