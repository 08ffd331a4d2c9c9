"""The message about something late: what stands in it, and what can never stand in its headers."""

from __future__ import annotations

import email
import unicodedata
from dataclasses import replace
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.incident.notice import Notice, mail, shown, which
from azukari.incident.pack import ASKED_FOR, PACKS, packs
from azukari.incident.sentences import Language

NOTICE = Notice(
    alarm="0" * 26,
    what="return",
    label="C-7Q4M-2K",
    due_at=1_655_811_000_000,
    raised_at=1_655_811_060_000,
    rung="owner",
    whose="見本コール (0ab12c)",
    call="00-0000-0000",
)
FROM, TO, ID = "azukari@kakuu.example", "kanri@mihon.example", "a.b@kakuu.example"
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]
NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("\r\n\x00\u202e\u2066\u200b\u2028=?:,<>@ ")),
    max_size=120,
)


def headers(raw: bytes) -> list[str]:
    """The names of headers as any reader finds them: up to the first empty line."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line.partition(":")[0] for line in head.split("\r\n") if line[0] not in " \t"]


@pytest.mark.parametrize(
    "what, label, said",
    [
        ("duty/appi-organ.report.prompt", "6rfhxt3f", "報告・速報、個人情報保護委員会"),
        ("duty/my-number.report.final", "6rfhxt3f", "報告・確報、番号法、個人情報保護委員会"),
        ("task", "police", "警察に届け、受理番号を記録する"),
        ("task", "added", ""),
        ("duty/of-another-year", "6rfhxt3f", ""),
        ("return", "police", ""),
    ],
)
def test_whoever_is_woken_reads_which_duty_or_task_it_is(what: str, label: str, said: str) -> None:
    assert said == which(what, label, "ja")
    assert (f"詳細    {said}" in replace(NOTICE, what=what, label=label).text("ja")) == bool(said)


def test_every_duty_can_be_named_in_both_languages() -> None:
    every = [one.id for pack in packs((*PACKS, *ASKED_FOR)) for one in pack.obligation]

    for language in ("ja", "en"):
        named = [which(f"duty/{one}", "", language) for one in every]
        assert all(named)
        assert "".join(named).isascii() == (language == "en")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_mail_is_the_same_for_the_same_notice_and_ascii_on_the_line(language: Language) -> None:
    raw = mail(NOTICE, language, FROM, TO, ID)

    assert raw == mail(NOTICE, language, FROM, TO, ID)
    assert raw.isascii()
    assert sorted(HEADERS) == sorted(headers(raw))
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(label=NASTY, whose=NASTY, call=NASTY, what=NASTY)
def test_mail_header_injection_nothing_anybody_wrote_begins_a_header(
    label: str, whose: str, call: str, what: str
) -> None:
    notice = replace(NOTICE, label=label, whose=whose, call=call, what=what)

    for language in ("ja", "en"):
        raw = mail(notice, language, FROM, TO, ID)
        read = email.message_from_bytes(raw, policy=SMTP)
        assert sorted(HEADERS) == sorted(headers(raw))
        assert (FROM, TO, f"<{ID}>") == (read["From"], read["To"], read["Message-ID"])
        assert not {"\r", "\n", "\u202e", "\x00"} & set(str(read["Subject"]))


def test_mail_header_injection_an_encoded_word_is_not_decoded_into_something_else() -> None:
    word = "=?utf-8?q?a_carrier_was_returned?="

    read = email.message_from_bytes(
        mail(replace(NOTICE, label=word), "ja", FROM, TO, ID), policy=SMTP
    )

    assert str(read["Subject"]).endswith("=\\u{3f}utf-8?q?a_carrier_was_returned?=")


@given(NASTY)
def test_what_is_shown_is_one_line_in_one_direction(text: str) -> None:
    said = shown(text)

    assert len(said) <= 80
    assert not {unicodedata.category(letter) for letter in said} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_a_repeat_and_what_came_since_are_said_in_both_languages() -> None:
    for language in ("ja", "en"):
        plain = NOTICE.text(language)
        for changed in ({"repeat": True}, {"since": "done"}, {"since": "answered"}):
            told = replace(NOTICE, **changed).text(language)
            assert len(told) > len(plain)
            assert told.startswith(plain[:20])


def test_which_deadline_of_law_is_named() -> None:
    assert "duty/appi-organ.report.prompt" in replace(
        NOTICE, what="duty/appi-organ.report.prompt"
    ).text("en")
