"""Attacks on the line between an office and its key service on another host."""

from __future__ import annotations

import dataclasses
import http.client
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from azukari.errors import (
    BadFormat,
    BadInput,
    BadSignature,
    ClockBehind,
    Conflict,
    LedgerBehind,
    LedgerFork,
    Locked,
    Unreachable,
    WrongKey,
)
from azukari.keys import wire
from azukari.keys.door import Door
from azukari.keys.remote import RemoteKeys, over_http
from azukari.ledger.entry import OtherHead
from azukari.names import new_id
from azukari.seal.envelope import SigningKey, Use, base64_of, canonical, parse, peek, sign
from azukari.seal.grant import p256_der
from azukari.shelf.keyring import new_one_time_key

NOTHING = wire.Seen("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0)


def question(line: Any, what: wire.AnyAsk | None = None, **changed: Any) -> wire.Sent:
    """A right question, but for what keywords change."""
    known = {"signer": line.ask, "to": line.answer.public.id, "seen": NOTHING}
    known["at"] = line.city.clock.now()
    return wire.ask(what or wire.Checkpoint(), **(known | changed))


def release(line: Any) -> wire.Release:
    return wire.Release(new_id(), line.city.person("clerk"), line.city.roll)


def read(line: Any, sent: wire.Sent) -> wire.Said:
    return wire.read_answer(line.door.answer(sent.message)[1], sent, line.answer.public)[0]


# -- questions


def test_attack_replayed_request(line: Any) -> None:
    sent = question(line, release(line))
    line.door.answer(sent.message)
    before = line.city.types("keys")

    with pytest.raises(Conflict):
        line.door.answer(sent.message)

    assert before == line.city.types("keys")


def test_attack_a_request_replayed_after_a_restart(line: Any) -> None:
    """The ids that were used are forgotten, so nothing from before the start counts."""
    sent = question(line, wire.Revoke(new_id(), new_id(), [line.city.carriers[0]], None))
    line.city.clock.at += 1000
    line.restart()

    assert wire.ANOTHER_TIME == read(line, sent).kind
    assert "carrier.revoked" not in line.city.types("keys")


@pytest.mark.parametrize("minutes", [-3, 3])
def test_attack_old_request(line: Any, minutes: int) -> None:
    sent = question(line, release(line), at=line.city.clock.now() + minutes * 60_000)
    before = line.city.types("keys")

    assert wire.ANOTHER_TIME == read(line, sent).kind
    assert before == line.city.types("keys")


def test_attack_request_signed_by_another_office(line: Any) -> None:
    with pytest.raises(BadSignature):
        line.door.answer(question(line, signer=SigningKey.generate(Use.ASK)).message)


def test_attack_a_request_to_another_key_service(line: Any) -> None:
    with pytest.raises(BadSignature):
        line.door.answer(question(line, to=SigningKey.generate(Use.ANSWER).public.id).message)


def test_attack_a_right_key_of_another_use(line: Any) -> None:
    with pytest.raises(BadSignature):
        question(line, signer=line.city.office.signers["order"])
    payload = peek(question(line).message)[1]

    with pytest.raises(BadSignature):
        line.door.answer(sign(payload, wire.QUESTION, [line.city.office.signers["order"]]))


def test_attack_the_key_of_the_answer_swapped_in_the_request(line: Any, tmp_path: Any) -> None:
    """Whoever holds the line would have the answer sealed to a key of their own."""
    sent = question(line, release(line))
    asked = parse(peek(sent.message)[1], wire.Question)
    own = base64_of(p256_der(new_one_time_key(tmp_path / "own.key").public_key()))
    swapped = canonical(replace(asked, key=own))
    mark = parse(sent.message, _Envelope).signatures
    forged = canonical(_Envelope(base64_of(swapped), wire.QUESTION, mark))

    with pytest.raises(BadSignature):
        line.door.answer(forged)


# -- answers


def test_attack_answer_of_another_request(line: Any) -> None:
    first, second = question(line, release(line)), question(line, release(line))
    _, answer = line.door.answer(first.message)

    with pytest.raises(BadSignature):
        wire.read_answer(answer, second, line.answer.public)


def test_attack_answer_of_another_key_service(line: Any) -> None:
    sent = question(line)
    asked = parse(peek(sent.message)[1], wire.Question)
    other = SigningKey.generate(Use.ANSWER)
    forged = wire.answer(sent.message, asked, wire.done(b"yes"), 0, other)

    with pytest.raises(BadSignature):
        wire.read_answer(forged, sent, line.answer.public)


def test_attack_answer_sealed_key_swapped(line: Any) -> None:
    """An answer with what was sealed for another question inside, signed by the service itself."""
    first, second = question(line, release(line)), question(line)
    outer = peek(line.door.answer(first.message)[1])[1]
    own = parse(peek(line.door.answer(second.message)[1])[1], wire._Answer)
    mixed = replace(own, sealed=parse(outer, wire._Answer).sealed)

    with pytest.raises(WrongKey):
        wire.read_answer(
            sign(canonical(mixed), wire.ANSWER, [line.answer]), second, line.answer.public
        )


def test_nobody_on_the_line_reads_a_key(line: Any) -> None:
    key = line.keys.release_to_seal(new_id(), line.city.person("clerk"), line.city.roll)

    for message in (*line.questions, *line.answers):
        assert key not in message
        assert base64_of(key).encode() not in message
        assert base64_of(base64_of(key).encode()).encode() not in message


# -- a key waits for the office


def test_attack_a_key_asked_for_without_acknowledging_its_entry(line: Any) -> None:
    said = read(line, question(line, release(line)))

    assert (wire.ACKNOWLEDGE, []) == (said.kind, said.result)
    assert "key.released.roll" == line.city.types("keys")[-1]


def test_the_office_holds_the_entry_before_the_key_leaves(line: Any) -> None:
    from azukari.vault import records

    line.keys.release_to_seal(new_id(), line.city.person("clerk"), line.city.roll)

    with line.city.office.act() as tx:
        assert line.city.keeper.entries(0) == records.keys_entries(tx)


def test_attack_an_acknowledgement_of_another_history(line: Any) -> None:
    what = release(line)
    size = len(line.city.keeper.entries(0))
    before = line.city.types("keys")

    for seen, kind in ((wire.Seen("00" * 32, size), LedgerFork), (_beyond(size), LedgerBehind)):
        with pytest.raises(kind):
            wire.result(read(line, question(line, what, seen=seen)), "key")
    assert before == line.city.types("keys")


def test_attack_a_key_service_that_shows_the_office_another_history(line: Any) -> None:
    """Entries that its signed head does not cover: no acknowledgement, so no key."""
    genuine = line.city.keeper.entries

    line.city.keeper.entries = lambda start: [
        entry.replace(b"key.", b"kex.") for entry in genuine(start)
    ]

    with pytest.raises(LedgerFork):
        line.keys.release_to_seal(new_id(), line.city.person("clerk"), line.city.roll)


def test_rollback_of_the_key_service_is_told_to_it_by_the_first_question(
    line: Any, tmp_path: Path
) -> None:
    """An older copy is put back, and both programs are new: neither remembers, the copy does."""
    city, by = line.city, line.city.person("clerk")
    city.close()
    shutil.copytree(city.keys_home, tmp_path / "then")
    line.restart()
    line.keys.release_to_seal(new_id(), by, city.roll)
    city.close()
    shutil.rmtree(city.keys_home)
    shutil.copytree(tmp_path / "then", city.keys_home)
    line.restart()
    before = city.types("keys")

    with pytest.raises(LedgerBehind):
        line.keys.create(new_id(), by, new_id(), None)
    with pytest.raises(LedgerBehind, match="shorter than the office's copy"):
        city.office.follow_keys()

    assert before == city.types("keys")
    assert city.lose().revoked


def test_fork_of_the_key_service_is_named_by_its_first_other_entry(line: Any) -> None:
    city, genuine = line.city, line.city.keeper.entries
    city.office.follow_keys()
    other = genuine(0)
    other[3:5] = other[4], other[3]

    city.keeper.entries = lambda start: other[start:]
    shown = OtherHead(origin=city.keeper.head().origin, size=len(other), root="00" * 32)
    city.keeper.head = lambda: shown
    with pytest.raises(LedgerFork, match="first at entry 3"):
        dataclasses.replace(city.office, keys=city.keeper).follow_keys()


def test_without_cosigning_a_key_leaves_after_its_checkpoint(line: Any) -> None:
    line.open(cosigned=False)

    said = read(line, question(line, release(line)))

    assert ("", 1) == (said.kind, len(said.result))


# -- killed, unreachable, another clock


def test_attack_unlocked_service_killed_and_restarted_locked(line: Any) -> None:
    """Whoever can only stop and start the program gets no key out of it, and loses no revoking."""
    act, by = new_id(), line.city.person("clerk")
    assert line.keys.release_to_seal(act, by, line.city.roll)
    line.city.clock.at += 1000
    line.restart(locked=True)

    with pytest.raises(Locked):
        line.keys.release_to_seal(act, by, line.city.roll)
    assert line.city.lose().revoked


def test_an_office_with_a_wrong_clock_can_still_revoke(line: Any) -> None:
    now = line.city.clock.now
    late = RemoteKeys(line.service, line.ask, line._send, lambda: now() - 3_600_000)

    with pytest.raises(ClockBehind):
        late.release_to_seal(new_id(), line.city.person("clerk"), line.city.roll)
    late.revoke(new_id(), line.city.person("officer"), line.city.carriers, None)

    assert "carrier.revoked" == line.city.types("keys")[-1]


def test_a_loss_while_the_key_service_is_away_is_repeated_by_the_tick(line: Any) -> None:
    from azukari.desk.tick import tick

    carry = line.carry
    line.carry = over_http("http://127.0.0.1:9")  # nobody listens at discard

    incident = line.city.lose()

    assert not incident.revoked
    assert "carrier.revoked" not in line.city.types("keys")
    line.carry = carry
    assert incident.act in tick(line.city.office).finished
    assert incident.act == line.city.entries("keys")[-1].act


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"{}", b"{" * 3_000_000])
def test_attack_garbage_on_the_line_does_not_stop_a_loss(line: Any, garbage: bytes) -> None:
    carry, line.carry = line.carry, lambda _: garbage

    incident = line.city.lose()

    assert not incident.revoked
    line.carry = carry
    from azukari.desk.tick import tick

    assert incident.act in tick(line.city.office).finished


def test_attack_an_earlier_answer_sent_again_is_no_revocation(line: Any) -> None:
    """Whoever holds the line says done, and nothing was."""
    line.keys.revoke(new_id(), line.city.person("officer"), [line.city.carriers[1]], None)
    earlier = line.answers[-1]
    line.carry = lambda _: earlier

    assert not line.city.lose().revoked


# -- over HTTP


def status(line: Any, body: bytes, method: str = "POST", path: str = "/ask") -> tuple[int, bytes]:
    port = int(line.address.rpartition(":")[2])
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        # It may answer, and hang up, before it has read all of a body that is too long.
        with suppress(BrokenPipeError, ConnectionResetError):
            asked.request(method, path, body)
        answer = asked.getresponse()
        return answer.status, answer.read()
    finally:
        asked.close()


def test_attack_oversize_body(listening: Any) -> None:
    assert (404, b"") == status(listening, b"{" + b" " * wire.MAX_MESSAGE)


def test_uniform_refusals_everybody_else_gets_one_silence(listening: Any) -> None:
    sent = question(listening)
    assert 200 == status(listening, sent.message)[0]
    for body in (
        sent.message,
        b"",
        b"{}",
        question(listening, signer=SigningKey.generate(Use.ASK)).message,
    ):
        assert (404, b"") == status(listening, body)
    for method, path in (("GET", "/ask"), ("OPTIONS", "/ask"), ("POST", "/"), ("POST", "/ask?a")):
        assert (404, b"") == status(listening, b"", method, path)
    assert not [line for line in listening.said if listening.city.city in line]


class _Nobody:
    """A key service that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a stranger's question reached {name}")


def test_attack_enumeration_of_carriers_at_the_key_service(listening: Any) -> None:
    """Whatever a stranger asks about an id, known or not: the keeper is not asked, nobody told."""
    city, now = listening.city, listening.city.clock.now
    listening.door = Door(_Nobody(), listening.answer, listening.ask.public, now)
    stranger = SigningKey.generate(Use.ASK)

    for known in (city.carriers[0], city.roll, new_id()):
        for what in (
            wire.Releases(known, 0),
            wire.Release(new_id(), city.person("clerk"), known),
            wire.Revoke(new_id(), city.person("clerk"), [known], None),
            wire.Shred(new_id(), city.person("clerk"), known),
        ):
            asked = question(listening, what, signer=stranger)
            assert (404, b"") == status(listening, asked.message)
            # The office's own, of another time: its answer is the same for every id.
            late = question(listening, what, at=now() - 3_600_000)
            assert wire.ANOTHER_TIME == read(listening, late).kind


def test_a_document_longer_than_a_message_is_refused_here(listening: Any) -> None:
    with pytest.raises(BadFormat):
        listening.keys.believe([b"x" * wire.MAX_MESSAGE])


@pytest.mark.parametrize(
    "url", ["http://keys.example", "ftp://127.0.0.1", "https://a@b.example", "https://b.example/x"]
)
def test_an_address_that_is_none_of_ours(url: str) -> None:
    with pytest.raises(BadInput):
        over_http(url)


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        over_http("http://127.0.0.1:9")(b"")


def _beyond(size: int) -> wire.Seen:
    return wire.Seen("00" * 32, size + 1)


class _Mark(msgspec.Struct):
    keyid: str
    sig: str


class _Envelope(msgspec.Struct):
    payload: str
    payloadType: str  # noqa: N815  DSSE's name
    signatures: list[_Mark]
