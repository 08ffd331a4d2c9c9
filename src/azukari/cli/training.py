"""``azukari person train``: read a course, answer its questions, sign what was answered.

At any site: at an office the city marks the sheet at once; elsewhere it is a file for the office.
Imports nothing that holds a vault before it knows that it is at an office.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import click

from azukari import settings
from azukari.cli import hands, papers, speech
from azukari.cli.call import FOLDER, Call, acts
from azukari.cli.output import aligned, instant, show
from azukari.cli.speech import Words
from azukari.entrust import course as courses
from azukari.entrust import training
from azukari.entrust.course import COURSES, Course
from azukari.errors import BadFormat, BadInput, Refused
from azukari.names import new_id, raw_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.shelf import files

MAX_ANSWERS: Final = 1 << 18
_GIVEN: Final = re.compile(r"([a-z0-9-]+)=([0-9a-z]+)")
_LETTERS: Final = "abcd"
_GO_ON: Final = Words("Enter キーで次へ", "press Enter to go on")
_QUESTIONS: Final = Words("ここから問題です", "now the questions")
_WRITE: Final = Words(
    "答えの番号を = の後に書いてください", "write the number of your answer behind each ="
)


@click.command("train", epilog="Example: azukari person train entrusted-data --as hanako --lang en")
@click.argument("name", metavar="COURSE")
@click.option("--paper", type=FOLDER, metavar="FILE", help="Write the course to read; ask nothing.")
@click.option(
    "--answers", type=FOLDER, metavar="FILE", help="Read the answers from here; - is stdin."
)
@papers.TO
@acts
def train(call: Call, name: str, paper: Path | None, answers: Path | None, to: Path) -> None:
    """Sit a course: read it page by page, answer what is drawn, sign the sheet with your own key.

    COURSE is entrusted-data, carrying-media, when-lost, phishing or press.

    At an office the city marks it and the pass is written; elsewhere the sheet is, for `azukari
    in` at the office.  Without a terminal: --paper writes text and questions, --answers takes that
    file with a number behind each =, or QUESTION=LETTER with the answer's place in the course.
    """
    if name not in COURSES:
        raise BadInput("COURSE", f"one of {', '.join(COURSES)} is expected")
    course = courses.load(name, call.language)
    if paper is not None:
        files.write_new(paper, _paper(course, new_id(), call.language).encode())
        show(call, {"file": str(paper)}, aligned([("paper", paper)]))
        return
    note = hands.key_file(call.person or "", [call.home]).with_suffix(f".{name}.failed")
    _must_have_waited(course, note, call.now())
    if answers is not None:
        sitting, chosen = read_answers(course, _text(answers))
    elif sys.stdin.isatty():
        sitting = new_id()
        chosen = _ask(course, sitting, call.language)
    else:
        raise BadInput("--answers", "no terminal to ask at: a file with the answers is expected")
    if settings.load(call.home).site == "office":
        _at_the_office(call, course, sitting, chosen, note, to)
    else:
        person, signer = hands.own(call)
        sheet = training.sheet(course, sitting, person, chosen, call.now())
        _note(course, sheet, note)
        _say(call, course, sheet, papers.write(to, _half(course, sheet, call, signer)))
        speech.hint("bring the sheet to the office: `azukari in FILE`")


def read_answers(course: Course, text: str) -> tuple[str, dict[str, int]]:
    """The sitting and the place of each answer, from ``question=number`` or ``question=letter``."""
    given: dict[str, str] = {}
    for word in text.split():
        found = _GIVEN.fullmatch(word)
        if found is None:
            continue
        if found[1] in given:
            raise BadInput("--answers", f"{found[1]} stands there twice")
        given[found[1]] = found[2]
    sitting = given.pop("sitting", None)
    try:
        raw_id(sitting or new_id())
    except BadFormat:
        raise BadInput("--answers", "sitting= and 26 letters and digits are expected") from None
    numbers = {one.question.id: one.order for one in training.asked(course, sitting or "")}
    known = {question.id: len(question.answers) for question in course.questions}
    chosen = {}
    for question, word in given.items():
        if question not in known:
            raise BadInput("--answers", "a question that this course does not have")
        if word.isdecimal() and sitting is None:
            raise BadInput("--answers", "numbers are of one paper: its line sitting= is missing")
        places = (
            {str(i): place for i, place in enumerate(numbers.get(question, ()), 1)}
            if word.isdecimal()
            else dict(zip(_LETTERS, range(known[question]), strict=False))
        )
        if word not in places:
            raise BadInput("--answers", f"{question} has no such answer")
        chosen[question] = places[word]
    return sitting or new_id(), chosen


def _at_the_office(
    call: Call, course: Course, sitting: str, chosen: dict[str, int], note: Path, to: Path
) -> None:
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk import sitting as desk

    with seat.office(call) as office:
        person, signer = seat.hand(call, office, call.person or "")
        sheet = training.sheet(course, sitting, person, chosen, call.now())
        _note(course, sheet, note)
        half = doc.start(sheet, signer)
        if not training.mark(course, sheet).passed:
            _say(call, course, sheet, None)
        whole = desk.take(office, half)
    _say(call, course, sheet, papers.write(to, whole))


def _half(course: Course, sheet: doc.Training, call: Call, signer: Signer) -> bytes:
    """The signed sheet; too few right answers are signed by nobody."""
    if not training.mark(course, sheet).passed:
        _say(call, course, sheet, None)
        raise Refused("training", ("too_few_right",))
    return doc.start(sheet, signer)


def _must_have_waited(course: Course, note: Path, now: int) -> None:
    """The note beside a key is its owner's memory; at the office the city's own counts."""
    if note.is_file():
        text = files.read_small(note, 32).decode("ascii", "replace").strip()
        failed = int(text) if text.isdecimal() else now
        if now < training.again_at(course, failed):
            raise Refused("training", ("wait_after_failing",))


def _note(course: Course, sheet: doc.Training, note: Path) -> None:
    if not training.mark(course, sheet).passed:
        files.write_whole(note, f"{sheet.passed_at}\n".encode())


def _say(call: Call, course: Course, sheet: doc.Training, file: Path | None) -> None:
    """How it went, and why each wrong answer was."""
    mark = training.mark(course, sheet)
    value: dict[str, Any] = {
        "course": course.name,
        "right": mark.right,
        "asked": mark.asked,
        "passed": mark.passed,
        "file": None if file is None else str(file),
        "until": sheet.expires_at if mark.passed else None,
        "wrong": [
            {"question": one.id, "right": one.answers[one.right], "why": one.why}
            for one in mark.wrong
        ],
    }
    lines: list[str] = []
    for one in mark.wrong:
        lines += [one.text.replace("\n", " "), f"  {one.answers[one.right]}", f"  {one.why}", ""]
    rows: list[tuple[str, object]] = [("right", f"{mark.right} of {mark.asked}")]
    if file is not None:
        rows += [("until", instant(sheet.expires_at)), ("file", file)]
    show(call, value, [*lines, *aligned(rows)])


def _ask(course: Course, sitting: str, language: str) -> dict[str, int]:
    """The course at a terminal, on stderr: pages first, then the questions."""
    click.echo(course.title, err=True)
    for page in course.pages:
        click.echo(f"\n{page.heading}\n\n{page.text}\n", err=True)
        click.prompt(_GO_ON.said(language), default="", show_default=False, err=True)
    chosen = {}
    asked = training.asked(course, sitting)
    click.echo(f"\n{_QUESTIONS.said(language)}: {course.pass_mark}/{len(asked)}", err=True)
    for number, one in enumerate(asked, 1):
        click.echo(f"\n{one.question.text}\n", err=True)
        for i, place in enumerate(one.order, 1):
            click.echo(f"  {i}  {one.question.answers[place]}", err=True)
        choice = click.prompt(
            f"\n{number}/{len(asked)}", type=click.IntRange(1, len(one.order)), err=True
        )
        chosen[one.question.id] = one.order[choice - 1]
    return chosen


def _paper(course: Course, sitting: str, language: str) -> str:
    """Text and questions of one sitting, to be read by a person or by what reads aloud to them."""
    asked = training.asked(course, sitting)
    parts = [f"# {course.title}\n"]
    parts += [f"## {page.heading}\n\n{page.text}\n" for page in course.pages]
    for number, one in enumerate(asked, 1):
        answers = [f"{i}. {one.question.answers[place]}\n" for i, place in enumerate(one.order, 1)]
        parts.append(f"## {number}/{len(asked)}\n\n{one.question.text}\n\n{''.join(answers)}")
    empty = "".join(f"{one.question.id}=\n" for one in asked)
    parts.append(f"## {_WRITE.said(language)}\n\nsitting={sitting}\n{empty}")
    return "\n".join(parts)


def _text(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read(MAX_ANSWERS)
    return files.read_small(path, MAX_ANSWERS).decode("utf-8", "replace")


COMMANDS = {"train": train}
