"""A carrier does not come back: who is told, in which order and when, until somebody answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from azukari.desk import alarms, contacts, outbox, tick
from azukari.desk import order as orders
from azukari.desk.alarms import Alerting
from azukari.errors import NotFound, Refused
from azukari.incident.overdue import Plan, Quiet
from azukari.rehearse.clock import ms
from azukari.rehearse.run import PUBLIC
from azukari.rehearse.search import Values
from azukari.seal.alarm import read_answer
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.vault import schema

HOUR = 3_600_000
ADDRESSES = {
    "supervisor": "kanri@mihon.example",
    "centre_officer": "sekinin@mihon.example",
    "clerk": "madoguchi@kakuu.example",
    "officer": "tochoku@kakuu.example",
    "deputy": "kakaricho@kakuu.example",
    "approver_1": "shunin@kakuu.example",
    "approver_2": "kansa@kakuu.example",
}
CITY = sorted(ADDRESSES[name] for name in ("clerk", "officer", "deputy"))


@dataclass
class Night:
    """The city at 18:00: one carrier at the call centre, due at 20:30, and its mails."""

    city: Any
    box: Any
    alerting: Alerting

    def at(self, text: str) -> list[str]:
        """A tick at that time; the addresses that were written to."""
        self.city.clock.set(text)
        before = len(self.box.to)
        tick.tick(self.city.office, self.alerting)
        return sorted(self.box.to[before:])

    def answer(self, name: str, named: str | None = None) -> list[alarms.Taken]:
        by, signer = self.city.cast.hand(name)
        carrier = named or self.city.carriers[0]
        return alarms.answer(self.city.office, carrier, by, signer, "on its way")


@pytest.fixture
def night(at_six: Any, mail_server: Callable[..., Any]) -> Night:
    for name, address in ADDRESSES.items():
        contacts.set_mail(at_six.office, at_six.person(name), address, at_six.person("clerk"))
    # One carrier makes the story; the other one came back in time.
    hand = at_six.cast.hand
    from azukari.desk.custody import pass_on

    pass_on(at_six.office, at_six.carriers[1], "return", hand("supervisor"), hand("clerk"))
    box = mail_server()
    plan = Plan((HOUR, HOUR, 2 * HOUR), Quiet.of("22:00-07:00"))
    return Night(at_six, box, Alerting(plan, box.route, language="en"))


def test_holder_then_their_officer_then_the_city_then_everybody_who_approves(night: Night) -> None:
    assert [] == night.at("2022-06-21 20:30")
    assert ["kanri@mihon.example"] == night.at("2022-06-21 20:31")
    assert [] == night.at("2022-06-21 20:32")
    assert ["sekinin@mihon.example"] == night.at("2022-06-21 21:32")
    # Quiet hours have begun; a carrier that is out there may be lost, and waits for no morning.
    assert CITY == night.at("2022-06-21 22:33")
    assert ["kansa@kakuu.example", "shunin@kakuu.example"] == night.at("2022-06-22 00:34")
    assert [] == night.at("2022-06-22 09:00")
    assert 4 == night.city.types("office").count("alarm.raised")


def test_what_a_mail_says_and_does_not_say(night: Night) -> None:
    night.at("2022-06-21 20:31")

    [mail] = night.box.mails
    text = mail.get_content()
    carrier = night.city.carriers[0]
    label = alarms.owing(night.city.office)[0].owed.label
    assert f"azukari: a carrier was not returned: {label}" == mail["Subject"]
    assert label in text
    assert "2022-06-21 20:30 JST" in text
    assert "見本コール" in text
    assert "before, with the same Message-ID" not in text
    assert carrier not in text
    assert "auto-generated" == mail["Auto-Submitted"]


def test_attack_holder_and_officer_of_one_party_keep_a_late_return_from_the_city(
    night: Night,
) -> None:
    """The holder is told, their own officer answers at once: the city hears it in its time."""
    night.at("2022-06-21 20:31")

    [taken] = night.answer("centre_officer")

    assert not taken.stops
    assert [] == night.at("2022-06-21 21:32")
    [open_still] = alarms.owing(night.city.office)
    assert 1 == len(open_still.answered)
    assert CITY == night.at("2022-06-21 22:33")
    said = night.box.mails[-1].get_content()
    assert f"{open_still.answered[0]}, 2022-06-21 20:31 JST: on its way" in said
    assert "keeps nothing from the city" in said
    assert night.answer("officer")[0].stops
    assert [] == night.at("2022-06-23 12:00")
    assert [] == alarms.owing(night.city.office)


def test_after_the_city_was_told_an_answer_of_the_party_ends_nothing(night: Night) -> None:
    for at in ("2022-06-21 20:31", "2022-06-21 21:32", "2022-06-21 22:33"):
        night.at(at)

    night.answer("centre_officer")

    everybody = night.at("2022-06-22 00:34")
    assert ["kansa@kakuu.example", "shunin@kakuu.example"] == everybody


def test_an_officer_of_the_city_answers_and_nobody_further_is_told(night: Night) -> None:
    night.at("2022-06-21 20:31")
    night.at("2022-06-21 21:32")

    [taken] = night.answer("officer")

    assert [] == night.at("2022-06-21 22:33")
    assert [] == night.at("2022-06-23 12:00")
    entry = night.city.entries("office")[-1]
    with night.city.office.act() as tx:
        [row] = tx.execute(schema.answer.select()).all()
    person = orders.person_of(night.city.office, night.city.person("officer"))
    said = read_answer(row.envelope, PublicKey.load(Use.PERSON, unbase64(person.public)))
    assert (taken.alarm, night.city.carriers[0]) == (said.alarm, said.subject)
    assert "alarm.answered" in night.city.types("office")
    assert entry is not None


def test_whoever_has_the_carrier_cannot_silence_its_alarm_alone(night: Night) -> None:
    night.at("2022-06-21 20:31")

    with pytest.raises(Refused) as own:
        night.answer("supervisor")
    with pytest.raises(Refused) as stranger:
        night.answer("engineer")

    assert ("alarm_of_your_own",) == own.value.reasons
    assert ("alarm_not_yours",) == stranger.value.reasons
    assert ["sekinin@mihon.example"] == night.at("2022-06-21 21:32")
    assert "alarm.answered" not in night.city.types("office")


def test_what_came_back_is_told_of_no_more(night: Night) -> None:
    from azukari.desk.custody import pass_on

    night.at("2022-06-21 20:31")
    hand = night.city.cast.hand
    pass_on(night.city.office, night.city.carriers[0], "return", hand("supervisor"), hand("clerk"))

    assert [] == night.at("2022-06-21 21:32")
    with pytest.raises(NotFound):
        night.answer("centre_officer")


def test_what_can_wait_is_written_at_once_and_sent_in_the_morning(night: Night) -> None:
    """An order approved and never used, whose time ends at night."""
    city = night.city
    night.at("2022-06-21 20:31")
    night.answer("officer")
    order = city.new_order(
        receive_by=ms("2022-06-21 22:30"),
        return_by=ms("2022-06-21 23:00"),
        expires_at=ms("2022-06-21 23:00"),
    )
    orders.approve(city.office, order.id, *city.cast.hand("approver_1"))
    contacts.set_mail(
        city.office, city.person("requester"), "kyufu@kakuu.example", city.person("clerk")
    )
    raised = city.types("office").count("alarm.raised")

    assert [] == night.at("2022-06-21 23:01")
    assert raised + 1 == city.types("office").count("alarm.raised")
    assert [] == night.at("2022-06-22 06:59")
    assert ["kyufu@kakuu.example"] == night.at("2022-06-22 07:00")
    # The next above are told an hour after it could be heard, not an hour after it was late.
    assert [] == night.at("2022-06-22 07:59")
    assert CITY == night.at("2022-06-22 08:01")


def test_where_nobody_has_an_address_the_next_above_do_not_wait(night: Night) -> None:
    for name in ("supervisor", "centre_officer"):
        contacts.erase(night.city.office, night.city.person(name), night.city.person("clerk"))

    assert [] == night.at("2022-06-21 20:31")
    assert [] == night.at("2022-06-21 20:32")
    assert CITY == night.at("2022-06-21 20:33")


def test_an_address_stands_in_no_ledger_and_is_gone_when_it_is_erased(night: Night) -> None:
    night.at("2022-06-21 20:31")
    for name in ADDRESSES:
        contacts.erase(night.city.office, night.city.person(name), night.city.person("clerk"))

    everything = b"".join(data for _, data in night.city.office.export())
    with night.city.office.act() as tx:
        size = night.city.office.book.head(tx).size
        details = [repr(night.city.office.book.detail(tx, i)) for i in range(size)]
        left = tx.execute(schema.contact.select()).all()
    assert [] == left
    assert not any(a in "".join(details) or a.encode() in everything for a in ADDRESSES.values())
    assert "person.unreached" in night.city.types("office")


def test_a_mail_nobody_took_is_tried_until_it_goes(night: Night) -> None:
    night.box.handler.answer = "450 later"
    assert [] == night.at("2022-06-21 20:31")
    night.box.handler.answer = ""

    assert ["kanri@mihon.example"] == night.at("2022-06-21 20:35")
    assert [] == night.at("2022-06-21 20:36")
    assert outbox.Posted() == outbox.send(night.city.office, night.alerting)


def test_no_value_of_a_resident_stands_in_any_message_of_the_night(night: Night) -> None:
    values = Values.of(night.city.open_roll(), public=PUBLIC)
    for text in ("2022-06-21 20:31", "2022-06-21 21:32", "2022-06-21 22:33", "2022-06-22 00:34"):
        night.at(text)

    assert 7 == len(night.box.mails)
    for (_, raw), mail in zip(night.box.handler.taken, night.box.mails, strict=True):
        for data in (raw, str(mail["Subject"]).encode(), mail.get_content().encode()):
            assert [] == values.search(data)
