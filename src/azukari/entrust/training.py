"""Training: which questions a sitting asks, how its sheet is marked, and whether a pass holds.

Chance comes from the sheet's id alone: 16 random bytes that the sitter's program drew.  From it
follow the questions and the order of answers, so that whoever marks a sheet sees whether these were
the questions asked.  What a course is: course.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from azukari.entrust.course import MOST_DAYS, Course, Question
from azukari.entrust.order import DAY_MS
from azukari.errors import BadInput
from azukari.seal.documents import Agreement, Answered, Training

HOUR_MS: Final = 3_600_000
SHEET_MS: Final = 7 * DAY_MS  # how old a sheet may be when the city marks it
AHEAD_MS: Final = 120_000


@dataclass(frozen=True)
class Asked:
    """A question as one sitting shows it: ``order`` holds places of answers in the course."""

    question: Question
    order: tuple[int, ...]


@dataclass(frozen=True)
class Mark:
    """How a sheet was marked."""

    right: int
    asked: int
    passed: bool
    wrong: tuple[Question, ...]


def asked(course: Course, sitting: str) -> tuple[Asked, ...]:
    """The questions of a sitting, and each one's answers, in the order in which they are shown."""
    drawn = sorted(course.questions, key=lambda q: _chance("question", sitting, q.id))
    return tuple(
        Asked(q, tuple(sorted(range(len(q.answers)), key=lambda a: _answer(sitting, q, a))))
        for q in drawn[: course.draw]
    )


def sheet(
    course: Course, sitting: str, person: str, chosen: Mapping[str, int], at: int
) -> Training:
    """What a person signs; ``chosen``: question -> the answer's place in the course."""
    answers = []
    for one in asked(course, sitting):
        name = one.question.id
        if chosen.get(name) not in one.order:
            raise BadInput(name, "one of its answers is expected")
        answers.append(Answered(name, chosen[name]))
    return Training(
        id=sitting,
        person=person,
        course=course.name,
        course_sha256=course.sha256,
        language=course.language,
        answers=answers,
        passed_at=at,
        expires_at=at + course.valid_days * DAY_MS,
    )


def mark(course: Course, sat: Training) -> Mark:
    """Count the right answers of a sheet; `why_not` has said that it is a sheet of this course."""
    right = {question.id: question.right for question in course.questions}
    wrong = {one.question for one in sat.answers if right.get(one.question) != one.answer}
    count = len(sat.answers) - len(wrong)
    passed = not why_not(course, sat) and count >= course.pass_mark
    return Mark(
        count, len(sat.answers), passed, tuple(q for q in course.questions if q.id in wrong)
    )


def why_not(course: Course, sat: Training) -> list[str]:
    """Why this is no sheet of that course, whatever its answers; empty: it is one."""
    if (sat.course, sat.language) != (course.name, course.language):
        return ["sheet_of_another_course"]
    reasons = []
    if sat.course_sha256 != course.sha256:
        reasons.append("course_text_changed")
    if [one.question for one in sat.answers] != [a.question.id for a in asked(course, sat.id)]:
        reasons.append("questions_not_drawn")
    if sat.expires_at != sat.passed_at + course.valid_days * DAY_MS:
        reasons.append("pass_holds_longer")
    return reasons


def when_not(course: Course, sat: Training, failed: Iterable[int], now: int) -> list[str]:
    """Why it is too late, or too early after the sittings that ``failed``, to mark a sheet."""
    reasons = []
    if not now - SHEET_MS <= sat.passed_at <= now + AHEAD_MS:
        reasons.append("sheet_too_old")
    # A sheet dated before a failure is too early as well: dates are the sitter's own word.
    if any(sat.passed_at < again_at(course, at) for at in failed):
        reasons.append("wait_after_failing")
    return reasons


def again_at(course: Course, failed: int) -> int:
    """From when on somebody may sit again who failed at that instant."""
    return failed + course.wait_hours * HOUR_MS


def check(sat: Training) -> None:
    """A pass that contradicts itself is believed by nobody, whoever signed it."""
    days, rest = divmod(sat.expires_at - sat.passed_at, DAY_MS)
    if rest or not 1 <= days <= MOST_DAYS:
        raise BadInput("training", f"a pass holds for whole days, at most {MOST_DAYS}")
    questions = [one.question for one in sat.answers]
    if not questions or len(set(questions)) != len(questions):
        raise BadInput("training", "a sheet answers each question once")


def courses_of(links: Iterable[Agreement]) -> frozenset[str]:
    """The courses that everybody must have passed who has to do with these agreements."""
    return frozenset(course for link in links for course in link.terms.training)


def trained(
    person: str,
    courses: Collection[str],
    passes: Iterable[Training],
    negative: Collection[str],
    at: int,
) -> bool:
    """Does the person hold a pass of every one of these courses at that instant?

    Where none is asked for, nobody knows what to ask, and nobody is trained.
    """
    held = {
        one.course
        for one in passes
        if one.person == person and one.passed_at <= at <= one.expires_at and one.id not in negative
    }
    return bool(courses) and held.issuperset(courses)


def _answer(sitting: str, question: Question, place: int) -> bytes:
    return _chance("answer", sitting, f"{question.id}\0{place}")


def _chance(what: str, sitting: str, of: str) -> bytes:
    return hashlib.sha256(f"azukari/{what}/1\0{sitting}\0{of}".encode()).digest()
