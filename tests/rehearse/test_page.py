"""The page shows what it is given, whole and harmless, and says every outcome in words."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from azukari.rehearse.page import render
from azukari.rehearse.sentences import (
    ATTACK_OUTCOMES,
    PART_STATES,
    PROMISE_STATES,
    PROMISES,
    SETUPS,
)
from azukari.rehearse.spans import JST
from azukari.rehearse.story import (
    Asked,
    DutyBar,
    Hold,
    Incident,
    KindCount,
    PartLine,
    Refusal,
    Story,
    Watcher,
)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2022, 6, day, hour, minute, tzinfo=JST)


STORY = Story(
    title="架空市の一夜",
    custody=(
        Hold("架空市", "市", _at(21, 13), _at(21, 17), "二人で封緘した"),
        Hold("所在不明", "なし", _at(22, 2), _at(24, 11, 40), lost=True),
        Hold("架空市", "市", _at(24, 11, 40), None),
    ),
    incident=Incident(
        _at(22, 2), _at(22, 3), _at(22, 3, 4), _at(22, 3, 4), _at(22, 3, 5), _at(24, 11, 40)
    ),
    kinds=(KindCount("name", "氏名", 1900, 7), KindCount("answer", "回答", 1893, 0)),
    persons_total=1900,
    suppressed_total=7,
    parts=tuple(
        PartLine("C-7Q4M-2K", f"p{number}", ("氏名",), state, "ledger")
        for number, state in enumerate(PART_STATES)
    ),
    duties=(
        DutyBar("速報", "市", _at(22, 3), _at(26, 0), "規則", "S"),
        DutyBar("通知", "委託先", _at(22, 3), _at(23, 0), "規則", "M"),
        DutyBar("本人への通知", "市", _at(22, 3), None, "規則", "U"),
    ),
    now=_at(24, 12),
)
RESULT: dict[str, Any] = {
    "residents": 2000,
    "seed": 1,
    "setup": "one machine, no witness",
    "steps": [
        {
            "name": "invent",
            "story_at": "2022-06-21T09:00:00+09:00",
            "measured_s": 1.5,
            "outcome": "done",
        },
        {"name": "lost", "story_at": "at night", "measured_s": 0, "outcome": "both carriers"},
    ],
    "attacks": [
        {"name": f"attack {word}", "outcome": word, "reason": "why", "noticed_by": ""}
        for word in ATTACK_OUTCOMES
    ],
    "promises": {
        str(number): {"state": state, "checked_by": ["a check"]}
        for number, state in enumerate(PROMISE_STATES, 1)
    },
    "figures": {"wall_s": 12.345, "peak_mib": 1999, "odd_thing": "x"},
}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader


def _poisoned(value: Any, poison: str) -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(inner, poison) for key, inner in value.items()}
    if isinstance(value, list):
        return [_poisoned(inner, poison) for inner in value]
    return poison if isinstance(value, str) else value


@pytest.mark.parametrize(
    "poison", ["<b>架空</b>", "<script>alert(1)</script>", "'\"><img src=x onerror=y>", "{{7*7}}"]
)
def test_attack_markup_in_any_text_stays_text(poison: str) -> None:
    story = replace(
        STORY,
        title=poison,
        custody=(Hold(poison, poison, _at(21, 1), None, poison),),
        kinds=(KindCount(poison, poison, 1, 0),),
        parts=(PartLine(poison, poison, (poison,), poison, poison),),
        duties=(DutyBar(poison, poison, _at(21, 1), _at(22, 1), poison, poison),),
        reviewed=(Asked(poison, _at(20, 1), None, None, poison, poison, (poison,)),),
        refusals=(Refusal(_at(21, 2), poison, poison, (poison, poison)),),
        watchers=(Watcher(poison, poison, False, True, 9, 9, (poison,)),),
    )

    page = render(_poisoned(RESULT, poison), story)

    assert poison not in page or poison == "{{7*7}}"
    assert not {"script", "img"} & {tag for tag, _ in _read(page).tags}
    assert _read(page).text.count(poison) >= 28


def test_nothing_is_asked_from_anywhere() -> None:
    page = render(RESULT, STORY)
    tags = _read(page).tags

    assert re.search(r"(?:https?:)?//[a-z]", page) is None
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in tags}
    assert {"#main"} == {attrs[name] for _, attrs in tags for name in attrs if name == "href"}
    assert not [attrs for _, attrs in tags if {"src", "style", "xlink:href"} & set(attrs)]
    assert {"url(#lost)"} == set(re.findall(r"url\([^)]*\)", page))


CHAIN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>
  text{fill:red}
</style><text>例示受託</text></svg>"""


def test_the_chain_stands_inside_the_page_and_its_style_in_its_own_box_only() -> None:
    page = render(RESULT, replace(STORY, chain=CHAIN))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)

    assert style is not None
    assert 1 == page.count("<style>")
    assert style[1].endswith(".chain{\n  text{fill:red}\n}")
    assert "例示受託" in _read(page).text
    assert re.search(r"(?:https?:)?//[a-z]", page) is None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page


def test_a_review_and_refusals_say_every_reason() -> None:
    story = replace(
        STORY,
        reviewed=(
            Asked("受付", _at(1, 9), _at(20, 9), _at(30, 9), "見本コール", "", ()),
            Asked("二人目", _at(13, 9), None, None, "見本コール", "ほか", ("雇い主が違います",)),
        ),
        refusals=(Refusal(_at(21, 19, 50), "作業者", "開けること", ("端末がない", "役割がない")),),
    )

    text = _read(render(RESULT, story)).text

    assert "2 人のうち 1 人が、所属先の従業員ではありませんでした" in text
    assert "× 外した 雇い主が違います" in text
    assert all(f"× {reason}" in text for reason in ("端末がない", "役割がない"))


WATCHERS = (
    Watcher("kansa.example/w1", "監査事務局", True, False, 99, 21, ()),
    Watcher("committee.example/w1", "第三者委員会", False, False, 99, 21, ("別の歴史", "控え")),
    Watcher("reiji.example/w1", "例示受託", False, True, 99, 21, ()),
)


def test_each_witness_says_whose_it_is_how_it_was_reached_and_what_it_noticed() -> None:
    page = render(RESULT, replace(STORY, watchers=WATCHERS))
    text = _read(page).text

    assert "× 別の歴史× 控え" in text
    assert "× 2 回、別の歴史に気づいた" in text
    assert 2 == page.count('class="box outside"')
    assert 2 == page.count('class="wire carried"')
    assert "二つの台帳と立会人" not in render(RESULT, STORY)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ({"checked": True, "agrees": True}, "○ 同じ結果"),
        ({"checked": True, "agrees": False}, "× 違う結果"),
        ({"checked": False, "why": "no Go"}, "－ ここでは確かめていない no Go"),
    ],
)
def test_the_word_of_the_program_in_go_is_told_as_it_is(word: dict[str, Any], said: str) -> None:
    page = render({**RESULT, "verifier": word}, replace(STORY, watchers=WATCHERS))

    assert said in _read(page).text


def test_what_was_tried_says_who_noticed_it() -> None:
    tried = {"name": "a", "outcome": "refused", "reason": "r", "noticed_by": "committee"}

    assert "気づいた者：committee" in _read(render({**RESULT, "attacks": [tried]}, STORY)).text


def test_what_a_promise_was_not_looked_at_for_stands_beside_it() -> None:
    told = {"3": {"state": "kept", "checked_by": ["a check"], "without": ["something new"]}}

    assert (
        "まだ見ていないもの：something new"
        in _read(render({**RESULT, "promises": told}, STORY)).text
    )


def test_the_policy_allows_this_style_and_nothing_else() -> None:
    page = render(RESULT, STORY)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)

    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert "unsafe" not in page


def test_the_page_says_its_language_and_fits_a_narrow_screen() -> None:
    tags = _read(render(RESULT, STORY)).tags

    assert {"lang": "ja"} in [attrs for tag, attrs in tags if tag == "html"]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in [
        attrs for tag, attrs in tags if tag == "meta"
    ]


def test_all_promises_stand_there_and_a_missing_one_is_not_yet() -> None:
    page = render(RESULT, STORY)
    text = _read(page).text

    assert len(PROMISES) == 15
    for number, (ja, english) in enumerate(PROMISES, 1):
        assert f'id="promise-{number}"' in page
        assert ja in text
        assert english in text
    assert text.count("まだない、または確かめていない") == 12 + 1  # of fifteen, and the summary


def test_every_outcome_is_a_word_and_not_only_a_colour() -> None:
    page = render(RESULT, STORY)
    badges = re.findall(
        r'<span class="badge (\w+)"><span class="sign" aria-hidden="true">(.+?)</span>'
        r"<span>(.+?)</span></span>",
        page,
    )

    assert len(badges) == page.count('class="badge ')
    for known in (ATTACK_OUTCOMES, PROMISE_STATES, PART_STATES):
        for outcome in known.values():
            assert (outcome.tone, outcome.sign, outcome.ja) in badges


def test_an_outcome_nobody_foresaw_is_shown_as_a_doubt() -> None:
    odd = {
        **RESULT,
        "attacks": [{"name": "a", "outcome": "crashed", "reason": "r", "noticed_by": ""}],
    }

    assert "badge doubt" in render(odd, replace(STORY, parts=()))


@pytest.mark.parametrize(
    "change",
    [
        {"attacks": [{"name": "a", "outcome": "opened", "reason": "r", "noticed_by": ""}]},
        {"promises": {"9": {"state": "broken", "checked_by": ["search"]}}},
    ],
)
def test_a_failed_run_says_so_first(change: dict[str, Any]) -> None:
    good = {**RESULT, "attacks": [], "promises": {}}

    assert "この訓練は失敗です" in render({**good, **change}, STORY)
    assert "この訓練は失敗です" not in render(good, STORY)


def test_2022_stands_beside_tonight() -> None:
    text = _read(render(RESULT, STORY)).text

    assert "12 時間 45 分" in text
    assert "約 56 時間" in text
    assert "4 分" in text
    assert "56 時間 40 分" in text


def test_a_duty_says_what_is_left_and_what_is_over() -> None:
    text = _read(render(RESULT, STORY)).text

    assert "残り 36 時間" in text
    assert "期限を 36 時間過ぎた" in text
    assert "日の定めなし" in text


@pytest.mark.parametrize("setup", SETUPS, ids=lambda setup: setup.code)
def test_the_set_up_says_what_it_does_not_protect_against(setup: Any) -> None:
    page = render({**RESULT, "setup": setup.code}, STORY)

    assert page.count("▶ 今夜") == 1
    assert setup.does_not in page


def test_a_set_up_nobody_knows_is_not_taken_for_another() -> None:
    page = render({**RESULT, "setup": "three moons"}, STORY)

    assert "▶ 今夜" not in page
    assert "今夜の構成：three moons" in page


def test_what_is_invented_and_what_law_is_worth_is_said() -> None:
    text = _read(render(RESULT, STORY)).text

    assert "市も人も会社も架空です" in text
    assert "City and persons are invented" in text
    assert "vidence for, under the rules in force since 1 April 2023" in text


def test_a_night_in_which_nothing_happened_is_a_page_too() -> None:
    empty: dict[str, Any] = {**RESULT, "steps": [], "attacks": [], "promises": {}, "figures": {}}
    nothing = replace(
        STORY,
        custody=(),
        kinds=(),
        parts=(),
        duties=(),
        persons_total=0,
        suppressed_total=0,
        incident=replace(STORY.incident, found_at=None, known_at=_at(22, 3) - timedelta(hours=1)),
    )

    text = _read(render(empty, nothing)).text

    assert "まだ見つかっていない" in text
    assert "0 秒" in text
