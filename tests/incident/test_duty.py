"""Duties: thresholds, three-valued triggers, the law of a day, and no verdicts."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.incident.duty import Duty, Facts, Tri, any_of, match
from azukari.incident.pack import Role, packs

KNEW = dt.datetime(2022, 6, 22, 15, 45, tzinfo=ZoneInfo("Asia/Tokyo"))
NOW_LAW = dt.date(2023, 4, 1)
APPI = packs(("appi-organ", "appi-business", "appi-processor"))
ROLES: tuple[Role, ...] = ("organ", "business", "processor")
TRI = st.sampled_from([None, False, True])


def facts(role: Role, persons: int | None, **more: bool | None) -> Facts:
    answered: dict[str, bool | None] = {
        "special_care": False,
        "ordinance_special_care": False,
        "property_damage": False,
        "possibly_improper_purpose": False,
    }
    answered.update(more)
    return replace(Facts(role, KNEW, persons), **answered)  # type: ignore[arg-type]  # names above


def found(role: Role, persons: int | None, **more: bool | None) -> dict[str, Duty]:
    duties = match(facts(role, persons, **more), APPI, NOW_LAW)
    return {duty.id.split(".", 1)[1]: duty for duty in duties}


@pytest.mark.parametrize(
    "role, persons, expected",
    [
        ("organ", 0, Tri.NOT_MET),
        ("organ", 1, Tri.NOT_MET),
        ("organ", 100, Tri.NOT_MET),
        ("organ", 101, Tri.MET),
        ("organ", 465_177, Tri.MET),
        ("organ", None, Tri.NOT_KNOWN),
        ("business", 101, Tri.NOT_MET),
        ("business", 1_000, Tri.NOT_MET),
        ("business", 1_001, Tri.MET),
        ("business", None, Tri.NOT_KNOWN),
        ("processor", 1_000, Tri.NOT_MET),
        ("processor", 1_001, Tri.MET),
    ],
)
def test_the_number_of_persons_alone(role: Role, persons: int | None, expected: Tri) -> None:
    states = {duty.state for duty in found(role, persons).values()}

    assert {expected} == states


@pytest.mark.parametrize("fact", ["special_care", "property_damage", "possibly_improper_purpose"])
@pytest.mark.parametrize("role", ["organ", "business", "processor"])
@pytest.mark.parametrize(
    "answer, expected", [(True, Tri.MET), (False, Tri.NOT_MET), (None, Tri.NOT_KNOWN)]
)
def test_one_person_is_enough_for_the_first_three_triggers(
    role: Role, fact: str, answer: bool | None, expected: Tri
) -> None:
    duties = found(role, 1, **{fact: answer})

    assert {expected} == {duty.state for duty in duties.values()}


def test_only_a_public_body_has_the_ordinances_own_trigger() -> None:
    assert Tri.MET is found("organ", 1, ordinance_special_care=True)["report.prompt"].state
    assert Tri.NOT_MET is found("business", 1, ordinance_special_care=True)["report.prompt"].state


def test_a_known_trigger_wins_over_an_unknown_one() -> None:
    duty = found("organ", 101, special_care=None)["report.prompt"]

    assert Tri.MET is duty.state
    assert Tri.NOT_KNOWN is next(t.found for t in duty.triggers if t.code == "special_care")


def test_an_unknown_fact_never_becomes_a_no() -> None:
    duty = found("organ", 3, special_care=None)["report.final"]

    assert Tri.NOT_KNOWN is duty.state
    assert dt.date(2022, 7, 21) == duty.due_on  # the clock runs while nobody knows


@given(st.none() | st.integers(0, 3_000), TRI, TRI, TRI, TRI)
@settings(deadline=None)
def test_knowing_more_never_turns_a_met_duty_into_none(
    persons: int | None,
    special: bool | None,
    ordinance: bool | None,
    damage: bool | None,
    improper: bool | None,
) -> None:
    """Any answer given to an open question leaves *met* met and *not met* not met."""
    for role in ROLES:
        unsure = Facts(role, KNEW, persons, {}, special, ordinance, damage, improper)
        sure = replace(unsure, special_care=bool(special), property_damage=bool(damage))
        pairs = zip(match(unsure, APPI, NOW_LAW), match(sure, APPI, NOW_LAW), strict=True)
        for before, after in pairs:
            assert before.state in (Tri.NOT_KNOWN, after.state)


def test_the_prompt_stage_gives_both_bounds() -> None:
    duty = found("organ", 101)["report.prompt"]

    assert duty.due is not None
    assert (dt.date(2022, 6, 24), dt.date(2022, 6, 26)) == (duty.due.first_on, duty.due.last_on)
    assert duty.due_at == dt.datetime(2022, 6, 25, tzinfo=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    "improper, first, last, note",
    [
        (False, "2022-07-21", "2022-07-21", ""),
        (True, "2022-08-22", "2022-08-22", "improper_purpose"),
        (None, "2022-07-21", "2022-08-22", "improper_purpose_not_known"),
    ],
)
def test_the_final_report_has_sixty_days_only_where_an_improper_purpose_is_possible(
    improper: bool | None, first: str, last: str, note: str
) -> None:
    duty = found("organ", 101, possibly_improper_purpose=improper)["report.final"]

    assert duty.due is not None
    assert (first, last) == (duty.due.first_on.isoformat(), duty.due.last_on.isoformat())
    assert note == duty.due_note


def test_a_notice_to_persons_has_no_day_and_says_so() -> None:
    duty = found("organ", 101)["notify.persons"]

    assert duty.due is None
    assert duty.due_at is None
    assert duty.due_note == "no_days_set"
    assert duty.items == (1, 2, 4, 5, 9)


def test_before_april_2023_a_city_had_no_national_duty_and_is_told_so() -> None:
    duties = match(facts("organ", 465_177), APPI, dt.date(2023, 3, 31))

    assert len(duties) == 3
    for duty in duties:
        assert not duty.in_force
        assert duty.state is Tri.NOT_MET
        assert duty.due is None
        assert duty.due_note == "not_in_force"
        assert dt.date(2023, 4, 1) == duty.in_force_from


def test_from_april_2023_it_had() -> None:
    duties = match(facts("organ", 465_177), APPI, NOW_LAW)

    assert all(duty.in_force and duty.state is Tri.MET for duty in duties)


def test_the_contractor_had_a_duty_in_june_2022() -> None:
    duties = match(facts("processor", 465_177), APPI, dt.date(2022, 6, 22))

    assert [duty.state for duty in duties] == [Tri.MET] * 4


def test_a_processor_that_told_its_entrustor_shows_evidence_and_keeps_the_duty() -> None:
    told = replace(facts("processor", 2_000), told_entrustor_at=KNEW)
    silent = match(facts("processor", 2_000), APPI, NOW_LAW)
    spoken = match(told, APPI, NOW_LAW)

    assert [duty.release for duty in silent] == [None, Tri.NOT_MET, Tri.NOT_MET, Tri.NOT_MET]
    assert [duty.release for duty in spoken] == [None, Tri.MET, Tri.MET, Tri.MET]
    assert {Tri.MET} == {duty.state for duty in spoken}


def test_each_link_of_the_chain_has_its_own_clock() -> None:
    later = replace(facts("processor", 2_000), known_at=KNEW + dt.timedelta(days=2))
    first = match(later, APPI, NOW_LAW)[0]

    assert dt.date(2022, 6, 26) == first.due_on


def test_a_role_sees_only_its_own_duties() -> None:
    assert {"organ"} == {duty.who for duty in match(facts("organ", 101), APPI, NOW_LAW)}


def test_the_snapshot_holds_the_facts_and_the_text_as_they_stood() -> None:
    duty = found("organ", 101)["report.final"]
    snapshot = json.loads(duty.snapshot)

    assert duty.sentence_ja == snapshot["obligation"]["sentence_ja"]
    assert snapshot["obligation"]["in_force_from"] == "2023-04-01"
    assert (snapshot["facts"]["persons"], snapshot["law_on"]) == (101, "2023-04-01")
    assert len(snapshot["pack_sha256"]) == 64


def test_no_duty_speaks_as_a_judge() -> None:
    """The words of a verdict stand nowhere in what a duty can say."""
    for role in ROLES:
        for duty in match(facts(role, 5_000), APPI, NOW_LAW):
            text = f"{duty.sentence_en} {duty.state} {duty.due_note}".lower()
            assert not any(word in text for word in ("exempt", "guilty", "violat", "illegal"))


@pytest.mark.parametrize(
    "parts, expected",
    [
        ([], Tri.NOT_MET),
        ([Tri.NOT_MET, Tri.NOT_MET], Tri.NOT_MET),
        ([Tri.NOT_MET, Tri.NOT_KNOWN], Tri.NOT_KNOWN),
        ([Tri.NOT_KNOWN, Tri.MET], Tri.MET),
    ],
)
def test_any_of(parts: list[Tri], expected: Tri) -> None:
    assert expected is any_of(parts)
