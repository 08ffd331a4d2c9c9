"""What entries say of each other: the halves of an act, the order after a revocation, the fates."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.ledger import acts
from azukari.ledger.entry import Entry, OtherHead
from azukari.ledger.tree import root_of
from azukari.names import new_id

IDS = [new_id() for _ in range(4)]


def entry(kind: str, act: str = IDS[0], *refs: str) -> Entry:
    return Entry(act=act, at=1, by=IDS[1], log="a/b", n={}, refs=refs or (IDS[2],), type=kind, v=1)


def whats(findings: list[acts.Finding]) -> list[str]:
    return [finding.what for finding in findings]


@pytest.mark.parametrize("kind", sorted(acts.PAIRS))
def test_every_kind_without_its_other_half_is_named(kind: str) -> None:
    of_keys = kind.startswith("key.") or kind == "carrier.revoked"

    found = acts.pair([], [entry(kind)]) if of_keys else acts.pair([entry(kind)], [])

    assert 1 == len(found)
    assert f"{kind} is unpaired" in found[0].what


@pytest.mark.parametrize(("kind", "others"), sorted(acts.PAIRS.items()))
def test_every_other_half_is_enough(kind: str, others: tuple[str, ...]) -> None:
    for other in others:
        office, keys = [entry(kind)], [entry(other)]
        if kind.startswith("key.") or kind == "carrier.revoked":
            office, keys = keys, office

        unpaired = [f for f in acts.pair(office, keys) if f.what.startswith(f"{kind} ")]

        assert [] == unpaired


def test_attack_another_half_about_something_else() -> None:
    """The right act and type, of another carrier."""
    lost, revoked = entry("carrier.lost", IDS[0], IDS[2]), entry("carrier.revoked", IDS[0], IDS[3])

    assert 2 == len(acts.pair([lost], [revoked]))


def test_attack_one_carrier_of_the_bag_left_out_of_the_revocation() -> None:
    lost = entry("carrier.lost", IDS[0], IDS[2], IDS[3])
    revoked = entry("carrier.revoked", IDS[0], IDS[2])

    assert ["carrier.lost is unpaired: no carrier.revoked"] == whats(acts.pair([lost], [revoked]))


def test_a_release_after_its_revocation_is_named() -> None:
    revoked, restored = entry("carrier.revoked"), entry("carrier.restored")
    for release in ("key.released", "key.released.seal", "key.released.roll"):
        assert acts.order_of_revocations([revoked, entry(release)])
        assert not acts.order_of_revocations([entry(release), revoked])
        assert not acts.order_of_revocations([revoked, restored, entry(release)])
        assert acts.order_of_revocations([revoked, restored, revoked, entry(release)])
        assert not acts.order_of_revocations([revoked, entry(release, IDS[0], IDS[3])])


def test_never_released_needs_a_revocation_and_no_release_to_a_device() -> None:
    revoked, size = entry("carrier.revoked"), 2

    assert acts.fate([entry("key.released.seal"), revoked], IDS[2]).never_released(size)
    assert not acts.fate([revoked, entry("key.released")], IDS[2]).never_released(size)
    assert not acts.fate([], IDS[2]).never_released(size)


@pytest.mark.parametrize("use", ["key.released", "key.released.print", "key.released.seal.again"])
def test_a_use_that_is_not_known_counts_as_an_opening(use: str) -> None:
    before, after = [entry(use), entry("carrier.revoked")], [entry("carrier.revoked"), entry(use)]

    assert 0 == acts.fate(before, IDS[2]).released
    assert 1 == acts.fate(after, IDS[2]).released


def test_attack_a_root_that_others_saw_before_the_revocation() -> None:
    """Then a release could still be written in front of it, and shown to others."""
    fate = acts.fate([entry("key.created"), entry("carrier.revoked")], IDS[2])

    assert [False, False, False, True] == [fate.never_released(n) for n in (None, 0, 1, 2)]


def test_a_restored_carrier_is_not_called_never_released() -> None:
    revoked, restored = entry("carrier.revoked"), entry("carrier.restored")

    assert acts.Fate(IDS[2], None, None) == acts.fate([revoked, restored], IDS[2])
    assert acts.Fate(IDS[2], 2, None) == acts.fate([revoked, restored, revoked], IDS[2])
    assert set() == acts.revoked([revoked, restored])


def test_every_carrier_that_was_ever_revoked_has_its_fate() -> None:
    keys = [
        entry("key.released", IDS[0], IDS[2], IDS[1]),
        entry("carrier.revoked", IDS[0], IDS[2], IDS[3]),
        entry("carrier.revoked", IDS[1], IDS[2]),
    ]

    assert [acts.Fate(IDS[2], 1, 0), acts.Fate(IDS[3], 1, None)] == acts.fates(keys)
    assert {IDS[2], IDS[3]} == acts.revoked(keys)


def test_attack_a_history_of_the_keys_that_the_office_never_saw() -> None:
    """The office quotes heads of the keys' ledger; one that was never there convicts it."""
    leaves = [bytes([n]) * 32 for n in range(3)]
    roots = acts.roots_at(leaves, range(9))

    def quoting(size: int, root: bytes, origin: str = "a/keys") -> list[str]:
        head = OtherHead(origin=origin, root=root.hex(), size=size)
        one = msgspec.structs.replace(entry("grant.issued"), other=head)
        return whats(acts.quotes("office", [one], "a/keys", roots.get))

    assert [] == [found for size, root in roots.items() for found in quoting(size, root)]
    assert ["it quotes another history of 2 entries of the other ledger"] == quoting(2, roots[3])
    assert ["it quotes 4 entries of the other ledger, which has fewer"] == quoting(4, roots[3])
    assert [] == quoting(2, roots[3], "another/keys")


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40), st.sets(st.integers(-1, 50)))
@settings(deadline=None, max_examples=50)
def test_roots_on_the_way_are_the_roots_of_the_beginnings(
    leaves: list[bytes], sizes: set[int]
) -> None:
    expected = {size: root_of(leaves[:size]) for size in sizes if 0 <= size <= len(leaves)}

    assert expected == acts.roots_at(leaves, sizes)


def test_an_unknown_type_is_reported_not_refused() -> None:
    assert [acts.Finding("keys", 0, "an entry of the unknown type future.thing")] == acts.unknown(
        "keys", [entry("future.thing"), entry("carrier.revoked")]
    )
