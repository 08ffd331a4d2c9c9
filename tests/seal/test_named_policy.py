"""The city's proposal: its text, under its root key and no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, BadSignature
from azukari.seal import policy as policies
from azukari.seal.envelope import SigningKey, Use, canonical, sign
from azukari.seal.policy import NamedPolicy, issue_policy, read_policy

ROOT = SigningKey.generate(Use.ROOT)
NAMED = NamedPolicy(1, "ledger.kakuu.example/office", 1_655_811_300_000, "quorum none\n")


def test_a_policy_is_read_under_the_root_that_signed_it() -> None:
    assert NAMED == read_policy(issue_policy(NAMED, ROOT), ROOT.public)


def test_another_root_is_not_believed() -> None:
    with pytest.raises(BadSignature):
        read_policy(issue_policy(NAMED, ROOT), SigningKey.generate(Use.ROOT).public)


@pytest.mark.parametrize("use", [use for use in Use if use is not Use.ROOT])
def test_wrong_key_kind_no_other_key_signs_policies(use: Use) -> None:
    other = SigningKey.generate(use)

    with pytest.raises(BadSignature):
        issue_policy(NAMED, other)
    with pytest.raises(BadSignature):
        read_policy(sign(canonical(NAMED), policies.TYPE, [other]), other.public)


def test_a_trust_bundle_is_no_policy() -> None:
    with pytest.raises(BadSignature):
        read_policy(
            sign(canonical(NAMED), "application/vnd.azukari.trust.v1+json", [ROOT]), ROOT.public
        )


@pytest.mark.parametrize(
    "payload",
    [
        b"{}",
        canonical(NamedPolicy(2, NAMED.name, 1, "")),
        canonical({"v": 1, "name": "", "at": 1, "text": ""}),
        canonical({"v": 1, "name": "a", "at": -1, "text": ""}),
        canonical({"v": 1, "name": "a", "at": 1, "text": "", "more": 1}),
        b" " + canonical(NAMED),
    ],
)
def test_what_is_no_policy_is_refused(payload: bytes) -> None:
    with pytest.raises(BadFormat):
        read_policy(sign(payload, policies.TYPE, [ROOT]), ROOT.public)


@settings(deadline=None, max_examples=100)
@given(st.integers(0), st.integers(1, 255))
def test_no_changed_byte_of_a_signed_policy_passes(at: int, mask: int) -> None:
    whole = issue_policy(NAMED, ROOT)
    at %= len(whole)
    changed = whole[:at] + bytes((whole[at] ^ mask,)) + whole[at + 1 :]

    with pytest.raises((BadFormat, BadSignature)):
        read_policy(changed, ROOT.public)
