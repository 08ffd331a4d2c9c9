"""Erase on a device: keys first, then parts, then a statement of what was done here and no more."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from azukari.desk import erase
from azukari.desk import grant as grants
from azukari.desk.enquire import open_carrier
from azukari.errors import BadFormat, Conflict, Unreachable, WrongKey
from azukari.seal import documents as doc
from azukari.shelf.folder import Folder


def test_the_key_goes_first_then_the_parts_then_the_receipt(at_six: Any) -> None:
    grant, device, carrier = at_six.ask(), at_six.open_device(), at_six.carriers[0]
    open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))

    receipt, lines = erase.erase(device, carrier, [grant], medium=at_six.media[0], first=0)

    said = doc.unverified(receipt, doc.Receipt)
    assert [at_six.one_time_keys[0]] == said.one_time_keys_destroyed
    assert not device.one_time_key(at_six.one_time_keys[0]).exists()
    assert [] == list(Folder(at_six.media[0]).inside.glob("*.azs"))
    assert ["opened", "erased"] == [r.kind for r in device.journal.records()]
    assert lines == device.journal.since(0)


def test_a_medium_that_fails_leaves_no_key_behind(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts without a key are waste; a key without parts is not."""
    grant, device = at_six.ask(), at_six.open_device()

    def gone(self: Folder) -> None:
        raise Unreachable("the medium cannot be read or written: EIO")

    monkeypatch.setattr(Folder, "empty", gone)
    with pytest.raises(Unreachable):
        erase.erase(device, at_six.carriers[0], [grant], medium=at_six.media[0], first=0)

    assert not device.one_time_key(at_six.one_time_keys[0]).exists()


def test_erasing_is_safe_to_repeat(at_six: Any) -> None:
    grant, device, carrier = at_six.ask(), at_six.open_device(), at_six.carriers[0]
    first, _ = erase.erase(device, carrier, [grant], medium=at_six.media[0], first=0)
    again, _ = erase.erase(device, carrier, [grant], medium=at_six.media[0], first=0)

    one, two = (doc.unverified(receipt, doc.Receipt) for receipt in (first, again))
    assert one.one_time_keys_destroyed == two.one_time_keys_destroyed
    assert (one.length, one.head) == (two.length, two.head)


def test_attack_state_a_key_destroyed_that_never_was_here(at_six: Any) -> None:
    """The paper is here, the key lies on another device: no such statement."""
    grant, device = at_six.ask(), at_six.open_device()
    path = device.one_time_key(at_six.one_time_keys[0])
    path.rename(at_six.out / "elsewhere.key")

    with pytest.raises(WrongKey, match="never was on this device"):
        erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)

    assert 0 == device.journal.chain.length


def test_a_grant_of_another_carrier_is_not_destroyed_by_mistake(at_six: Any) -> None:
    grant, device = at_six.ask(), at_six.open_device()

    with pytest.raises(Conflict):
        erase.erase(device, at_six.carriers[1], [grant], medium=None, first=0)

    assert device.one_time_key(at_six.one_time_keys[0]).exists()


@pytest.mark.parametrize("what", ["the backup", "holiday pictures"])
def test_another_medium_is_not_emptied_by_mistake(at_six: Any, what: str) -> None:
    grant, device, medium = at_six.ask(), at_six.open_device(), at_six.media[1]
    if what == "holiday pictures":
        medium = at_six.out / "pictures"
        (medium / "azukari").mkdir(parents=True)
        (medium / "azukari" / "beach.azs").write_bytes(b"")

    with pytest.raises((Conflict, BadFormat)):
        erase.erase(device, at_six.carriers[0], [grant], medium=medium, first=0)

    assert list((medium / "azukari").glob("*.azs"))
    # The right medium may follow.
    erase.erase(device, at_six.carriers[0], [grant], medium=at_six.media[0], first=0)


def test_a_clock_set_back_does_not_hold_an_erasure_up(at_six: Any) -> None:
    grant, device = at_six.ask(), at_six.open_device()
    open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    at_six.clock.set("2022-06-20 00:00")

    erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)

    assert not device.one_time_key(at_six.one_time_keys[0]).exists()


def test_a_full_disk_destroys_the_key_all_the_same(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant, device = at_six.ask(), at_six.open_device()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(Unreachable):
            erase.erase(device, at_six.carriers[0], [grant], medium=None, first=0)

    assert not device.one_time_key(at_six.one_time_keys[0]).exists()


def test_the_end_of_a_window_destroys_its_key_and_no_other(at_six: Any) -> None:
    tonight = at_six.ask()
    supervisors = at_six.ask(
        role="supervisor",
        person=at_six.person("supervisor"),
        one_time_key=at_six.one_time_keys[1],
        not_after=at_six.clock.now() + 60_000,
    )
    device, grants_ = at_six.open_device(), [tonight, supervisors]
    assert [] == erase.end_windows(device, grants_)
    at_six.clock.set("2022-06-21 18:01")

    assert [at_six.one_time_keys[1]] == erase.end_windows(device, grants_)
    assert [] == erase.end_windows(device, grants_)
    assert device.one_time_key(at_six.one_time_keys[0]).exists()


def test_the_receipt_that_comes_back_settles_the_erasure(at_six: Any) -> None:
    grant, device, carrier = at_six.ask(), at_six.open_device(), at_six.carriers[0]
    receipt, lines = erase.erase(device, carrier, [grant], medium=at_six.media[0], first=0)

    grants.take_receipt(at_six.office, receipt, lines)

    assert ["journal.taken_in", "carrier.erased"] == at_six.types("office")[-2:]
