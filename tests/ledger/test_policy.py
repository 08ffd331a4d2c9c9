"""Policies: whose cosignatures are enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat
from azukari.ledger.checkpoint import Signer
from azukari.ledger.cosign import Cosigner, Witness
from azukari.ledger.policy import MAX_POLICY_BYTES, Policy, parse_policy

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/witness.json").read_text("utf-8"))


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


LOG = Signer("ledger.kakuu.example/office", key(0)).verifier()
WITNESSES = [Cosigner(f"w{i}.example", key(i + 1)).witness() for i in range(8)]
A, B, C = (witness.vkey() for witness in WITNESSES[:3])
EXAMPLE = VECTOR["policy_example"]["text"].format(
    *(witness.vkey() for witness in WITNESSES), L=LOG.vkey()
)
ABC = f"witness a {A}\nwitness b {B}\nwitness c {C}\n"


def policy(text: str) -> Policy:
    return parse_policy(text.encode())


@pytest.mark.parametrize(
    ("cosigned", "enough"),
    [
        ([0, 1, 3], True),
        ([1, 2, 5], True),
        ([0, 1, 2, 3, 4, 5], True),
        ([0, 1, 2], False),
        ([0, 3, 4, 5], False),
        ([3, 4, 5], False),
        ([6, 7], False),
        ([], False),
    ],
)
def test_the_example_of_the_specification_counts_as_it_says(
    cosigned: list[int], enough: bool
) -> None:
    found = policy(EXAMPLE)

    assert (LOG,) == found.logs
    assert enough == found.satisfied([WITNESSES[i] for i in cosigned])


@settings(deadline=None, max_examples=100)
@given(st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)))
def test_more_witnesses_are_never_less_enough(some: set[int], more: set[int]) -> None:
    found = policy(EXAMPLE)

    if found.satisfied([WITNESSES[i] for i in some]):
        assert found.satisfied([WITNESSES[i] for i in some | more])


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.integers(0, 7), st.integers(0, 20)))
def test_the_reach_is_the_largest_size_that_enough_vouch_for(sizes: dict[int, int]) -> None:
    found = policy(EXAMPLE)

    reach = found.reach({WITNESSES[i]: size for i, size in sizes.items()})

    vouched = [
        size
        for size in range(21)
        if found.satisfied([WITNESSES[i] for i, seen in sizes.items() if seen >= size])
    ]
    assert reach == max(vouched, default=None)


def test_a_quorum_of_one_witness_is_that_witness() -> None:
    found = policy(f"{ABC}quorum b\n")

    assert found.satisfied([WITNESSES[1]])
    assert not found.satisfied([WITNESSES[0], WITNESSES[2]])


def test_a_quorum_of_none_asks_for_nothing() -> None:
    assert policy("quorum none\n").satisfied([])


def test_a_quorum_of_none_vouches_for_nothing_whoever_cosigned() -> None:
    """Else a policy that asks nobody would make *never released* of the city's own witness."""
    found = policy(f"{ABC}quorum none\n")

    assert found.reach(dict.fromkeys(WITNESSES[:3], 12)) is None


def test_a_key_under_another_name_is_another_witness() -> None:
    renamed = Witness("else.example", WITNESSES[0].public)

    assert not policy(f"{ABC}quorum a\n").satisfied([renamed])


def test_spaces_tabs_comments_and_addresses_say_nothing() -> None:
    text = f"# a\n \t\n\t witness  a\t{A} https://w.example/ \n  # b\ngroup g any a\nquorum g\n"

    assert policy(text).satisfied([WITNESSES[0]])


def test_names_beyond_ascii_are_read() -> None:
    assert policy(f"witness 委員会 {A}\nquorum 委員会\n").satisfied([WITNESSES[0]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        ABC,
        f"{ABC}quorum a\nquorum b\n",
        f"{ABC}quorum d\n",
        f"quorum a\n{ABC}",
        f"{ABC}quorum\n",
        f"{ABC}quorum a b\n",
        f"{ABC}group g any a d\nquorum g\n",
        f"{ABC}group g any g\nquorum g\n",
        f"{ABC}group g any a a\nquorum g\n",
        f"{ABC}group g any none\nquorum g\n",
        f"{ABC}group g any a\ngroup h any a\nquorum g\n",
        f"{ABC}group g any\nquorum g\n",
        f"{ABC}group g 0 a\nquorum g\n",
        f"{ABC}group g 2 a\nquorum g\n",
        f"{ABC}group g 01 a\nquorum g\n",
        f"{ABC}group g -1 a\nquorum g\n",
        f"{ABC}group a any b\nquorum a\n",
        f"{ABC}group none any b\nquorum none\n",
        f"witness none {A}\nquorum none\n",
        f"{ABC}witness a {WITNESSES[3].vkey()}\nquorum a\n",
        f"{ABC}witness d {A}\nquorum a\n",  # one key twice
        f"log {WITNESSES[0].vkey()}\nquorum none\n",  # wrong key kind
        f"witness a {LOG.vkey()}\nquorum a\n",  # wrong key kind
        f"log {LOG.vkey()}\nlog {LOG.vkey()}\nquorum none\n",
        f"witness a {A[:-2]}\nquorum a\n",
        f"{ABC}quorum a",
        f"{ABC}quorum a\r\n",
        f"{ABC}quorum a\n\0\n",
        f"{ABC}believe a\nquorum a\n",
        "#\n" * 600 + "quorum none\n",
        "#" * MAX_POLICY_BYTES + "\nquorum none\n",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(BadFormat):
        policy(text)


def test_a_ledger_that_vouches_for_itself_is_refused() -> None:
    """One key as ledger and as witness: its two words would be one."""
    own = Cosigner("w.example", key(0)).witness()

    with pytest.raises(BadFormat, match="another line"):
        policy(f"log {LOG.vkey()}\nwitness w {own.vkey()}\nquorum w\n")


def test_groups_in_groups_as_deep_as_a_policy_is_long_are_counted() -> None:
    text = f"witness g0 {A}\n"
    text += "".join(f"group g{i} any g{i - 1}\n" for i in range(1, 500)) + "quorum g499\n"

    assert policy(text).satisfied([WITNESSES[0]])
    assert not policy(text).satisfied([])


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_refused(raw: bytes) -> None:
    try:
        parse_policy(raw)
    except BadFormat:
        return
    assert b"quorum" in raw


@pytest.mark.parametrize(
    ("quorum", "own", "fewest"),
    [
        ("quorum none", (), 0),
        ("quorum a", (), 1),
        ("quorum a", (0,), 0),
        ("group g any a b c\nquorum g", (), 1),
        ("group g 2 a b c\nquorum g", (), 2),
        ("group g 2 a b c\nquorum g", (2,), 1),
        ("group g 2 a b c\nquorum g", (0, 1), 0),
        ("group g all a b c\nquorum g", (2,), 2),
    ],
)
def test_how_many_witnesses_outside_a_policy_asks_for(
    quorum: str, own: tuple[int, ...], fewest: int
) -> None:
    """One of the city's own in a group of two leaves one outside, and one is not two."""
    assert fewest == policy(f"{ABC}{quorum}\n").fewest_beside([WITNESSES[n] for n in own])
