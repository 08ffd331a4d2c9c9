"""At a call centre by hand: callers answered from memory, erased, and no program for a database."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.cli import enquiries
from azukari.desk import device as devices
from azukari.desk.enquire import open_carrier
from azukari.errors import BadInput
from azukari.rehearse.clock import ms
from azukari.seal.envelope import Use
from azukari.shelf import keyring

AT = ms("2022-06-21 20:00")
#: What a machine without a database must be able to load.
THERE = [
    "carrier open",
    "carrier erase",
    "carrier receive",
    "carrier hand-over",
    "call-centre",
    "device enrol",
    "person enrol",
    "person train",
    "agreement sign",
    "order approve",
    "grant show",
    "in",
    "init",
]


@dataclass(frozen=True)
class Desk:
    """A call centre's desk with a carrier, a grant, and somebody on the phone."""

    site: Any
    run: Callable[..., Any]
    grant: Path
    caller: tuple[str, str, str]
    answer: str

    @property
    def home(self) -> Path:
        found: Path = self.site.out / "sites" / "call-centre"
        return found

    @property
    def medium(self) -> Path:
        found: Path = self.site.out / "carriers" / "main"
        return found

    def at(self, *words: object, **more: Any) -> Any:
        return self.run(*words, "--home", self.home, now=lambda: AT, **more)

    def by(self, *words: object, name: str = "operator", **more: Any) -> Any:
        return self.at(*words, "--as", name, person_fd=self.site.secrets[name], **more)

    def journal(self) -> list[str]:
        lines = (self.home / "journal.jsonl").read_text().splitlines()
        return [json.loads(line)["kind"] for line in lines]


@pytest.fixture
def desk(site: Any, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    people = json.loads(run("person", "list", "--json", "--home", site.office).out)
    operator = next(one["id"] for one in people if one["roles"] == ["operator"])
    issued = run(
        *("grant", "issue", site.labels[0], "--person", operator, "--role", "operator"),
        *("--as", "clerk", "--to", tmp_path, "--home", site.office, "--json"),
        now=lambda: AT,
        passphrase_fd=site.secrets["keys"],
        person_fd=site.secrets["clerk"],
    )
    assert 0 == issued.code, issued.err
    grant = Path(json.loads(issued.out)["file"])
    device = devices.open_device(site.out / "sites" / "call-centre", lambda: AT)
    hand = keyring.signing_key(site.persons / "operator.key", Use.PERSON, site.secrets["operator"])
    table = open_carrier(device, site.out / "carriers" / "main", grant.read_bytes(), hand).table
    device.close()
    rows = table.to_pylist()
    row = next(r for r in rows if r["postal_code"] and r["answer"] == "eligible")
    caller = (row["name_forms"][0], row["birth_dates"][0].isoformat(), row["postal_code"])
    return Desk(site, run, grant, caller, row["answer"])


def test_callers_are_answered_from_lines_of_either_form(desk: Desk) -> None:
    names = ("name", "birth", "postal_code")
    as_json = json.dumps(dict(zip(names, desk.caller, strict=True)), ensure_ascii=False)
    lines = [as_json, ",".join(desk.caller), "架空 無子,1901-01-01,000-0000"]

    ran = desk.by("carrier", "open", desk.medium, "--grant", desk.grant, stdin="\n".join(lines))

    assert 0 == ran.code, ran.err
    assert [f"1  {desk.answer}", f"2  {desk.answer}", "3  supervisor"] == ran.out.splitlines()
    assert ["opened", "enquiry", "enquiry", "enquiry"] == desk.journal()[-4:]


def test_what_was_asked_is_neither_printed_nor_written(desk: Desk) -> None:
    before = {path for path in desk.site.out.rglob("*") if path.is_file()}

    ran = desk.by(
        *("carrier", "open", desk.medium, "--grant", desk.grant, "--json"),
        stdin=",".join(desk.caller) + "\n",
    )

    assert desk.caller[0] not in ran.out + ran.err
    assert before == {path for path in desk.site.out.rglob("*") if path.is_file()}
    for path in desk.home.rglob("*"):
        if path.is_file():
            assert desk.caller[0].encode() not in path.read_bytes()


def test_a_line_that_is_no_enquiry_is_told_by_its_number(desk: Desk) -> None:
    ran = desk.by(
        *("carrier", "open", desk.medium, "--grant", desk.grant),
        stdin=f"{','.join(desk.caller)}\n{desk.caller[0]},昭和25年,x\n",
    )

    assert 3 == ran.code
    assert "enquiry:2" in ran.err
    assert desk.caller[0] not in ran.err
    assert "" == ran.out
    assert "enquiry" not in desk.journal()[-1:]


def test_a_terminal_asks_and_answers_until_an_empty_name(desk: Desk) -> None:
    ran = desk.by(
        *("call-centre", desk.medium, "--grant", desk.grant),
        stdin="\n".join([*desk.caller, "架空 無子", "1901-13-01", "0", *desk.caller, "", ""]),
    )

    assert 0 == ran.code, ran.err
    assert [desk.answer, desk.answer] == ran.out.splitlines()
    assert "birth date such as" in ran.err
    assert desk.caller[0] not in ran.err


@pytest.mark.parametrize("words", [("carrier", "open"), ("call-centre",)])
def test_only_the_person_whom_the_grant_names_opens_it(desk: Desk, words: tuple[str, ...]) -> None:
    """Neither somebody else's key nor a wrong passphrase nor none; the first is journalled."""
    there = (*words, desk.medium, "--grant", desk.grant)
    lines, before = ",".join(desk.caller), desk.journal()

    other = desk.by(*there, name="supervisor", stdin=lines)
    wrong = desk.at(*there, "--as", "operator", person_fd=b"a guess", stdin=lines)
    silent = desk.at(*there, "--as", "operator", stdin=lines)
    nobody = desk.at(*there, stdin=lines)

    assert (9, 7, 8, 2) == (other.code, wrong.code, silent.code, nobody.code)
    assert "grant_of_another_person" in other.err
    assert "" == other.out + wrong.out + silent.out
    assert [*before, "refused"] == desk.journal()


def test_a_caller_who_hangs_up_is_no_answer(desk: Desk) -> None:
    ran = desk.by("call-centre", desk.medium, "--grant", desk.grant, stdin=f"{desk.caller[0]}\n")

    assert 130 == ran.code
    assert "" == ran.out


def test_erased_the_grant_opens_nothing_and_the_next_receipt_goes_on(
    desk: Desk, tmp_path: Path
) -> None:
    shown = json.loads(desk.at("grant", "show", desk.grant, "--json").out)
    erased = desk.at("carrier", "erase", desk.medium, "--grant", desk.grant, "--to", tmp_path / "a")
    told = desk.at("grant", "receipts", shown["carrier"], "--to", tmp_path / "b")
    opened = desk.by("carrier", "open", desk.medium, "--grant", desk.grant)

    assert 0 == erased.code, erased.err
    assert 7 == opened.code
    assert 0 == told.code, told.err
    codes = []
    for folder in ("b", "a", "b"):  # out of order, then in order
        file = next((tmp_path / folder).iterdir())
        codes.append(desk.run("in", file, "--home", desk.site.office).code)
    assert [11, 0, 0] == codes


def test_a_grant_that_a_scanner_types_is_kept_once(desk: Desk) -> None:
    text = desk.grant.read_text() + "\n"

    first, second = desk.at("in", "-", stdin=text), desk.at("in", "-", stdin=text)

    assert (0, 0) == (first.code, second.code)
    assert "known already" not in first.err
    assert "known already" in second.err
    assert 1 == len(list((desk.home / "grants").iterdir()))


@pytest.mark.parametrize("words", [("carrier", "open"), ("carrier", "erase"), ("call-centre",)])
def test_an_office_opens_nothing(desk: Desk, words: tuple[str, ...]) -> None:
    """What is opened is opened on an enrolled device, never where the keys are asked for."""
    more = () if words[-1] == "erase" else ("--as", "operator")
    ran = desk.run(*words, desk.medium, "--grant", desk.grant, "--home", desk.site.office, *more)

    assert 5 == ran.code


def test_what_runs_there_loads_no_program_for_a_database() -> None:
    lines = "\n".join(
        f"assert main({[*name.split(), '--help']!r}) == 0, {name!r}" for name in THERE
    )
    program = "import sys\nsys.modules['sqlalchemy'] = None\nfrom azukari.cli import main\n" + lines

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert 0 == ran.returncode, ran.stderr
    assert "office" not in ran.stderr


@given(text=st.text())
@settings(deadline=None)
def test_any_lines_are_enquiries_or_our_error(text: str) -> None:
    with suppress(BadInput):
        enquiries.read(StringIO(text))


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=4))
@settings(deadline=None)
def test_an_enquiry_that_cannot_be_read_is_never_quoted(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        enquiries.enquiry("x", f"{text}!", "x", 7)

    assert "enquiry:7: name, birth date such as 1950-01-31 and postal code are expected" == str(
        refused.value
    )


def test_a_grant_is_shown_as_a_code_and_what_a_scanner_types_is_taken_in(
    desk: Desk, tmp_path: Path
) -> None:
    picture = tmp_path / "grant.svg"

    drawn = desk.at("grant", "show", desk.grant, "--qr", picture)
    typed = desk.at("in", "-", stdin=desk.grant.read_text() + "\r\n")

    assert (0, "", 0) == (drawn.code, drawn.out, typed.code), drawn.err + typed.err
    assert picture.read_bytes().startswith(b"<?xml")
    assert desk.grant.read_bytes() == next((desk.home / "grants").iterdir()).read_bytes()
