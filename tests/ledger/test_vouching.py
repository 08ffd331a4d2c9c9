"""How far witnesses vouch: what they cosigned, held against a ledger's own entries."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadSignature, LedgerBehind, LedgerFork
from azukari.ledger.audit import roots_of
from azukari.ledger.checkpoint import Checkpoint, Signer, sign_note
from azukari.ledger.cosign import Cosigner, cosign, find_cosignature, with_cosignatures
from azukari.ledger.policy import parse_policy
from azukari.ledger.tiles import bundle_path, bundles_of, encode_bundle
from azukari.ledger.tree import leaf_hash, root_of
from azukari.ledger.vouching import Vouched, vouched

AT = 1_655_811_300


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


LOG = Signer("ledger.kakuu.example/office", key(0))
OTHER = Signer("ledger.kakuu.example/keys", key(9))
ABC = [Cosigner(f"{name}.example", key(n)) for n, name in enumerate("abc", 1)]
LEAVES = [leaf_hash(b"%d" % i) for i in range(40)]
FORK = LEAVES[:9] + [leaf_hash(b"another %d" % i) for i in range(9, 40)]
POLICY = parse_policy(
    (
        f"log {LOG.verifier().vkey()}\n"
        + "".join(f"witness {one.name} {one.witness().vkey()}\n" for one in ABC)
        + "group two 2 a.example b.example c.example\nquorum two\n"
    ).encode()
)


def note(size: int, *by: Cosigner, leaves: Sequence[bytes] = LEAVES, at_s: int = AT) -> bytes:
    text = Checkpoint(LOG.name, size, root_of(leaves[:size])).text()
    words = [
        find_cosignature(f"{cosign(one, text, at_s)}\n".encode(), text, one.witness()) for one in by
    ]
    return with_cosignatures(sign_note(LOG, text), words)


def root_at(size: int) -> bytes | None:
    return root_of(LEAVES[:size]) if size <= 30 else None


def said(*notes: bytes, log: Signer = LOG) -> Vouched:
    return vouched(notes, log.verifier(), POLICY, root_at, AT)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 30), st.sampled_from(range(3))), max_size=6))
def test_two_of_three_reach_as_far_as_the_second_longest(heads: list[tuple[int, int]]) -> None:
    found = said(*(note(size, ABC[who]) for size, who in heads))

    longest = {who: max(size for size, one in heads if one == who) for _, who in heads}
    sizes = sorted(longest.values(), reverse=True)
    assert found.reach == (sizes[1] if len(sizes) > 1 else None)
    assert sizes == [word.size for word in found.words]


def test_a_head_that_nobody_of_the_policy_cosigned_says_nothing() -> None:
    stranger = Cosigner("stranger.example", key(7))

    assert said(note(12, stranger), note(12)).words == ()


def test_fork_one_witness_saw_another_history() -> None:
    with pytest.raises(LedgerFork, match=r"b\.example cosigned another history of 12"):
        said(note(12, ABC[0]), note(12, ABC[1], leaves=FORK))


def test_rollback_a_witness_saw_more_than_there_is() -> None:
    with pytest.raises(LedgerBehind, match=r"a\.example cosigned 31 entries"):
        said(note(31, ABC[0]))


def test_timestamps_in_the_future_do_not_count_and_spoil_nothing() -> None:
    found = said(note(12, ABC[0], at_s=AT + 1), note(10, ABC[1]), note(10, ABC[2]))

    assert found.reach == 10
    assert len(found.words) == 2


def test_a_head_of_another_ledger_is_refused() -> None:
    with pytest.raises(BadSignature):
        vouched([note(12, ABC[0])], OTHER.verifier(), POLICY, root_at, AT)


def test_a_head_that_the_ledger_did_not_sign_is_refused() -> None:
    """A witness's word alone is none: it signs what the ledger signed."""
    text = Checkpoint(LOG.name, 12, root_of(LEAVES[:12])).text()
    forged = sign_note(Signer(LOG.name, key(9)), text) + f"{cosign(ABC[0], text, AT)}\n".encode()

    with pytest.raises(BadSignature):
        said(forged)


def test_a_false_cosignature_spoils_its_note() -> None:
    whole = note(12, ABC[0])
    false = note(11, ABC[0]).decode().splitlines()[-1]
    changed = b"\n".join([*whole.splitlines()[:-1], false.encode(), b""])

    with pytest.raises(BadSignature, match="false one"):
        said(changed)


# --- the roots of an export


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 600), st.lists(st.integers(-3, 700), max_size=8))
def test_the_roots_of_an_export_are_those_of_its_beginnings(size: int, sizes: list[int]) -> None:
    lines = [b"%d" % i for i in range(size)]
    files = {
        bundle_path(n, width): encode_bundle(lines[256 * n : 256 * n + width])
        for n, width in bundles_of(size)
    }

    found = roots_of(files.__getitem__, size, sizes)

    leaves = [leaf_hash(line) for line in lines]
    assert {one: root_of(leaves[:one]) for one in sizes if 0 <= one <= size} == found
