"""The release checker: what an official must not say is found however it is written."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.incident.folded import NUMBER_EN, NUMBER_JA, joined, number, plain, spaced
from azukari.incident.release import Finding, Known, check, codes, why

DATA = tomllib.loads((Path(__file__).parent / "release.toml").read_text("utf-8"))
REFUSED = [(one["text"], one["codes"]) for one in DATA["refused"]]
ALLOWED = [one["text"] for one in DATA["allowed"]]
JAPANESE = [(text, found) for text, found in REFUSED if re.search("[ぁ-ヿ一-鿿]", text)]
KNOWN = Known(
    persons=frozenset({250, 245, 200}),
    households=frozenset({125}),
    never_released=False,
    parties=("例示受託",),
    withheld=("架空　太郎", "河川敷"),
)


def found(text: str, known: Known = KNOWN) -> list[str]:
    return list(dict.fromkeys(one.code for one in check(text, known)))


@pytest.mark.parametrize("text, expected", REFUSED)
def test_what_must_not_be_said_is_refused_for_its_reason(text: str, expected: list[str]) -> None:
    assert set(expected) <= set(found(text))


@pytest.mark.parametrize("text", ALLOWED)
def test_what_may_be_said_is_not_refused(text: str) -> None:
    assert [] == found(text)


@pytest.mark.parametrize("text, expected", JAPANESE)
@pytest.mark.parametrize(
    "hide",
    [
        lambda text: " ".join(text),
        lambda text: "\u200b".join(text),
        lambda text: "\u3000".join(text),
        lambda text: "\n".join(text) if "。" not in text[:-1] else text,
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        lambda text: "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text),
    ],
    ids=["spaced", "zero-width", "wide-spaced", "broken", "full-width", "katakana"],
)
def test_another_way_of_writing_it_hides_nothing(
    text: str, expected: list[str], hide: object
) -> None:
    assert callable(hide)
    assert set(expected) <= set(found(hide(text)))


@pytest.mark.parametrize(
    "text",
    [
        "ﾊﾟｽﾜｰﾄﾞは13桁",
        "ハ゜スワート゛は十三桁",
        "パスワードは⑬桁",
        "PASSWORD: 13 CHARACTERS",
        "ＰＡＳＳＷＯＲＤ　１３ｄｉｇｉｔｓ",
    ],
)
def test_the_length_of_a_password_is_found_in_every_width(text: str) -> None:
    assert "key_length" in found(text)


def test_a_length_beside_no_secret_word_is_found_where_it_can_only_be_one() -> None:
    assert ["key_length"] == found("13桁です。")
    assert [] == found("題名は13字です。")
    assert "key_length" in found("パスワードの話です。それは13字です。")


def test_a_fact_of_the_ledger_may_be_said_where_it_is_one() -> None:
    never = replace(KNOWN, never_released=True)

    assert [] == found("鍵は一度も渡されていません。", never)
    assert [] == found("漏えいはありません。", never)
    assert ["assurance"] == found("安全です。", never)


def test_a_number_that_a_person_vouches_for_may_be_said() -> None:
    assert ["number_differs"] == found("委員は3人です。")
    assert [] == found("委員は3人です。", replace(KNOWN, vouched=frozenset({3})))


def test_a_resident_is_found_and_never_repeated() -> None:
    known = replace(KNOWN, residents={plain("例示　花子"), plain("林　一")})

    (one,) = check("対象は、例示 花 子さんら。", known)

    assert ("resident_named", "") == (one.code, one.found)
    assert (1, 5) == (one.line, one.column)
    assert ["resident_named"] == found("林一さんです。", known)
    assert [] == found("森林一帯です。", known)


def test_the_address_of_a_suppressed_resident_is_found_and_never_repeated() -> None:
    known = replace(KNOWN, places={plain("架空市見本町1丁目2番3号")})

    (one,) = check("一行目\n架空市見本町１丁目２番３号で", known)

    assert Finding(2, 1, "place_suppressed", "") == one
    assert "" == one.found


def test_a_finding_says_where_and_what() -> None:
    (one,) = check("はじめに。\nおよそ２４０人です。", KNOWN)

    assert (2, 4, "number_differs", "２４０人") == (one.line, one.column, one.code, one.found)


def test_every_objection_says_why_in_both_languages() -> None:
    for code in codes():
        assert not why(code, "ja").isascii()
        assert re.sub("[“”]", "", why(code, "en")).isascii()


def test_every_kind_of_objection_is_tried_by_a_sentence() -> None:
    tried = {code for _, expected in REFUSED for code in expected}

    assert set(codes()) - tried == {"resident_named", "place_suppressed"}


@pytest.mark.parametrize(
    "text, expected",
    [
        ("465,177", 465_177),
        ("46万5177", 465_177),
        ("四十六万五千百七十七", 465_177),
        ("四六五一七七", 465_177),
        ("46.5万", 465_000),
        ("十三", 13),
        ("千", 1_000),
        ("1億2千", 100_002_000),
        ("thirteen", 13),
        ("four hundred and sixty-five thousand one hundred seventy-seven", 465_177),
        ("460 thousand", 460_000),
        ("0.46 million", 460_000),
        ("1.5", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, expected: int | None) -> None:
    assert expected == number(text)
    assert re.fullmatch(NUMBER_EN if re.search("[a-z]", text) else NUMBER_JA, text)


@given(st.integers(0, 10**8 - 1))
@settings(deadline=None, max_examples=100)
def test_any_number_is_the_same_in_kanji(value: int) -> None:
    assert value == number(_kanji(value))


def _kanji(value: int) -> str:
    if value >= 10_000:
        return _kanji(value // 10_000) + "万" + (_kanji(value % 10_000) if value % 10_000 else "")
    if value == 0:
        return "〇"
    found = ""
    for scale, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, scale)
        if digit:
            found += ("" if digit == 1 and sign else "〇一二三四五六七八九"[digit]) + sign
    return found


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_text_is_checked_and_every_place_lies_in_it(text: str) -> None:
    lines = text.split("\n")

    for one in check(text, KNOWN):
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column <= len(lines[one.line - 1]) + 1
        assert one.found in text


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=100)
def test_a_folded_letter_knows_where_it_stood(text: str) -> None:
    for folded in (joined(text), spaced(text)):
        assert len(folded.text) == len(folded.at)
        assert list(folded.at) == sorted(folded.at)


@pytest.mark.parametrize(
    "text", ["例示受託(株)", "例示受託㈱が", "例示 受託", "株式会社例示受託", "例示受託"]
)
def test_a_party_is_found_with_any_form_of_company_and_without(text: str) -> None:
    known = replace(KNOWN, parties=("例示受託株式会社",))

    assert ["party_named"] == found(text, known)


def test_attack_a_letter_before_a_number_does_not_hide_it() -> None:
    assert ["number_differs"] == found("In group B 9 people were concerned.")


@pytest.mark.parametrize("text", ["市民全員の情報です。", "It is about all residents."])
def test_that_it_is_everybody_is_said_only_where_the_roll_says_so(text: str) -> None:
    assert ["number_all"] == found(text)
    assert [] == found(text, replace(KNOWN, everybody=True))


@settings(deadline=None)
@given(st.text() | st.text("ｶﾞハ゜が A\u200bⅣ㈱ 1\n-"))
def test_what_is_looked_for_is_folded_as_the_text_is(text: str) -> None:
    """By a quicker way, letter by letter; a voice mark belongs to the letter before it."""
    assert joined(text).text == plain(text)
