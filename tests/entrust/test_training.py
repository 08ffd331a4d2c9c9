"""Sittings: what is asked, how it is marked, which sheets are none, and how long a pass holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from azukari.entrust import training
from azukari.entrust.course import MOST_DAYS, Course, load
from azukari.entrust.may import Why, may_open, may_seal
from azukari.entrust.order import DAY_MS
from azukari.errors import BadInput
from azukari.names import id_of
from azukari.seal.documents import Answered, Training

NOW = 1_655_800_000_000
PERSON = id_of(b"p" * 16)
SITTINGS = st.binary(min_size=16, max_size=16).map(id_of)
COURSE = load("entrusted-data", "en")


def sat(course: Course = COURSE, sitting: str = PERSON, **changed: int) -> Training:
    """A sheet with every answer right but those that keywords change."""
    right = {one.question.id: one.question.right for one in training.asked(course, sitting)}
    return training.sheet(course, sitting, PERSON, right | changed, NOW)


def other(course: Course, answered: Answered) -> int:
    """An answer to the same question that is not right."""
    question = next(q for q in course.questions if q.id == answered.question)
    return (question.right + 1) % len(question.answers)


# --- what is asked


@settings(deadline=None)
@given(SITTINGS)
def test_a_sitting_asks_so_many_questions_each_with_all_its_answers(sitting: str) -> None:
    asked = training.asked(COURSE, sitting)

    assert COURSE.draw == len(asked) == len({one.question.id for one in asked})
    for one in asked:
        assert sorted(one.order) == list(range(len(one.question.answers)))
    assert asked == training.asked(COURSE, sitting)


def test_sittings_differ_and_leave_no_question_or_place_out() -> None:
    asked = [training.asked(COURSE, id_of(bytes([n]) * 16)) for n in range(200)]

    drawn = [frozenset(one.question.id for one in sitting) for sitting in asked]
    assert {q.id for q in COURSE.questions} == frozenset().union(*drawn)
    assert len(set(drawn)) > 100
    first_shown = {(one.question.id, one.order[0]) for sitting in asked for one in sitting}
    assert sum(len(q.answers) for q in COURSE.questions) == len(first_shown)


def test_both_languages_draw_the_same() -> None:
    shown = [
        [(one.question.id, one.order) for one in training.asked(load("press", tongue), PERSON)]
        for tongue in ("ja", "en")
    ]

    assert shown[0] == shown[1]


# --- marking


@settings(deadline=None)
@given(SITTINGS, st.data())
def test_any_other_answer_lowers_the_mark(sitting: str, data: st.DataObject) -> None:
    whole = sat(sitting=sitting)
    many = data.draw(st.integers(0, COURSE.draw))
    answers = [
        Answered(one.question, other(COURSE, one)) if number < many else one
        for number, one in enumerate(whole.answers)
    ]

    mark = training.mark(COURSE, replace(whole, answers=answers))

    assert (COURSE.draw - many, COURSE.draw) == (mark.right, mark.asked)
    assert (many <= COURSE.draw - COURSE.pass_mark) == mark.passed
    assert {one.question for one in answers[:many]} == {question.id for question in mark.wrong}


def test_a_question_left_out_is_no_sheet() -> None:
    right = {one.question.id: one.question.right for one in training.asked(COURSE, PERSON)}
    missing = next(iter(right))
    right.pop(missing)

    with pytest.raises(BadInput, match=missing):
        training.sheet(COURSE, PERSON, PERSON, right, NOW)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"course": "press"}, "sheet_of_another_course"),
        ({"language": "ja"}, "sheet_of_another_course"),
        ({"course_sha256": "0" * 64}, "course_text_changed"),
        ({"id": id_of(b"q" * 16)}, "questions_not_drawn"),
        ({"answers": []}, "questions_not_drawn"),
        ({"expires_at": NOW + 366 * DAY_MS}, "pass_holds_longer"),
        ({"passed_at": NOW + DAY_MS}, "pass_holds_longer"),
    ],
)
def test_a_tampered_sheet_is_none(changed: dict[str, Any], reason: str) -> None:
    tampered = replace(sat(), **changed)

    assert [] == training.why_not(COURSE, sat())
    assert [reason] == training.why_not(COURSE, tampered)
    assert not training.mark(COURSE, tampered).passed


def test_questions_one_knows_in_place_of_those_drawn() -> None:
    known = [Answered(q.id, q.right) for q in COURSE.questions[: COURSE.draw]]
    sheet = replace(sat(), answers=known)

    assert ["questions_not_drawn"] == training.why_not(COURSE, sheet)


def test_one_question_answered_many_times() -> None:
    sheet = replace(sat(), answers=[sat().answers[0]] * COURSE.draw)

    assert ["questions_not_drawn"] == training.why_not(COURSE, sheet)
    with pytest.raises(BadInput, match="once"):
        training.check(sheet)


# --- when


@pytest.mark.parametrize(
    ("late", "reasons"),
    [
        (0, []),
        (training.SHEET_MS, []),
        (training.SHEET_MS + 1, ["sheet_too_old"]),
        (-training.AHEAD_MS, []),
        (-training.AHEAD_MS - 1, ["sheet_too_old"]),
    ],
)
def test_a_sheet_is_marked_for_seven_days(late: int, reasons: list[str]) -> None:
    assert reasons == training.when_not(COURSE, sat(), [], NOW + late)


def test_cooling_off_after_a_failure() -> None:
    wait = COURSE.wait_hours * training.HOUR_MS

    assert wait
    assert [] == training.when_not(COURSE, sat(), [NOW - wait], NOW)
    too_early = ["wait_after_failing"]
    assert too_early == training.when_not(COURSE, sat(), [NOW - wait + 1, NOW - 2 * wait], NOW)


def test_a_sheet_dated_before_the_failure_does_not_get_round_it() -> None:
    assert ["wait_after_failing"] == training.when_not(COURSE, sat(), [NOW + 1], NOW + 2)


# --- what the key service believes


@pytest.mark.parametrize(
    "changed",
    [
        {"expires_at": NOW},
        {"expires_at": NOW - DAY_MS},
        {"expires_at": NOW + DAY_MS + 1},
        {"expires_at": NOW + (MOST_DAYS + 1) * DAY_MS},
        {"answers": []},
    ],
)
def test_a_pass_that_contradicts_itself_is_believed_by_nobody(changed: dict[str, Any]) -> None:
    training.check(sat())
    training.check(replace(sat(), expires_at=NOW + MOST_DAYS * DAY_MS))
    with pytest.raises(BadInput):
        training.check(replace(sat(), **changed))


# --- who is trained


def test_a_pass_counts_from_its_first_to_its_last_instant() -> None:
    one = sat()
    asked = {"entrusted-data"}

    assert training.trained(PERSON, asked, [one], (), one.passed_at)
    assert training.trained(PERSON, asked, [one], (), one.expires_at)
    assert not training.trained(PERSON, asked, [one], (), one.passed_at - 1)
    assert not training.trained(PERSON, asked, [one], (), one.expires_at + 1)


def test_trained_in_everything_that_is_asked_or_not_at_all() -> None:
    one, two = sat(), replace(sat(), id=id_of(b"2" * 16), course="press")
    both = {"entrusted-data", "press"}

    assert training.trained(PERSON, both, [one, two], (), NOW)
    assert not training.trained(PERSON, both, [one], (), NOW)
    assert not training.trained(PERSON, both, [one, two], {two.id}, NOW)
    assert not training.trained(id_of(b"o" * 16), both, [one, two], (), NOW)
    assert not training.trained(PERSON, (), [one, two], (), NOW)


def _with_pass(evening: Any, person: str, **changed: Any) -> Any:
    passes = tuple(
        replace(t, **changed) if t.person == person else t for t in evening.known.trainings
    )
    return evening.with_known(trainings=passes)


@pytest.mark.parametrize("when", ["before", "after", "taken back"])
def test_an_untrained_approver_does_not_count(evening: Any, when: str) -> None:
    given = evening.known.approvals[0].at
    world = {
        "before": _with_pass(evening, "first", expires_at=given - 1),
        "after": _with_pass(evening, "first", passed_at=given + 1),
        "taken back": evening.with_negative("pass of first"),
    }[when]

    reasons = may_seal(world.order, world.known, world.at)

    assert (Why.APPROVALS_MISSING, "approver_untrained") == reasons


def test_an_approval_outlives_the_pass_of_its_approver(evening: Any) -> None:
    given = evening.known.approvals[0].at
    world = _with_pass(evening, "first", expires_at=given)

    assert () == may_seal(world.order, world.known, world.at)


@pytest.mark.parametrize("person", ["operator", "engineer", "supervisor"])
def test_expired_training_opens_carries_and_receives_nothing(evening: Any, person: str) -> None:
    world = _with_pass(evening, person, expires_at=evening.at - 1)

    assert () == may_open(evening.opening, evening.known, evening.at)
    assert (Why.TRAINING_MISSING,) == may_open(world.opening, world.known, world.at)
