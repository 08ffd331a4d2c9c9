"""The door: errors become speech and a code, faults show nothing of what was in hand."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from azukari.cli import exits, tick
from azukari.cli.call import language_of
from azukari.errors import AzukariError, NotFound, Refused

VALUE = "架空　太郎"
NUMBER = "7700001234"
RUN = "import sys; from azukari.cli import main; sys.exit(main())"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Let `azukari tick` end in some error."""

    def fail(error: BaseException) -> None:
        def invoke(*_: Any) -> None:
            raise error

        monkeypatch.setattr(tick.command, "callback", None)
        monkeypatch.setattr(tick.command, "invoke", invoke)

    return fail


@pytest.mark.parametrize("kind", list(exits.CODES), ids=lambda kind: kind.__name__)
def test_an_error_becomes_its_code_and_at_most_one_hint(
    kind: type[AzukariError], failing: Callable[[BaseException], None], run: Any
) -> None:
    error = kind("this", ["status_old"]) if kind.__init__ is not AzukariError.__init__ else None
    failing(error or kind("this is so"))

    ran = run("tick")

    assert exits.CODES[kind] == ran.code
    assert ran.out == ""
    first, *_, last = ran.err.splitlines()
    assert first.startswith("azukari: ")
    assert last.startswith("hint: ")
    assert ran.err.count("hint:") == 1


def test_every_reason_is_said(failing: Callable[[BaseException], None], run: Any) -> None:
    failing(Refused("grant", ["status_old", "person_left"]))

    ran = run("tick", "--lang", "en")

    assert "  status_old: the city's statement" in ran.err
    assert "  person_left: the person has left" in ran.err


def test_speech_follows_the_language(failing: Callable[[BaseException], None], run: Any) -> None:
    failing(NotFound("no such thing"))

    assert "見つかりません" in run("tick", "--lang", "ja").err
    assert "見つかりません" in run("tick", "--lang=ja").err
    assert "not found" in run("tick").err


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "C"}, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environ: dict[str, str], expected: str) -> None:
    assert expected == language_of(environ)


def test_a_fault_of_ours_shows_its_kind_and_no_value(
    failing: Callable[[BaseException], None], run: Any
) -> None:
    failing(ValueError(f"invalid literal for int(): {VALUE}"))

    ran = run("tick")

    assert exits.FAULT == ran.code
    said = "azukari: this is a fault in azukari: ValueError at cli/"
    assert re.fullmatch(rf"{said}[a-z_/]+\.py:\d+\n", ran.err)
    assert VALUE not in ran.out + ran.err


def test_what_the_system_refuses_is_said_without_a_path(
    failing: Callable[[BaseException], None], run: Any
) -> None:
    failing(OSError(errno.ENOSPC, "no space", f"/somewhere/{VALUE}"))

    ran = run("tick")

    assert exits.SYSTEM == ran.code
    assert "azukari: the system refused: ENOSPC: no space left on device\n" == ran.err


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), EOFError()])
def test_an_interrupted_command_says_so(
    stop: BaseException, failing: Callable[[BaseException], None], run: Any
) -> None:
    failing(stop)

    ran = run("tick")

    assert exits.INTERRUPTED == ran.code
    assert "azukari: interrupted\n" == ran.err


@pytest.mark.parametrize(
    "words",
    [
        ["benefit", "explain", "roll", NUMBER, "--as", "officer"],
        ["benefit", "explain", f"--household={NUMBER}"],
        ["benefit", "decide", "--programme", VALUE, "--as", "officer"],
        ["roll", "invent", "city", "--residents", NUMBER + VALUE],
        ["ledger", "show", "--last", VALUE],
        ["ledger", "show", "--which", VALUE],
        [VALUE],
        ["roll", VALUE],
        ["roll", "take-in"],
        ["--" + NUMBER],
    ],
)
def test_a_command_line_that_is_not_understood_is_not_repeated(words: list[str], run: Any) -> None:
    """Whoever pastes a resident's number into the line must not find it in a log of errors."""
    ran = run(*words)

    assert exits.USAGE == ran.code
    assert ran.out == ""
    assert NUMBER not in ran.err
    assert VALUE not in ran.err
    assert ran.err.startswith("azukari: the command line is not understood: ")
    assert "hint: `azukari" in ran.err


def test_a_missing_word_is_named(run: Any) -> None:
    assert "DIR is missing" in run("roll", "take-in", "--as", "officer").err
    assert "--as is missing" in run("roll", "take-in", "city").err


def test_a_reader_that_goes_away_is_no_fault() -> None:
    here, there = os.pipe()
    os.close(here)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", RUN, "--help"],
            stdout=there,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(there)

    assert exits.BROKEN_PIPE == ended.returncode
    assert ended.stderr == b""


def test_help_loads_no_room_below() -> None:
    """`azukari --help` answers at once, on a machine that lacks the parts of other sites too."""
    text = (
        "import sys; from azukari.cli import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('azukari.desk', 'pyarrow', 'ibis'))])"
    )
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, text=True)

    assert ended.stdout.splitlines()[-1] == "[]"


def test_a_secret_that_is_too_long_or_empty_is_refused(run: Any, site: Any) -> None:
    for secret in (b"", b"x" * 2000):
        ran = run("tick", "--home", site.office, passphrase_fd=secret)

        assert 3 == ran.code
        assert "x" * 20 not in ran.err


def test_a_descriptor_that_is_not_open_is_refused(run: Any, site: Any) -> None:
    ran = run("tick", "--home", site.office, "--passphrase-fd", 99)

    assert 3 == ran.code


def test_an_error_of_a_rooms_own_that_slips_out_is_a_fault_of_ours(
    failing: Callable[[BaseException], None], run: Any
) -> None:
    class Inner(AzukariError):
        pass

    failing(Inner(f"about {VALUE}"))

    ran = run("tick")

    assert exits.FAULT == ran.code
    assert "azukari: this is a fault in azukari: Inner\n" == ran.err
