"""The audit: both ledgers whole, paired act by act, and the order that promises rest on.

`audit` names what is wrong in words and changes nothing; what a crash left it calls *unpaired*
until the tick has finished it.  `pair` and `order_of_revocations` are pure: they need the two
lists of entries, from wherever they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from azukari.desk.office import Office
from azukari.errors import BadFormat, LedgerError
from azukari.ledger.entry import Entry, decode, known
from azukari.ledger.tree import leaf_hash, root_of
from azukari.vault import records

#: For an entry of one ledger, the entries of the other that may complete its act.
PAIRS: Final = {
    "key.created": ("carrier.sealed", "carrier.abandoned", "roll.taken_in", "benefit.determined"),
    "key.released.seal": ("carrier.sealed", "carrier.abandoned"),
    "key.bound": ("carrier.sealed", "carrier.abandoned"),
    # Refused: the answer never reached the office, and when it asked again the carrier was revoked.
    "key.released": ("grant.issued", "grant.refused"),
    "grant.asked": ("key.released", "key.refused"),
    "carrier.revoked": ("carrier.lost",),
    "carrier.sealed": ("key.bound",),
    "roll.taken_in": ("key.created",),
    "benefit.determined": ("key.created",),
    "grant.issued": ("key.released",),
    "grant.refused": ("key.refused",),
    "carrier.lost": ("carrier.revoked",),
}


@dataclass(frozen=True)
class Finding:
    """Something an auditor must know; ``what`` is a sentence without a resident's value."""

    ledger: str
    index: int
    what: str


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
    if root_of([leaf_hash(line) for line in theirs[: head.size]]).hex() != head.root:
        findings.append(Finding("keys", -1, "the head of the keys' ledger is not of its entries"))
    mine, keys = _read("office", own, findings), _read("keys", theirs, findings)
    return [*findings, *pair(mine, keys), *order_of_revocations(keys), *unknown(mine, keys)]


def pair(office: Sequence[Entry], keys: Sequence[Entry]) -> list[Finding]:
    """Entries of one ledger whose act lacks its other half, about the same things."""
    findings = []
    standing = revoked(keys)
    for name, entries, others in (("office", office, keys), ("keys", keys, office)):
        done: dict[str, list[Entry]] = {}
        for entry in others:
            done.setdefault(entry.act, []).append(entry)
        for i, entry in enumerate(entries):
            wanted = PAIRS.get(entry.type)
            if not wanted or _answers(entry, done.get(entry.act, []), wanted):
                continue
            # A loss that is declared again finds its carriers revoked by the first declaration.
            again = entry.type == "carrier.lost" and set(entry.refs) <= standing
            if not again:
                findings.append(Finding(name, i, f"{entry.type} is unpaired: no {wanted[0]}"))
    return findings


def _answers(entry: Entry, others: Sequence[Entry], wanted: Sequence[str]) -> bool:
    """Is one of the others its other half?  Of a bag every single carrier must be revoked."""
    about = set(entry.refs)
    found = [set(other.refs) for other in others if other.type in wanted]
    whole = entry.type == "carrier.lost"
    return any(about <= refs if whole else about & refs for refs in found)


def _read(name: str, lines: Sequence[bytes], findings: list[Finding]) -> list[Entry]:
    """The entries of a ledger; what is none is a finding, not an end."""
    entries = []
    for i, line in enumerate(lines):
        try:
            entries.append(decode(line))
        except BadFormat as error:
            findings.append(Finding(name, i, str(error)))
    return entries


def revoked(keys: Sequence[Entry]) -> set[str]:
    """The carriers whose revocation stands at the end of the keys' ledger."""
    standing: set[str] = set()
    for entry in keys:
        if entry.type == "carrier.revoked":
            standing |= set(entry.refs)
        elif entry.type == "carrier.restored":
            standing -= set(entry.refs)
    return standing


def order_of_revocations(keys: Sequence[Entry]) -> list[Finding]:
    """No release of a carrier stands after its revocation, unless a restoration is between."""
    standing: set[str] = set()
    findings = []
    for i, entry in enumerate(keys):
        if entry.type == "carrier.revoked":
            standing |= set(entry.refs)
        elif entry.type == "carrier.restored":
            standing -= set(entry.refs)
        elif entry.type.startswith("key.released") and set(entry.refs) & standing:
            findings.append(Finding("keys", i, "a key was released after its revocation"))
    return findings


def never_released(keys: Sequence[Entry], carrier: str) -> bool:
    """Do the complete entries hold a revocation of this carrier and no release to a device?"""
    mine = [entry.type for entry in keys if carrier in entry.refs]
    return "carrier.revoked" in mine and "key.released" not in mine


def unknown(office: Sequence[Entry], keys: Sequence[Entry]) -> list[Finding]:
    """Entries of a type this version does not know: reported, not refused."""
    return [
        Finding(name, i, f"an entry of the unknown type {entry.type}")
        for name, entries in (("office", office), ("keys", keys))
        for i, entry in enumerate(entries)
        if not known(entry.type)
    ]
