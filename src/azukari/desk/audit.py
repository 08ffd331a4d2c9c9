"""The audit: both ledgers whole, paired act by act, and the order that promises rest on.

It names what is wrong in words and changes nothing; what a crash left it calls *unpaired* until the
tick has finished it.  What entries must say of each other stands in `azukari.ledger.acts`, where a
stranger with two exported folders finds it too.
"""

from __future__ import annotations

from collections.abc import Sequence

from azukari.desk import written
from azukari.desk.office import Office
from azukari.errors import BadFormat, LedgerError
from azukari.ledger import acts
from azukari.ledger.acts import Finding
from azukari.ledger.entry import Entry, decode
from azukari.ledger.tree import leaf_hash, root_of
from azukari.vault import records


def audit(office: Office) -> list[Finding]:
    """Verify both ledgers, the office's copy, the pairs and the order; empty: all is well."""
    findings: list[Finding] = []
    with office.act() as tx:
        try:
            office.book.verify(tx)
        except LedgerError as error:
            findings.append(Finding("office", -1, str(error)))
        own = office.book.entries(tx, 0, office.book.head(tx).size)
        copied = records.keys_entries(tx)
    theirs, head = office.keys.entries(0), office.keys.head()
    if copied != theirs[: len(copied)]:
        first = next(i for i, line in enumerate(copied) if theirs[i : i + 1] != [line])
        text = "the keys' ledger differs from the office's copy"
        return [*findings, Finding("keys", first, text)]
    try:
        with office.act() as tx:
            office.copy.verify(tx, head.origin)
    except LedgerError as error:
        findings.append(Finding("keys", -1, f"the office's copy: {error}"))
    leaves = [leaf_hash(line) for line in theirs]
    if root_of(leaves[: head.size]).hex() != head.root:
        findings.append(Finding("keys", -1, "the head of the keys' ledger is not of its entries"))
    mine, keys = _read("office", own, findings), _read("keys", theirs, findings)
    quoted = acts.roots_at(leaves, (e.other.size for e in mine if e.other is not None))
    return [
        *findings,
        *acts.pair(mine, keys),
        *acts.order_of_revocations(keys),
        *acts.quotes("office", mine, head.origin, quoted.get),
        *acts.unknown("office", mine),
        *acts.unknown("keys", keys),
        *written.differences(office),
    ]


def _read(name: str, lines: Sequence[bytes], findings: list[Finding]) -> list[Entry]:
    """The entries of a ledger; what is none is a finding, not an end."""
    entries = []
    for i, line in enumerate(lines):
        try:
            entries.append(decode(line))
        except BadFormat as error:
            findings.append(Finding(name, i, str(error)))
    return entries
