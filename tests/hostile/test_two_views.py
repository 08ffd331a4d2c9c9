"""Two views of one ledger, each shown to somebody else: what they and a witness can say of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.hostile import hands
from tests.hostile.machine import COMMITTEE, Machine

from azukari.rehearse.clock import StoryClock

pytestmark = pytest.mark.real


@pytest.fixture
def forked(machine: Machine, tmp_path: Path) -> tuple[Machine, Machine]:
    """Two copies of the machine that went different ways, each with its own clockwork."""
    shutil.copytree(machine.here, tmp_path / "second")
    other = replace(machine, here=tmp_path / "second", clock=StoryClock("2022-06-22 04:00"))
    machine.clock.set("2022-06-22 04:00")
    machine.elsewhere.set("2022-06-22 04:00")
    machine.go_on(1)
    other.go_on(2)
    return machine, other


def test_fork_two_views_each_right_by_itself(forked: tuple[Machine, Machine]) -> None:
    """Neither who is shown one of them can tell; the policy vouches for what both share only."""
    one, other = forked
    for machine in forked:
        given = machine.export(machine.away / machine.here.name)

        said = machine.verify(given, "--policy", machine.policy, "--json")

        assert 0 == said.code, said.err
        told = json.loads(said.out)["office"]
        assert told["witnessed"] < told["size"]
    heads = [machine.away / machine.here.name / "office" / "checkpoint" for machine in forked]
    assert heads[0].read_bytes() != heads[1].read_bytes()

    compared = one.verify(other.away / other.here.name, "--kept", heads[0])

    assert 17 == compared.code
    assert "kakuu/office: another history: the head that was kept, of " in compared.err


def test_fork_two_views_shown_to_one_witness(forked: tuple[Machine, Machine]) -> None:
    """Whichever comes second is refused, and its office is told that there is another."""
    one, other = forked
    assert 0 == one.at_office("tick").code

    said = other.at_office("tick")
    status = other.status()

    assert f"{COMMITTEE} cosigned another history of the ledger office" in said.err
    assert "nothing is let out until that is cleared up" in said.err
    assert 1 == status.code
    assert "azukari.example/kakuu/office: a signed head came without proof" in status.out


def test_fork_two_views_of_one_length_convict_whoever_signed_them(
    forked: tuple[Machine, Machine],
) -> None:
    one, other = forked
    one.go_on(1)
    assert 0 == one.at_office("tick").code
    longer = len(hands.lines(one, "office"))
    other.go_on(longer - len(hands.lines(other, "office")))

    other.asked()
    status = other.status()

    assert "ALARM forked  azukari.example/kakuu/office: a second history of one length" in (
        status.out
    )
    assert list((other.home_of(COMMITTEE) / "evidence").iterdir())
