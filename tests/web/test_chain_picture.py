"""The chain of parties as a picture: readable without seeing it, and nobody's words obeyed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.entrust.difference import How
from azukari.entrust.tree import Branch, State, tree
from azukari.seal.documents import Agreement, Terms
from azukari.web import chain_words as words
from azukari.web.chain_picture import render

NOW = 1_655_800_000_000
DAY = 86_400_000
SVG = "{http://www.w3.org/2000/svg}"


def link(name: str, above: str, giver: str, taker: str, **changed: Any) -> Agreement:
    said: dict[str, Any] = {
        "columns": ["t.a", "t.b", "t.c", "t.d"],
        "purposes": ["enquiries"],
        "media": ["stick"],
        "expires_at": NOW + DAY,
        "may_re_entrust": True,
        "depth": 3,
        "training": ["care"],
        "approvers": 2,
        "device_key": "file",
    }
    terms = Terms(**(said | changed))
    return Agreement(
        id=name,
        parent=above,
        replaces="",
        entrustor=giver,
        processor=taker,
        terms=terms,
        from_at=NOW - DAY,
    )


LINKS = [
    link("upper", "", "city", "one"),
    link("lower", "upper", "one", "two", depth=2, columns=["t.a"]),
    link("gone", "upper", "one", "three", depth=1),
    link("under", "gone", "three", "four", depth=0),
    link("over", "upper", "one", "five", depth=1, expires_at=NOW - 1),
    link("asked", "upper", "one", "six", depth=1, training=["care", "media"]),
    link("loose", "nowhere", "one", "seven"),
]
NAMES = {
    "one": "例示受託",
    "two": "見本コール",
    "three": "Bag & <Tag>",
    "four": "\u202eevil\u0007",
    "seven": "n" * 200,
}


def branches(links: Sequence[Agreement] = LINKS) -> tuple[Branch, ...]:
    return tree(links, "city", {"gone"}, NOW, {"asked"})


def texts(picture: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(picture).iter(f"{SVG}text")]


def test_every_link_is_a_box_with_its_state_in_words() -> None:
    seen = texts(render(branches(), "架空市", NAMES, "en"))

    assert {one.id for one in LINKS} <= set(seen)
    for state in set(State) - {State.NOT_YET}:
        assert words.STATES[state][1] in seen


def test_what_narrows_at_a_link_stands_in_its_box() -> None:
    seen = texts(render(branches(), "架空市", NAMES, "en"))

    assert "columns 4 → 1" in seen
    assert "links below 3 → 2" in seen
    assert "courses +media" in seen


def test_a_link_that_widens_says_so() -> None:
    wider = link("wide", "upper", "one", "two", depth=1, media=["network", "stick"], approvers=1)
    seen = texts(render(branches([LINKS[0], wider]), "架空市", NAMES, "en"))

    assert "wider: media +network" in seen
    assert "wider: approvers 2 → 1" in seen
    assert "does not reach the city" in seen


def test_a_link_of_fewer_columns_is_a_thinner_line() -> None:
    root = ET.fromstring(render(branches(LINKS[:2]), "架空市", NAMES, "ja"))
    widths = sorted(int(one.attrib["stroke-width"]) for one in root.iter(f"{SVG}path"))

    assert 2 == len(widths)
    assert widths[0] < widths[1]


def test_what_does_not_hold_differs_in_border_sign_and_word_not_by_colour_alone() -> None:
    root = ET.fromstring(render(branches(), "架空市", NAMES, "ja"))
    boxes = [g for g in root.iter(f"{SVG}g") if "stands" in g.attrib["class"]]

    assert 5 == len(boxes)
    assert all(
        g.find(f"{SVG}path") is not None or g.find(f"{SVG}circle") is not None for g in boxes
    )
    assert ".stands .box{stroke:#767678;stroke-dasharray" in render(branches(), "市", {}, "ja")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_whoever_does_not_see_it_is_told_the_same(language: str) -> None:
    root = ET.fromstring(render(branches(), "架空市", NAMES, language))
    told = root.findtext(f"{SVG}desc") or ""

    assert "img" == root.attrib["role"]
    assert ["title", "told"] == root.attrib["aria-labelledby"].split()
    assert "架空市" in (root.findtext(f"{SVG}title") or "")
    for branch in (b for one in branches() for b in one.walk()):
        assert words.say(words.STATES[branch.state], language) in told
    assert "例示受託" in told


def test_attack_a_partys_name_that_is_markup_or_turns_letters_about() -> None:
    picture = render(branches(), "<script>市", NAMES, "en")

    assert "<script>" not in picture
    assert "\u202e" not in picture
    assert "\u0007" not in picture
    assert "Bag & <Tag>" in texts(picture)
    assert "⟨U+202E⟩evil⟨U+0007⟩" in texts(picture)


def test_it_asks_for_nothing_and_runs_nothing() -> None:
    picture = render(branches(), "架空市", NAMES, "ja")

    assert ["http://www.w3.org/2000/svg"] == [part for part in picture.split('"') if "://" in part]
    assert "url(" not in picture
    assert {"svg", "title", "desc", "style", "rect", "path", "circle", "g", "text"} >= {
        one.tag.removeprefix(SVG) for one in ET.fromstring(picture).iter()
    }


def test_no_box_lies_on_another() -> None:
    root = ET.fromstring(render(branches(), "架空市", NAMES, "ja"))
    found = [one.attrib for one in root.iter(f"{SVG}rect") if one.attrib.get("class") == "box"]
    places = [tuple(int(one[n]) for n in ("x", "y", "width", "height")) for one in found]

    for i, (x, y, width, height) in enumerate(places):
        for left, top, wide, high in places[i + 1 :]:
            apart = x + width <= left or left + wide <= x or y + height <= top or top + high <= y
            assert apart


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40), st.text(max_size=400), st.sampled_from(("ja", "en")))
def test_any_name_gives_a_picture_that_can_be_read(city: str, name: str, language: str) -> None:
    found = ET.fromstring(render(branches(), city, {"one": name}, language))

    assert len(LINKS) + 1 == len([r for r in found.iter(f"{SVG}rect") if r.get("class") == "box"])


def test_a_city_without_agreements_stands_alone() -> None:
    assert ["架空市"] == texts(render((), "架空市", {}, "ja"))


def test_every_field_state_and_way_has_words_in_both_languages() -> None:
    fields = {*Terms.__struct_fields__, *Agreement.__struct_fields__}
    fields -= {"v", "id", "terms", "replaces"}

    assert fields == set(words.FIELDS)
    assert set(State) == set(words.STATES)
    assert set(How) == set(words.HOWS)
    for ja, en in [*words.FIELDS.values(), *words.STATES.values(), *words.HOWS.values()]:
        assert not ja.isascii()
        assert en.isascii()
