"""What is shown was often written by others: a terminal shows it and does not obey."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.cli.call import Call
from azukari.cli.output import aligned, harmless, show


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
