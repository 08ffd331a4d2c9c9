"""A night that others were told of, and a copy of it for every attack."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.machine import COMMITTEE, OWN, WHICH, Machine

from azukari import settings
from azukari.desk import witnesses
from azukari.desk.office import new_act
from azukari.rehearse.clock import StoryClock
from azukari.shelf import asking
from azukari.shelf.book import Draft
from azukari.witness.site import create

LATER = "2022-06-22 03:10"
BEATS = 520  # so that there are two full tiles to be swapped


@pytest.fixture(scope="session")
def told_night(sealed_city: Any, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Sealed and imaged, handed over, released, lost; both witnesses and a contractor were told."""
    out = tmp_path_factory.mktemp("hostile")
    shutil.copytree(sealed_city.out, out / "here")
    clock = StoryClock("2022-06-21 17:00")
    machine = Machine(out / "here", out / "away", sealed_city, clock, clock, out / "image")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", "C.UTF-8")
        patch.setattr(asking, "add_checkpoint", machine.add_checkpoint)
        _begin(machine)
        _evening(machine)
    return machine


@pytest.fixture
def machine(told_night: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A copy of that machine and of what others keep, ten minutes later."""
    for name in ("here", "away"):
        shutil.copytree(getattr(told_night, name), tmp_path / name)
    here, away = tmp_path / "here", tmp_path / "away"
    clock, elsewhere = StoryClock(LATER), StoryClock(LATER)
    made = replace(told_night, here=here, away=away, clock=clock, elsewhere=elsewhere)
    _plain(monkeypatch)
    monkeypatch.setattr(asking, "add_checkpoint", made.add_checkpoint)
    return made


@pytest.fixture
def alone(sealed_city: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The city's machine at 17:00, and nobody elsewhere was told anything."""
    shutil.copytree(sealed_city.out, tmp_path / "here")
    clock, image = StoryClock("2022-06-21 17:00"), tmp_path / "image"
    machine = Machine(tmp_path / "here", tmp_path / "away", sealed_city, clock, clock, image)
    machine.away.mkdir()
    _plain(monkeypatch)
    return machine


def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "AZUKARI_HOME", "AZUKARI_PERSON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def _begin(machine: Machine) -> None:
    """Two witnesses, one of them the city's own, on the very machine; then the image."""
    with machine.city() as city:
        logs = {"office": city.office.book.verifier(), "keys": city.keeper.verifier}
        for name in (OWN, COMMITTEE):
            vkey = create(machine.home_of(name), name).vkey()
            settings.write(machine.home_of(name), settings.Settings(site="witness", origin=name))
            for log in logs.values():
                machine.witness(name).add_log(log)
            by = city.person("officer")
            witnesses.add(city.office, vkey, f"https://{name}", name == OWN, by)
        beats = [Draft(new_act(), "ledger.heartbeat", city.city) for _ in range(BEATS)]
        with city.office.act() as tx:
            city.office.write(tx, *beats)
        policy = witnesses.policy_text(city.office, list(logs.values()))
    stranger = machine.policy.parent
    stranger.mkdir()
    machine.policy.write_text(policy or "")
    for which, log in logs.items():
        (stranger / f"{which}.vkey").write_text(f"{log}\n")
    assert 0 == machine.at_office("tick").code
    shutil.copytree(machine.here, machine.image)


def _evening(machine: Machine) -> None:
    with machine.city() as city:
        city.hand_over()
        machine.clock.set("2022-06-21 18:00")
        city.ask()
        machine.clock.set("2022-06-22 03:00")
        city.lose()
    assert 0 == machine.at_office("tick").code
    machine.kept.mkdir()
    given = machine.export(machine.away / "export")
    for which in WHICH:
        shutil.copy(given / which / "checkpoint", machine.kept / which)
