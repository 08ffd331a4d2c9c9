"""A course: pages to read and questions to answer, as one Markdown file of a strict form.

The form is docs/spec/courses-v1.md.  A file reads as one course or is refused with the line at
which it is none; what its sentences say is for people to judge.  Who sat it: training.py.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from azukari.errors import BadInput, NotFound

COURSES: Final = (
    "entrusted-data",
    "carrying-media",
    "when-lost",
    "phishing",
    "press",
)
LANGUAGES: Final = ("ja", "en")
MAX_BYTES: Final = 1 << 17
FEWEST_QUESTIONS: Final = 12
MOST_DAYS: Final = 730  # no pass holds longer, whatever a course says

_WORD: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,3}")
_QUESTIONS: Final = {"ja": "# 問題", "en": "# Questions"}
# What moves a cursor or turns the order of letters about has no place in a text to be read.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)
#: key -> least, most
_NUMBERS: Final = {
    "valid_days": (1, MOST_DAYS),
    "draw": (5, 100),
    "pass": (1, 100),
    "wait_hours": (0, 720),
}


@dataclass(frozen=True)
class Page:
    """One screen of the text."""

    heading: str
    text: str


@dataclass(frozen=True)
class Question:
    """One question, its answers in the order of the file, and why one of them is right."""

    id: str
    text: str
    answers: tuple[str, ...]
    right: int
    why: str


@dataclass(frozen=True)
class Course:
    """One course in one language; ``sha256`` is of the file as it was read."""

    name: str
    language: str
    title: str
    valid_days: int
    draw: int  # how many questions are asked
    pass_mark: int  # how many of them must be right
    wait_hours: int  # after too few were
    pages: tuple[Page, ...]
    questions: tuple[Question, ...]
    sha256: str


@cache
def load(name: str, language: str) -> Course:
    """A course that ships with the package."""
    if name not in COURSES or language not in LANGUAGES:
        raise NotFound(f"no such course in {language}; there are {', '.join(COURSES)}")
    file = f"{name}.{language}.md"
    return read_course(file, files("azukari.entrust").joinpath("courses", file).read_bytes())


def read_course(file: str, data: bytes) -> Course:
    """The course in a file named ``<name>.<language>.md``; `BadInput` with the line where not."""
    if len(data) > MAX_BYTES:
        raise BadInput(file, f"a course has at most {MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(file, "UTF-8 is expected", line=line) from None
    unseen = _UNSEEN.search(text)
    if unseen is not None:
        line = text.count("\n", 0, unseen.start()) + 1
        raise BadInput(file, "a letter that is not seen", line=line)
    if not text.endswith("\n") or text.endswith("\n\n"):
        raise BadInput(file, "the last line ends, and no empty one follows")
    return _Reader(file, text.split("\n")[:-1]).course(hashlib.sha256(data).hexdigest())


def must_agree(one: Course, other: Course) -> None:
    """Two languages of one course: the same numbers, questions and right answers."""
    numbers = [(c.name, c.valid_days, c.draw, c.pass_mark, c.wait_hours) for c in (one, other)]
    file = f"{other.name}.{other.language}.md"
    if numbers[0] != numbers[1]:
        raise BadInput(file, f"other numbers than in {one.language}")
    asked = [[(q.id, q.right, len(q.answers)) for q in c.questions] for c in (one, other)]
    for mine, theirs in zip(*asked, strict=False):
        if mine != theirs:
            raise BadInput(file, f"question {theirs[0]} is another than in {one.language}")
    if len(asked[0]) != len(asked[1]):
        raise BadInput(file, f"more or fewer questions than in {one.language}")


class _Reader:
    """The lines of one file, read from the first to the last."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file, self.lines, self.at = file, lines, 0
        for number, line in enumerate(lines, 1):
            if line != line.rstrip():
                raise BadInput(file, "a space at the end", line=number)

    def course(self, sha256: str) -> Course:
        name, language, numbers = self._head()
        title = self._after("# ", "the title")
        self._empty()
        pages = self._pages(language)
        questions = self._questions()
        if len(questions) < FEWEST_QUESTIONS:
            raise self._no(f"at least {FEWEST_QUESTIONS} questions are expected")
        if numbers["draw"] > len(questions) or not numbers["draw"] < 2 * numbers["pass"]:
            raise self._no("more are drawn than there are, or half of them are enough")
        if numbers["pass"] > numbers["draw"]:
            raise self._no("more must be right than are drawn")
        return Course(
            name=name,
            language=language,
            title=title,
            valid_days=numbers["valid_days"],
            draw=numbers["draw"],
            pass_mark=numbers["pass"],
            wait_hours=numbers["wait_hours"],
            pages=pages,
            questions=questions,
            sha256=sha256,
        )

    def _head(self) -> tuple[str, str, dict[str, int]]:
        self._exactly("---")
        name, language = (
            self._after("course: ", "a course"),
            self._after("language: ", "its tongue"),
        )
        if not _WORD.fullmatch(name) or language not in LANGUAGES:
            raise self._no("a course is a word, its language ja or en")
        if self.file != f"{name}.{language}.md":
            raise self._no("the file is named after its course and language")
        numbers = {}
        for key, (least, most) in _NUMBERS.items():
            value = self._after(f"{key}: ", "a number")
            if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
                raise self._no(f"{key} is a number from {least} to {most}")
            numbers[key] = int(value)
        self._exactly("---")
        self._empty()
        return name, language, numbers

    def _pages(self, language: str) -> tuple[Page, ...]:
        pages = []
        while self._peek() != _QUESTIONS[language]:
            heading = self._after("## ", f"a page, or the line “{_QUESTIONS[language]}”")
            self._empty()
            pages.append(Page(heading, self._text(("## ", "# "))))
        if not pages:
            raise self._no("a page before the questions is expected", ahead=1)
        self.at += 1
        self._empty()
        return tuple(pages)

    def _questions(self) -> tuple[Question, ...]:
        found: dict[str, Question] = {}
        while self.at < len(self.lines):
            name = self._after("## ", "a question")
            if not _WORD.fullmatch(name) or name in found:
                raise self._no("each question has a word of its own")
            self._empty()
            text = self._text(("- [",))
            answers, right = self._answers()
            why = self._after("> ", "one sentence why")
            if self.at < len(self.lines):
                self._empty()
            found[name] = Question(name, text, answers, right, why)
        return tuple(found.values())

    def _answers(self) -> tuple[tuple[str, ...], int]:
        answers: list[str] = []
        right: list[int] = []
        while (self._peek() or "").startswith("- ["):
            if self.lines[self.at].startswith("- [x] "):
                right.append(len(answers))
            elif not self.lines[self.at].startswith("- [ ] "):
                raise self._no("an answer begins with “- [ ] ” or “- [x] ”", ahead=1)
            answers.append(self.lines[self.at][6:])
            self.at += 1
        if len(answers) not in (3, 4) or len(set(answers)) != len(answers):
            raise self._no("three or four different answers are expected")
        if len(right) != 1:
            raise self._no("one answer is right")
        self._empty()
        return tuple(answers), right[0]

    def _text(self, ends: tuple[str, ...]) -> str:
        """Lines until one that begins so; one empty line before it is not part of them."""
        start = self.at
        while (line := self._peek()) is not None and not line.startswith(ends):
            if line.startswith(("#", "---", ">")):
                raise self._no("no line of a text begins like this", ahead=1)
            self.at += 1
        taken = self.lines[start : self.at]
        if len(taken) < 2 or taken[0] == "" or taken[-1] != "" or taken[-2] == "":
            raise self._no("a text and one empty line are expected")
        return "\n".join(taken[:-1])

    def _peek(self) -> str | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def _after(self, mark: str, what: str) -> str:
        line = self._peek()
        if line is None or not line.startswith(mark) or not line[len(mark) :].strip():
            raise self._no(f"{what} is expected: “{mark}…”", ahead=1)
        self.at += 1
        return line[len(mark) :]

    def _exactly(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._no(f"the line “{wanted}” is expected", ahead=1)
        self.at += 1

    def _empty(self) -> None:
        if self._peek() != "":
            raise self._no("an empty line is expected", ahead=1)
        self.at += 1

    def _no(self, reason: str, *, ahead: int = 0) -> BadInput:
        """At the line just read, or ``ahead`` of it."""
        return BadInput(self.file, reason, line=max(1, self.at + ahead))
