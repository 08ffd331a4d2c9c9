"""A draft holds the nine items, guesses nothing, and names who must fill what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import get_args

import pytest

from azukari.errors import Conflict, NotFound
from azukari.incident import measures
from azukari.incident.case import Case, OnRecord, Said
from azukari.incident.duty import Facts, match
from azukari.incident.pack import packs
from azukari.incident.report import BLANKS, Report, draft
from azukari.incident.sentences import Language, say

NOW = dt.datetime(2022, 6, 22, 16, 0, tzinfo=dt.UTC)


def codes(report: Report, number: int) -> list[str]:
    return [one.code for one in report.items[number - 1].statements]


def test_the_nine_items_stand_in_order(case: Case) -> None:
    report = draft(case, "prompt", NOW)

    assert list(range(1, 10)) == [item.number for item in report.items]


def test_what_nobody_recorded_is_a_blank_and_never_a_guess(case: Case) -> None:
    report = draft(case, "prompt", NOW)

    for number in (4, 6, 7, 8, 9):
        assert codes(report, number) == []
        assert report.items[number - 1].blanks
    assert [name for blanks in BLANKS.values() for name, _ in blanks] == [
        blank.name for blank in report.blanks
    ]


def test_every_blank_says_who_must_fill_it_and_why(case: Case) -> None:
    for blank in draft(case, "prompt", NOW).blanks:
        assert blank.who_must_fill
        assert f"why.{blank.name}" == blank.why


def test_the_numbers_come_from_the_counterfoils(case: Case) -> None:
    total = draft(case, "prompt", NOW).items[2].statements[0]

    assert total.values == (("persons", 250), ("suppressed", 3))
    assert total.basis == "counterfoil"


def test_households_and_the_difference_of_the_carriers_are_told(case: Case) -> None:
    report = draft(case, "prompt", NOW)

    assert codes(report, 3) == [
        "persons.total",
        "persons.households",
        "persons.carrier",
        "persons.carrier",
        "persons.every",
    ]


def test_the_five_states_stand_under_secondary_damage(case: Case) -> None:
    report = draft(case, "prompt", NOW)
    said = {
        value for one in report.items[4].statements for name, value in one.values if name == "state"
    }

    assert "state.released_no_receipt" in said
    assert "state.never_released.ledger" in said
    assert "state.open_until" in codes(report, 5)


def test_a_carrier_that_is_not_revoked_is_named(case: Case) -> None:
    late = replace(case, lost=(replace(case.lost[0], revoked_at=None), case.lost[1]))

    assert "outline.not_revoked" in codes(draft(late, "prompt", NOW), 1)


def test_nobody_knows_when_it_was_lost_and_no_report_says_so(case: Case) -> None:
    """Between the last hand and the moment somebody noticed; neither is the time of the loss."""
    told = [
        (one.code, dict(one.values)["at"], one.basis)
        for one in draft(case, "prompt", NOW).items[0].statements
        if dict(one.values).get("label") == case.lost[0].label and one.basis == "person"
    ]

    assert [
        ("outline.held", case.lost[0].last_held_at, "person"),
        ("outline.noticed", case.lost[0].noticed_at, "person"),
    ] == told


def test_a_person_fills_a_blank_and_stands_as_its_source(case: Case) -> None:
    said = Said("cause", "調査中", "架空 花子", NOW)
    item = draft(replace(case, said=(said,)), "final", NOW).items[3]

    assert "cause" not in [blank.name for blank in item.blanks]
    assert item.statements[0].basis == "person"
    assert ("by", "架空 花子") in item.statements[0].values


def test_a_blank_that_no_item_has_is_refused(case: Case) -> None:
    with pytest.raises(NotFound, match="no blank"):
        draft(replace(case, said=(Said("verdict", "x", "y", NOW),)), "final", NOW)


def test_two_texts_for_one_blank_are_refused(case: Case) -> None:
    twice = (Said("cause", "a", "b", NOW), Said("cause", "c", "d", NOW))

    with pytest.raises(Conflict, match="two texts"):
        draft(replace(case, said=twice), "final", NOW)


@pytest.mark.parametrize("question", ["special_care", "property_damage", "improper_purpose"])
def test_a_trigger_is_a_blank_only_while_nobody_knows(case: Case, question: str) -> None:
    known = Facts("organ", case.known_at, 250, {}, False, False, False, True)
    told = replace(case, duties=match(known, packs(), case.law_on))

    assert question in [blank.name for blank in draft(case, "prompt", NOW).blanks]
    assert question not in [blank.name for blank in draft(told, "prompt", NOW).blanks]


@pytest.mark.parametrize(
    "law_on, code", [(dt.date(2023, 4, 1), "law.since"), (dt.date(2026, 11, 1), "law.on")]
)
def test_the_page_says_by_the_rules_of_which_day(case: Case, law_on: dt.date, code: str) -> None:
    assert code == draft(replace(case, law_on=law_on), "prompt", NOW).law_sentence


def test_measures_on_record_fill_their_item_and_are_said_in_both_languages(case: Case) -> None:
    on_record = tuple(
        OnRecord("lost", "lead", case.known_at, state.value) for state in measures.State
    )
    made = draft(replace(case, measures=on_record), "final", case.known_at)

    item = made.items[7]
    assert () == item.blanks
    assert len(measures.State) == len(item.statements)
    for state, one in zip(measures.State, item.statements, strict=True):
        for place, language in enumerate(get_args(Language)):
            said = say(one.code, one.values, language)
            assert measures.STATES[state][place] in said
            control = measures.table()["lost"]
            assert (control.ja, control.en)[place] in said


def test_without_a_measure_on_record_its_blank_is_named(case: Case) -> None:
    assert ["measures"] == [one.name for one in draft(case, "final", case.known_at).items[7].blanks]


def test_the_final_report_says_when_the_prompt_one_was_filed_or_that_nobody_said_so(
    case: Case,
) -> None:
    def said(stage: str, filed: bool) -> set[str]:
        of = replace(case, prompt_filed_at=case.known_at if filed else None)
        made = draft(of, "final" if stage == "final" else "prompt", case.known_at)
        return {one.code for one in made.items[0].statements if "prompt" in one.code}

    assert {"outline.prompt_filed"} == said("final", filed=True)
    assert {"outline.prompt_not_filed"} == said("final", filed=False)
    assert set() == said("prompt", filed=True)
