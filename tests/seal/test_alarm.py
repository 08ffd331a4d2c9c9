"""What is said of an alarm, signed: by the one key it is for, and in one version."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from azukari.errors import BadFormat, BadSignature
from azukari.seal import alarm
from azukari.seal.envelope import SigningKey, Use, canonical, sign

KEY, PERSON = SigningKey.generate(Use.ALARM), SigningKey.generate(Use.PERSON)
RAISED = alarm.Raised(
    id="a" * 26,
    log="azukari.example/kakuu/office",
    what="return",
    subject="b" * 26,
    label="C-7Q4M-2K",
    level=0,
    due_at=1_655_811_000_000,
    raised_at=1_655_811_060_000,
    since="",
    repeat=False,
)
ANSWER = alarm.Answer(alarm="a" * 26, subject="b" * 26, by="c" * 26, at=1)


def test_what_was_signed_is_read() -> None:
    posted = alarm.issue_raised(RAISED, KEY)
    answered = alarm.issue_answer(ANSWER, PERSON)

    assert alarm.read_raised(posted, KEY.public) == RAISED
    assert alarm.read_answer(answered, PERSON.public) == ANSWER


def test_a_key_of_another_use_signs_and_verifies_nothing() -> None:
    with pytest.raises(BadSignature):
        alarm.issue_raised(RAISED, PERSON)
    with pytest.raises(BadSignature):
        alarm.issue_answer(ANSWER, KEY)
    with pytest.raises(BadSignature):
        alarm.read_raised(alarm.issue_raised(RAISED, KEY), PERSON.public)
    with pytest.raises(BadSignature):
        alarm.read_answer(alarm.issue_answer(ANSWER, PERSON), SigningKey.generate(Use.ALARM).public)


def test_one_is_never_taken_for_the_other_nor_for_another_version() -> None:
    posted = alarm.issue_raised(RAISED, KEY)
    with pytest.raises(BadSignature):
        alarm.read_answer(posted, PERSON.public)
    for kind, value, key in (
        (alarm.RAISED, replace(RAISED, v=2), KEY),
        (alarm.ANSWER, replace(ANSWER, v=2), PERSON),
    ):
        later = sign(canonical(value), kind, [key])
        read = alarm.read_raised if key is KEY else alarm.read_answer
        with pytest.raises(BadFormat):
            read(later, key.public)
