"""Letters: nothing is blank, nothing is missing, nothing acts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.press.letters import SPACES, breakable, shown


@pytest.mark.parametrize("text", ["架空　太郎", "髙﨑濵瀨德栁𠮷", "ﾊﾝｶｸ ａｂｃ", "a\nb", "①㈱～－"])
def test_what_the_font_has_is_left_as_it_is(text: str) -> None:
    assert text == shown(text)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("\u202eevil", "〈U+202E〉evil"),
        ("a\u200bb", "a〈U+200B〉b"),
        ("a\x00\tb\r", "a〈U+0000〉〈U+0009〉b〈U+000D〉"),
        ("\u2028", "〈U+2028〉"),
        ("山\ue000", "山〓〈U+E000〉"),
        ("\U000f0000", "〓〈U+F0000〉"),
        ("😀", "〓〈U+1F600〉"),
        ("שלום", "〓〈U+05E9〉〓〈U+05DC〉〓〈U+05D5〉〓〈U+05DD〉"),
        ("⟨U+202E⟩", "〈U+202E〉"),
    ],
)
def test_what_acts_or_is_missing_is_shown_by_its_number(text: str, expected: str) -> None:
    assert expected == shown(text)


@pytest.mark.parametrize("letter", "\u3164\u115f\u1160\uffa0\u2003\u2800")
def test_a_letter_without_ink_is_no_blank(letter: str) -> None:
    """The fonts have these, and draw nothing: a name of them would be an empty line."""
    assert f"U+{ord(letter):04X}" in shown(letter)


def test_a_variant_that_the_font_has_is_kept_and_another_is_marked() -> None:
    assert "葛\U000e0101" == shown("葛\U000e0101")
    assert "山〈U+E01EF〉" == shown("山\U000e01ef")
    assert "〈U+E0100〉" == shown("\U000e0100")


def test_marks_that_pile_up_over_other_lines_are_shown_by_number() -> None:
    assert shown("a" + "\u0301" * 40).count("U+0301") >= 38


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_ends_as_letters_that_neither_act_nor_vanish(text: str) -> None:
    for letter in shown(text):
        acts = unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"}
        assert not acts or letter == "\n" or letter in SPACES


@given(st.text(max_size=40))
@settings(deadline=None, max_examples=50)
def test_what_was_shown_once_is_shown_the_same_again(text: str) -> None:
    assert shown(text) == shown(shown(text))


@given(st.text(max_size=60) | st.text("Aé\u0301 あ", max_size=80))
@settings(deadline=None)
def test_places_where_a_line_may_end_change_no_letter(text: str) -> None:
    plain = shown(text)

    assert plain == breakable(plain).replace("\u200b", "")
    assert "\u200b\u0301" not in breakable(plain)
