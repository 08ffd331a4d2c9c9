"""What a tick repairs, and what it leaves alone: work that goes on, an old copy of the office."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from azukari.carrier.life import State
from azukari.desk.audit import audit
from azukari.desk.take_in import open_roll, take_in_roll
from azukari.desk.tick import tick
from azukari.ledger.acts import pair
from azukari.ledger.entry import Entry
from azukari.names import new_id
from azukari.shelf import busy
from azukari.vault import records


def begun(city: Any) -> str:
    """A roll as it is in the middle of being taken in: there is a key, and no record."""
    identifier: str = new_id()
    city.keeper.create(new_id(), city.person("requester"), identifier, None)
    return identifier


def entry(kind: str, act: str, *refs: str) -> Entry:
    return Entry(
        act=act,
        at=1,
        by=act,
        commit=None,
        happened=None,
        log="azukari.example/kakuu/office",
        n={},
        other=None,
        refs=refs,
        type=kind,
        v=1,
    )


def test_a_tick_takes_no_work_that_goes_on_for_work_that_broke_off(city: Any) -> None:
    with busy.at_work(city.office.home):
        roll = begun(city)
        meanwhile = tick(city.office)

    afterwards = tick(city.office)

    assert (meanwhile.abandoned, afterwards.abandoned) == ([], [roll])
    assert audit(city.office) == []


def test_two_repairs_do_not_run_at_once(city: Any) -> None:
    roll = begun(city)

    with busy.alone(city.office.home) as first:
        second = tick(city.office)

    assert first
    assert second.abandoned == []
    assert tick(city.office).abandoned == [roll]


def test_several_may_be_at_work_and_then_nobody_is_alone(tmp_path: Path) -> None:
    with busy.at_work(tmp_path), busy.at_work(tmp_path), busy.alone(tmp_path) as alone:
        assert not alone

    with busy.alone(tmp_path) as alone:
        assert alone


def test_alarms_are_raised_though_somebody_is_at_work(at_six: Any) -> None:
    at_six.clock.set("2022-06-21 20:31")

    with busy.at_work(at_six.office.home):
        done = tick(at_six.office)

    assert sorted(at_six.carriers) == sorted(done.alarms)


def test_attack_an_old_copy_of_the_office_put_back_makes_the_tick_destroy_no_key(
    city: Any, tmp_path: Path
) -> None:
    by = city.person("requester")
    city.close()
    shutil.copytree(city.office_home, tmp_path / "before")
    city.open()
    roll = take_in_roll(city.office, city.out / "city", by).roll
    open_roll(city.office, roll, by)
    city.close()
    for old in (tmp_path / "before").glob("office.db*"):
        shutil.copy(old, city.office_home)
    city.open()

    done = tick(city.office)

    assert done.abandoned == []
    assert len(open_roll(city.office, roll, by).register) > 0
    assert ["key.created is unpaired: no carrier.sealed"] == [f.what for f in audit(city.office)]


@pytest.mark.parametrize("state", [State.SEALING, State.ABANDONED])
def test_a_loss_is_recorded_whatever_became_of_the_carrier_before(city: Any, state: State) -> None:
    lost = city.carriers[0]
    with city.office.act() as tx:
        records.change_carrier(tx, lost, state=state)

    incident = city.lose()

    assert incident.revoked
    assert ["carrier.lost", "incident.opened"] == city.types("office")[-3:-1]
    assert audit(city.office) == []


def test_a_loss_that_is_declared_again_leaves_the_audit_clean(city: Any) -> None:
    first, second = city.lose(), city.lose()

    assert first.incident != second.incident
    assert audit(city.office) == []
    tick(city.office)
    assert audit(city.office) == []


def test_a_release_is_paired_with_the_refusal_that_followed_a_lost_answer() -> None:
    act, carrier = new_id(), new_id()
    office = [entry("grant.asked", act, carrier), entry("grant.refused", act, carrier)]
    keys = [entry("key.released", act, carrier), entry("key.refused", act, carrier)]

    assert pair(office, keys) == []


def test_a_question_without_an_answer_is_named() -> None:
    act = new_id()

    (found,) = pair([entry("grant.asked", act, new_id())], [])

    assert (found.ledger, found.what) == ("office", "grant.asked is unpaired: no key.released")


@pytest.mark.parametrize("restored", [False, True])
def test_a_loss_whose_revocation_does_not_stand_is_named(restored: bool) -> None:
    carrier, act = new_id(), new_id()
    keys = [entry("carrier.revoked", act, carrier)]
    if restored:
        keys.append(entry("carrier.restored", new_id(), carrier))
    office = [entry("carrier.lost", act, carrier), entry("carrier.lost", new_id(), carrier)]

    found = [each.what for each in pair(office, keys)]

    assert found == (["carrier.lost is unpaired: no carrier.revoked"] if restored else [])
