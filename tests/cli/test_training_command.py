"""``azukari person train``: read, answered and signed where one sits; marked at the office."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.cli.training import read_answers
from azukari.entrust.course import COURSES, load
from azukari.entrust.order import DAY_MS
from azukari.errors import BadInput
from azukari.rehearse.cast import PEOPLE
from azukari.rehearse.clock import ms

AT = ms("2022-06-22 09:00")
COURSE = load("entrusted-data", "en")
RIGHT = {question.id: "abcd"[question.right] for question in COURSE.questions}
WRONG = {question.id: "ab"[question.right == 0] for question in COURSE.questions}
SITTING = "sitting=4eye3j0cd6yq2v5r8hm1k7tbz9"


def text(answers: dict[str, str]) -> str:
    return " ".join(f"{question}={answer}" for question, answer in answers.items())


@pytest.fixture
def train(site: Any, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Sit the course as somebody, at some site and some time."""
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))

    def sit(name: str, *more: object, home: str = "office", at: int = AT, answers: str = "") -> Any:
        return run(
            *("person", "train", "entrusted-data", "--as", name, "--to", tmp_path / "post"),
            *("--home", site.out / "sites" / home, *more),
            *(("--answers", "-") if answers else ()),
            stdin=answers,
            now=lambda: at,
            person_fd=site.secrets[name],
        )

    return sit


def people(run: Any, site: Any, at: int = AT) -> Any:
    ran = run("person", "list", "--home", site.office, "--json", now=lambda: at)
    return json.loads(ran.out)


@pytest.fixture
def operator(run: Any, site: Any) -> str:
    """Somebody at the call centre, who has no office to be known by."""
    found: str = next(one["id"] for one in people(run, site) if one["roles"] == ["operator"])
    (site.persons / "operator.id").write_text(found)
    return found


def test_at_the_office_the_city_marks_at_once(train: Any, run: Any, site: Any) -> None:
    ran = train("clerk", "--json", answers=text(RIGHT))

    assert 0 == ran.code, ran.err
    said = json.loads(ran.out)
    assert (8, 8, True, []) == (said["right"], said["asked"], said["passed"], said["wrong"])
    assert AT + 365 * DAY_MS == said["until"]
    assert re.fullmatch("training-[0-9a-z]{6}.json", Path(said["file"]).name)
    trained = [one["trained_until"] for one in people(run, site)]
    assert {"entrusted-data": AT + 365 * DAY_MS} in trained


def test_elsewhere_a_sheet_is_written_which_the_office_takes_in(
    train: Any, run: Any, site: Any, operator: str
) -> None:
    ran = train("operator", "--json", home="call-centre", answers=text(RIGHT))
    file = Path(json.loads(ran.out)["file"])

    taken = run("in", file, "--home", site.office, now=lambda: AT + 1)
    again = run("in", file, "--home", site.office, now=lambda: AT + 2)

    assert file.name.endswith("-1of2.json")
    assert 0 == taken.code, taken.err
    assert "8 of 8 answers are right" in taken.out
    assert "known already" in again.err
    (mine,) = [one for one in people(run, site) if one["id"] == operator]
    assert AT + 365 * DAY_MS == mine["trained_until"]["entrusted-data"]


def test_wrong_answers_are_explained_and_make_one_wait(
    train: Any, site: Any, operator: str, tmp_path: Path
) -> None:
    ran = train("operator", "--json", home="call-centre", answers=text(WRONG))
    soon = train("operator", home="call-centre", answers=text(RIGHT), at=AT + DAY_MS - 1)
    later = train("operator", home="call-centre", answers=text(RIGHT), at=AT + DAY_MS)

    assert 9 == ran.code
    assert "too_few_right" in ran.err
    said = json.loads(ran.out)
    assert (0, False, None, None) == (said["right"], said["passed"], said["file"], said["until"])
    asked = {question.id: question for question in COURSE.questions}
    for wrong in said["wrong"]:
        question = asked[wrong["question"]]
        assert (question.answers[question.right], question.why) == (wrong["right"], wrong["why"])
    assert (9, True) == (soon.code, "wait_after_failing" in soon.err)
    assert 0 == later.code, later.err
    assert 1 == len(list((tmp_path / "post").iterdir()))


def test_at_the_office_the_citys_memory_counts(train: Any, site: Any) -> None:
    """The note beside the key is deleted: at the office that helps nobody."""
    first = train("clerk", answers=text(WRONG))
    (site.persons / "clerk.entrusted-data.failed").unlink()

    again = train("clerk", answers=text(RIGHT), at=AT + 60_000)

    assert "too_few_right" in first.err
    assert (9, True) == (again.code, "wait_after_failing" in again.err)


def test_a_paper_is_read_filled_in_and_taken(train: Any, site: Any, tmp_path: Path) -> None:
    paper = tmp_path / "paper.md"
    train("clerk", "--paper", paper, "--lang", "ja")
    written = paper.read_text()
    course = load("entrusted-data", "ja")
    assert all(page.text in written for page in course.pages)
    assert not any(question.why in written for question in course.questions)
    asked = written.split("\n## ")
    for question in course.questions:
        shown = next((part for part in asked if question.text in part), "")
        number = re.search(
            rf"^(\d)\. {re.escape(question.answers[question.right])}$", shown, re.MULTILINE
        )
        if number is not None:
            written = written.replace(f"{question.id}=\n", f"{question.id}={number[1]}\n")
    (tmp_path / "filled.md").write_text(written)

    ran = train("clerk", "--answers", tmp_path / "filled.md", "--lang", "ja", "--json")

    assert 0 == ran.code, ran.err
    assert 8 == json.loads(ran.out)["right"]
    sitting = re.search("sitting=(.{6})", written)
    assert sitting is not None
    assert f"training-{sitting[1]}.json" == Path(json.loads(ran.out)["file"]).name


def test_the_order_of_answers_differs_from_paper_to_paper(train: Any, tmp_path: Path) -> None:
    shown = set()
    for number in range(4):
        paper = tmp_path / f"{number}.md"
        train("clerk", "--paper", paper)
        shown.add(paper.read_text().split("sitting=")[0])

    assert 4 == len(shown)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ("enough=a", "one of its answers is expected"),
        ("enough=1", "sitting= is missing"),
        (f"{SITTING} enough=e", "enough has no such answer"),
        (f"{SITTING} neighbour=d", "neighbour has no such answer"),
        ("never-asked=a", "does not have"),
        ("enough=a enough=b", "enough stands there twice"),
        ("sitting=short enough=a", "26 letters and digits"),
        ("nothing at all", "one of its answers is expected"),
    ],
)
def test_answers_that_are_none_are_refused(train: Any, answers: str, says: str) -> None:
    ran = train("clerk", answers=answers)

    assert 3 == ran.code
    assert says in ran.err


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("abcd=1234 \n-sitngeouh"), max_size=80))
def test_any_text_is_answers_or_our_error(given_: str) -> None:
    try:
        _, chosen = read_answers(COURSE, given_)
    except BadInput:
        return
    places = {question.id: len(question.answers) for question in COURSE.questions}
    assert all(0 <= place < places[name] for name, place in chosen.items())


def test_without_terminal_and_answers_nothing_is_asked(train: Any) -> None:
    ran = train("clerk")

    assert 3 == ran.code
    assert "no terminal" in ran.err


def test_a_colleagues_key_does_not_sit_the_course_for_me(
    train: Any, run: Any, site: Any, operator: str, tmp_path: Path
) -> None:
    """At a site that knows nobody, whoever changes NAME.id names another person."""
    (site.persons / "supervisor.id").write_text(operator)
    ran = train("supervisor", "--json", home="call-centre", answers=text(RIGHT))

    taken = run("in", json.loads(ran.out)["file"], "--home", site.office, now=lambda: AT)

    assert 8 == taken.code
    assert "signature" in taken.err


@pytest.mark.parametrize(
    ("at", "says"),
    [
        ("2022-06-22 09:00", "entrusted-data until 2023-04-01"),
        ("2023-03-20 09:00", "entrusted-data ends 2023-04-01"),
        ("2023-04-02 09:00", "entrusted-data ended 2023-04-01"),
    ],
)
def test_the_list_of_people_says_whose_pass_ends(run: Any, site: Any, at: str, says: str) -> None:
    ran = run("person", "list", "--home", site.office, now=lambda: ms(at))

    assert 0 == ran.code, ran.err
    assert len(PEOPLE) == ran.out.count(says)


def test_an_unknown_course_names_those_there_are(run: Callable[..., Any], site: Any) -> None:
    ran = run("person", "train", "care", "--as", "clerk", "--home", site.office)

    assert 3 == ran.code
    assert all(name in ran.err for name in COURSES)
