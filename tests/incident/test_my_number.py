"""Data that hold a My Number: asked for first, and only they count toward the hundred."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.incident.duty import Duty, Facts, Tri, all_of, match
from azukari.incident.facts import QUESTIONS, answered, fact
from azukari.incident.pack import Role, packs

KNEW = dt.datetime(2022, 6, 22, 15, 45, tzinfo=ZoneInfo("Asia/Tokyo"))
NUMBERS = packs(("my-number",))
NO = {"improper_purpose": False, "my_number_system": False, "public_access": False}


def duties(
    persons: int | None,
    numbers: int | None = None,
    role: Role = "organ",
    **answers: bool | None,
) -> dict[str, Duty]:
    facts = replace(Facts(role, KNEW, persons), my_number_persons=numbers)
    found = match(answered(facts, NO | answers), NUMBERS, KNEW.date())
    return {duty.id.removeprefix("my-number."): duty for duty in found}


@pytest.mark.parametrize(
    "persons, numbers, holds, expected",
    [
        (465_177, None, False, Tri.NOT_MET),  # none in it
        (465_177, 0, None, Tri.NOT_MET),
        (465_177, None, None, Tri.NOT_KNOWN),  # nobody has said
        (465_177, None, True, Tri.NOT_KNOWN),  # some, nobody has said how many
        (465_177, 100, None, Tri.NOT_MET),
        (465_177, 101, None, Tri.MET),
        (100, None, True, Tri.NOT_MET),  # there cannot be more of them than persons
        (101, None, True, Tri.NOT_KNOWN),
        (None, None, True, Tri.NOT_KNOWN),
        (0, None, None, Tri.NOT_MET),
    ],
)
def test_the_hundred_are_of_those_whose_my_number_was_in_it(
    persons: int | None, numbers: int | None, holds: bool | None, expected: Tri
) -> None:
    found = duties(persons, numbers, my_number=holds)

    assert {expected} == {duty.state for duty in found.values()}


@pytest.mark.parametrize("code", ["my_number_system", "public_access", "improper_purpose"])
def test_one_person_is_enough_for_the_other_triggers(code: str) -> None:
    yes = {code: True}

    assert Tri.MET is duties(1, None, "organ", my_number=True, **yes)["report.prompt"].state
    assert Tri.NOT_MET is duties(1, None, "organ", my_number=False, **yes)["report.prompt"].state


def test_a_city_had_this_duty_before_it_stood_under_the_act() -> None:
    early = {duty.in_force for duty in duties(5_000, 5_000).values()}
    act = match(Facts("organ", KNEW, 5_000), packs(("appi-organ",)), KNEW.date())

    assert {True} == early
    assert {False} == {duty.in_force for duty in act}


def test_while_nobody_has_said_the_clock_runs() -> None:
    found = duties(5_000)

    assert Tri.NOT_KNOWN is found["report.final"].applies
    assert dt.date(2022, 7, 21) == found["report.final"].due_on


def test_only_a_processor_can_be_released() -> None:
    city = duties(5_000, 5_000)
    processor = duties(5_000, 5_000, role="processor")

    assert {None} == {duty.release for duty in city.values()}
    assert "notify.entrustor" not in city
    assert Tri.NOT_MET is processor["report.prompt"].release
    assert processor["notify.entrustor"].release is None


@given(
    st.none() | st.integers(0, 300),
    st.none() | st.integers(0, 300),
    st.sampled_from([None, False, True]),
    st.integers(0, 300),
)
@settings(deadline=None)
def test_an_unknown_fact_never_becomes_a_no(
    persons: int | None, numbers: int | None, holds: bool | None, later: int
) -> None:
    """Whatever is learned afterwards, *not met* stays so only where nothing could change it."""
    before = duties(persons, numbers, my_number=holds)["report.prompt"].state
    known = persons if persons is not None else 300
    later = min(later, known)
    of = numbers if numbers is not None else 0 if holds is False else later
    after = duties(known, of, my_number=of > 0)["report.prompt"].state

    if numbers is None or holds is None or holds == (numbers > 0):
        assert before in (Tri.NOT_KNOWN, after) or persons is None


def test_every_question_is_a_fact_that_nobody_answered_yet() -> None:
    asked = Facts("organ", KNEW, 1)

    assert {None} == {fact(asked, code) for code in QUESTIONS}
    assert {True} == {fact(answered(asked, {code: True}), code) for code in QUESTIONS}
    assert asked == answered(asked, {"no such question": True})


@pytest.mark.parametrize(
    "parts, expected",
    [
        ([], Tri.MET),
        ([Tri.MET, Tri.NOT_KNOWN], Tri.NOT_KNOWN),
        ([Tri.NOT_KNOWN, Tri.NOT_MET], Tri.NOT_MET),
        ([Tri.MET, Tri.MET], Tri.MET),
    ],
)
def test_all_of(parts: list[Tri], expected: Tri) -> None:
    assert expected is all_of(parts)
