"""Programme files: what ships is whole, and anything unknown or impossible is refused."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.benefit import rules
from azukari.benefit.rules import Programme
from azukari.errors import BadSettings, NotFound

RAW = (resources.files("azukari.benefit") / "programmes" / "fy2021.toml").read_bytes()
PAGE = Path(__file__).parents[2] / "docs" / "programmes.md"


@pytest.mark.parametrize("name", rules.names())
def test_every_programme_that_ships_can_be_loaded(name: str) -> None:
    assert name == rules.load(name).id


@pytest.mark.parametrize("name", ["fy1999", "", "../rules", "fy2021.toml"])
def test_a_programme_that_does_not_ship_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        rules.load(name)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("amount_yen = 100_000", "amount_yen = -1", "amount_yen"),
        ("amount_yen = 100_000", "amount_yen = 100_000\nextra = 1", "extra"),
        ("amount_yen = 100_000", "", "amount_yen"),
        ("area_percent = 100", "area_percent = 95", "area_percent"),
        ("fixed_yen", "fixed", "unknown field"),
        ("base_date = 2021-12-10", "base_date = 2020-12-10", "out of order"),
        ("base_date = 2021-12-10", 'base_date = "soon"', "base_date"),
        ("minor_born_on_or_after = 2001", "minor_born_on_or_after = 2031", "minor_born"),
        ('id = "fy2021"', 'id = "FY/2021"', "id"),
        ("[reason.treaty]", "[reason.treaties]", "reason treaty has no sentence"),
        ("[reason.treaty]", "[reason.more]\n[reason.treaty]", "missing"),
        ("[criterion.minor]", "[criterion.major]", "criterion minor has no sentence"),
        ('certainty = "M"', 'certainty = "X"', "certainty"),
        ("[income]", "[income", "programme: "),
    ],
)
def test_a_line_that_is_unknown_or_impossible_is_refused(before: str, after: str, why: str) -> None:
    raw = RAW.decode().replace(before, after, 1)

    with pytest.raises(BadSettings, match=why):
        rules.parse(raw.encode())


def test_a_sentence_for_a_code_that_does_not_exist_is_refused() -> None:
    sentence = '\n[reason.whim]\nja = "x"\nen = "x"\nsource = "x"\ncertainty = "U"\n'

    with pytest.raises(BadSettings, match="unknown reason whim"):
        rules.parse(RAW + sentence.encode())


@settings(deadline=None, max_examples=300)
@given(raw=st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_are_a_programme_or_refused(raw: bytes) -> None:
    with pytest.raises(BadSettings):
        rules.parse(raw)


@settings(deadline=None, max_examples=100)
@given(place=st.integers(0, len(RAW) - 1), byte=st.integers(0, 255))
def test_a_programme_with_one_byte_changed_is_a_programme_or_refused(place: int, byte: int) -> None:
    try:
        programme = rules.parse(RAW[:place] + bytes([byte]) + RAW[place + 1 :])
    except BadSettings:
        return

    assert isinstance(programme, Programme)


@pytest.mark.parametrize(
    "percent, limits",
    [(100, (450_000, 1_010_000)), (90, (415_000, 919_000)), (80, (380_000, 828_000))],
)
def test_the_area_class_scales_heads_and_extra_but_not_the_fixed_sum(
    percent: int, limits: tuple[int, int]
) -> None:
    raw = RAW.replace(b"area_percent = 100", b"area_percent = %d" % percent)
    income = rules.parse(raw).income

    assert limits == (income.limit(0), income.limit(1))


def test_every_code_stands_on_the_page_about_programmes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    codes = {*rules.HOUSEHOLD_REASONS, *rules.PERSON_REASONS, *rules.DEPENDENCE}
    codes |= {*rules.PERSON_CRITERIA, *rules.HOUSEHOLD_CRITERIA}

    assert sorted(code for code in codes if f"`{code}`" not in page) == []


def test_the_page_gives_the_reasons_of_a_household_in_their_order() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = page[page.index("| reason | answer |") :]
    places = [table.index(f"| `{code}` |") for code in rules.HOUSEHOLD_REASONS]

    assert sorted(places) == places
