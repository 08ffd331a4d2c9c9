"""How long details are kept: the table of the page is that of the code; what falls under a rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.entrust import retention
from azukari.entrust.order import DAY_MS
from azukari.entrust.retention import NEEDED, RULES, Standing, falling, held, left
from azukari.ledger.entry import KNOWN, Entry
from azukari.names import id_of

PAGE = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")
LOG = "ledger.kakuu.example/office"
IDS = [id_of(bytes([number]) * 16) for number in range(6)]
KINDS = sorted({kind for rule in RULES.values() for kind in rule.types} | set(NEEDED))
quick = settings(deadline=None, max_examples=100)


def entry(kind: str, at: int, refs: tuple[str, ...] = (), *, commit: bool = True) -> Entry:
    return Entry(
        act=IDS[0],
        at=at,
        by=IDS[1],
        commit="0" * 64 if commit else None,
        log=LOG,
        n={},
        refs=refs,
        type=kind,
        v=1,
    )


def test_the_page_has_every_rule_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    told = {
        name: (ledger, int(days), tuple(re.findall(r"`([a-z_.]+)`", types)))
        for name, ledger, days, types in rows
    }

    assert {r.name: (r.ledger, r.days, r.types) for r in RULES.values()} == told


def test_the_page_names_what_no_rule_lets_go() -> None:
    [line] = re.findall(r"^Never erased by a rule: (.*)", PAGE, re.MULTILINE)

    assert sorted(NEEDED) == re.findall(r"`([a-z_.]+)`", line)


def test_rules_name_types_that_there_are() -> None:
    assert {kind for rule in RULES.values() for kind in rule.types} | NEEDED <= KNOWN


def test_a_rule_that_names_what_is_computed_from_for_good_is_none() -> None:
    with pytest.raises(ValueError, match="needed for good"):
        retention.Rule("bad", "office", ("order.requested",), 1, "")


@quick
@given(
    st.sampled_from(sorted(RULES)),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 100), st.booleans()), max_size=20),
    st.integers(0, 100),
    st.sets(st.integers(0, 20)),
)
def test_what_falls_under_a_rule_is_named_old_committed_and_not_gone(
    name: str, made: list[tuple[str, int, bool]], until: int, gone: set[int]
) -> None:
    entries = [(i, entry(kind, at, commit=commit)) for i, (kind, at, commit) in enumerate(made)]

    found = falling(RULES[name], entries, until, gone)

    assert found == [
        i
        for i, (kind, at, commit) in enumerate(made)
        if kind in RULES[name].types and at <= until and commit and i not in gone
    ]
    assert not {made[i][0] for i in found} & NEEDED


def test_a_rule_ends_after_its_days_and_not_before() -> None:
    rule = RULES["refusals"]

    assert 366 * DAY_MS == 10**12 - rule.newest(10**12)


@quick
@given(st.lists(st.sets(st.sampled_from(IDS)), max_size=4), st.sets(st.sampled_from(IDS)))
def test_what_anything_is_about_is_held_by_it_and_nothing_else_is(
    abouts: list[set[str]], refs: set[str]
) -> None:
    standing = [Standing("duty_open", str(i), frozenset(ids)) for i, ids in enumerate(abouts)]
    named = entry("task.done", 1, tuple(refs))

    found = held([(7, named)], standing)

    holding = [str(i) for i, ids in enumerate(abouts) if ids & {*refs, named.by}]
    assert [(7, about) for about in holding] == [(one.entry, one.about) for one in found]


def test_a_hold_about_nothing_holds_everything() -> None:
    everything = Standing("held_by_request", IDS[5], None)
    gone = [(0, entry("person.left", 1, (IDS[2],)))]

    assert 1 == len(held(gone, [everything]))
    assert frozenset() == left(gone, 2, [everything])
    assert {IDS[2]} == left(gone, 2, [])
    assert frozenset() == left(gone, 0, [])


def test_another_history_has_another_digest() -> None:
    lines = [b"one", b"two"]

    assert retention.lines_digest(lines) != retention.lines_digest([b"onetwo"])
    assert retention.lines_digest(lines) != retention.lines_digest(lines[::-1])
