"""Checks read again: believed no further than the ledger says the same."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.desk import supervise, supervision
from azukari.desk.tick import tick
from azukari.entrust.supervision import State
from azukari.errors import LedgerBroken
from azukari.rehearse.clock import ms
from azukari.vault import schema

BY = ms("2022-07-15 23:59")
LATER = ms("2022-08-01 23:59")


def test_what_was_found_stands_in_no_line_and_can_be_erased(checks: Any) -> None:
    checks.done(checks.plan(), follow_ups=[(checks.city.person("engineer"), LATER, checks.secret)])
    with checks.office.act() as tx:
        size = checks.office.book.head(tx).size
        lines = checks.office.book.entries(tx, 0, size)
        assert not any(checks.secret.encode() in line for line in lines)
        checks.office.book.erase_detail(tx, size - 1, at=checks.city.clock.now())

    found = checks.only()

    assert found.findings is None
    assert found.done_at is not None
    assert [None] == [one.what for one in found.follow_ups]


def test_attack_the_database_says_what_the_ledger_does_not(checks: Any) -> None:
    """Who can write to the records makes no check done, due later, by another, of other things."""
    visit, sample_ = checks.plan(), checks.sampled()[0]
    done = checks.plan()
    ids = checks.done(done, follow_ups=[(checks.city.person("engineer"), LATER, "直す")])
    checks.done(sample_, looked=checks.only_of(sample_).drawn)
    supervise.follow_up(checks.office, ids[0], "00" * 32, "見た", checks.hand)
    rows, after = schema.supervision, schema.follow_up

    for table, identifier, changed in (
        (rows, visit, {"due_at": LATER}),
        (rows, visit, {"planned_by": checks.city.person("approver_2")}),
        (rows, visit, {"done_at": BY, "done_on": BY, "done_by": "x", "done_entry": 3}),
        (rows, sample_, {"drawn": checks.other_than(sample_)}),
        (rows, sample_, {"among": 99}),
        (rows, done, {"done_by": checks.city.person("approver_2")}),
        (rows, done, {"looked": checks.city.person("engineer")}),
        (rows, done, {"done_on": 1}),
        (after, ids[0], {"who": checks.city.person("courier")}),
        (after, ids[0], {"due_at": BY}),
        (after, ids[0], {"closed_by": checks.city.person("approver_2")}),
    ):
        with checks.office.act() as tx:
            mine = table.c.id == identifier
            before = dict(tx.execute(table.select().where(mine)).one()._mapping)
            tx.execute(table.update().where(mine).values(**changed))

        with pytest.raises(LedgerBroken):
            supervision.checks_of(checks.office)

        with checks.office.act() as tx:
            tx.execute(table.update().where(mine).values(**before))
    assert 3 == len(supervision.checks_of(checks.office))


def test_the_record_counts_what_is_under_the_agreement(checks: Any) -> None:
    checks.city.hand_over()
    checks.city.clock.set("2022-06-21 23:00")
    tick(checks.office)
    checks.city.lose()
    checks.plan()

    found = supervision.record(checks.office, checks.agreement)

    assert {"orders": 1, "carriers": 2, "alarms": 2, "losses": 1} == found.counts
    assert found.in_force
    assert ["例示受託"] == [link.processor.party for link in found.chain]
    assert {"engineer", "courier", "contractor_officer"} == {
        name
        for name, person in checks.city.cast.people.items()
        if person in {one.person.id for one in found.trained}
    }
    assert [check.id for check in found.checks] == [checks.only().id]


def test_attack_a_check_is_taken_away_or_made_undone(checks: Any) -> None:
    """What was found must not go away by a row that is emptied or removed."""
    [one] = checks.done(checks.plan(), follow_ups=[(checks.city.person("engineer"), LATER, "直す")])
    check = checks.only().id
    supervise.follow_up(checks.office, one, "00" * 32, "見た", checks.hand)
    rows, after = schema.supervision, schema.follow_up

    for table, identifier, changed in (
        (rows, check, {"done_at": None}),
        (after, one, {"closed_at": None}),
        (rows, check, None),
        (after, one, None),
    ):
        with checks.office.act() as tx:
            mine = table.c.id == identifier
            before = dict(tx.execute(table.select().where(mine)).one()._mapping)
            tx.execute(table.delete().where(mine))
            if changed is not None:
                tx.execute(table.insert().values(**{**before, **changed}))

        for agreement in ("", checks.agreement):
            with pytest.raises(LedgerBroken):
                supervision.checks_of(checks.office, agreement)

        with checks.office.act() as tx:
            tx.execute(table.delete().where(mine))
            tx.execute(table.insert().values(**before))
    assert [] == supervision.checks_of(checks.office, checks.city.agreements["centre"])
    assert 1 == len(supervision.checks_of(checks.office))


def test_attack_a_late_check_is_recorded_as_if_in_time(checks: Any) -> None:
    """The row's instant counts for nothing: the ledger says when it was recorded."""
    check = checks.plan()
    checks.city.clock.set("2022-07-20 10:00")
    checks.done(check)
    with checks.office.act() as tx:
        tx.execute(schema.supervision.update().values(done_at=BY - 1))

    assert State.DONE_LATE is checks.only().state(checks.city.clock.now())
