"""Sheets at the office: marked by the city itself, and which of them are none."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from azukari.desk import people, post, post_office, sitting, training
from azukari.entrust import course as courses
from azukari.entrust.order import DAY_MS
from azukari.errors import BadInput, BadSignature, Conflict, Refused
from azukari.names import new_id
from azukari.rehearse.cast import COURSE, sheet
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use

ENOUGH_MISTAKES = 2  # of eight answers seven must be right


def reasons(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.reasons


def sat(city: Any, name: str, **how: int) -> bytes:
    half: bytes = city.cast.sat(name, city.clock.now(), **how)
    return half


def with_(half: bytes, signer: Any, **changed: Any) -> bytes:
    """The sheet with something changed, signed anew by whoever tampers."""
    return doc.start(replace(doc.unverified(half, doc.Training), **changed), signer)


# --- marked by the city


def test_a_sheet_becomes_a_pass_that_both_programs_keep(city: Any) -> None:
    before = training.until(city.office)[city.person("clerk")]
    city.clock.set("2022-06-21 18:00")

    whole = sitting.take(city.office, sat(city, "clerk", mistakes=1))
    city.restart()

    known = doc.unverified(whole, doc.Training)
    assert known in training.passes_of(city.office)
    assert 365 * DAY_MS == known.expires_at - known.passed_at
    assert before[COURSE] < training.until(city.office)[city.person("clerk")][COURSE]
    assert "training.passed" == city.types("office")[-1]
    assert not doc.is_half(whole)


def test_too_few_right_answers_are_recorded_and_make_no_pass(city: Any) -> None:
    held = training.passes_of(city.office)

    with pytest.raises(Refused) as refused:
        sitting.take(city.office, sat(city, "clerk", mistakes=ENOUGH_MISTAKES))

    assert ("too_few_right",) == reasons(refused)
    assert held == training.passes_of(city.office)
    failed = city.entries("office")[-1]
    assert "training.failed" == failed.type
    assert city.person("clerk") in failed.refs
    # Fewer than ten are no counts of the entry: they stand in its detail.
    assert {} == failed.n
    assert failed.commit is not None


def test_who_failed_waits_even_after_a_restart(city: Any) -> None:
    with pytest.raises(Refused):
        sitting.take(city.office, sat(city, "clerk", mistakes=ENOUGH_MISTAKES))
    city.restart()
    city.clock.set("2022-06-22 16:00")

    with pytest.raises(Refused) as refused:
        sitting.take(city.office, sat(city, "clerk"))
    sitting.take(city.office, sat(city, "officer"))
    city.clock.set("2022-06-22 17:30")
    sitting.take(city.office, sat(city, "clerk"))

    assert ("wait_after_failing",) == reasons(refused)
    assert ["training.passed"] * 2 == city.types("office")[-2:]


def test_a_failed_sheet_is_not_mended_afterwards(city: Any) -> None:
    """The same sitting with the right answers, and one dated a day before."""
    half = sat(city, "clerk", mistakes=ENOUGH_MISTAKES)
    with pytest.raises(Refused):
        sitting.take(city.office, half)
    right = {q.id: q.right for q in courses.load(COURSE, "ja").questions}
    failed = doc.unverified(half, doc.Training)
    answers = [doc.Answered(one.question, right[one.question]) for one in failed.answers]
    signer = city.cast.signer("clerk")
    earlier = city.cast.sat("clerk", city.clock.now() - DAY_MS)

    for mended in (with_(half, signer, answers=answers), earlier, half):
        with pytest.raises(Refused) as refused:
            sitting.take(city.office, mended)
        assert ("wait_after_failing",) == reasons(refused)


def test_a_sheet_replayed_changes_nothing(city: Any) -> None:
    half = sat(city, "clerk")
    whole = sitting.take(city.office, half)
    before = city.types("office")

    assert whole == sitting.take(city.office, half)
    look = post_office.look(city.office, post.open_post(half))
    post_office.take(city.office, look)

    assert look.known
    assert before == city.types("office")


def test_another_sheet_under_a_known_id(city: Any) -> None:
    half = sat(city, "clerk")
    sitting.take(city.office, half)
    city.clock.set("2022-06-21 18:00")
    at = city.clock.now()
    again = with_(half, city.cast.signer("clerk"), passed_at=at, expires_at=at + 365 * DAY_MS)

    with pytest.raises(Conflict):
        sitting.take(city.office, again)


# --- sheets that are none


def test_a_tampered_sheet_is_refused(city: Any) -> None:
    """Right answers written over wrong ones, under the signature that stood there."""
    half = sat(city, "clerk", mistakes=ENOUGH_MISTAKES)
    right = doc.unverified(sat(city, "clerk"), doc.Training)
    forged = with_(half, SigningKey.generate(Use.PERSON), answers=right.answers)

    with pytest.raises(BadSignature):
        sitting.take(city.office, forged)


def test_a_colleague_cannot_sit_the_course_for_me(city: Any) -> None:
    """As far as a key can tell: the sheet names me and is signed by them."""
    before = city.types("office")
    mine = city.person("clerk")
    theirs = sheet(mine, city.cast.signer("officer"), city.clock.now())

    with pytest.raises(BadSignature):
        sitting.take(city.office, theirs)

    assert before == city.types("office")


def test_a_colleagues_sheet_under_my_name_is_believed_by_nobody_even_countersigned(
    city: Any,
) -> None:
    enrol = city.office.signers["enrol"]
    claimed = doc.unverified(sat(city, "clerk"), doc.Training)
    for whole in (
        doc.issue(claimed, enrol, city.cast.signer("officer")),
        doc.issue(claimed, enrol, SigningKey.generate(Use.PERSON)),
    ):
        with pytest.raises(BadSignature):
            city.keeper.believe([whole])


def test_a_half_is_nobodys_pass(city: Any) -> None:
    with pytest.raises(BadSignature):
        city.keeper.believe([sat(city, "clerk")])


def test_a_pass_for_ten_years_is_believed_by_nobody(city: Any) -> None:
    claimed = doc.unverified(sat(city, "clerk"), doc.Training)
    long = replace(claimed, expires_at=claimed.passed_at + 3650 * DAY_MS)

    with pytest.raises(BadInput):
        city.keeper.believe(
            [doc.issue(long, city.office.signers["enrol"], city.cast.signer("clerk"))]
        )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"course_sha256": "0" * 64}, "course_text_changed"),
        ({"course": "press"}, "questions_not_drawn"),
        ({"course": "care"}, "sheet_of_another_course"),
        ({"language": "fr"}, "sheet_of_another_course"),
        ({"id": new_id(b"another sitting!")}, "questions_not_drawn"),
        ({"expires_at": ms("2024-06-21 17:00")}, "pass_holds_longer"),
    ],
)
def test_a_sheet_of_something_else(city: Any, changed: dict[str, Any], reason: str) -> None:
    """Signed by the right person: their own program may have been changed."""
    tampered = with_(sat(city, "clerk"), city.cast.signer("clerk"), **changed)

    with pytest.raises(Refused) as refused:
        sitting.take(city.office, tampered)

    assert reason in reasons(refused)


def test_a_sheet_that_lay_about_for_eight_days(city: Any) -> None:
    half = sat(city, "clerk")
    city.clock.set("2022-06-29 17:01")

    with pytest.raises(Refused) as refused:
        sitting.take(city.office, half)

    assert ("sheet_too_old",) == reasons(refused)


def test_who_has_left_or_was_never_here_sits_nothing(city: Any) -> None:
    nobody = sheet(new_id(), SigningKey.generate(Use.PERSON), city.clock.now())
    half = sat(city, "courier")
    people.leave(city.office, city.person("courier"), city.person("officer"))

    for sheet_, reason in ((nobody, "person_unknown"), (half, "person_left")):
        with pytest.raises(Refused) as refused:
            sitting.take(city.office, sheet_)
        assert (reason,) == reasons(refused)


# --- by post


def test_a_sheet_that_comes_by_post_is_marked_and_goes_out_whole(city: Any, tmp_path: Any) -> None:
    came = post.open_post(sat(city, "courier", mistakes=1))

    look = post_office.look(city.office, came)
    before = city.types("office")
    post_office.take(city.office, look)

    assert ("7 of 8 answers are right: the person has passed a course",) == look.changes
    assert ["training.passed"] == city.types("office")[len(before) :]
    assert city.person("courier") in {one.person for one in training.passes_of(city.office)}


def test_a_failed_sheet_by_post_says_so_before_it_is_taken(city: Any) -> None:
    came = post.open_post(sat(city, "courier", mistakes=3))

    look = post_office.look(city.office, came)

    assert ("5 of 8 answers are right: the person waits and sits again",) == look.changes
    with pytest.raises(Refused, match="too_few_right"):
        post_office.take(city.office, look)
