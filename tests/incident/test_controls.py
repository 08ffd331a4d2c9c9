"""Which control failed where an entry says so, and what the table holds of each."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.errors import BadSettings
from azukari.incident import measures
from azukari.incident.measures import Measure, State, Word
from azukari.incident.tasks import OWNERS

AT = 1_000
RAW = """
id = "x"
date_read = 2026-11-22
source = "here"
[[control]]
code = "late"
owner = "lead"
days = 3
ja = "遅れた"
en = "late"
"""


@pytest.mark.parametrize(
    ("kind", "detail", "found"),
    [
        ("carrier.lost", {}, ("lost",)),
        ("alarm.raised", {"what": "receive"}, ("unreceived",)),
        ("alarm.raised", {"what": "return"}, ("late",)),
        ("alarm.raised", {"what": "whatever is due one day"}, ("late",)),
        ("alarm.raised", {}, ("late",)),
        ("alarm.raised", {"what": "measure"}, ()),
        ("alarm.raised", {"what": "duty/x", "due_at": 999}, ("late",)),
        ("alarm.raised", {"what": "duty/x", "due_at": 1_001}, ()),
        ("clock.suspect", {}, ("clock",)),
        ("order.refused", {}, ("approval_refused",)),
        ("carrier.inspected", {"unchanged": True}, ()),
        ("carrier.inspected", {"unchanged": False}, ("found_changed",)),
        ("custody.refused", {"reasons": ["not_the_person_of_the_order"]}, ("wrong_hand",)),
        ("custody.refused", {"reasons": ["training_missing"]}, ("training_lapsed",)),
        ("grant.refused", {"reasons": ["chain_broken", "chain_broken"]}, ("broken_chain",)),
        (
            "grant.refused",
            {"reasons": ["training_missing", "device_unknown"]},
            ("wrong_device", "training_lapsed"),
        ),
        ("grant.refused", {"reasons": ["carrier_is_revoked"]}, ("after_revocation",)),
        ("grant.refused", {"reasons": ["a reason of tomorrow"]}, ("key_refused",)),
        ("key.refused", {}, ("key_refused",)),
        ("carrier.sealed", {}, ()),
        ("measure.opened", {"reasons": ["chain_broken"]}, ()),
    ],
)
def test_controls(kind: str, detail: dict[str, Any], found: tuple[str, ...]) -> None:
    assert found == measures.controls(kind, detail, AT)


def test_every_control_that_can_fail_is_in_the_table_and_no_other() -> None:
    can = {
        code
        for kind in ("carrier.lost", "clock.suspect")
        for code in measures.controls(kind, {}, AT)
    }
    can |= {"late", "unreceived", "found_changed", "key_refused", *measures._BY_REASON}

    assert can == set(measures.table())


def test_every_control_is_said_in_both_languages_to_an_owner() -> None:
    for one in measures.table().values():
        assert not one.ja.isascii()
        assert one.en.isascii()
        assert one.owner in OWNERS


@pytest.mark.parametrize(
    "raw",
    [
        "",
        RAW.replace("days = 3", "days = 0"),
        RAW.replace('"lead"', '"nobody"'),
        RAW + "more = 1\n",
        RAW + RAW[RAW.index("[[control]]") :],
    ],
)
def test_a_wrong_table_is_refused(raw: str) -> None:
    assert measures.parse(RAW.encode())

    with pytest.raises(BadSettings):
        measures.parse(raw.encode())


def measure(**changed: Any) -> Measure:
    said: dict[str, Any] = {
        "id": "0" * 26,
        "control": "late",
        "subject": "1" * 26,
        "owner": "lead",
        "opened_at": 0,
        "due_at": 100,
        "done": None,
        "checked": None,
    }
    return Measure(**(said | changed))


@pytest.mark.parametrize(
    ("changed", "now", "state"),
    [
        ({}, 100, State.OPEN),
        ({}, 101, State.LATE),
        ({"done": Word("a", 50, "例")}, 100, State.DONE),
        ({"done": Word("a", 50, "例")}, 101, State.LATE),
        ({"done": Word("a", 50, "例"), "checked": Word("b", 60, "例")}, 101, State.CLOSED),
    ],
)
def test_done_and_not_looked_at_in_time_is_late_too(
    changed: dict[str, Any], now: int, state: State
) -> None:
    assert state is measure(**changed).state(now)
    assert all(measures.STATES[state])


def test_attack_the_detail_of_an_inspection_is_erased_before_anybody_looked() -> None:
    """Not known whether it was as it was sealed: that asks for a measure like a change."""
    assert ("found_changed",) == measures.controls("carrier.inspected", {}, 0)
    assert ("found_changed",) == measures.controls("carrier.inspected", {"unchanged": None}, 0)
    assert () == measures.controls("carrier.inspected", {"unchanged": True}, 0)
