"""The page of an access review: every person with their outcome, and nobody's text obeyed."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from azukari.cli import reasons
from azukari.entrust.review_sheet import Row, Sheet
from azukari.names import id_of
from azukari.rehearse.clock import ms
from azukari.web.review_page import render

NOW = ms("2022-06-22 09:00")
PEOPLE = [id_of(bytes([number]) * 16) for number in range(1, 5)]
STAYS = Row(
    PEOPLE[0],
    ("operator",),
    ms("2022-04-01 09:00"),
    ms("2022-06-21 18:40"),
    ms("2023-04-01 09:00"),
    "見本コール",
    None,
    (),
    gone=False,
)
DISOWNED = replace(
    STAYS, person=PEOPLE[1], last_used_at=0, officer="", why=("officer_disowns",), gone=True
)
OWN_WORD = replace(
    STAYS, person=PEOPLE[2], own="名簿にない再々委託先", why=("employer_disagrees",), gone=True
)
LEFT_SINCE = replace(STAYS, person=PEOPLE[3], trained_until=0, gone=True)
SHEET = Sheet(
    agreement=id_of(b"a" * 16),
    processor="見本コール",
    reviewed=(ms("2022-04-01 09:00"), ms("2022-06-21 16:30")),
    answered_at=ms("2022-06-21 16:40"),
    due_at=ms("2022-09-21 16:30"),
    rows=(STAYS, DISOWNED, OWN_WORD, LEFT_SINCE),
)


def rows(sheet: Sheet, now: int = NOW) -> dict[str, str]:
    """Person -> what stands in their row."""
    page = render(sheet, now, reasons.sentence)
    found = re.findall(r"(?s)<tr>(.*?)</tr>", page)
    return {one: text(row) for row in found for one in PEOPLE if one in row}


def text(html: str) -> str:
    parts: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            parts.append(data)

    Reader().feed(re.sub("(?s)<style>.*?</style>", "", html))
    return " ".join("".join(parts).split())


def test_every_person_has_one_row_and_one_outcome() -> None:
    found = rows(SHEET)

    assert set(PEOPLE) == set(found)
    for person, mark in zip(PEOPLE, "○××△", strict=True):
        assert [mark] == [each for each in "○△×" if each in found[person]]


def test_why_somebody_went_is_said_in_both_languages() -> None:
    found = rows(SHEET)

    for person, code in ((PEOPLE[1], "officer_disowns"), (PEOPLE[2], "employer_disagrees")):
        assert reasons.sentence(code, "ja") in found[person]
        assert reasons.sentence(code, "en") in found[person]
    assert "市の知らない者" in found[PEOPLE[1]]
    assert "名簿にない再々委託先" in found[PEOPLE[2]]
    assert "4 人のうち、外した人 2 人" in text(render(SHEET, NOW, reasons.sentence))


def test_never_used_and_never_trained_are_words_and_not_1970() -> None:
    page = render(SHEET, NOW, reasons.sentence)

    assert "1970" not in page
    assert "never" in rows(SHEET)[PEOPLE[1]]
    assert "none" in rows(SHEET)[PEOPLE[3]]


@pytest.mark.parametrize(("now", "late"), [(NOW, False), (ms("2022-09-21 16:31"), True)])
def test_a_review_that_is_late_says_so(now: int, late: bool) -> None:
    assert late == ("期限を過ぎています" in text(render(SHEET, now, reasons.sentence)))


def test_one_that_was_never_reviewed_says_so_and_shows_no_outcome() -> None:
    never = replace(SHEET, reviewed=None, answered_at=None, rows=(replace(STAYS, officer=None),))

    said = text(render(never, NOW, reasons.sentence))

    assert "一度も点検していません" in said
    assert "続ける" not in said


def test_attack_names_that_would_be_markup_are_shown() -> None:
    wicked = "<script>alert(1)</script>\u202e"
    sheet = replace(SHEET, processor=wicked, rows=(replace(STAYS, officer=wicked, own=wicked),))

    page = render(sheet, NOW, reasons.sentence)

    assert "<script" not in page
    assert "\u202e" not in page
    assert "U+202E" in page


def test_the_page_asks_for_nothing() -> None:
    page = render(SHEET, NOW, reasons.sentence)
    style = re.search("(?s)<style>(.*?)</style>", page)

    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert not re.findall(r"(?i)<script|\bsrc=|\bhref=|url\(|@import", page)
