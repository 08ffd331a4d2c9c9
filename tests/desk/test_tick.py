"""The tick: what is late, what a crash left, a sign of life; run often, it does things once."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk import audit, media, seal, tick
from azukari.desk import order as orders
from azukari.desk.custody import pass_on
from azukari.errors import AzukariError, Unreachable
from azukari.rehearse.clock import ms
from azukari.shelf import files
from azukari.shelf.folder import Folder
from azukari.vault import records

HOUR = 3_600_000


def test_nothing_due_nothing_done(city: Any) -> None:
    before = city.types("office"), city.types("keys")

    done = tick.tick(city.office)

    assert ([], [], []) == (done.alarms, done.finished, done.abandoned)
    assert before == (city.types("office"), city.types("keys"))


def test_what_is_late_raises_the_alarm_once(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 20:30")
    assert [] == tick.tick(at_six.office).alarms
    at_six.clock.set("2022-06-21 20:31")

    first, second = tick.tick(at_six.office), tick.tick(at_six.office)

    assert sorted(at_six.carriers) == sorted(first.alarms)
    assert [] == second.alarms
    assert 2 == at_six.types("office").count("alarm.raised")


def test_a_carrier_that_never_arrives_is_late(city: Any) -> None:
    hand = city.cast.hand
    pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    city.clock.set("2022-06-21 18:31")

    assert city.carriers[0] in tick.tick(city.office).alarms


def test_a_carrier_that_never_leaves_the_office_is_late(city: Any) -> None:
    """Sealed, laid into a drawer and forgotten: not received by its due time, and whoever sealed
    it is told first."""
    city.clock.set("2022-06-21 18:31")

    raised = tick.tick(city.office).raised

    assert set(city.carriers) == {one.subject for one in raised}
    assert {("receive", "owner")} == {(one.what, one.rung) for one in raised}
    assert [] == tick.tick(city.office).alarms


def test_handed_over_it_is_due_once(city: Any) -> None:
    hand = city.cast.hand
    pass_on(city.office, city.carriers[0], "hand-over", hand("clerk"), hand("engineer"))
    city.clock.set("2022-06-21 18:31")

    raised = [one for one in tick.tick(city.office).raised if one.subject == city.carriers[0]]

    assert 1 == len(raised)


def test_a_lost_carrier_is_late_no_more(at_six: Any) -> None:
    at_six.lose()
    at_six.clock.set("2022-06-22 20:31")

    # What is to be done about it is late; it is not.
    assert not set(at_six.carriers) & set(tick.tick(at_six.office).alarms)


def test_an_alarm_is_raised_though_the_key_service_is_away(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that fails may stand between a due time and its alarm, nor before the heartbeat."""

    def away(*_: object) -> None:
        raise Unreachable("it does not answer")

    for name in ("entries", "head", "checkpoint", "heartbeat", "grant", "shred", "revoke"):
        monkeypatch.setattr(at_six.keeper, name, away)
    at_six.clock.set("2022-06-23 20:31")

    done = tick.tick(at_six.office)

    assert sorted(at_six.carriers) == sorted(done.alarms)


def test_a_sign_of_life_once_a_day_in_both_ledgers(city: Any) -> None:
    with city.office.act() as tx:
        for carrier in city.carriers:
            records.settle(tx, carrier, city.clock.now())  # nothing else is written meanwhile
    for hours, beats in ((19, 0), (21, 1), (22, 1), (42, 2)):
        city.clock.at = city.order.requested_at + 7 * HOUR + hours * HOUR
        tick.tick(city.office)

        assert beats == city.types("office").count("ledger.heartbeat"), hours
        assert beats == city.types("keys").count("ledger.heartbeat"), hours


def test_a_sign_of_life_that_was_asked_for_too_early_is_none(city: Any) -> None:
    """Only the key service's own clock and ledger say whether nothing was written for long."""
    before = city.types("keys")

    city.keeper.heartbeat("0" * 26, city.city)

    assert before == city.types("keys")


def test_envelope_last_a_folder_without_it_gets_it(city: Any) -> None:
    """The crash came after the office's entry: the carrier is recorded, the file missing."""
    path = Folder(city.media[0]).inside / "envelope.json"
    before = path.read_bytes()
    path.unlink()

    tick.tick(city.office)

    assert before == path.read_bytes()


def test_envelope_last_a_changed_folder_never_gets_it(city: Any) -> None:
    folder = Folder(city.media[0])
    (folder.inside / "envelope.json").unlink()
    part = next(folder.inside.glob("[0-9]*.azs"))
    part.write_bytes(part.read_bytes()[:-1])

    tick.tick(city.office)

    assert not (folder.inside / "envelope.json").exists()


def test_envelope_last_a_sealing_that_broke_off_is_no_carrier(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key is destroyed, its id used up, its folder has no envelope and gets none."""
    order = _approved(city)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(city.keeper, "bind", crash)
        with pytest.raises(KeyboardInterrupt):
            _seal(city, order, "M-0003")
    city.restart()
    assert audit.audit(city.office)

    done = tick.tick(city.office)

    assert 1 == len(done.abandoned)
    assert not (city.out / "carriers" / "M-0003" / "azukari" / "envelope.json").exists()
    assert "carrier.abandoned" == city.types("office")[-1]
    assert "key.shredded" == city.types("keys")[-1]
    assert [] == audit.audit(city.office)
    assert [] == tick.tick(city.office).abandoned
    with city.office.act() as tx:
        assert State.ABANDONED == records.carrier(tx, done.abandoned[0]).state
    again = _seal(city, order, "M-0004")
    assert again.carrier != done.abandoned[0]


def test_medium_not_empty(city: Any) -> None:
    order = _approved(city)
    medium = city.out / "carriers" / "M-0003"
    (medium / "holiday.jpg").write_bytes(b"")
    before = city.types("keys")

    with pytest.raises(AzukariError, match=r"not.empty"):
        _seal(city, order, "M-0003")

    assert "key.created" not in city.types("keys")[len(before) :]
    assert [medium / "holiday.jpg"] == list(medium.iterdir())


def _approved(city: Any) -> Any:
    order = city.new_order(
        receive_by=ms("2022-06-22 18:00"),
        return_by=ms("2022-06-22 20:00"),
        expires_at=ms("2022-06-30 17:00"),
        media=["M-0003", "M-0004"],
    )
    for tag in order.media:
        place = files.folder(city.out / "carriers" / tag)
        media.register(city.office, tag, place, city.person("clerk"))
    for name in ("approver_1", "approver_2"):
        orders.approve(city.office, order.id, *city.cast.hand(name))
    return order


def _seal(city: Any, order: Any, tag: str) -> Any:
    by = city.person("clerk")
    cargo = seal.select_cargo(city.office, order.id, city.roll, city.determination, by)
    return seal.seal(city.office, cargo, city.out / "carriers" / tag, by, tag)
