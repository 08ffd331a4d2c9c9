"""The hostile administrator: every attack on two ledgers, and what everybody says who looks.

Root edits files and rows by hand and signs with the keys that lie there; tests/hostile/table.py
says what, and docs/security.md the same in words.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.hostile.machine import Machine
from tests.hostile.table import ATTACKS, Attack

PAGE = Path(__file__).parents[2] / "docs" / "security.md"


@pytest.mark.real
def test_nobody_finds_anything_where_nothing_was_done(machine: Machine) -> None:
    assert {} == machine.look()


@pytest.mark.real
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_whoever_can_notice_says_what_was_done_where(attack: Attack, machine: Machine) -> None:
    attack.hand(machine)

    found = machine.look()

    assert set(attack.said) == set(found), found
    for who, what in attack.said.items():
        assert re.search(what, found[who]), (who, found[who])


def test_the_page_on_security_has_this_very_table() -> None:
    told = PAGE.read_text("utf-8")
    table = told.partition("### The hostile administrator\n")[2].partition("\n### ")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]

    assert [list(attack.cells) for attack in ATTACKS] == lines[1 : len(ATTACKS) + 1]
