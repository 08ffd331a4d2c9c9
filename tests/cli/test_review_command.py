"""An access review at the keyboard: asked line by line, agreed to by number, refused by name."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from azukari.cli import review_answer
from azukari.rehearse.clock import ms

AT = ms("2022-06-22 09:00")


@pytest.fixture
def go(site: Any, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """``azukari agreement review …`` at a site, as somebody."""
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    clock = itertools.count(AT).__next__

    def called(*words: object, by: str = "", home: str = "office", stdin: str = "") -> Any:
        acts = ("--to", tmp_path, "--as", by) if by else ()
        secret = {"person_fd": site.secrets[by]} if by else {}
        where = ("--home", site.out / "sites" / home, "--json")
        line = ("agreement", "review", *words, *acts, *where)
        return run(*line, stdin=stdin, now=clock, **secret)

    return called


@pytest.fixture
def asked(go: Any) -> dict[str, Any]:
    """The call centre's roster."""
    known = json.loads(go("show").out)
    (agreement,) = [one["agreement"] for one in known if one["processor"] == "見本コール"]
    ran = go("start", agreement, by="officer")
    assert 0 == ran.code, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def answered(go: Any, asked: dict[str, Any], *said: str) -> Any:
    pairs = (f"{one}={who}" for one, who in zip(asked["people"], said, strict=True))
    options = [word for pair in pairs for word in ("--employer", pair)]
    return go("answer", asked["file"], *options, by="centre_officer", home="call-centre")


def test_at_a_terminal_everybody_is_asked_about_line_by_line(
    go: Any, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = asked["people"]
    typed = iter(["ours", "none"])
    shown: list[str] = []

    def prompt(what: str, **_: Any) -> str:
        shown.append(what)
        return next(typed)

    monkeypatch.setattr(review_answer, "somebody_types", lambda: True)
    monkeypatch.setattr("click.prompt", prompt)

    ran = go(
        *("answer", asked["file"], "--employer", f"{second}=ours"),
        by="centre_officer",
        home="call-centre",
    )

    assert 0 == ran.code, ran.err
    assert 2 == len(shown)
    assert [third] == json.loads(ran.out)["remove"]
    assert f"{first}, since 2022-04-01" in ran.err
    assert second not in ran.err


@pytest.mark.parametrize("wrong", ["{0}", "{0}=", "{0}=yes", "{0}=OURS", "=ours", "{1}=ours"])
def test_an_employer_that_is_none_is_refused(go: Any, asked: dict[str, Any], wrong: str) -> None:
    rest = [word for one in asked["people"][1:] for word in ("--employer", f"{one}=ours")]
    typed = ("--employer", wrong.format(*asked["people"]))

    ran = go("answer", asked["file"], *typed, *rest, by="centre_officer", home="call-centre")

    assert (3, "") == (ran.code, ran.out)
    assert not list(Path(asked["file"]).parent.glob("review-*"))


def test_a_roster_is_answered_where_the_citys_keys_are_pinned(
    go: Any, asked: dict[str, Any], tmp_path: Path
) -> None:
    """One that was changed on the way is answered nowhere."""
    roster = Path(asked["file"])
    changed = roster.read_text().replace('"sig":"', '"sig":"AA', 1)
    roster.write_text(changed)

    ran = answered(go, asked, "ours", "ours", "ours")

    assert 0 != ran.code
    assert not list(tmp_path.glob("review-*"))


@pytest.mark.parametrize(
    ("typed", "code"), [("1\n", 0), (" 1 \n", 0), ("", 9), ("yes\n", 9), ("2\n", 9), ("01\n", 9)]
)
def test_the_citys_officer_types_how_many_go(
    go: Any, asked: dict[str, Any], typed: str, code: int
) -> None:
    half = json.loads(answered(go, asked, "ours", "ours", "none").out)["file"]

    ran = go("close", half, by="officer", stdin=typed)

    assert code == ran.code, ran.err
    assert asked["people"][2] in ran.err  # shown before anything was asked
    assert "officer_disowns" in ran.err
    if code == 0:
        assert [asked["people"][2]] == json.loads(ran.out)["false_employers"]
    else:
        assert "review_not_agreed" in ran.err


def test_nobody_is_asked_where_nobody_goes(go: Any, asked: dict[str, Any]) -> None:
    half = json.loads(answered(go, asked, "ours", "ours", "ours").out)["file"]

    ran = go("close", half, by="officer")

    assert 0 == ran.code, ran.err
    said = json.loads(ran.out)
    assert ({}, [], 1) == (said["going"], said["left"], len(said["files"]))


def test_a_person_states_only_an_id_or_none(site: Any, run: Any, tmp_path: Path) -> None:
    ran = run(
        *("person", "state", "--paid-by", "例示受託", "--as", "operator", "--to", tmp_path),
        *("--home", site.office),
    )

    assert 3 == ran.code
    assert not list(tmp_path.glob("employment-*"))


@pytest.mark.parametrize(("line", "due"), [("", "2022-07-02"), ("review_days = 30", "2022-05-01")])
def test_how_often_access_is_reviewed_is_a_setting(
    go: Any, site: Any, run: Any, line: str, due: str
) -> None:
    with (site.office / "azukari.toml").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")

    assert 0 == run("tick", "--home", site.office, now=itertools.count(AT).__next__).code

    assert {ms(f"{due} 10:00")} == {one["due_at"] for one in json.loads(go("show").out)}


@pytest.mark.parametrize("days", ["-1", "367", "'30'", "1.5"])
def test_a_period_of_reviews_is_a_number_of_days(site: Any, run: Any, days: str) -> None:
    with (site.office / "azukari.toml").open("a", encoding="utf-8") as file:
        file.write(f"review_days = {days}\n")

    ran = run("agreement", "review", "show", "--home", site.office)

    assert 5 == ran.code
    assert "review_days" in ran.err
