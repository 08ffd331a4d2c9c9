"""Whatever stands in a cell of an intake, it stands nowhere else afterwards but in sealed files.

Every column of every file gets values that are wrong in different ways, each with a marker of its
own; then everything an office wrote and said is searched for the markers: errors, refusals, report,
both databases, ledgers, journal, names of files, logs, both outputs.
"""

from __future__ import annotations

import base64
import csv
import io
import logging
import traceback
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from azukari.benefit.rules import load
from azukari.desk.decide import decide
from azukari.desk.enquire import Enquiry
from azukari.desk.take_in import TakenIn, take_in_roll
from azukari.errors import AzukariError, BadInput
from azukari.roll.columns import FILES

CORE: Final = "ZQXJ9876"
"""Stands in every marker and in nothing else; eight bytes, because sealed files are random."""

# Ways in which a cell can be wrong; some columns keep some of them as they are: then it is a
# resident's value, and must stay as silent.
WRONG: Final = {
    "text": "{0}",
    "null": "{0}\x00",
    "sign": "-{0}",
    "formula": '=HYPERLINK("{0}")',
    "rule": "#eval({0})",
    "quote": '{0}"{0}',
    "line": "{0}\r\n{0}",
    "long": "{0}" * 400,
}
MARKER: Final = f"{CORE}秘密"


def poisoned(source: Path, target: Path, file: str, at: int) -> None:
    """Copy an export; in one column of one file, one row for every way to be wrong."""
    target.mkdir()
    for name in FILES:
        raw = (source / f"{name}.csv").read_bytes().decode("cp932", "surrogateescape")
        rows = list(csv.reader(io.StringIO(raw, newline="")))
        if name == file:
            for row, wrong in zip(rows[2:], WRONG.values(), strict=False):
                row[at] = wrong.format(MARKER)
        written = io.StringIO(newline="")
        csv.writer(written).writerows(rows)
        (target / f"{name}.csv").write_bytes(written.getvalue().encode("cp932", "surrogateescape"))


def spellings() -> Iterator[bytes]:
    """The core as it could stand in a file: plain, folded, two bytes a letter, inside base64."""
    for core in (CORE, CORE.lower()):
        for encoding in ("ascii", "utf-16-le", "utf-16-be"):
            yield core.encode(encoding)
        for shift in range(3):
            inside = base64.b64encode(b"\0" * shift + core.encode())
            yield inside[shift + 1 if shift else 0 : -4]


def found_in(raw: bytes) -> bool:
    return any(spelling in raw for spelling in spellings())


def search(folder: Path) -> list[str]:
    """Files under a folder in whose bytes or names the core stands."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return [str(p) for p in paths if found_in(str(p).encode() + b"\n" + p.read_bytes())]


def said_of(taken: TakenIn) -> bytes:
    report = taken.report
    refusals = "".join(map(str, report.refusals)) + repr(report) + repr(taken)
    return refusals.encode() + msgspec.json.encode(report)


def silent(city: Any, *said: bytes) -> None:
    """Nothing the house said or wrote holds the core."""
    for words in said:
        assert not found_in(words)
    for program in (city.office, city.keeper):
        for name, raw in program.export():
            assert not found_in(name.encode() + raw), name
    assert search(city.out) == []
    city.close()  # and once more when the databases have written what they held back
    assert search(city.out) == []
    city.open()


@pytest.fixture
def ears(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[list[bytes]]:
    """Everything that was logged and printed, down to the last word of every library."""
    heard: list[bytes] = []
    with caplog.at_level(logging.DEBUG):
        yield heard
    heard.append(caplog.text.encode())
    heard.extend(out.encode() for out in capfd.readouterr())
    assert not any(map(found_in, heard))


@pytest.mark.parametrize("file", list(FILES))
def test_attack_a_faulty_value_in_any_column_is_in_nothing_the_office_wrote_or_said(
    city: Any, ears: list[bytes], tmp_path: Path, file: str
) -> None:
    by = city.person("requester")
    said = []
    refused = 0

    for at in range(len(FILES[file])):
        export = tmp_path / f"export-{at}"
        poisoned(city.out / "city", export, file, at)
        taken = take_in_roll(city.office, export, by)
        refused += len(taken.report.refusals)
        said.append(said_of(taken))

    assert refused > len(FILES[file])
    silent(city, *said)


def test_attack_a_value_in_a_header_is_in_no_error_and_nothing_is_kept(
    city: Any, ears: list[bytes], tmp_path: Path
) -> None:
    before = [entry.type for entry in city.entries("office")]
    said = b""
    for file in FILES:
        export = tmp_path / f"header-{file}"
        poisoned(city.out / "city", export, file, 0)
        path = export / f"{file}.csv"
        path.write_bytes(f"{MARKER},".encode("cp932") + path.read_bytes())

        with pytest.raises(BadInput) as caught:
            take_in_roll(city.office, export, city.person("requester"))

        said += "".join(traceback.format_exception(caught.value)).encode()
        said += repr(caught.value).encode()

    assert [entry.type for entry in city.entries("office")] == before
    silent(city, said)


def test_attack_bytes_in_no_encoding_are_in_no_error(
    city: Any, ears: list[bytes], tmp_path: Path
) -> None:
    said = b""
    for file in FILES:
        for number, wrong in enumerate((b"\xff\xfe", b"\x00" * 9, b"\x81\xff", b'"')):
            export = tmp_path / f"bytes-{file}-{number}"
            poisoned(city.out / "city", export, file, 1)
            path = export / f"{file}.csv"
            path.write_bytes(path.read_bytes() + MARKER.encode("cp932") + wrong)
            try:
                said += said_of(take_in_roll(city.office, export, city.person("requester")))
            except AzukariError as error:
                said += "".join(traceback.format_exception(error)).encode()

    silent(city, said)


def test_attack_a_value_that_is_kept_is_in_nothing_a_decision_leaves(
    city: Any, ears: list[bytes], tmp_path: Path
) -> None:
    """Names and addresses may hold anything; what is decided over them may not repeat it."""
    by = city.person("requester")
    names = [column.name for column in FILES["register"]]
    export = tmp_path / "export"
    poisoned(city.out / "city", export, "register", names.index("address"))

    taken = take_in_roll(city.office, export, by)
    decided = decide(city.office, taken.roll, load("fy2021"), by)

    kept = taken.report.files["register"].rows_kept
    assert kept > taken.report.files["register"].rows_read - len(WRONG)
    silent(city, said_of(taken), repr(decided).encode())


def test_attack_what_a_caller_says_is_not_in_the_journal(at_six: Any, ears: list[bytes]) -> None:
    opened = at_six.opened()

    caller = Enquiry(MARKER, date(1950, 1, 1), MARKER)
    answers = opened.answer([caller])

    silent(at_six, repr(caller).encode(), repr(opened).encode(), "".join(answers).encode())


@pytest.mark.parametrize("marker", [MARKER, MARKER.lower()])
@pytest.mark.parametrize("before", range(3))
def test_a_planted_marker_is_found(tmp_path: Path, marker: str, before: int) -> None:
    plain = [marker.encode(code) for code in ("utf-8", "cp932", "utf-16-le", "utf-16-be")]
    hidden = base64.b64encode(b"x" * before + plain[0])

    for number, raw in enumerate((*plain, hidden)):
        (tmp_path / str(number)).write_bytes(b"\n" + b"x" * before + raw + b"\n")
    (tmp_path / marker).touch()

    assert len(search(tmp_path)) == len(plain) + 2
