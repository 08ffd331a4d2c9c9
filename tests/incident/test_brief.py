"""The mayor's page answers what is asked at night: how many, what, since when, what is owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from azukari.incident import brief
from azukari.incident.case import Case
from azukari.incident.duty import Facts, match
from azukari.incident.form import Clock, lines
from azukari.incident.pack import packs
from azukari.incident.telling import Telling

HOUR = dt.timedelta(hours=1)


def told(case: Case, since: dt.timedelta) -> Telling:
    now = case.known_at + since
    return Telling(case, "架空市", "電話 00-0000-0000", now, case.known_at, (), "", "", case)


def page(case: Case, since: dt.timedelta = HOUR) -> list[str]:
    return [line.strip() for line in lines(brief.form(told(case, since), "ja", ()))]


def test_what_is_on_the_carriers_stands_at_the_top(case: Case) -> None:
    assert "載っている情報：氏名、給付の判定結果" in page(case)


def test_what_the_law_wants_without_a_number_of_days_is_named_beside_the_bars(case: Case) -> None:
    assert "日数の定めがなく、速やかに行うもの：本人への通知" in page(case)


def test_what_two_laws_ask_for_by_the_same_day_is_one_bar(case: Case) -> None:
    made = brief.form(told(case, HOUR), "ja", ())
    (clock,) = [one for part in made.sections for one in part.blocks if isinstance(one, Clock)]

    assert ["報告・速報", "報告・確報"] == [bar.name for bar in clock.bars]
    assert {"個人情報保護委員会 / 番号法、該当するかは不明"} == {bar.who for bar in clock.bars}


def test_where_nothing_is_owed_the_page_says_so_and_shows_no_bar(case: Case) -> None:
    nobody = Facts("organ", case.known_at, 0)
    free = replace(case, duties=match(nobody, packs(), case.law_on))

    assert any("期限のある義務は挙がらない" in line for line in page(free))
    assert not any("速やかに行うもの" in line for line in page(free))


@pytest.mark.parametrize(
    "since, said",
    [(71 * HOUR + HOUR / 2, "71時間30分"), (72 * HOUR, "3日0時間"), (56 * 24 * HOUR, "56日0時間")],
)
def test_hours_become_days_once_minutes_no_longer_matter(
    case: Case, since: dt.timedelta, said: str
) -> None:
    assert f"市が知ってから  {said}" in page(case, since)
