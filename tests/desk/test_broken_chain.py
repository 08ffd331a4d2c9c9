"""A device that signs two histories is suspended; a courier cannot bring that about."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from azukari.desk import device as devices
from azukari.desk import erase, people, receipts
from azukari.errors import Conflict, Refused

Told = tuple[bytes, list[bytes]]


def say(city: Any, home: Path, answers: int, first: int = 0) -> Told:
    """A device writes so many records more and states its journal."""
    device = devices.open_device(home, city.clock.now)
    carrier = city.carriers[0]
    device.journal.append([("refused", carrier, carrier, "")] * answers, city.clock.now())
    told = erase.receipt(device, carrier, [], first)
    device.close()
    return told


@pytest.fixture
def forked(at_six: Any) -> tuple[Any, Path]:
    """A device of five records that the city knows, and its copy that was set back to two."""
    say(at_six, at_six.device_home, 2)
    copy = at_six.out / "set back"
    shutil.copytree(at_six.device_home, copy)
    receipts.take_receipt(at_six.office, *say(at_six, at_six.device_home, 3))
    at_six.clock.set("2022-06-21 18:05")
    return at_six, copy


def suspended(city: Any) -> bool:
    return city.device in people.withdrawn(city.office)


@pytest.mark.parametrize(("answers", "first"), [(1, 0), (3, 0), (3, 2), (9, 0), (9, 2)])
def test_broken_chain_suspends_the_device(
    forked: tuple[Any, Path], answers: int, first: int
) -> None:
    """Shorter, as long, or longer than what the city knows: its own signature convicts it."""
    city, copy = forked
    length = receipts.chain_of(city.office, city.device).length

    with pytest.raises(Conflict, match="two histories"):
        receipts.take_receipt(city.office, *say(city, copy, answers, first))

    assert suspended(city)
    assert 1 == city.types("office").count("device.suspended")
    assert length == receipts.chain_of(city.office, city.device).length
    with pytest.raises(Refused, match="device_revoked"):
        city.ask()
    city.restart()
    with pytest.raises(Refused, match="device_revoked"):
        city.ask(one_time_key=city.one_time_keys[1])


def test_it_is_suspended_once(forked: tuple[Any, Path]) -> None:
    city, copy = forked
    told = say(city, copy, 3)

    for _ in range(2):
        with pytest.raises(Conflict, match="two histories"):
            receipts.take_receipt(city.office, *told)

    assert 1 == city.types("office").count("device.suspended")


def test_receipts_out_of_order_suspend_nobody(at_six: Any) -> None:
    first = say(at_six, at_six.device_home, 2)
    second = say(at_six, at_six.device_home, 2, first=2)
    with pytest.raises(Conflict, match="begins at record 2"):
        receipts.take_receipt(at_six.office, *second)
    receipts.take_receipt(at_six.office, *first)
    receipts.take_receipt(at_six.office, *second)
    for late in (first, say(at_six, at_six.device_home, 0, first=1)):
        if late is first:
            receipts.take_receipt(at_six.office, *late)
            continue
        with pytest.raises(Conflict):
            receipts.take_receipt(at_six.office, *late)

    assert not suspended(at_six)


@pytest.mark.parametrize("change", ["missing", "edited", "of the fork"])
def test_attack_a_courier_changes_lines_to_have_a_device_suspended(
    forked: tuple[Any, Path], change: str
) -> None:
    """Lines are not signed: only where they lead to the signed head do they say anything."""
    city, copy = forked
    receipt, lines = say(city, city.device_home, 2, first=2)
    wrong = {
        "missing": lines[1:],
        "edited": [lines[0].replace(b"refused", b"enquiry"), *lines[1:]],
        "of the fork": say(city, copy, 5, first=2)[1],
    }[change]

    with pytest.raises(Conflict):
        receipts.take_receipt(city.office, receipt, wrong)

    assert not suspended(city)


def test_looking_suspends_nobody(forked: tuple[Any, Path]) -> None:
    from azukari.carrier import statement
    from azukari.desk import post, post_office

    city, copy = forked
    told = post.open_post(statement.pack(*say(city, copy, 3)))

    post_office.look(city.office, told)

    assert not suspended(city)
