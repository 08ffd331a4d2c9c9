"""The watch over the suite finds a value of every kind, by every way out, and repeats none."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tools import watch
from tools.sweep import DATABASE, LOG, MOST_BYTES

from azukari.roll.columns import ACCOUNTS_SCHEMA, FILES, REGISTER_SCHEMA, TAX_SCHEMA, Roll
from azukari.seal.stream import HEADER_BYTES, SMALLEST_STEP, sealed_size

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
            planted = f"at last {encoding}: {value};".encode(encoding)
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


def test_attack_a_file_that_calls_itself_closed_is_looked_at(watching: Any, tmp_path: Path) -> None:
    endings = ("azs", "backup", "key", "parquet", "pdf", "png", "gz", "db")
    for ending in endings:
        (tmp_path / f"x.{ending}").write_text(f"{ending}:{NAME}", encoding="utf-8")

    found = told(watching, tmp_path)

    assert {(f"x.{ending}", "content"): {"name"} for ending in endings} == found


def test_what_is_compressed_is_opened(watching: Any, tmp_path: Path) -> None:
    text = f'{{"who": "{NAME}", "of": "植木"}}'.encode()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "b.whl", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("in/x.json", text + b"\n")
    table = pa.table({"who": ["nobody", NAME, "someone"]})
    # Without the least and greatest value, which would stand in it openly.
    pq.write_table(table, tmp_path / "c", compression="gzip", write_statistics=False)
    with tarfile.open(tmp_path / "d.tar.gz", "w:gz") as tape:
        entry = tarfile.TarInfo("in/y.json")
        entry.size = len(other := text + b" ")
        tape.addfile(entry, io.BytesIO(other))
    whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())

    found = told(watching, tmp_path)

    assert NAME.encode() not in whole
    assert {"name", "surname"} == found["a.json.gz", "content"] == found["d.tar.gz", "content"]
    assert {"name", "surname"} == found["b.whl", "content"]
    assert "name" in found["c", "content"]


def test_what_is_cut_short_is_no_reason_to_stop(watching: Any, tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    (tmp_path / "b.zip").write_bytes(b"PK\3\4" + bytes(99))
    (tmp_path / "c.parquet").write_bytes(b"PAR1" + bytes(99) + b"PAR1")
    (tmp_path / "d.db").write_bytes(DATABASE + bytes(4999))
    (tmp_path / "e.db-wal").write_bytes(LOG[0] + bytes(4999))
    (tmp_path / "f.txt").write_text(f"x{NAME}", encoding="utf-8")

    assert ["f.txt: content: name"] == watching.search(tmp_path)


def test_a_page_of_a_database_is_looked_at_once_and_every_new_one_is(
    watching: Any, tmp_path: Path
) -> None:
    for name, text in (("1", "nobody"), ("2", "nobody"), ("3", f"x{NAME}")):
        (tmp_path / name).mkdir()
        with closing(sqlite3.connect(tmp_path / name / "office.db")) as database, database:
            database.execute("CREATE TABLE t (a)")
            database.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 400)
            database.execute("INSERT INTO t VALUES (?)", (text,))

    assert ["3/office.db: content: name"] == watching.search(tmp_path)
    assert watching.bytes["searched"] < 0.7 * watching.bytes["written"]


def test_a_text_that_the_pages_of_a_database_cut_in_two_is_found(
    watching: Any, tmp_path: Path
) -> None:
    for before in range(700, 800, 10):
        long_text = "x" * before + NAME + "x" * (13_000 - before)
        path = tmp_path / "office.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE t (a)")
            database.execute("INSERT INTO t VALUES (?)", (long_text,))
        if NAME.encode() not in path.read_bytes():
            break
    assert NAME.encode() not in path.read_bytes()

    assert ["office.db: content: name"] == watching.search(tmp_path)


def test_a_number_that_a_database_keeps_as_one_is_found(watching: Any, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "office.db")) as database, database:
        database.execute("CREATE TABLE t (a INTEGER)")
        database.execute("INSERT INTO t VALUES (?)", (int(VALUES["resident"]),))

    assert ["office.db: content: resident"] == watching.search(tmp_path)


@pytest.mark.parametrize("value", [f"x{NAME}", "x" * 4080 + NAME + "x" * 9000])
def test_what_stands_only_in_a_databases_log_is_found(
    value: str, watching: Any, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "office.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES (?)", (value,))
        database.commit()

        found = watching.search(tmp_path)

    assert "office.db: content: name" in found


def test_what_was_deleted_from_a_database_is_found_where_it_still_stands(
    watching: Any, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "office.db")) as database, database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES (?)", (NAME,))
        database.execute("DELETE FROM t")

    assert ["office.db: content: name"] == watching.search(tmp_path)


def test_how_much_was_looked_at_is_counted(watching: Any, tmp_path: Path) -> None:
    sealed = bytes([HEADER_BYTES]) + bytes(sealed_size(SMALLEST_STEP) - 1)
    (tmp_path / "a").write_bytes(sealed)
    (tmp_path / "b").write_bytes(sealed)
    (tmp_path / "c").write_bytes(b"%PDF-1.7")

    watching.search(tmp_path)

    expected = {"written": 2 * len(sealed) + 8, "searched": len(sealed) + 8}
    assert expected | {"sealed": len(sealed), "closed": 8} == dict(watching.bytes)


def test_a_file_too_large_to_be_looked_at_is_a_find(watching: Any, tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    assert ["x: content: more than 256 MiB, not looked at"] == watching.search(tmp_path)


def test_a_process_that_says_nothing_at_its_end_is_a_find() -> None:
    plugin = watch.Plugin()
    plugin.pytest_unconfigure()
    lines: list[str] = []
    reporter = SimpleNamespace(section=lines.append, write_line=lines.append)

    plugin.pytest_testnodedown(SimpleNamespace(workeroutput={}))
    plugin.pytest_terminal_summary(reporter)

    assert "a process of this run ended unsearched" in lines


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
OTHER_NAME = "架空　孫太郎"
OTHER = {{name: text.replace(NAME, OTHER_NAME) for name, text in EXPORT.items()}}


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
def test_lets_a_program_take_in(tmp_path):
    take = "import io, sys; from azukari.roll.intake import take_in; text = " + ascii(OTHER)
    take += "; take_in({{name: io.BytesIO(each.encode('cp932')) for name, each in text.items()}})"
    subprocess.run([sys.executable, "-c", take], check=True, env={{"PYTHONPATH": {path!r}}})
    (tmp_path / "z.txt").write_text(OTHER_NAME)
def test_says_nothing(tmp_path): (tmp_path / "y.txt").write_text("nothing")
"""


@pytest.mark.real
@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_whose_tests_leak_fails_and_says_which(processes: str, tmp_path: Path) -> None:
    export = {
        file: ",".join(column.header for column in columns) + "\r\n" + ROWS[file]
        for file, columns in FILES.items()
    }
    leaks = LEAKS.format(export=repr(export), path=os.pathsep.join(sys.path))
    (tmp_path / "test_leaks.py").write_text(leaks, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        f"import runpy, sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tools import watch\n"
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
    assert "11 passed" in said
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
    assert "z.txt: content: name" in said
    assert "(a name with a value): name: name" in said
    assert "nothing" not in said
    assert "太郎" not in said
