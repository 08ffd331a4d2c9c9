"""No resident's value comes out: not on stdout, in JSON, on stderr, in ledgers or exports."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from azukari.rehearse import city
from azukari.roll.columns import FILES

#: What stands in a faulty cell: found wherever it comes out, in any of its spellings.
MARK = "ﾏﾎﾞﾛｼ例示"
DIGITS = "9876598765"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city's export with one faulty row for every column of every file."""
    folder = tmp_path_factory.mktemp("city")
    city.invent(200, 7, folder)
    for name, columns in FILES.items():
        path = folder / f"{name}.csv"
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("cp932"), newline="")))
        for place in range(len(columns)):
            rows[1 + place][place] = f"{MARK}\x07{DIGITS}"
        rows[1 + len(columns)].append(f"{MARK}{DIGITS}")
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        path.write_bytes(text.getvalue().encode("cp932"))
    return folder


def spoken(ran: Any) -> str:
    text: str = ran.out + ran.err
    return text


def test_a_faulty_value_in_every_column_appears_nowhere(
    export: Path, run: Any, site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZUKARI_HOME", str(site.office))
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    secrets = {"passphrase_fd": site.secrets["keys"], "person_fd": site.secrets["officer"]}
    as_officer = ("--as", "officer")

    taken = run("roll", "take-in", export, "--json", *as_officer, **secrets)
    said = [
        taken,
        run("roll", "show", "--json", *as_officer, **secrets),
        run("roll", "show", "--lang", "ja", *as_officer, **secrets),
        run("ledger", "show", "--json"),
        run("ledger", "export", tmp_path / "evidence"),
    ]

    columns = sum(len(columns) for columns in FILES.values())
    refused = taken.err.split(" rows were refused")[0]
    assert int(refused.removeprefix("azukari: ")) >= columns
    for ran in said:
        assert ran.code == 0, ran.err
        assert MARK not in spoken(ran)
        assert DIGITS not in spoken(ran)
    written = [path.read_bytes() for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    written += [path.read_bytes() for path in site.office.glob("office.db*")]
    for content in written:
        assert DIGITS.encode() not in content
        assert MARK.encode() not in content
        assert MARK.encode("cp932") not in content


def test_every_refused_row_is_named_by_line_column_and_reason(
    export: Path, run: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUKARI_HOME", str(site.office))
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    secrets = {"passphrase_fd": site.secrets["keys"], "person_fd": site.secrets["officer"]}
    run("roll", "take-in", export, "--as", "officer", **secrets)

    shown = run("roll", "show", "--as", "officer", **secrets).out

    assert "register:2: 住民番号: " in shown
    assert "too-many-cells" in shown


def test_an_export_without_its_files_is_refused(
    run: Any, site: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    before = run("roll", "list", "--home", site.office).out

    ran = run(
        *("roll", "take-in", tmp_path, "--as", "officer", "--home", site.office),
        passphrase_fd=site.secrets["keys"],
        person_fd=site.secrets["officer"],
    )

    assert 3 == ran.code
    assert "register.csv: the file is missing" in ran.err
    assert before == run("roll", "list", "--home", site.office).out


def test_explaining_a_household_says_no_number_name_or_address(
    run: Any, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZUKARI_HOME", str(site.office))
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    with (site.out / "city" / "register.csv").open(encoding="cp932", newline="") as file:
        member = next(iter(csv.DictReader(file)))
    secrets = {"passphrase_fd": site.secrets["keys"], "person_fd": site.secrets["officer"]}

    for form in ((), ("--json",), ("--lang", "ja")):
        ran = run(
            *("benefit", "explain", "--as", "officer", *form),
            stdin=f"{member['世帯番号']}\n",
            **secrets,
        )

        assert ran.code == 0, ran.err
        for column in ("住民番号", "世帯番号", "氏名", "住所"):
            assert member[column] not in spoken(ran)
