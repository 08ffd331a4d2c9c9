"""One mail by SMTP, against a mail server: what it goes over, and how it may go wrong."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from azukari.errors import BadInput, BadSettings
from azukari.shelf import mailing
from azukari.shelf.mailing import Went

MAIL = b"Subject: late\r\n\r\nlate\r\n"
TO = "toban@kakuu.example"
Start = Callable[..., Any]


def test_a_mail_goes_over_tls_where_the_server_offers_it(mail_server: Start) -> None:
    box = mail_server()

    assert Went.SENT is mailing.send(box.route, TO, MAIL)
    assert ([TO], [True]) == (box.to, box.handler.secure)


def test_an_offer_taken_away_a_server_without_tls_is_given_nothing(mail_server: Start) -> None:
    box = mail_server(tls=False)

    assert Went.NO_TLS is mailing.send(box.route, TO, MAIL)
    assert [] == box.to


def test_where_the_settings_allow_it_a_mail_goes_in_the_clear(mail_server: Start) -> None:
    box = mail_server(tls=False)

    assert Went.SENT is mailing.send(replace(box.route, tls="offered"), TO, MAIL)
    assert [False] == box.handler.secure


def test_a_certificate_nobody_vouches_for_is_given_nothing(mail_server: Start) -> None:
    box = mail_server()

    for tls in ("demanded", "offered"):
        assert Went.NO_TLS is mailing.send(replace(box.route, ca=None, tls=tls), TO, MAIL)
    assert [] == box.to


def test_a_password_never_goes_in_the_clear(mail_server: Start) -> None:
    box = mail_server(tls=False, user="office", password="correct horse")

    assert Went.NO_TLS is mailing.send(replace(box.route, tls="offered"), TO, MAIL)
    assert "correct horse" not in repr(box.route)


def test_user_and_password_are_the_right_ones_or_nothing_is_taken(mail_server: Start) -> None:
    box = mail_server(login=("office", "right"), user="office", password="right")

    assert Went.LOGIN is mailing.send(replace(box.route, password="wrong"), TO, MAIL)
    assert [] == box.to
    assert Went.SENT is mailing.send(box.route, TO, MAIL)


def test_a_server_that_is_away_or_refuses_raises_nothing(mail_server: Start) -> None:
    box = mail_server()
    box.handler.answer = "550 no"
    assert Went.REFUSED is mailing.send(box.route, TO, MAIL)

    box.stop()
    assert Went.AWAY is mailing.send(box.route, TO, MAIL)


def test_a_server_that_answers_a_letter_now_and_then_holds_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailing, "WHOLE_S", 0.3)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line, suppress(OSError):
                while not ended.wait(0.02):
                    line.sendall(b"2")

        thread = threading.Thread(target=drip)
        thread.start()
        route = mailing.Route("127.0.0.1", listening.getsockname()[1], "a@b.example")
        began = time.monotonic()

        assert Went.UNSURE is mailing.send(route, TO, MAIL)
        assert time.monotonic() - began < 5
        ended.set()
        thread.join(10)


@pytest.mark.parametrize(
    "text",
    [
        "a@b\nBcc: everybody@example",
        "a@b\r\n",
        "a@b\n",
        " a@b",
        "a b@c",
        '"a"@b',
        "a@b, c@d",
        "A <a@b>",
        "a@",
        "@b",
        "a..b@c",
        "a@b..c",
        "a@-b",
        "=?utf-8?q?a?= <a@b>",
        "a\u202e@b",
        "市@example.jp",
        "a@" + "b" * 260,
        "a" * 65 + "@b",
    ],
)
def test_mail_header_injection_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        mailing.checked_address(text, "--mail")

    assert text.strip() not in str(refused.value)


def test_an_address_as_cities_have_them_is_taken() -> None:
    for text in ("toban@city.kakuu.lg.jp", "a.b+late@example.co.jp", "root@localhost"):
        assert text == mailing.checked_address(text, "--mail")


def test_a_password_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "mail.pass"
    path.write_text("secret\n")
    path.chmod(0o640)
    with pytest.raises(BadSettings, match="chmod 600"):
        mailing.read_password(path)

    path.chmod(0o600)
    assert "secret" == mailing.read_password(path)
