"""The city's proposal of whose cosignatures are enough, signed by its root key.

A site that pinned the root believes it without anybody typing keys; what a policy means is the
ledger's to say, here it is one text.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from azukari.errors import BadFormat, BadSignature
from azukari.seal.envelope import (
    Count,
    PublicKey,
    Signer,
    Use,
    canonical,
    open_signed,
    parse,
    sign,
)

TYPE: Final = "application/vnd.azukari.policy.v1+json"


class NamedPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A policy and the name of the ledger whose office proposes it; of two the later holds."""

    v: int
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    at: Count
    text: Annotated[str, msgspec.Meta(max_length=1 << 16)]


def issue_policy(policy: NamedPolicy, root: Signer) -> bytes:
    """Sign a policy with the city's root key."""
    if root.public.use is not Use.ROOT:
        raise BadSignature("only a root key signs policies")
    return sign(canonical(policy), TYPE, [root])


def read_policy(document: bytes, root: PublicKey) -> NamedPolicy:
    """Verify and read a policy."""
    if root.use is not Use.ROOT:
        raise BadSignature("only a root key signs policies")
    payload, _ = open_signed(document, TYPE, lambda key: root if key == root.id else None)
    policy = parse(payload, NamedPolicy)
    if policy.v != 1:
        raise BadFormat("a policy of another version")
    return policy
