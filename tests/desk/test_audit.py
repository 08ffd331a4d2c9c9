"""The audit: both ledgers whole, every act with its other half, no release after a revocation."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from azukari.desk import audit
from azukari.errors import BadFormat
from azukari.ledger.entry import Entry
from azukari.names import new_id
from azukari.vault import schema

IDS = [new_id() for _ in range(4)]


def entry(kind: str, act: str = IDS[0], *refs: str) -> Entry:
    return Entry(act=act, at=1, by=IDS[1], log="a/b", n={}, refs=refs or (IDS[2],), type=kind, v=1)


def whats(findings: list[audit.Finding]) -> list[str]:
    return [finding.what for finding in findings]


def test_a_lawful_evening_has_no_findings(at_six: Any) -> None:
    at_six.ask()
    at_six.lose()

    assert [] == audit.audit(at_six.office)


@pytest.mark.parametrize("kind", sorted(audit.PAIRS))
def test_every_kind_without_its_other_half_is_named(kind: str) -> None:
    of_keys = kind.startswith("key.") or kind == "carrier.revoked"

    found = audit.pair([], [entry(kind)]) if of_keys else audit.pair([entry(kind)], [])

    assert 1 == len(found)
    assert f"{kind} is unpaired" in found[0].what


@pytest.mark.parametrize(("kind", "others"), sorted(audit.PAIRS.items()))
def test_every_other_half_is_enough(kind: str, others: tuple[str, ...]) -> None:
    for other in others:
        office, keys = [entry(kind)], [entry(other)]
        if kind.startswith("key.") or kind == "carrier.revoked":
            office, keys = keys, office

        unpaired = [f for f in audit.pair(office, keys) if f.what.startswith(f"{kind} ")]

        assert [] == unpaired


def test_attack_another_half_about_something_else(at_six: Any) -> None:
    """The right act and type, of another carrier."""
    lost, revoked = entry("carrier.lost", IDS[0], IDS[2]), entry("carrier.revoked", IDS[0], IDS[3])

    assert 2 == len(audit.pair([lost], [revoked]))


def test_attack_one_carrier_of_the_bag_left_out_of_the_revocation() -> None:
    lost = entry("carrier.lost", IDS[0], IDS[2], IDS[3])
    revoked = entry("carrier.revoked", IDS[0], IDS[2])

    assert ["carrier.lost is unpaired: no carrier.revoked"] == whats(audit.pair([lost], [revoked]))


def test_a_release_after_its_revocation_is_named() -> None:
    revoked, restored = entry("carrier.revoked"), entry("carrier.restored")
    for release in ("key.released", "key.released.seal", "key.released.roll"):
        assert audit.order_of_revocations([revoked, entry(release)])
        assert not audit.order_of_revocations([entry(release), revoked])
        assert not audit.order_of_revocations([revoked, restored, entry(release)])
        assert audit.order_of_revocations([revoked, restored, revoked, entry(release)])
        assert not audit.order_of_revocations([revoked, entry(release, IDS[0], IDS[3])])


def test_never_released_needs_a_revocation_and_no_release_to_a_device() -> None:
    revoked = entry("carrier.revoked")

    assert audit.never_released([entry("key.released.seal"), revoked], IDS[2])
    assert not audit.never_released([revoked, entry("key.released")], IDS[2])
    assert not audit.never_released([], IDS[2])


def test_an_unknown_type_is_reported_not_refused() -> None:
    assert 1 == len(audit.unknown([entry("future.thing")], [entry("carrier.revoked")]))


def test_attack_the_offices_copy_of_the_keys_entries_is_edited(at_six: Any) -> None:
    at_six.ask()
    rows = schema.keys_entry
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
        tx.execute(schema.keys_entry.delete().where(schema.keys_entry.c.i >= len(lines) - 1))

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
