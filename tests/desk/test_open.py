"""Opening a carrier on a device: the right device, grant, time, content; nothing less."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from azukari.carrier.manifest import read_envelope, seal_envelope
from azukari.desk import device as devices
from azukari.desk import erase
from azukari.desk.enquire import Opened, open_carrier
from azukari.errors import (
    AzukariError,
    BadFormat,
    BadSignature,
    ClockBehind,
    Damaged,
    Refused,
    WrongKey,
)
from azukari.rehearse.clock import ms
from azukari.seal.envelope import SigningKey, Use


def read(city: Any, grant: bytes, root: Path | None = None) -> Opened:
    hand = city.cast.signer("operator")
    return open_carrier(city.open_device(), root or city.media[0], grant, hand)


def kinds(city: Any) -> list[str]:
    device = city.open_device()
    found = [record.kind for record in device.journal.records()]
    device.close()
    return found


def test_a_carrier_opens_for_its_role_and_is_journalled_before(at_six: Any) -> None:
    opened = at_six.opened()

    assert "answer" in opened.table.column_names
    assert "reason" not in opened.table.column_names
    assert ["opened"] == [r.kind for r in opened._device.journal.records()]


def test_a_supervisor_sees_the_reason_too(at_six: Any) -> None:
    assert "reason" in at_six.opened(role="supervisor").table.column_names


def test_another_persons_key_does_not_open_the_grant(at_six: Any) -> None:
    """The grant names one person; the attempt stands in the journal, and nothing was read."""
    grant, device = at_six.ask(), at_six.open_device()

    with pytest.raises(Refused, match="grant_of_another_person"):
        open_carrier(device, at_six.media[0], grant, at_six.cast.signer("supervisor"))

    assert ["refused"] == [record.kind for record in device.journal.records()]


def test_a_key_of_another_kind_does_not_open_the_grant(at_six: Any) -> None:
    grant, device = at_six.ask(), at_six.open_device()
    same = at_six.cast.signer("operator").private

    for use in (use for use in Use if use is not Use.PERSON):
        with pytest.raises(Refused, match="grant_of_another_person"):
            open_carrier(device, at_six.media[0], grant, SigningKey.of(use, same))


def test_who_only_says_they_are_that_person_cannot_sign(at_six: Any) -> None:
    """A public key is no secret: whoever shows it must sign with it too."""
    from dataclasses import replace

    grant, device = at_six.ask(), at_six.open_device()
    claimed = at_six.cast.signer("operator").public
    liar = replace(SigningKey.generate(Use.PERSON), public=claimed)

    with pytest.raises(BadSignature):
        open_carrier(device, at_six.media[0], grant, liar)

    assert [] == device.journal.records()


def test_the_journal_shows_later_whose_key_opened(at_six: Any) -> None:
    """Each opening has its own answer, verified with the person's entry and the chain alone."""
    from azukari.seal import opening

    hand, device, grant = at_six.cast.signer("operator"), at_six.open_device(), at_six.ask()
    for _ in range(2):
        open_carrier(device, at_six.media[0], grant, hand)
    first, second = device.journal.records()

    for record in (first, second):
        head = device.journal.head_at(record.seq)
        asked = opening.Challenge(device.id, record.grant, record.seq, head)
        opening.verify(asked, record.subject, hand.public)
    with pytest.raises(BadSignature):
        opening.verify(asked, first.subject, hand.public)


def test_grant_on_another_device(at_six: Any, tmp_path: Path) -> None:
    grant = at_six.ask()
    root = (at_six.device_home / "root.pub").read_bytes()
    from azukari.seal.envelope import PublicKey

    home, trust = tmp_path / "phone", (at_six.device_home / "trust.json").read_bytes()
    devices.create_device(home, PublicKey.load(Use.ROOT, root), trust, one_time_keys=1)
    phone = devices.open_device(home, at_six.clock.now)

    with pytest.raises(WrongKey, match="not on this device"):
        open_carrier(phone, at_six.media[0], grant, at_six.cast.signer("operator"))

    # Even with the one-time key carried over, the grant names its device.
    key = f"{at_six.one_time_keys[0]}.key"
    shutil.copy(at_six.device_home / "one-time" / key, home / "one-time" / key)
    with pytest.raises(Refused, match="grant_of_another_device"):
        open_carrier(phone, at_six.media[0], grant, at_six.cast.signer("operator"))
    phone.close()


@pytest.mark.parametrize("at", ["2022-06-21 20:30", "2022-06-22 02:30"])
def test_grant_after_its_end(at_six: Any, at: str) -> None:
    """The end once seen, the one-time key is destroyed: a clock set back later helps nobody."""
    grant = at_six.ask()
    at_six.clock.set(at)
    with pytest.raises(Refused, match="window_outside_order"):
        read(at_six, grant)
    at_six._devices.pop().close()

    at_six.clock.set("2022-06-21 20:29")

    with pytest.raises(WrongKey):
        read(at_six, grant)


def test_a_clock_that_runs_ahead_does_not_lock_the_device(at_six: Any) -> None:
    """The journal says the window ended when it ended, not when a wrong clock said so."""
    grant = at_six.ask()
    at_six.clock.set("2031-01-01 00:00")
    with pytest.raises((Refused, BadSignature)):
        read(at_six, grant)
    at_six._devices.pop().close()
    at_six.clock.set("2022-06-21 20:40")

    assert at_six.open_device()


def test_grant_before_its_beginning(at_six: Any) -> None:
    grant = at_six.ask(not_before=ms("2022-06-21 19:00"))

    with pytest.raises(Refused, match="window_outside_order"):
        read(at_six, grant)
    at_six._devices.pop().close()
    at_six.clock.set("2022-06-21 19:00")

    assert read(at_six, grant)


def test_grant_with_edited_dates(at_six: Any) -> None:
    """Outside stands the signature, inside the dates: neither can be touched."""
    outer = msgspec.json.decode(at_six.ask())
    payload = msgspec.json.decode(base64.b64decode(outer["payload"]))
    payload["grant"] = payload["grant"][::-1]
    outer["payload"] = base64.b64encode(msgspec.json.encode(payload, order="sorted")).decode()

    with pytest.raises(AzukariError):
        read(at_six, msgspec.json.encode(outer, order="sorted"))

    assert [] == kinds_open(at_six)


def kinds_open(city: Any) -> list[str]:
    return [record.kind for record in city._devices[-1].journal.records()]


def test_a_grant_signed_by_somebody_else(at_six: Any) -> None:
    from azukari.seal.envelope import canonical, sign
    from azukari.seal.grant import TYPE, unverified_outside

    outer = unverified_outside(at_six.ask())
    forged = sign(canonical(outer), TYPE, [SigningKey.generate(Use.GRANT)])

    with pytest.raises(BadSignature):
        read(at_six, forged)


def test_copied_grant_after_erase(at_six: Any) -> None:
    """A paper that was copied is waste once the one-time key is destroyed."""
    grant = at_six.ask()
    device = at_six.open_device()
    erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)

    with pytest.raises(WrongKey):
        open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))


def test_clock_set_back_on_the_device(at_six: Any) -> None:
    grant = at_six.ask()
    device = at_six.open_device()
    opened = open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    at_six.clock.set("2022-06-21 17:50")

    with pytest.raises(ClockBehind):
        open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    with pytest.raises(AzukariError):
        opened.answer([])
    device.close()
    with pytest.raises(ClockBehind):
        at_six.open_device()
    at_six.clock.set("2022-06-21 18:01")
    assert at_six.open_device()  # and the journal was not left held


def test_device_folder_rolled_back_below_what_the_city_saw(at_six: Any) -> None:
    """The next grant quotes the head that the last receipt brought."""
    from azukari.desk import grant as grants

    copy = at_six.out / "device before"
    shutil.copytree(at_six.device_home, copy)
    first = at_six.ask()
    device = at_six.open_device()
    open_carrier(device, at_six.media[0], first, at_six.cast.signer("operator"))
    receipt, lines = erase.receipt(device, at_six.carriers[0], [], 0)
    grants.take_receipt(at_six.office, receipt, lines)
    second = at_six.ask(one_time_key=at_six.one_time_keys[1])

    old = devices.open_device(copy, at_six.clock.now)
    with pytest.raises(Refused, match="device_rolled_back"):
        open_carrier(old, at_six.media[0], second, at_six.cast.signer("operator"))

    # Written on to the same length: the head is another.
    old.journal.append([("opened", at_six.carriers[0], at_six.carriers[0], "")], at_six.clock.now())
    with pytest.raises(Refused, match="device_rolled_back"):
        open_carrier(old, at_six.media[0], second, at_six.cast.signer("operator"))
    old.close()
    assert open_carrier(device, at_six.media[0], second, at_six.cast.signer("operator"))


def test_the_backup_does_not_open_with_the_mains_grant(at_six: Any) -> None:
    with pytest.raises(Refused, match="carrier_is_bound_to_another_content"):
        read(at_six, at_six.ask(), at_six.media[1])


def test_an_envelope_signed_by_a_key_of_another_kind(at_six: Any) -> None:
    """The office's other keys are right keys for other things."""
    path = at_six.media[0] / "azukari" / "envelope.json"
    key = at_six.office.signers["carrier"].public
    envelope = read_envelope(path.read_bytes(), {key.id: key}.get)
    path.write_bytes(seal_envelope(envelope, at_six.office.signers["order"]))

    with pytest.raises(BadSignature):
        read(at_six, at_six.ask())


@pytest.mark.parametrize("change", ["missing", "cut", "swapped", "foreign", "no envelope"])
def test_a_changed_folder_is_refused_before_anything_is_read(at_six: Any, change: str) -> None:
    grant, inside = at_six.ask(), at_six.media[0] / "azukari"
    parts = sorted(inside.glob("[0-9]*.azs"))
    if change == "missing":
        parts[0].unlink()
    elif change == "cut":
        parts[0].write_bytes(parts[0].read_bytes()[:-1])
    elif change == "swapped":
        one, other = parts[0].read_bytes(), parts[1].read_bytes()
        parts[0].write_bytes(other)
        parts[1].write_bytes(one)
    elif change == "foreign":
        (inside / "extra").write_bytes(b"")
    else:
        (inside / "envelope.json").unlink()

    with pytest.raises((Damaged, BadFormat)):
        read(at_six, grant)

    assert [] == kinds_open(at_six)


def test_a_trust_bundle_that_ended_opens_nothing(at_six: Any) -> None:
    grant = at_six.ask()
    at_six.clock.set("2024-01-01 00:00")

    with pytest.raises(BadSignature):
        read(at_six, grant)


def test_a_device_id_that_is_none_is_our_error(at_six: Any) -> None:
    for raw in (b"", b"\xff" * 26, b"../../../../etc/passwd....."):
        (at_six.device_home / "device").write_bytes(raw)
        with pytest.raises(BadFormat):
            at_six.open_device()


def test_attack_a_one_time_key_named_outside_the_folder(at_six: Any) -> None:
    device = at_six.open_device()

    with pytest.raises(BadFormat):
        device.one_time_key("../identity")
