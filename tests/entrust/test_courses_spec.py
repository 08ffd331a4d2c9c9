"""The page on courses suffices: a sitting drawn and marked by what it says, without our code."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.entrust import training
from azukari.entrust.course import COURSES, LANGUAGES, load
from azukari.names import id_of

SITTINGS = st.binary(min_size=16, max_size=16).map(id_of)
#: Every version to come draws these questions, and shows their answers in this order.
FIXED = "0" * 26
DRAWN = """further 2130, copy-home 0123, blame 1032, neighbour 102, journal 102, protected 3210,
first-rule 2103, enough 0231"""


def read(name: str, language: str) -> tuple[dict[str, int], dict[str, list[bool]]]:
    """The numbers of the head, and which place is right in each question, by a few patterns."""
    file = files("azukari.entrust").joinpath("courses", f"{name}.{language}.md")
    text = file.read_bytes().decode("utf-8")
    numbers = {key: int(value) for key, value in re.findall(r"(?m)^(\w+): (\d+)$", text)}
    _, after = re.split(r"(?m)^# (?:Questions|問題)$", text)
    questions = {}
    for part in re.split(r"(?m)^## ", after)[1:]:
        marks = re.findall(r"(?m)^- \[([ x])\] ", part)
        questions[part.split("\n")[0]] = [mark == "x" for mark in marks]
    return numbers, questions


def chance(what: str, sitting: str, of: str) -> str:
    parts = (b"azukari/" + what.encode() + b"/1", sitting.encode(), of.encode())
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()


def shown(sitting: str, question: str, answers: int) -> list[int]:
    """The places of a question's answers, in the order in which a sitting shows them."""
    return sorted(
        range(answers), key=lambda place: chance("answer", sitting, f"{question}\0{place}")
    )


@settings(deadline=None, max_examples=60)
@given(SITTINGS, st.sampled_from(COURSES), st.sampled_from(LANGUAGES))
def test_a_strangers_draw_is_ours(sitting: str, name: str, language: str) -> None:
    numbers, questions = read(name, language)

    drawn = sorted(questions, key=lambda one: chance("question", sitting, one))[: numbers["draw"]]
    order = {one: shown(sitting, one, len(questions[one])) for one in drawn}

    ours = training.asked(load(name, language), sitting)
    assert drawn == [one.question.id for one in ours]
    assert order == {one.question.id: list(one.order) for one in ours}


@settings(deadline=None, max_examples=60)
@given(SITTINGS, st.sampled_from(COURSES), st.randoms(use_true_random=False))
def test_a_strangers_mark_is_ours(sitting: str, name: str, chance_of: Random) -> None:
    numbers, questions = read(name, "ja")
    course = load(name, "ja")
    answers = {one: chance_of.randrange(len(marks)) for one, marks in questions.items()}

    sheet = training.sheet(course, sitting, sitting, answers, 0)
    right = sum(questions[one.question][one.answer] for one in sheet.answers)

    mark = training.mark(course, sheet)
    assert (right, right >= numbers["pass"]) == (mark.right, mark.passed)
    assert numbers["valid_days"] * 86_400_000 == sheet.expires_at


def test_the_draw_of_a_fixed_sitting_stays() -> None:
    asked = training.asked(load("entrusted-data", "en"), FIXED)

    as_shown = [f"{one.question.id} {''.join(map(str, one.order))}" for one in asked]
    assert " ".join(DRAWN.split()) == ", ".join(as_shown)
