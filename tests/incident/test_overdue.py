"""What can be late: every kind has words, alarms climb forward only, quiet hours end."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import azukari
from azukari.incident.overdue import KINDS, OTHER, RUNGS, Plan, Quiet, kind_of
from azukari.rehearse.clock import ms

HOME = Path(azukari.__file__).parent
HOUR = 3_600_000
CLOCK = st.integers(0, 24 * 60 - 1)
#: What is set by a name that is no constant of its file, and where all it can be stands.
COMPUTED = {"after.owed": {"receive", "return"}, "owed": {"receive", "return"}, "what": {"duty"}}


def kinds_set(path: Path) -> set[str]:
    """Every kind that a file gives to `set_due`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for names, value in ((target, node.value) for target in targets):
                pairs = (
                    zip(names.elts, value.elts, strict=True)
                    if isinstance(names, ast.Tuple) and isinstance(value, ast.Tuple)
                    else [(names, value)]
                )
                for name, said in pairs:
                    if isinstance(name, ast.Name) and isinstance(said, ast.Constant):
                        constants[name.id] = str(said.value)
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("set_due"):
            what = node.args[2]
            if isinstance(what, ast.Constant):
                found.add(str(what.value))
            else:
                spelled = ast.unparse(what)
                found |= COMPUTED.get(spelled) or {constants[spelled]}
    return found


def test_every_kind_that_is_ever_due_has_words_in_both_languages() -> None:
    found = {kind for path in HOME.rglob("*.py") for kind in kinds_set(path)}

    assert {"receive", "return", "erase", "receipts", "unused", "duty", "review"} <= found
    assert set() == {kind for kind in found if kind.partition("/")[0] not in KINDS}


@pytest.mark.parametrize("kind", [*KINDS.values(), OTHER], ids=[*KINDS, "other"])
def test_words_are_in_their_language(kind: object) -> None:
    assert not kind.ja.isascii()  # type: ignore[attr-defined]  # parametrize hands on an object
    assert kind.en.isascii()  # type: ignore[attr-defined]  # the same


def test_a_kind_nobody_has_words_for_is_as_loud_as_a_loss() -> None:
    assert kind_of("something/new").loud
    assert all(not ja.isascii() and en.isascii() for ja, en in RUNGS.values())


@pytest.mark.parametrize("what", ["receive", "return", "task", "duty/appi-organ.report.prompt"])
def test_quiet_hours_never_silence_a_loss_nor_a_deadline_of_law(what: str) -> None:
    night = ms("2022-06-22 03:00")

    assert night == Plan(quiet=Quiet.of("00:00-23:59")).heard_at(kind_of(what), night)


def test_quiet_hours_over_midnight_end_in_the_morning() -> None:
    quiet = Quiet.of("22:00-07:00")

    for text, over in (
        ("2022-06-21 21:59", "2022-06-21 21:59"),
        ("2022-06-21 22:00", "2022-06-22 07:00"),
        ("2022-06-22 03:10", "2022-06-22 07:00"),
        ("2022-06-22 06:59", "2022-06-22 07:00"),
        ("2022-06-22 07:00", "2022-06-22 07:00"),
    ):
        assert ms(over) == quiet.over_at(ms(text)), text


@given(begins=CLOCK, ends=CLOCK, at=st.integers(0, 1 << 42))
def test_quiet_hours_never_last_a_day_and_never_go_back(begins: int, ends: int, at: int) -> None:
    quiet = Quiet(begins, ends)
    over = quiet.over_at(at)

    assert at <= over < at + 24 * HOUR
    assert over == quiet.over_at(over)


@given(
    steps=st.lists(st.integers(1, 10_080), min_size=1, max_size=8),
    levels=st.lists(st.integers(0, 12), min_size=2, max_size=2),
    heard=st.integers(0, 1 << 42),
)
def test_every_step_leads_forward(steps: list[int], levels: list[int], heard: int) -> None:
    plan = Plan(tuple(step * 60_000 for step in steps))

    assert all(plan.after(level, heard) >= heard + 60_000 for level in levels)
