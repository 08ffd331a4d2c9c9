"""The page of supervision: what it shows, in which state, and that it obeys nobody's text."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest

from azukari.desk import supervise, supervision
from azukari.entrust.supervision import Kind, Record, State
from azukari.rehearse.clock import ms
from azukari.web.supervision_page import LEFT, RIGHT, render
from azukari.web.supervision_words import BADGES, STATES

WICKED = "<script>alert(1)</script>\u202e消さない"


@pytest.fixture(scope="module")
def base(sealed_city: Any, tmp_path_factory: pytest.TempPathFactory) -> Record:
    """One check of every state, and a finding that would like to be markup."""
    import shutil

    out = tmp_path_factory.mktemp("page") / "city"
    shutil.copytree(sealed_city.out, out)
    city = replace(
        sealed_city, out=out, cast=replace(sealed_city.cast, folder=out / "persons"), _devices=[]
    )
    before = sealed_city.clock.at
    city.open()
    try:
        return _filled(city)
    finally:
        city.close()
        sealed_city.clock.at = before


def _filled(city: Any) -> Record:
    office, agreement = city.office, city.agreements["contractor"]
    hand, other = city.cast.hand("approver_1"), city.cast.hand("approver_2")
    engineer = city.person("engineer")
    city.clock.set("2022-06-22 09:00")

    def plan(kind: Kind, day: str, carriers: int = 0) -> str:
        return supervise.plan(office, agreement, kind, ms(f"{day} 23:59"), hand, carriers)

    visit, log = plan(Kind.VISIT, "2022-07-15"), plan(Kind.LOG, "2022-07-01")
    sample, late = plan(Kind.SAMPLE, "2022-08-15", 1), plan(Kind.VISIT, "2022-07-31")
    plan(Kind.VISIT, "2022-10-14")
    city.clock.set("2022-07-05 10:00")
    found = supervise.Found("ログに不審な点はなかった", ms("2022-06-30 10:00"), entries=(0, 9))
    supervise.done(office, log, found, hand)
    city.clock.set("2022-07-14 15:00")
    follow_ups = [
        (engineer, ms("2022-08-01 23:59"), "施錠の記録をつける"),
        (engineer, ms("2022-09-30 23:59"), "名札を替える"),
    ]
    found = supervise.Found(WICKED, city.clock.now(), [engineer], follow_ups=follow_ups)
    first, _ = supervise.done(office, visit, found, hand)
    city.clock.set("2022-07-29 15:00")
    supervise.follow_up(office, first, "ab" * 32, "記録を見た", other)
    drawn = supervise.draw(office, sample, hand)
    found = supervise.Found("封は無傷", city.clock.now(), drawn)
    supervise.done(office, sample, found, hand)
    city.clock.set("2022-09-01 09:00")
    del late
    return supervision.record(office, agreement)


def test_every_state_has_a_word_and_a_sign_of_its_own() -> None:
    assert set(State) == set(STATES) == set(BADGES)
    assert len(State) == len({sign for _, sign in BADGES.values()})


def test_the_page_shows_every_check_and_what_came_of_it(base: Record) -> None:
    page = render(base)

    for state in State:
        assert STATES[state][0] in page
    for check in base.checks:
        assert check.id in page
        for one in check.follow_ups:
            assert one.id in page
    assert "期限を過ぎたもの 1 件" in page
    assert "施錠の記録をつける" in page
    assert "ab" * 32 in page
    assert all(base.labels[one] in page for check in base.checks for one in check.drawn)
    assert all(one.person.id in page for one in base.trained)


def test_attack_a_finding_that_would_be_markup_or_turn_letters(base: Record) -> None:
    page = render(base)

    assert "<script" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_the_page_asks_for_nothing(base: Record) -> None:
    page = render(base)

    assert not re.search(r" (?:src|href)=|url\(", page)
    [css] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page
    # The policy lets no element carry a style of its own.
    assert " style=" not in page


def test_bars_stand_within_the_picture_and_reach_now_where_late(base: Record) -> None:
    page = render(base)
    now = int(re.findall(r'class="now" x1="(\d+)"', page)[0])
    over = [(int(x), int(w)) for x, w in re.findall(r'class="over" x="(\d+)".*width="(\d+)"', page)]
    bars = [(int(x), int(w)) for x, w in re.findall(r'class="time" x="(\d+)".*width="(\d+)"', page)]

    assert len(base.checks) + sum(len(c.follow_ups) for c in base.checks) == len(bars)
    assert all(LEFT <= x <= x + width <= RIGHT for x, width in bars + over)
    assert 2 == len(over)  # one late, one recorded late
    assert now in {x + width for x, width in over}


def test_a_processor_that_nobody_planned_to_check_is_said_to_be_one(base: Record) -> None:
    page = render(replace(base, checks=()))

    assert "検査の予定がありません" in page
    assert "<svg" not in page


def test_a_chain_that_is_broken_is_said_to_be_one(base: Record) -> None:
    page = render(replace(base, chain=(), terms=None, in_force=False))

    assert "市までつながっていません" in page


def test_an_erased_text_is_named_and_not_left_blank(base: Record) -> None:
    gone = tuple(replace(c, findings=None) for c in base.checks)

    assert "文は消去された" in render(replace(base, checks=gone))
