"""How far witnesses vouch for a ledger: their cosigned heads, held against its own entries.

It says what was verified in this run and nothing of who the witnesses are: that stands in the
policy of whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from azukari.errors import BadSignature, LedgerBehind, LedgerFork
from azukari.ledger.checkpoint import Verifier, open_checkpoint
from azukari.ledger.cosign import Cosignature, Witness, cosignatures
from azukari.ledger.policy import Policy


@dataclass(frozen=True)
class Word:
    """The longest head that one witness of the policy cosigned."""

    size: int
    cosignature: Cosignature


@dataclass(frozen=True)
class Vouched:
    """What witnesses of a policy say of one ledger."""

    words: tuple[Word, ...]  # longest first
    reach: int | None  # entries for which the quorum vouches; None where there is no quorum


def vouched(
    notes: Iterable[bytes],
    log: Verifier,
    policy: Policy,
    root_at: Callable[[int], bytes | None],
    until_s: int,
) -> Vouched:
    """Verify cosigned heads and count them.

    Args:
        notes: heads of this ledger with cosignatures, in any order.
        log: the ledger's verifier.
        policy: of whoever asks.
        root_at: the root its verified entries have at a size; None where they are fewer.
        until_s: cosignatures of a later time, in seconds since 1970 UTC, do not count.

    Raises:
        BadSignature: the policy does not know this ledger, or a note is not that ledger's.
        LedgerBehind: a witness cosigned more entries than there are.
        LedgerFork: a witness cosigned another history.
    """
    if policy.logs and log not in policy.logs:
        raise BadSignature("the policy does not know this ledger")
    newest: dict[Witness, Word] = {}
    for note in notes:
        head = open_checkpoint(note, log)
        found = [
            one for one in cosignatures(note, policy.witnesses.values()) if one.at_s <= until_s
        ]
        if not found:
            continue
        who, root = found[0].witness.name, root_at(head.size)
        if root is None:
            raise LedgerBehind(f"{head.origin}: {who} cosigned {head.size} entries, more than here")
        if root != head.root:
            raise LedgerFork(
                f"{head.origin}: {who} cosigned another history of {head.size} entries"
            )
        for one in found:
            known = newest.get(one.witness)
            if known is None or (known.size, known.cosignature.at_s) < (head.size, one.at_s):
                newest[one.witness] = Word(head.size, one)
    words = sorted(newest.values(), key=lambda word: (-word.size, word.cosignature.witness.name))
    reach = policy.reach({word.cosignature.witness: word.size for word in words})
    return Vouched(tuple(words), reach)
