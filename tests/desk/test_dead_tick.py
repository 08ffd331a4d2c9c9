"""A tick that stopped, a clock that was set back: who notices, and what still works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from azukari.desk import pulse, tick, witnesses
from azukari.errors import ClockBehind
from azukari.rehearse.clock import ms
from azukari.witness.alarm import What, alarms
from azukari.witness.site import create, open_site

HOUR = 3_600_000
NAME = "committee.example/w1"
LATE = "2022-06-21 20:31"
BACK = "2022-06-21 09:00"


def test_dead_tick_a_witness_raises_it_after_26_hours(
    at_six: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, office = tmp_path / "committee", at_six.office
    create(home, NAME)
    witness = open_site(home, NAME, at_six.clock.now)
    witness.add_log(office.book.verifier())
    witnesses.add(
        office, witness.witness.vkey(), "http://127.0.0.1:9", False, at_six.person("officer")
    )

    def by_hand(_url: str, body: bytes) -> tuple[int, bytes]:
        return 200, witness.cosign(body).lines

    monkeypatch.setattr("azukari.shelf.asking.add_checkpoint", by_hand)
    # As long as it ticks, a heartbeat a day is enough, for however long nothing happens.
    for _ in range(4):
        for _ in range(4):
            at_six.clock.at += 6 * HOUR
            tick.tick(office)
        assert [] == alarms(witness.memory(), at_six.clock.now())
    # Then it stops.
    with office.act() as tx:
        last = office.book.last_at(tx)
    at_six.clock.at = last + 26 * HOUR
    assert [] == alarms(witness.memory(), at_six.clock.now())
    at_six.clock.at += 1

    [alarm] = alarms(witness.memory(), at_six.clock.now())
    assert (What.SILENT, office.book.origin) == (alarm.what, alarm.log)


def test_dead_tick_is_seen_by_whoever_asks(at_six: Any) -> None:
    office, minute = at_six.office, 60_000
    assert (pulse.STOPPED,) == pulse.pulse(office, 10 * minute).why
    tick.tick(office)
    at_six.clock.at += 10 * minute
    assert () == pulse.pulse(office, 10 * minute).why
    at_six.clock.at += minute
    assert (pulse.STOPPED,) == pulse.pulse(office, 10 * minute).why
    at_six.clock.at += 24 * HOUR
    assert (pulse.STOPPED, pulse.NO_SIGN) == pulse.pulse(office, 10 * minute).why


def test_dead_tick_a_clock_set_back_does_not_make_an_old_tick_new(at_six: Any) -> None:
    tick.tick(at_six.office)
    at_six.clock.set(BACK)

    assert (pulse.STOPPED, pulse.CLOCK) == pulse.pulse(at_six.office, 600_000).why


def test_clock_back_at_the_office_releases_nothing_and_revokes(at_six: Any) -> None:
    at_six.clock.set(BACK)
    released = at_six.types("keys").count("key.released")

    with pytest.raises(ClockBehind):
        at_six.ask()
    lost = at_six.lose(known_at=ms(BACK), last_held_at=ms(BACK), lost_before=ms(BACK))

    assert lost.revoked
    assert released == at_six.types("keys").count("key.released")
    assert "carrier.lost" in at_six.types("office")
    assert "carrier.revoked" in at_six.types("keys")


def test_clock_back_at_the_office_is_written_down_once(at_six: Any) -> None:
    at_six.clock.set(BACK)

    behind = [tick.tick(at_six.office).clock_behind for _ in range(3)]

    assert [True] * 3 == behind
    assert 1 == at_six.types("office").count("clock.suspect")
    at_six.clock.set(LATE)
    assert not tick.tick(at_six.office).clock_behind
    at_six.clock.set(BACK)
    tick.tick(at_six.office)
    assert 2 == at_six.types("office").count("clock.suspect")


def test_clock_back_at_the_office_hides_nothing_that_is_late(at_six: Any) -> None:
    """Whoever sets the clock back an hour before a carrier is due gains no hour by it."""
    at_six.clock.set(LATE)
    with at_six.office.act() as tx:
        from azukari.desk.office import new_act
        from azukari.shelf.book import Draft

        at_six.office.write(tx, Draft(new_act(), "ledger.heartbeat", at_six.city))
    at_six.clock.set(BACK)

    # The clock itself is told of, too.
    assert {*at_six.carriers, at_six.city} == set(tick.tick(at_six.office).alarms)


def test_a_clock_a_minute_behind_is_no_suspicion(at_six: Any) -> None:
    tick.tick(at_six.office)
    at_six.clock.at -= 60_000

    assert not tick.tick(at_six.office).clock_behind
    assert "clock.suspect" not in at_six.types("office")
