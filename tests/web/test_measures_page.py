"""The report on measures: every one with its state in words, and nothing that acts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from azukari.incident.measures import Measure, Word
from azukari.web import measures_page

ID, SUBJECT = "4f1c9q" + "0" * 20, "7" + "1" * 25
DAY = 86_400_000


def page(*found: Measure, now: int = 5 * DAY) -> str:
    return measures_page.render(
        found, "架空市", {"a": "架空市 (aaaaaa)"}, {SUBJECT: "C-7Q4M-2K"}, now
    )


def measure(**changed: Any) -> Measure:
    said: dict[str, Any] = {
        "id": ID,
        "control": "lost",
        "subject": SUBJECT,
        "owner": "lead",
        "opened_at": DAY,
        "due_at": 10 * DAY,
        "done": None,
        "checked": None,
    }
    return Measure(**(said | changed))


def test_a_measure_says_what_failed_whose_it_is_and_by_when() -> None:
    said = page(measure())

    for words in ("封緘物を紛失した", "C-7Q4M-2K", "対応の責任者", "1970-01-11 09:00", "実施前"):
        assert words in said


@pytest.mark.parametrize(
    ("changed", "now", "words"),
    [
        ({}, 11 * DAY, "▲ 期限超過"),
        ({"done": Word("a", 2 * DAY, "例: 箱")}, 5 * DAY, "◇ 実施済み・確認待ち"),
        (
            {"done": Word("a", 2 * DAY, "例: 箱"), "checked": Word("b", 3 * DAY, "例: 見た")},
            5 * DAY,
            "■ 確認済み",
        ),
    ],
)
def test_a_state_is_a_sign_and_words_never_a_colour_alone(
    changed: dict[str, Any], now: int, words: str
) -> None:
    said = page(measure(**changed), now=now)

    assert re.search(rf"{words} .*</th><td class=\"n\">1</td>", said)


def test_none_is_said() -> None:
    assert "再発防止策はありません" in page()


def test_attack_what_people_wrote_is_text() -> None:
    evil = "<script>alert(1)</script>\u202e\n{{ 7*7 }}"

    said = page(measure(done=Word("a", 2 * DAY, evil)))

    assert "<script" not in said
    assert "\u202e" not in said
    assert "⟨U+202E⟩⟨U+000A⟩{{ 7*7 }}" in said


def test_it_asks_the_world_for_nothing() -> None:
    said = page(measure())

    assert "default-src 'none'" in said
    assert not re.search(r"(?:src|href|action)=", said)
