"""The watch over the suite finds a value of every kind, by every way out, and repeats none."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from azukari.roll.columns import ACCOUNTS_SCHEMA, FILES, REGISTER_SCHEMA, TAX_SCHEMA, Roll

#: Loaded by the root's conftest; the very file that watches this run.
watch: Any = sys.modules["azukari_watch"]
ROOT = Path(__file__).parents[1]
# Nobody takes this person in: what is planted here is no find of the run that tests it.
NAME, KANA, ADDRESS = "植木　見張太郎", "ウエキ　ミハリタロウ", "架空県架空市見張町四丁目5番6号"
VALUES = {
    "name": NAME,
    "kana": KANA,
    "address": ADDRESS,
    "holder": "ｳｴｷ ﾐﾊﾘﾀﾛｳ",
    "resident": "9300000007",
    "household": "9400000009",
    "account": "9058765432",
}


def roll() -> Roll:
    person: dict[str, Any] = {
        "ordinal": 0,
        "line": 2,
        "resident": VALUES["resident"],
        "household": VALUES["household"],
        "name": NAME,
        "kana": KANA,
        "name_fold": NAME.replace("　", ""),
        "kana_fold": KANA.replace("　", ""),
        "birth": "S63.01.07",
        "birth_from": date(1988, 1, 7),
        "birth_to": date(1988, 1, 7),
        "address": ADDRESS,
        "suppressed": False,
    }
    account: dict[str, Any] = {
        "ordinal": 0,
        "line": 2,
        "resident": VALUES["resident"],
        "kind": "assistance",
        "bank": "9999",
        "branch": VALUES["account"][:3],
        "account_type": "1",
        "number": VALUES["account"][3:],
        "holder": VALUES["holder"],
    }
    return Roll(
        pa.Table.from_pylist([person], schema=REGISTER_SCHEMA),
        TAX_SCHEMA.empty_table(),
        pa.Table.from_pylist([account], schema=ACCOUNTS_SCHEMA),
    )


@pytest.fixture
def watching() -> Any:
    found = watch.Watch([])
    found.roll(roll())
    found.test = "tests/test_x.py::test_y"
    return found


def told(watching: Any, folder: Path) -> dict[tuple[str, str], set[str]]:
    """Place and way out -> kinds, of what the search says."""
    found = [line.rsplit(": ", 2) for line in watching.search(folder)]
    return {(place, way): set(kinds.split(", ")) for place, way, kinds in found}


def test_a_planted_value_of_every_kind_is_found_in_a_file(watching: Any, tmp_path: Path) -> None:
    for kind, value in VALUES.items():
        for encoding in ("utf-8", "cp932", "utf-16-le"):
            planted = f"at last: {value};".encode(encoding)
            (tmp_path / f"{kind}.{encoding}").write_bytes(planted)

    found = told(watching, tmp_path)

    for kind in VALUES:
        for encoding in ("utf-8", "cp932", "utf-16-le"):
            assert kind in found[f"{kind}.{encoding}", "content"]


def test_a_planted_value_of_every_kind_is_found_by_every_way_out(
    watching: Any, tmp_path: Path
) -> None:
    for way in watch.WAYS:
        for kind, value in VALUES.items():
            watching.test = f"test_{kind}"
            watching.said(way, f"one line\nat last: {value};\nanother line")

    found = told(watching, tmp_path)

    assert {(f"test_{kind}", way): {kind} for kind in VALUES for way in watch.WAYS} == found


def test_a_planted_value_of_every_kind_is_found_in_a_name_and_not_repeated(
    watching: Any, tmp_path: Path
) -> None:
    for kind, value in VALUES.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / f"of {value}.txt").touch()

    found = watching.search(tmp_path)

    hidden = "(a name with a value)"
    assert [f"{kind}/{hidden}: name: {kind}" for kind in sorted(VALUES)] == found


def test_what_is_short_is_found_where_it_is_a_whole_field(watching: Any, tmp_path: Path) -> None:
    short = {"surname": "植木", "birth": "S63.01.07", "account number": "8765432"}
    for kind, field in short.items():
        (tmp_path / f"{kind}.json").write_text(f'{{"who": "{field}"}}', encoding="utf-8")
        (tmp_path / f"{kind}.txt").write_text(f"the{field}s", encoding="utf-8")

    found = told(watching, tmp_path)

    assert {(f"{kind}.json", "content"): {kind} for kind in short} == found


def test_digits_among_others_are_nobodys(watching: Any, tmp_path: Path) -> None:
    watching.said("stdout", f"1{VALUES['resident']} a{VALUES['household']}")

    assert [] == watching.search(tmp_path)


def test_a_page_of_a_database_is_looked_at_once_and_every_new_one_is(
    watching: Any, tmp_path: Path
) -> None:
    base = bytes(watch.PAGE) * 3
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "office.db").write_bytes(base)
    (tmp_path / "2").mkdir()
    changed = base[: watch.PAGE] + NAME.encode().ljust(watch.PAGE, b"\0") + base[: watch.PAGE]
    (tmp_path / "2" / "office.db").write_bytes(changed)

    assert ["2/office.db: content: name"] == watching.search(tmp_path)


def test_a_copy_is_looked_at_once_and_one_that_was_changed_is(
    watching: Any, tmp_path: Path
) -> None:
    first, copy, changed = (tmp_path / name / "ledger.json" for name in "abc")
    for path, text in ((first, "{}"), (copy, "{}"), (changed, f'{{"": "{NAME}"}}')):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1, 1))

    assert {("c/ledger.json", "content")} == set(told(watching, tmp_path))


def test_what_the_list_allows_is_allowed_there_and_nowhere_else(tmp_path: Path) -> None:
    watching = watch.Watch([("*test_prints", "stdout")])
    watching.roll(roll())
    for test, way in (("a::test_prints", "stdout"), ("a::test_prints", "error"), ("b", "stdout")):
        watching.test = test
        watching.said(way, f"{test} {way} {NAME}")

    assert ["a::test_prints: error: name", "b: stdout: name"] == watching.search(tmp_path)


def test_the_list_gives_every_line_a_reason() -> None:
    assert all(pattern and way in (*watch.WAYS, "content", "name") for pattern, way in LIST)


LIST = watch.allowed()
ROWS = {
    "register": "8800000001,7700000001,世帯主,架空　太郎,カクウ　タロウ,S63.01.07,男,660-0001,"
    "架空市例示町1丁目2番3号,H元.05.09,\r\n",
    "tax": "8800000001,5800,課税,3000000,1,0,0,0,\r\n",
    "accounts": "",
}

LEAKS = """
import contextlib, http.client, io, logging, subprocess, sys
from pathlib import Path

import pytest

from azukari.errors import NotFound
from azukari.roll.intake import take_in

NAME = "架空　太郎"
EXPORT = {export}


@pytest.fixture(autouse=True)
def taken():
    take_in({{name: io.BytesIO(text.encode("cp932")) for name, text in EXPORT.items()}})


def test_prints(): print('a', NAME)
def test_reads_what_was_printed(capsys): print('b', NAME); capsys.readouterr()
def test_logs(): logging.getLogger("x").warning("who: %s", NAME)
def test_writes(tmp_path): (tmp_path / "x.txt").write_text(NAME)
def test_names(tmp_path): (tmp_path / f"{{NAME}}.txt").touch()
def test_raises():
    with pytest.raises(NotFound): raise NotFound(NAME)
def test_catches():
    with contextlib.redirect_stdout(io.StringIO()): print('c', NAME)
def test_starts():
    subprocess.run([sys.executable, "-c", "print('\\\\u67b6\\\\u7a7a\\\\u3000\\\\u592a\\\\u90ce')"],
                   capture_output=True, env={{"PYTHONUTF8": "1"}})
def test_asks():
    asked = http.client.HTTPConnection("127.0.0.1")
    asked.putrequest("GET", "/?who=%E6%9E%B6%E7%A9%BA%E3%80%80%E5%A4%AA%E9%83%8E")
def test_says_nothing(tmp_path): (tmp_path / "y.txt").write_text("nothing")
"""


@pytest.mark.real
@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_whose_tests_leak_fails_and_says_which(processes: str, tmp_path: Path) -> None:
    export = {
        file: ",".join(column.header for column in columns) + "\r\n" + ROWS[file]
        for file, columns in FILES.items()
    }
    (tmp_path / "test_leaks.py").write_text(LEAKS.format(export=repr(export)), encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(ROOT / 'tools')!r})\nimport watch\n"
        "WATCH = watch.Plugin()\n"
        "def pytest_configure(config): config.pluginmanager.register(WATCH, 'watch')\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-n", processes] if processes != "0" else ["-p", "no:xdist"]
    command += [f"--basetemp={tmp_path / 'base'}", "--rootdir", str(tmp_path), str(tmp_path)]

    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    said = ran.stdout.split("a resident's value where none may stand")[-1]
    assert 1 == ran.returncode, ran.stdout
    assert "10 passed" in said
    for test, way in (
        ("prints", "stdout"),
        ("reads_what_was_printed", "stdout"),
        ("logs", "log"),
        ("raises", "error"),
        ("catches", "stdout"),
        ("starts", "program"),
        ("asks", "url"),
    ):
        assert f"test_leaks.py::test_{test}: {way}: name" in said, ran.stdout
    assert "x.txt: content: name" in said
    assert "(a name with a value): name: name" in said
    assert "nothing" not in said
    assert "太郎" not in said
