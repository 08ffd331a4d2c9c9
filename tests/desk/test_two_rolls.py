"""One bag, two carriers, two rolls: one incident, one set of papers, no number of both."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from azukari.desk import closing, papers, publish, respond
from azukari.desk.counterfoil import read_counterfoil
from azukari.incident import form, release
from azukari.incident.tables import tables
from azukari.press import printing

pytestmark = pytest.mark.real

LAW_ON = dt.date(2026, 9, 1)
OTHER = "0" * 26


@pytest.fixture
def bag(at_six: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """June's carrier and another year's in one bag: their ordinals mean other persons."""

    def read(office: Any, carrier: str) -> Any:
        foil = read_counterfoil(office, carrier)
        return foil if carrier == at_six.carriers[0] else replace(foil, roll=OTHER)

    at_six.clock.set("2026-09-01 10:00")
    monkeypatch.setattr(respond, "read_counterfoil", read)
    at_six.incident = at_six.lose().incident
    return at_six


def responded(city: Any) -> respond.Response:
    return respond.respond(city.office, city.incident, party="架空市", law_on=LAW_ON)


def test_a_bag_with_carriers_of_two_rolls_is_counted_roll_by_roll(bag: Any) -> None:
    found = responded(bag)

    first, second = (one.impact for one in found.rolls)
    assert bag.roll == first.roll
    assert OTHER == second.roll
    assert {foil.carrier for foil in found.foils} == {
        one.carrier for counted in (first, second) for one in counted.by_carrier
    }
    assert "appi-organ.report.prompt" in {duty.id for duty in found.city if duty.in_force}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_paper_says_the_numbers_of_each_roll_and_that_they_are_not_added(
    bag: Any, language: Any
) -> None:
    told = papers.telling_of(bag.office, responded(bag))
    together = f"{sum(one.impact.total.persons for one in told.case.rolls):,}"
    apart = {"ja": "足し合わせ", "en": "nothing is added up"}[language]

    for kind in papers.KINDS:
        made = papers.form_of(told, kind, language)
        text = "\n".join(form.lines(made))
        assert apart in text, kind
        assert together not in text, kind
    for kind in papers.PUBLIC:
        made = papers.form_of(told, kind, language)
        assert () == release.check(form.without_blanks(made), publish.known_of(bag.office, told))
    assert b'"2"' in tables(told, language)["impact"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_mayors_page_of_two_rolls_is_one_page(bag: Any, language: Any) -> None:
    made = papers.form_of(papers.telling_of(bag.office, responded(bag)), "brief", language)

    printed = printing.pdf(made.template, msgspec.to_builtins(made), language, made.at)
    assert 1 == len(PdfReader(io.BytesIO(printed)).pages)


def test_an_incident_of_two_rolls_is_closed_like_any_other(bag: Any) -> None:
    by, off = bag.person("officer"), dict.fromkeys(bag.carriers, "例: 見つからない")

    for duty in closing.standing(bag.office, bag.incident, LAW_ON).unanswered:
        closing.answer(bag.office, bag.incident, duty, "not-due", "例", by)
    closing.close(bag.office, bag.incident, by, off, LAW_ON)

    assert "incident.closed" in bag.types("office")
