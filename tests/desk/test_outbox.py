"""The outbox: one row for each message, sent at least once, and a repeat says that it is one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from azukari.desk import alarms, contacts, outbox
from azukari.desk.alarms import Alerting
from azukari.errors import BadSignature, Conflict
from azukari.names import new_id
from azukari.seal.alarm import read_raised
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import mailing
from azukari.vault import alarms as rows
from azukari.vault import records, schema

MINUTE = 60_000


class Killed(BaseException):
    """The program dies here."""


@pytest.fixture
def late(at_six: Any, mail_server: Callable[..., Any]) -> tuple[Any, Any, Alerting]:
    """Both carriers are late, and the officer on duty has an address."""
    person = at_six.person
    for carrier_holder in ("supervisor",):
        contacts.set_mail(
            at_six.office, person(carrier_holder), "kanri@mihon.example", person("clerk")
        )
    at_six.clock.set("2022-06-21 20:31")
    box = mail_server()
    return at_six, box, Alerting(mail=box.route)


def test_each_rung_is_one_row_and_one_entry_however_often_the_tick_runs(late: Any) -> None:
    city, box, alerting = late

    for _ in range(3):
        alarms.raise_late(city.office, alerting)
        outbox.send(city.office, alerting)

    assert 2 == len(box.to)
    with city.office.act() as tx:
        assert 2 == len(tx.execute(schema.message.select()).all())
        one = tx.execute(schema.message.select()).first()
        assert one is not None
    with pytest.raises(Conflict), city.office.act() as tx:
        rows.post(tx, one.alarm, rows.MAIL, [one.person], 0)
    assert 2 == city.types("office").count("alarm.raised")


def test_killed_before_the_transaction_ends_nothing_was_raised(
    late: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, box, alerting = late

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(rows, "post", dies)
        with pytest.raises(Killed):
            alarms.raise_late(city.office, alerting)
    city.restart()

    assert "alarm.raised" not in city.types("office")
    assert 2 == len(alarms.raise_late(city.office, alerting))
    assert 2 == outbox.send(city.office, alerting).sent
    assert 2 == len(box.to)


def test_killed_between_sending_and_noting_it_goes_again_and_says_so(
    late: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, box, alerting = late
    alarms.raise_late(city.office, alerting)

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(rows, "went", dies)
        with pytest.raises(Killed):
            outbox.send(city.office, alerting)
    city.restart()
    assert 1 == len(box.to)
    city.clock.at += outbox.LEASE_MS + MINUTE
    assert 2 == outbox.send(city.office, alerting).sent

    first, *others = box.mails
    [again] = [mail for mail in others if mail["Message-ID"] == first["Message-ID"]]
    assert "すでに届いているかもしれません" in again.get_content()
    assert "すでに届いているかもしれません" not in first.get_content()
    assert 3 == len(box.to)


def test_two_programs_at_once_send_each_message_once(late: Any) -> None:
    city, box, alerting = late
    alarms.raise_late(city.office, alerting)
    workers = [threading.Thread(target=outbox.send, args=(city.office, alerting)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert 2 == len(box.to)
    assert 2 == len({mail["Message-ID"] for mail in box.mails})


def test_two_programs_at_once_raise_each_rung_once(late: Any) -> None:
    city, _, alerting = late
    raised: list[alarms.Raised] = []
    workers = [
        threading.Thread(target=lambda: raised.extend(alarms.raise_late(city.office, alerting)))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(city.carriers) == sorted(one.subject for one in raised)
    assert 2 == city.types("office").count("alarm.raised")


def test_a_row_that_nobody_can_read_holds_up_no_other(late: Any) -> None:
    """What is due of something that is not there is told to the city, with the rest."""
    city, _, alerting = late
    with city.office.act() as tx:
        for what in ("return", "erase", "unused", "review", "task", "follow-up", "new-kind"):
            records.set_due(tx, new_id(), what, 1)

    raised = alarms.raise_late(city.office, alerting)

    assert 9 == len(raised)
    assert set(city.carriers) <= {one.subject for one in raised}
    assert {"city", "owner"} == {one.rung for one in raised}


def test_a_server_that_is_away_is_asked_once_a_round_and_later_each_time(
    late: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, _, alerting = late
    alarms.raise_late(city.office, alerting)
    asked: list[int] = []

    def away(*_: object) -> mailing.Went:
        asked.append(city.clock.at)
        return mailing.Went.AWAY

    monkeypatch.setattr(mailing, "send", away)
    for _ in range(24 * 12):
        outbox.send(city.office, alerting)
        city.clock.at += 5 * MINUTE

    # Two messages: a few in the first hour, then each of them once an hour, for ever.
    assert 35 < len(asked) < 70
    with city.office.act() as tx:
        assert 2 == len(rows.unsent(tx))
        assert {outbox.AWAY} == {row.wrong for row in rows.unsent(tx)}


def test_what_was_done_meanwhile_is_said(late: Any) -> None:
    city, box, alerting = late
    alarms.raise_late(city.office, alerting)
    city.lose()

    outbox.send(city.office, alerting)

    assert all("この通知を待つ間に、済みました" in mail.get_content() for mail in box.mails)


@pytest.fixture
def listener() -> Iterator[Any]:
    """A program that listens for alarms; ``status`` is what it answers."""

    class Ear(BaseHTTPRequestHandler):
        heard: list[bytes] = []  # noqa: RUF012  one server, one list
        status = 204

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            type(self).heard.append(body)
            self.send_response(type(self).status)
            if type(self).status == 307:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    yield server
    server.shutdown()
    worker.join()
    server.server_close()


def test_a_webhook_gets_one_signed_document_for_each_alarm(at_six: Any, listener: Any) -> None:
    ear: Any = listener.RequestHandlerClass
    alerting = Alerting(webhook=f"http://127.0.0.1:{listener.server_port}/alarm")
    at_six.clock.set("2022-06-21 20:31")
    raised = alarms.raise_late(at_six.office, alerting)

    outbox.send(at_six.office, alerting)
    outbox.send(at_six.office, alerting)

    key = outbox.alarm_key(at_six.office).public
    told = [read_raised(body, key) for body in ear.heard]
    assert {one.act for one in raised} == {one.id for one in told}
    assert {"return"} == {one.what for one in told}
    assert sorted(at_six.carriers) == sorted(one.subject for one in told)
    with pytest.raises(BadSignature):
        read_raised(ear.heard[0], SigningKey.generate(Use.ALARM).public)


def test_a_webhook_that_sends_elsewhere_is_not_followed(at_six: Any, listener: Any) -> None:
    ear: Any = listener.RequestHandlerClass
    ear.status = 307
    alerting = Alerting(webhook=f"http://127.0.0.1:{listener.server_port}/alarm")
    at_six.clock.set("2022-06-21 20:31")
    alarms.raise_late(at_six.office, alerting)

    done = outbox.send(at_six.office, alerting)

    assert (0, 2) == (done.sent, len(ear.heard))
    assert {("webhook", outbox.REFUSED)} == set(done.failed)


def test_the_key_of_what_is_posted_is_made_once(at_six: Any) -> None:
    first = outbox.alarm_key(at_six.office)
    with suppress(BadSignature):
        first.public.verify(b"", b"")

    assert first.public == outbox.alarm_key(at_six.office).public
    assert Use.ALARM is first.public.use
