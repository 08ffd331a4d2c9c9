"""The rehearsal's own mail server: it keeps what our own sender gives it, byte for byte."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from azukari.rehearse import mailroom
from azukari.shelf import mailing
from azukari.shelf.mailing import Went

pytestmark = pytest.mark.real


def letter(text: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = "azukari: late"
    message.set_content(text)
    return message.as_bytes()


def test_mails_come_in_order_and_whole() -> None:
    sent = [letter("one\n"), letter(".\n..two\n.three\n")]

    with mailroom.opened() as room:
        went = [mailing.send(room.route, f"a{n}@kakuu.example", m) for n, m in enumerate(sent)]

    assert [Went.SENT, Went.SENT] == went
    assert sent == [mail.raw for mail in room.mails]
    assert ["a0@kakuu.example", "a1@kakuu.example"] == [mail.to for mail in room.mails]
    assert "azukari: late" == room.mails[0].message()["Subject"]


def test_after_the_evening_nobody_is_there() -> None:
    with mailroom.opened() as room:
        pass

    assert Went.AWAY is mailing.send(room.route, "a@kakuu.example", letter("late\n"))


def test_it_listens_to_this_machine_alone_and_offers_no_tls() -> None:
    with mailroom.opened() as room:
        demanded = mailing.Route(room.route.host, room.route.port, room.route.sender)

        assert "127.0.0.1" == room.route.host
        assert Went.NO_TLS is mailing.send(demanded, "a@kakuu.example", letter("late\n"))
        assert [] == room.mails
