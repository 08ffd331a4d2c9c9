from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.roll.fold import VARIANTS, fold_kana, fold_kanas, fold_name, fold_names


@pytest.mark.parametrize(
    "received, form",
    [
        ("架空　太郎", "架空太郎"),
        ("髙﨑　德", "高崎徳"),
        ("濵邊", "浜辺"),
        ("瀨栁", "瀬柳"),
        ("渡邉　齋", "渡辺斉"),
        ("𠮷見", "吉見"),
        ("ＪＯＨＮ Ｓｍｉｔｈ", "johnsmith"),
        ("見\u200b本\u202e", "見本"),
        ("葛\U000e0100城", "葛城"),
        ("\ue000山", "\ue000山"),
        ("㈱例", "(株)例"),
        ("", ""),
    ],
)
def test_a_name_is_found_by_its_plain_spelling(received: str, form: str) -> None:
    assert form == fold_name(received)


@pytest.mark.parametrize(
    "received, form",
    [
        ("カクウ　タロウ", "カクウタロウ"),
        ("ｶｸｳ ﾀﾛｳ", "カクウタロウ"),
        ("かくう たろう", "カクウタロウ"),
        ("ﾐﾎﾝ ｼﾞﾛｰ", "ミホンジロ"),
        ("ジョン・スミス", "ジヨンスミス"),
        ("キョーコ", "キヨコ"),
        ("きょ-こ", "キヨコ"),
        ("ゔぁいおりん", "ヴアイオリン"),
        ("ハ゛", "バ"),
        ("", ""),
    ],
)
def test_kana_is_found_in_any_width_and_script(received: str, form: str) -> None:
    assert form == fold_kana(received)


def test_voiced_and_unvoiced_stay_apart() -> None:
    assert fold_kana("タ") != fold_kana("ダ")


def test_a_variant_stands_under_one_modern_form() -> None:
    variants = "".join(VARIANTS.values())

    assert len(variants) == len(set(variants))
    assert not set(variants) & set(VARIANTS)


def test_attack_a_letter_that_case_and_normal_form_pull_apart_ends() -> None:
    """Folding went on for ever: small iota with both marks is composed and decomposed in turn."""
    for letter in "ΐΰǰẖẗẘẙ":
        assert fold_name(f"見本{letter}") == f"見本{letter}"


def test_every_character_folds_once_and_for_all() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x3_2000), *range(0xE_0000, 0xE_0200)):
        letter = chr(code)
        for fold in (fold_name, fold_kana):
            form = fold(letter)
            assert fold(form) == form, f"U+{code:04X}"


@given(st.text(st.sampled_from("ΐǰẗͅa\u0301\u030cﾞが゙ヴハ゛\u200b ー㌔ŉİΆ"), max_size=8) | st.text())
@settings(deadline=None, max_examples=400)
def test_a_search_form_is_its_own_search_form(text: str) -> None:
    assert fold_name(text) == fold_name(fold_name(text))
    assert fold_kana(text) == fold_kana(fold_kana(text))


@given(st.lists(st.none() | st.text()))
@settings(deadline=None)
def test_a_column_folds_as_its_cells_do(cells: list[str | None]) -> None:
    column = pa.array(cells, pa.string())

    assert [cell and fold_name(cell) for cell in cells] == fold_names(column).to_pylist()
    assert [cell and fold_kana(cell) for cell in cells] == fold_kanas(column).to_pylist()
