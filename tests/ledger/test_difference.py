"""Where two copies of one ledger first differ, named after what was done to one of them."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.ledger import difference
from azukari.ledger.entry import Entry, encode
from azukari.names import id_of

ENTRIES = [
    Entry(
        act=id_of(bytes([n]) * 16),
        at=n,
        by=id_of(bytes(16)),
        log="a/b",
        n={},
        refs=(),
        type="key.created",
        v=1,
    )
    for n in range(6)
]
KEPT = [encode(entry) for entry in ENTRIES]
NEW = encode(msgspec.structs.replace(ENTRIES[3], type="key.released", at=9))


@pytest.mark.parametrize("more", [[], [NEW]])
def test_a_ledger_that_only_goes_on_has_no_difference(more: list[bytes]) -> None:
    assert difference.first(KEPT, KEPT + more) is None


@pytest.mark.parametrize(
    ("attack", "shown", "index", "what"),
    [
        ("drop the tail", KEPT[:4], 4, "its tail was dropped: 6 entries were there, 4 are"),
        (
            "edit",
            [*KEPT[:3], NEW, *KEPT[4:]],
            3,
            "edited: key.created was there, key.released is, another in at, type",
        ),
        (
            "reorder",
            [KEPT[0], KEPT[2], KEPT[1], *KEPT[3:]],
            1,
            "reordered: what was entry 2 stands here, and what was here is entry 2",
        ),
        (
            "take out",
            [*KEPT[:2], *KEPT[3:]],
            2,
            "taken out: key.created was there, and what came after it has moved up",
        ),
        (
            "put in",
            [*KEPT[:2], NEW, *KEPT[2:]],
            2,
            "put in: key.released is there, and what was there is entry 3",
        ),
        (
            "no entry",
            [b"{}", *KEPT[1:]],
            0,
            "edited: key.created was there, no entry is, another in its bytes",
        ),
    ],
)
def test_attack_named_by_what_was_done(
    attack: str, shown: list[bytes], index: int, what: str
) -> None:
    assert difference.Difference(index, what) == difference.first(KEPT, shown), attack


@given(st.lists(st.sampled_from(KEPT)), st.lists(st.sampled_from(KEPT)))
@settings(deadline=None)
def test_any_two_copies_agree_up_to_the_difference(kept: list[bytes], shown: list[bytes]) -> None:
    found = difference.first(kept, shown)

    if found is None:
        assert kept == shown[: len(kept)]
    else:
        assert kept[: found.index] == shown[: found.index]
        assert kept[found.index : found.index + 1] != shown[found.index : found.index + 1]
