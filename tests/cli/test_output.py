"""What is shown was often written by others: a terminal shows it and does not obey."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.cli import speech
from azukari.cli.call import Call
from azukari.cli.output import aligned, harmless, instant, show


@pytest.mark.parametrize(
    "route",
    [
        "by train\x1b[2A\r\x1b[2Krows  10",  # two lines up, and another number over the right one
        "by train\x9b2Krows  10",
        "by train\u202e0001 swor",
        "by train\nrows  10",
        "by train\u2028rows  10",
        "by train\u2066\u200f\x07\x7f",
    ],
)
def test_attack_an_order_that_rewrites_the_approver_s_screen(
    route: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As on a terminal: elsewhere the library takes some of it away by itself.
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)

    show(Call(tmp_path), {}, aligned([("rows", 10_000), ("route", route)]))

    lines = capsys.readouterr().out.split("\n")
    assert ["rows   10,000", ""] == [lines[0], lines[-1]]
    assert 3 == len(lines)
    assert lines[1].startswith("route  by train\\u")
    assert all(letter.isprintable() for letter in lines[1])


@given(st.text())
def test_any_text_is_shown_in_letters_that_do_nothing(text: str) -> None:
    assert not set(harmless(text)) & {"\x1b", "\r", "\n", "\x9b", "\u202e", "\u2067"}


@pytest.mark.parametrize("text", ["架空　髙太郎", "e\u0301", "🏠", "\ue000", "a b\\n"])
def test_what_does_nothing_is_shown_as_it_is(text: str) -> None:
    assert text == harmless(text)


def test_attack_a_file_whose_name_clears_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote the stick named its files, and the names stand in what is said."""
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_: False)

    speech.say("\x1b[2J\udcff.json: not taken in")
    speech.hint("\u202esee nosj")

    said = capsys.readouterr().err
    assert "azukari: \\u001b[2J\\udcff.json: not taken in\nhint: \\u202esee nosj\n" == said


@given(st.integers(0, (1 << 53) - 1))
def test_attack_a_date_that_no_calendar_has(ms: int) -> None:
    """Any count of milliseconds that a document may hold is shown, and none ends the program."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d|after 9999", instant(ms))


def test_the_last_day_of_the_calendar_is_a_date() -> None:
    assert "9999-12-31 23:59" == instant(253_402_268_399_999)
    assert "after 9999" == instant(253_402_268_400_000)
