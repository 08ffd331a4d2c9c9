"""Courses: a strict little form, ten shipped files that keep to it, two languages that agree."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.entrust import course as courses
from azukari.entrust.course import COURSES, LANGUAGES, load, must_agree, read_course
from azukari.errors import BadInput, NotFound

HEAD = """---
course: small
language: en
valid_days: 365
draw: 6
pass: 5
wait_hours: 24
---

# A small course

## One page

A sentence.
Another one.

# Questions
"""
QUESTION = """
## question-{n}

What is {n}?

- [ ] Nothing.
- [x] A number.
- [ ] A letter.

> It is written with digits.
"""
SMALL = HEAD + "".join(QUESTION.format(n=n) for n in range(12))


def read(text: str) -> courses.Course:
    return read_course("small.en.md", text.encode())


def shipped(name: str, language: str) -> bytes:
    file = f"{name}.{language}.md"
    return files("azukari.entrust").joinpath("courses", file).read_bytes()


def test_a_course_reads_as_it_is_written() -> None:
    found = read(SMALL)

    assert ("small", "en", "A small course") == (found.name, found.language, found.title)
    numbers = (found.valid_days, found.draw, found.pass_mark, found.wait_hours)
    assert (365, 6, 5, 24) == numbers
    assert (courses.Page("One page", "A sentence.\nAnother one."),) == found.pages
    assert 12 == len(found.questions)
    first = found.questions[0]
    assert ("question-0", "What is 0?", 1) == (first.id, first.text, first.right)
    assert ("Nothing.", "A number.", "A letter.") == first.answers
    assert "It is written with digits." == first.why
    assert hashlib.sha256(SMALL.encode()).hexdigest() == found.sha256


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("---\ncourse", "----\ncourse", 1, "is expected"),
        ("course: small", "course: Small", 3, "a word"),
        ("course: small", "course: other", 3, "named after"),
        ("language: en", "language: fr", 3, "ja or en"),
        ("valid_days: 365", "valid_days: 731", 4, "1 to 730"),
        ("valid_days: 365", "valid_days: 0365", 4, "1 to 730"),
        ("draw: 6", "draw: 4", 5, "5 to 100"),
        ("pass: 5", "draw: 5", 6, "“pass: …”"),
        ("pass: 5", "pass: 3", 137, "half"),
        ("pass: 5", "pass: 7", 137, "than are drawn"),
        ("draw: 6", "draw: 13", 137, "than there are"),
        ("# A small course", "A small course", 10, "the title"),
        ("## One page\n\nA sentence.\nAnother one.\n\n", "", 12, "a page before"),
        ("## One page\n\n", "## One page\n", 13, "empty line"),
        ("A sentence.\nAnother one.\n\n", "\n", 14, "a text"),
        ("# Questions", "# 問題", 17, "a page, or"),
        ("## question-1\n", "## question-0\n", 29, "of its own"),
        ("## question-1\n", "## Question 1\n", 29, "of its own"),
        ("- [ ] Nothing.\n", "- [x] Nothing.\n", 25, "one answer"),
        ("- [x] A number.\n", "- [ ] A number.\n", 25, "one answer"),
        ("- [x] A number.\n", "- [X] A number.\n", 24, "begins with"),
        ("- [ ] A letter.\n", "", 24, "three or four"),
        ("- [ ] A letter.\n", "- [ ] Nothing.\n", 25, "three or four"),
        ("- [ ] A letter.\n", "- [ ] A letter.\n- [ ] B\n- [ ] C\n", 27, "three or four"),
        ("> It is written with digits.\n", "", 27, "one sentence why"),
        ("A sentence.", "A sentence. ", 14, "a space"),
        ("A sentence.", "A\u202e sentence.", 14, "not seen"),
        ("A sentence.", "A\tsentence.", 14, "not seen"),
        ("A sentence.", "A sentence.\r", 14, "not seen"),
    ],
)
def test_what_is_no_course_is_refused_with_its_line(
    old: str, new: str, line: int, says: str
) -> None:
    assert old in SMALL

    with pytest.raises(BadInput, match=f"^small.en.md:{line}: .*{says}"):
        read(SMALL.replace(old, new, 1))


def test_eleven_questions_are_too_few() -> None:
    with pytest.raises(BadInput, match="at least 12"):
        read(HEAD + "".join(QUESTION.format(n=n) for n in range(11)))


@pytest.mark.parametrize("end", ["", "\n\n"])
def test_the_last_line_ends_once(end: str) -> None:
    with pytest.raises(BadInput, match="the last line"):
        read(SMALL.rstrip("\n") + end)


def test_bytes_that_are_no_text_are_named_by_their_line() -> None:
    with pytest.raises(BadInput, match=r"^small.en.md:14: UTF-8"):
        read_course("small.en.md", SMALL.encode().replace(b"A sentence", b"A \xff"))
    with pytest.raises(BadInput, match="at most"):
        read_course("small.en.md", b"-" * (courses.MAX_BYTES + 1))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_course_or_our_error(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_course("small.en.md", data)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_course_with_a_line_moved_reads_or_is_refused(data: st.DataObject) -> None:
    lines = SMALL.split("\n")
    taken = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
    lines.insert(data.draw(st.integers(0, len(lines))), taken)
    text = "\n".join(lines)

    found: courses.Course | None = None
    with suppress(BadInput):  # any other error of ours or of Python's fails the test
        found = read(text)

    if found is not None:
        assert 12 == len(found.questions)
        assert all(0 <= q.right < len(q.answers) for q in found.questions)


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_course_is_one(name: str, language: str) -> None:
    found = load(name, language)

    assert (name, language) == (found.name, found.language)
    assert hashlib.sha256(shipped(name, language)).hexdigest() == found.sha256
    # One who always takes the same place must not pass by it.
    most = max(sum(q.right == place for q in found.questions) for place in range(4))
    assert most < found.pass_mark
    # Nor one who always takes the longest answer, as right ones like to be.
    longest = [q for q in found.questions if len(q.answers[q.right]) == max(map(len, q.answers))]
    assert len(longest) <= len(found.questions) // 2


@pytest.mark.parametrize("name", COURSES)
def test_both_languages_ask_the_same_and_call_the_same_right(name: str) -> None:
    ja, en = load(name, "ja"), load(name, "en")

    must_agree(ja, en)
    assert len(ja.pages) == len(en.pages)
    for mine, theirs in zip(ja.questions, en.questions, strict=True):
        assert (mine.id, mine.right) == (theirs.id, theirs.right)
        assert theirs.text.isascii()
        assert not mine.text.isascii()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- [ ] Nothing.\n- [x] A number.", "- [x] Nothing.\n- [ ] A number."),
        ("## question-0", "## question-x"),
        ("- [ ] Nothing.\n", "- [ ] Nothing.\n- [ ] Everything.\n"),
        ("pass: 5", "pass: 6"),
        (QUESTION.format(n=11), QUESTION.format(n=11) + QUESTION.format(n=12)),
    ],
)
def test_languages_that_differ_are_noticed(old: str, new: str) -> None:
    other = read(SMALL.replace(old, new, 1))

    must_agree(read(SMALL), read(SMALL))
    with pytest.raises(BadInput):
        must_agree(read(SMALL), other)


def test_a_course_that_does_not_ship_is_not_found() -> None:
    for name, language in (("care", "en"), ("entrusted-data", "fr"), ("../courses/x", "en")):
        with pytest.raises(NotFound):
            load(name, language)


def test_no_file_lies_beside_the_courses() -> None:
    folder = files("azukari.entrust").joinpath("courses")

    assert {f"{name}.{tongue}.md" for name in COURSES for tongue in LANGUAGES} == {
        one.name for one in folder.iterdir()
    }
