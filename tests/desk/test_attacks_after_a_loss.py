"""Attacks on what follows a loss: who was found, what is due by when, and whether anybody hears."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk import closing, contacts, declaring, loss, respond, stating, tick
from azukari.desk.alarms import Alerting
from azukari.desk.custody import pass_on
from azukari.desk.office import new_act
from azukari.errors import (
    AzukariError,
    BadInput,
    BadSignature,
    LedgerBehind,
    NotFound,
    Refused,
    Unreachable,
)
from azukari.incident.overdue import Plan, Quiet
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.shelf.book import Draft
from azukari.vault import alarms as alarm_rows
from azukari.vault import records, schema

pytestmark = pytest.mark.real

JST = dt.timezone(dt.timedelta(hours=9))
LAW_ON = dt.date(2023, 4, 1)
NOW = "2026-09-01 10:00"  # a Tuesday
DAY = 86_400_000
HOUR = DAY // 24
PROMPT = "duty/appi-organ.report.prompt"


def lost(city: Any, at: str = NOW) -> str:
    """Both carriers are lost at that time, and the next tick has counted."""
    city.clock.set(at)
    now = city.clock.now()
    said = city.declared(known_at=now, last_held_at=now, lost_before=now)
    incident = loss.declare(city.office, city.carriers, said).incident
    tick.tick(city.office)
    return incident


def due(city: Any, incident: str) -> dict[str, str]:
    with city.office.act() as tx:
        rows = alarm_rows.due_rows(tx, incident)
    when = {row.what: dt.datetime.fromtimestamp(row.at / 1000, JST) for row in rows}
    return {what: f"{at:%Y-%m-%d %H:%M}" for what, at in when.items()}


def restore(city: Any, revocation: str, carrier: int = 0) -> None:
    words = [
        doc.issue(
            doc.Restoration(
                id=new_id(),
                carrier=city.carriers[carrier],
                person=city.person(name),
                revocation=revocation,
                at=city.clock.now(),
            ),
            city.cast.signer(name),
        )
        for name in ("approver_1", "approver_2")
    ]
    city.keeper.restore(new_id(), city.person("officer"), city.carriers[carrier], words)
    tick.tick(city.office)


def say(city: Any, incident: str, *words: tuple[str, str, str]) -> None:
    stating.state(city.office, incident, words, city.person("clerk"), city.clock.now())


def responded(city: Any, incident: str) -> respond.Response:
    return respond.respond(city.office, incident, party="架空市", law_on=LAW_ON)


def found_at(city: Any, incident: str) -> dict[str, int]:
    return responded(city, incident).found_at


def write(city: Any) -> None:
    """The ledger is as far as the clock."""
    with city.office.act() as tx:
        city.office.write(tx, Draft(new_act(), "ledger.heartbeat", city.city))


# -- found


def test_attack_what_was_found_before_it_was_lost_again_is_not_found(at_six: Any) -> None:
    """Found, restored, and lost once more: the second report does not say that it lies here."""
    first = at_six.lose()
    by, signer = at_six.cast.hand("officer")
    loss.find(at_six.office, at_six.carriers[0], at_six.media[0], by, signer)
    restore(at_six, first.act)
    at_six.clock.at += DAY

    second = loss.declare(at_six.office, at_six.carriers[:1], at_six.declared())

    assert [at_six.carriers[0]] == list(found_at(at_six, first.incident))
    assert {} == found_at(at_six, second.incident)


@pytest.mark.parametrize("lies_there", ["nothing", "foreign", "another carrier"])
def test_attack_a_folder_without_anything_of_it_is_shown_as_found(
    at_six: Any, tmp_path: Path, lies_there: str
) -> None:
    """Whoever lost it brings an empty medium, or the other one, and the loss would be over."""
    at_six.lose()
    root = at_six.media[1] if lies_there == "another carrier" else tmp_path / "medium"
    root.mkdir(exist_ok=True)
    if lies_there == "foreign":
        (root / "azukari").mkdir()
        (root / "azukari" / "envelope.json").write_bytes(b"{}")
    by, signer = at_six.cast.hand("officer")

    with pytest.raises(NotFound):
        loss.find(at_six.office, at_six.carriers[0], root, by, signer)

    assert "carrier.found" not in at_six.types("office")
    with at_six.office.act() as tx:
        assert State.LOST == records.carrier(tx, at_six.carriers[0]).state


# -- replay


def test_attack_replay_of_a_loss_file_after_two_persons_restored_it(at_six: Any) -> None:
    """Two programs looked at one file; the slower takes it in when all is well again."""
    said = doc.Loss(
        id=new_id(),
        carriers=[],
        media=[],
        bag=at_six.person("supervisor"),
        known_at=at_six.clock.now(),
        last_held_at=0,
        in_the_bag="no",
        by=at_six.person("supervisor"),
        at=at_six.clock.now(),
    )
    envelope = doc.issue(said, at_six.cast.signer("supervisor"))
    first = declaring.take(at_six.office, envelope)
    restore(at_six, first.act, 0)
    restore(at_six, first.act, 1)
    hand = at_six.cast.hand
    pass_on(at_six.office, at_six.carriers[0], "return", hand("supervisor"), hand("clerk"))

    again = declaring.take(at_six.office, envelope)

    assert first.incident == again.incident
    assert 1 == at_six.types("keys").count("carrier.revoked")
    assert [first.incident] == loss.incidents(at_six.office)


# -- by when


def test_attack_the_city_is_said_to_have_known_after_it_wrote_it_down(at_six: Any) -> None:
    """An officer who missed the day moves the day."""
    incident = lost(at_six)
    before = due(at_six, incident)
    at_six.clock.at += 20 * DAY

    with pytest.raises(BadInput):
        say(at_six, incident, ("knew", at_six.city, str(at_six.clock.now())))

    tick.tick(at_six.office)
    assert before == due(at_six, incident)
    assert "incident.stated" not in at_six.types("office")


def test_attack_a_processor_is_said_to_have_known_after_it_told(at_six: Any) -> None:
    incident = lost(at_six)
    links = responded(at_six, incident).links
    below = next(one.party for one in links if one.entrustor == at_six.city)
    now = at_six.clock.now()

    with pytest.raises(BadInput):
        say(at_six, incident, ("told", below, str(now - HOUR)), ("knew", below, str(now)))

    say(at_six, incident, ("told", below, str(now)), ("knew", below, str(now - HOUR)))


def test_what_people_say_moves_the_alarm_and_not_the_page_alone(at_six: Any) -> None:
    incident = lost(at_six)
    before = due(at_six, incident)
    earlier = at_six.clock.now() - 2 * DAY

    say(at_six, incident, ("knew", at_six.city, str(earlier)), ("gdpr", "", "yes"))
    tick.tick(at_six.office)

    after = due(at_six, incident)
    assert "2026-09-04 00:00" == before[PROMPT]
    assert "2026-09-02 00:00" == after[PROMPT]
    assert "duty/gdpr.report.72h" not in before
    assert "2026-09-02 10:00" == after["duty/gdpr.report.72h"]


def test_attack_clock_forward_for_a_moment_makes_no_deadline_later(at_six: Any) -> None:
    at_six.clock.set("2026-10-01 10:00")
    tick.tick(at_six.office)

    incident = lost(at_six)

    assert "2026-09-04 00:00" == due(at_six, incident)[PROMPT]


def test_attack_clock_back_behind_the_law_leaves_no_loss_without_deadlines(at_six: Any) -> None:
    """In 2020 no city owed the Commission a report; a clock that says so is no law."""
    at_six.clock.set(NOW)
    write(at_six)

    incident = lost(at_six, "2020-01-01 10:00")
    assert "2020-01-04 00:00" == due(at_six, incident)[PROMPT]

    at_six.clock.set("2026-09-01 11:00")
    tick.tick(at_six.office)
    assert "2020-01-04 00:00" == due(at_six, incident)[PROMPT]


def test_attack_closed_under_a_law_of_another_day(at_six: Any) -> None:
    """`--law-on 2020-01-01` knows no duty of a city: none of them would ask for an answer."""
    incident = lost(at_six)
    off = dict.fromkeys(at_six.carriers, "例: 見つからない")

    with pytest.raises(Refused) as refused:
        closing.close(at_six.office, incident, at_six.person("clerk"), off, dt.date(2020, 1, 1))

    assert ("duty_not_answered",) == refused.value.reasons


# -- whether anybody hears


def reached(city: Any, mail_server: Any) -> Any:
    """A mail server, and the addresses of who has the carriers and of the officer on duty."""
    for name in ("supervisor", "officer"):
        address = f"{name}@mihon.example"
        contacts.set_mail(city.office, city.person(name), address, city.person("clerk"))
    return mail_server()


def test_clock_back_at_the_office_holds_no_message_back(at_six: Any, mail_server: Any) -> None:
    """Recorded ahead, written to now, and no rung waits for a clock that stands behind."""
    box = reached(at_six, mail_server)
    at_six.clock.set("2022-06-21 20:31")
    write(at_six)
    at_six.clock.set("2022-06-21 09:00")

    ticked = tick.tick(at_six.office, Alerting(mail=box.route))

    assert ticked.clock_behind
    assert {"supervisor@mihon.example", "officer@mihon.example"} == set(box.to)
    assert 0 == tick.tick(at_six.office, Alerting(mail=box.route)).posted.sent


def test_attack_clock_forward_for_a_moment_keeps_no_rung_and_no_message_waiting(
    at_six: Any, mail_server: Any
) -> None:
    """A year ahead for one round: the holder was told, and nobody else would be for a year."""
    box = reached(at_six, mail_server)
    alerting = Alerting(Plan(quiet=Quiet.of("22:00-07:00")), box.route)
    at_six.clock.set("2023-06-21 23:00")
    tick.tick(at_six.office, Alerting(alerting.plan, None))
    with at_six.office.act() as tx:
        tx.execute(schema.message.delete())

    at_six.clock.set("2022-06-21 18:30")
    tick.tick(at_six.office, alerting)

    assert "officer@mihon.example" in box.to


@pytest.mark.parametrize("answer", [LedgerBehind, BadSignature, NotFound])
def test_a_key_service_that_will_not_revoke_keeps_no_alarm_from_anybody(
    at_six: Any, monkeypatch: pytest.MonkeyPatch, mail_server: Any, answer: type[AzukariError]
) -> None:
    """Away when it was lost, and back with another mind: the rest of the round goes on."""
    box = reached(at_six, mail_server)

    def says(error: type[AzukariError]) -> Any:
        def revoke(*_: object, **__: object) -> None:
            raise error("not now")

        return revoke

    with monkeypatch.context() as patched:
        patched.setattr(type(at_six.keeper), "revoke", says(Unreachable))
        at_six.lose()
        patched.setattr(type(at_six.keeper), "revoke", says(answer))
        at_six.clock.set("2022-06-25 10:00")
        ticked = tick.tick(at_six.office, Alerting(mail=box.route))
        assert ticked.posted.sent > 0
        assert [] == ticked.finished

    assert tick.tick(at_six.office, Alerting(mail=box.route)).finished
    assert "carrier.revoked" in at_six.types("keys")
