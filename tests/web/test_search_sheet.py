"""The search sheet on paper: blanks to fill in, whom to ask, and nothing that acts."""

from __future__ import annotations

import re
from typing import Any

from azukari.carrier.custody import Hold
from azukari.desk.search import Missing, Sheet, Thing
from azukari.web import search_sheet

HOUR = 3_600_000
NAMES = {"a": "例示受託 (aaaaaa)"}


def thing(kind: Any = "phone", what: str = "例: 黒い電話", **changed: Any) -> Thing:
    said: dict[str, Any] = {
        "id": "0" * 26,
        "kind": kind,
        "what": what,
        "identifier": "",
        "ask": "",
        "seen_at": None,
        "by": "a",
        "at": HOUR,
        "erased_at": None,
    }
    return Thing(**(said | changed))


def page(*things: Thing, **changed: Any) -> str:
    said: dict[str, Any] = {
        "incident": "4f1c9q" + "0" * 20,
        "call": "00-0000-0000",
        "known_at": 3 * HOUR,
        "last_held_at": HOUR,
        "recorded_at": 4 * HOUR,
        "carriers": (
            Missing("c", "C-7Q4M-2K", "M-0001", "stick", False, (Hold("a", 0, None, HOUR),)),
        ),
        "things": things,
        "police": (),
        "printed_at": 5 * HOUR,
    }
    return search_sheet.render(Sheet(**(said | changed)), NAMES)


def test_it_says_what_to_look_for_whom_to_call_and_who_had_it() -> None:
    said = page()

    for words in (
        "C-7Q4M-2K",
        "M-0001",
        "挿さないで、00-0000-0000",
        "例示受託 (aaaaaa)",
        "捜しています",
    ):
        assert words in said


def test_what_nobody_entered_is_a_blank_and_never_a_guess() -> None:
    said = page(thing())

    # Identifier and whom to ask of the phone, last seen, the way home, the police's number.
    assert 5 == said.count("＿＿＿＿＿＿")


def test_a_bag_cannot_be_located_and_leaves_no_blank_for_it() -> None:
    assert page().count("＿＿＿＿＿＿") == page(thing("bag", "例: 黒いかばん")).count(
        "＿＿＿＿＿＿"
    )


def test_whom_to_ask_where_it_is() -> None:
    said = page(thing(identifier="490154203237518", ask="例: 夜間窓口"))

    assert "490154203237518" in said
    assert "例: 夜間窓口" in said


def test_last_seen_stands_first_with_its_source_and_the_others_below() -> None:
    said = page(
        thing("seen", "例: 会社", ask="例: 同僚", seen_at=HOUR),
        thing("seen", "例: 店", ask="例: 店主", seen_at=2 * HOUR),
    )

    assert re.search(r'class="way"><strong>1970-01-01 11:00 例: 店</strong>（例: 店主）', said)
    assert said.index("例: 店主") < said.index("例: 同僚")
    assert 1 == said.count("例: 店主")


def test_what_was_erased_is_not_on_it() -> None:
    assert "例: 黒い電話" not in page(thing(erased_at=HOUR))


def test_attack_what_people_typed_is_text() -> None:
    said = page(thing(what="<img onerror=x>\u202e", identifier="{{ 7*7 }}", ask="a\nb"))

    assert "<img" not in said
    assert "\u202e" not in said
    assert "{{ 7*7 }}" in said
    assert "a⟨U+000A⟩b" in said


def test_it_asks_the_world_for_nothing() -> None:
    said = page(thing())

    assert "default-src 'none'" in said
    assert not re.search(r"(?:src|href|action)=", said)
