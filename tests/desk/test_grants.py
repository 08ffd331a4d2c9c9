"""Grants and receipts at the office: one act, one answer; a device speaks for itself only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from azukari.carrier.life import State
from azukari.desk import audit, erase, respond, tick
from azukari.desk import grant as grants
from azukari.desk.enquire import Enquiry, open_carrier
from azukari.errors import (
    BadFormat,
    BadSignature,
    ClockBehind,
    Conflict,
    NotFound,
    Refused,
    Unreachable,
)
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use
from azukari.vault import records, schema


def rows(city: Any) -> list[Any]:
    with city.office.act() as tx:
        return list(tx.execute(select(schema.grant)).all())


# -- grants


def test_the_same_act_again_is_the_same_grant_and_no_entry(at_six: Any) -> None:
    act = new_id()
    at_six.ask(act=act)
    before = at_six.types("office"), at_six.types("keys")

    again = at_six.ask(act=act)

    assert before == (at_six.types("office"), at_six.types("keys"))
    device = at_six.open_device()
    assert open_carrier(device, at_six.media[0], again, at_six.cast.signer("operator"))


def test_the_same_act_with_another_question(at_six: Any) -> None:
    act = new_id()
    at_six.ask(act=act)

    with pytest.raises(Conflict):
        at_six.ask(act=act, one_time_key=at_six.one_time_keys[1])


def test_a_refused_grant_asked_again_stays_refused(at_six: Any) -> None:
    act = new_id()
    for _ in range(2):
        with pytest.raises(Refused, match="role_not_allowed"):
            at_six.ask(act=act, role="supervisor")
    with pytest.raises(Refused, match="role_not_allowed"):
        grants.finish(at_six.office, act)

    assert 1 == at_six.types("office").count("grant.refused")
    assert 1 == at_six.types("keys").count("key.refused")


def test_an_answer_that_was_lost_is_fetched_by_the_tick(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, answer = new_id(), grants._answered

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(grants, "_answered", crash)
    with pytest.raises(KeyboardInterrupt):
        at_six.ask(act=act)
    monkeypatch.setattr(grants, "_answered", answer)
    at_six.restart()

    assert [act] == tick.tick(at_six.office).finished

    assert 1 == at_six.types("keys").count("key.released")
    assert "issued" == rows(at_six)[0].state
    assert [] == audit.audit(at_six.office)


def test_an_answer_that_was_lost_and_then_revoked_is_refused(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(grants, "_answered", crash)
        with pytest.raises(KeyboardInterrupt):
            at_six.ask()
    at_six.lose()

    tick.tick(at_six.office)

    assert "refused" == rows(at_six)[0].state
    assert [] == audit.audit(at_six.office)


def test_new_grant_while_a_revocation_is_still_owed(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key service was away when the loss was declared; it is back before the tick."""

    def away(*_: object) -> None:
        raise Unreachable("the key service does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(type(at_six.keeper), "revoke", away)
        assert not at_six.lose().revoked
        with pytest.raises(Unreachable):
            at_six.ask()

    with pytest.raises(Refused, match="carrier_is_revoked"):
        at_six.ask()

    assert "key.released" not in at_six.types("keys")


def test_clock_set_back_on_the_office(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 16:30")

    with pytest.raises(ClockBehind, match="the office"):
        at_six.ask()

    assert [] == rows(at_six)


def test_a_grant_for_nothing(at_six: Any) -> None:
    with pytest.raises(NotFound):
        grants.issue(at_six.office, new_id(), **at_six.asked())
    with pytest.raises(NotFound):
        grants.finish(at_six.office, new_id())


def test_a_grant_for_a_carrier_that_was_never_sealed(at_six: Any) -> None:
    with at_six.office.act() as tx:
        records.change_carrier(tx, at_six.carriers[0], envelope=None, state=State.SEALING)

    with pytest.raises(Conflict, match="never sealed"):
        at_six.ask()


# -- receipts


def answered(city: Any, number: int = 3) -> tuple[Any, bytes]:
    """A device that opened the carrier and answered; its grant."""
    grant, device = city.ask(), city.open_device()
    opened = open_carrier(device, city.media[0], grant, city.cast.signer("operator"))
    opened.answer([Enquiry("不在　一郎", date(1950, 1, 1), "6600000")] * number)
    return device, grant


def test_a_receipt_continues_the_chain(at_six: Any) -> None:
    device, grant = answered(at_six)
    receipt, lines = erase.receipt(device, at_six.carriers[0], [], 0)
    taken = grants.take_receipt(at_six.office, receipt, lines)
    assert 3 == taken.answered
    assert 4 == grants.chain_of(at_six.office, at_six.device).length

    second, more = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=4)
    grants.take_receipt(at_six.office, second, more)

    assert device.journal.chain == grants.chain_of(at_six.office, at_six.device)


def test_the_same_receipt_again_is_no_second_entry(at_six: Any) -> None:
    device, grant = answered(at_six)
    receipt, lines = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)
    grants.take_receipt(at_six.office, receipt, lines)
    before = at_six.types("office")

    grants.take_receipt(at_six.office, receipt, lines)

    assert before == at_six.types("office")
    assert 1 == len(grants.receipts_of(at_six.office, at_six.carriers[0]))


@pytest.mark.parametrize("change", ["missing", "swapped", "edited", "none", "more"])
def test_receipts_that_do_not_continue_the_chain(at_six: Any, change: str) -> None:
    device, _ = answered(at_six)
    receipt, lines = erase.receipt(device, at_six.carriers[0], [], 0)
    wrong = {
        "missing": lines[:-1],
        "swapped": [lines[1], lines[0], *lines[2:]],
        "edited": [lines[0].replace(b"opened", b"closed"), *lines[1:]],
        "none": [],
        "more": [*lines, lines[-1]],
    }[change]

    with pytest.raises(Conflict):
        grants.take_receipt(at_six.office, receipt, wrong)

    assert 0 == grants.chain_of(at_six.office, at_six.device).length
    assert "journal.taken_in" not in at_six.types("office")


def test_a_receipt_that_leaves_records_out(at_six: Any) -> None:
    device, _ = answered(at_six)
    receipt, lines = erase.receipt(device, at_six.carriers[0], [], 1)

    with pytest.raises(Conflict, match="begins at record 1, expected 0"):
        grants.take_receipt(at_six.office, receipt, lines)


def signed_by(city: Any, device: Any, **changed: Any) -> tuple[bytes, list[bytes]]:
    envelope, lines = erase.receipt(device, city.carriers[0], [], 0)
    said = doc.unverified(envelope, doc.Receipt)
    return doc.issue(replace(said, **changed), device.identity), lines


def test_a_device_that_claims_more_answers_than_it_gave(at_six: Any) -> None:
    device, _ = answered(at_six)
    receipt, lines = signed_by(at_six, device, answered=4)

    with pytest.raises(Conflict, match="another number of answers"):
        grants.take_receipt(at_six.office, receipt, lines)


def test_lines_that_are_no_records(at_six: Any) -> None:
    from azukari.carrier.receipt import Chain, follow

    device = at_six.open_device()
    lines = [b'{"what":"ever"}']
    chain = follow(Chain(), lines)
    receipt, _ = signed_by(at_six, device, first=0, length=1, head=chain.head)

    with pytest.raises(BadFormat):
        grants.take_receipt(at_six.office, receipt, lines)


def test_a_receipt_of_another_key_or_nobody(at_six: Any) -> None:
    device, _ = answered(at_six)
    envelope, lines = erase.receipt(device, at_six.carriers[0], [], 0)
    said = doc.unverified(envelope, doc.Receipt)
    forged = doc.issue(said, SigningKey.generate(Use.RECEIPT))

    with pytest.raises(BadSignature):
        grants.take_receipt(at_six.office, forged, lines)
    for changed in (
        {"device": new_id()},
        {"device": at_six.person("operator")},
        {"carrier": new_id()},
    ):
        other = doc.issue(replace(said, **changed), device.identity)
        with pytest.raises(NotFound):
            grants.take_receipt(at_six.office, other, lines)


def test_attack_a_device_states_that_anothers_key_is_destroyed(at_six: Any) -> None:
    """It is its own statement: the carrier's state does not rest on it."""
    device, grant = answered(at_six)
    receipt, _ = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)
    said = doc.unverified(receipt, doc.Receipt)
    other = new_id()
    with at_six.office.act() as tx:
        tx.execute(
            schema.receipt.insert().values(
                device=other,
                carrier=at_six.carriers[0],
                at=said.at,
                envelope=doc.issue(replace(said, device=other), device.identity),
                records=b"",
            )
        )
    incident = at_six.lose(in_the_bag=False)
    found = respond.respond(at_six.office, incident.incident, party="架空市")

    states = {s.state.value for (c, _), s in found.states.items() if c == at_six.carriers[0]}
    assert "released_key_destroyed" not in states
    assert "released_no_receipt" in states


def test_a_carrier_is_erased_when_every_key_to_it_is_destroyed(at_six: Any) -> None:
    mine = at_six.ask()
    supervisors = at_six.ask(
        role="supervisor",
        person=at_six.person("supervisor"),
        one_time_key=at_six.one_time_keys[1],
    )
    device = at_six.open_device()

    def state() -> str:
        with at_six.office.act() as tx:
            return str(records.carrier(tx, at_six.carriers[0]).state)

    first = erase.erase(device, at_six.carriers[0], [mine], medium=None, first=0)
    grants.take_receipt(at_six.office, *first)
    assert State.RECEIVED == state()
    second = erase.erase(device, at_six.carriers[0], [supervisors], medium=None, first=1)
    grants.take_receipt(at_six.office, *second)

    assert State.ERASED == state()


def test_a_lost_carrier_stays_lost_when_its_receipt_comes(at_six: Any) -> None:
    device, grant = answered(at_six)
    at_six.lose()
    receipt = erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)

    grants.take_receipt(at_six.office, *receipt)

    with at_six.office.act() as tx:
        assert State.LOST == records.carrier(tx, at_six.carriers[0]).state
    assert "carrier.erased" == at_six.types("office")[-1]


def test_no_value_stands_in_what_the_office_keeps_of_a_grant(at_six: Any) -> None:
    answered(at_six)
    register = at_six.open_roll().register
    kept = b"".join(bytes(row.ask) + bytes(row.document) for row in rows(at_six))

    values = {v for c in ("name", "kana", "address") for v in register[c].to_pylist() if v}
    assert not [value for value in values if value.encode() in kept]
