"""The audit: both ledgers whole, and what it says of each way to change them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from azukari.desk import audit
from azukari.errors import BadFormat
from azukari.ledger.acts import Finding
from azukari.vault import schema


def whats(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings]


def test_a_lawful_evening_has_no_findings(at_six: Any) -> None:
    at_six.ask()
    at_six.lose()

    assert [] == audit.audit(at_six.office)


def test_attack_the_offices_copy_of_the_keys_entries_is_edited(at_six: Any) -> None:
    at_six.ask()
    rows = schema.keys_ledger.entry
    with at_six.office.act() as tx:
        last = tx.execute(select(rows).order_by(rows.c.i.desc())).first()
        assert last is not None
        tx.execute(rows.update().where(rows.c.i == last.i).values(body=last.body[:-1] + b" "))

    assert ["the keys' ledger differs from the office's copy"] == whats(audit.audit(at_six.office))


def test_attack_the_key_services_ledger_is_shorter_than_the_offices_copy(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_six.ask()
    shorter = at_six.keeper.entries(0)[:-1]
    monkeypatch.setattr(at_six.keeper, "entries", lambda _: shorter)

    assert ["the keys' ledger differs from the office's copy"] == whats(audit.audit(at_six.office))


def test_attack_entries_that_are_not_those_of_the_signed_head(
    at_six: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Added after the office's copy, so that only the head can tell."""
    lines = at_six.keeper.entries(0)
    monkeypatch.setattr(at_six.keeper, "entries", lambda _: [*lines[:-1], lines[0]])
    with at_six.office.act() as tx:
        tx.execute(
            schema.keys_ledger.entry.delete().where(schema.keys_ledger.entry.c.i >= len(lines) - 1)
        )

    found = whats(audit.audit(at_six.office))

    assert "the head of the keys' ledger is not of its entries" in found


def test_attack_an_entry_of_the_offices_ledger_is_edited(at_six: Any) -> None:
    entry_ = schema.ledger.entry
    with at_six.office.act() as tx:
        tx.execute(entry_.update().where(entry_.c.i == 3).values(body=b"{}"))

    found = audit.audit(at_six.office)

    assert any(finding.ledger == "office" for finding in found)
    with pytest.raises(BadFormat):
        at_six.entries("office")
