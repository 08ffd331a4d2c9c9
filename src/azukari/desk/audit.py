"""The audit: both ledgers whole, paired act by act, and the order that promises rest on.

It names the first difference in words, by whom it was noticed and where to read on, and changes
nothing; what a crash left it calls *unpaired* until the tick has finished it.  What entries must
say of each other stands in `azukari.ledger.acts`, where a stranger with two exported folders finds
it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

from azukari.desk import listed, witnesses, written
from azukari.desk.office import Office
from azukari.errors import BadFormat, BadSignature, LedgerError
from azukari.ledger import acts, difference
from azukari.ledger.acts import CHANGED, RESTORED, STORE_LOST, Finding
from azukari.ledger.checkpoint import Checkpoint, parse_checkpoint, split_note
from azukari.ledger.entry import Entry, decode
from azukari.ledger.tree import leaf_hash, root_of
from azukari.shelf.checkpoints import Store
from azukari.shelf.emptied import unlisted
from azukari.vault import cosigned, records

_ROWS: Final = "its own rows"
_HEAD: Final = "its own signed head"
_COPY: Final = "the office's copy"
_STORE: Final = "the checkpoint store"
_GONE: Final = (
    "its detail is gone, and no list that two persons signed names it:"
    " emptied by hand, or lost with a database that was put back"
)
_NONE: Final[Mapping[witnesses.Which, Store]] = MappingProxyType({})


class Rows(Protocol):
    """A ledger's own rows."""

    def verify(self) -> None:
        """Derive everything from the entries again; `LedgerBroken` names the difference."""

    def unlisted(self) -> list[int]:
        """The entries whose detail is gone though no list names them."""


def audit(
    office: Office,
    stores: Mapping[witnesses.Which, Store] = _NONE,
    keys: Rows | None = None,
) -> list[Finding]:
    """Verify both ledgers, the office's copy, the pairs and the order; empty: all is well.

    Args:
        stores: the checkpoint stores, for an office that was opened without looking at them.
        keys: the key service's own rows, where it is here and not on another host.
    """
    findings: list[Finding] = []
    with office.act() as tx:
        try:
            office.book.verify(tx)
        except LedgerError as error:
            findings.append(_broken("office", str(error), _ROWS))
        try:
            findings += _gone("office", unlisted(office.book, tx))
            own = office.book.entries(tx, 0, office.book.head(tx).size)
        except LedgerError:  # where a row is missing, nothing after it can be told
            return findings
        copied = records.keys_entries(tx)
    findings += _held_against_others(office, "office", own, stores)
    mine = _read("office", own, findings)
    try:
        if keys is not None:
            findings += _gone("keys", keys.unlisted())
            keys.verify()
    except LedgerError as error:
        findings.append(_broken("keys", str(error), _ROWS))
    try:
        theirs, head = office.keys.entries(0), office.keys.head()
    except LedgerError as error:
        missing = _broken("keys", str(error), _ROWS)
        return [*findings, *(() if missing in findings else (missing,))]
    found = difference.first(copied, theirs)
    if found is not None:
        whose = _whose(mine, head.origin, copied, theirs, found.index)
        see = RESTORED if found.index == len(theirs) else CHANGED
        what = f"the keys' ledger differs from the office's copy: {found.what}; {whose}"
        findings.append(Finding("keys", found.index, what, _COPY, see))
        return [*findings, *_held_against_others(office, "keys", theirs, stores)]
    try:
        with office.act() as tx:
            office.copy.verify(tx, head.origin)
    except LedgerError as error:
        findings.append(_broken("keys", f"the office's copy: {error}", _COPY))
    leaves = [leaf_hash(line) for line in theirs]
    if root_of(leaves[: head.size]).hex() != head.root:
        what = "the head of the keys' ledger is not of its entries"
        findings.append(Finding("keys", -1, what, _HEAD, CHANGED))
    findings += _held_against_others(office, "keys", theirs, stores)
    others = _read("keys", theirs, findings)
    quoted = acts.roots_at(leaves, (e.other.size for e in mine if e.other is not None))
    return [
        *findings,
        *acts.pair(mine, others),
        *acts.order_of_revocations(others),
        *acts.quotes("office", mine, head.origin, quoted.get),
        *acts.unknown("office", mine),
        *acts.unknown("keys", others),
        *written.differences(office),
        *listed.differences(office),
    ]


def _held_against_others(
    office: Office,
    which: witnesses.Which,
    lines: Sequence[bytes],
    stores: Mapping[witnesses.Which, Store],
) -> list[Finding]:
    """The heads that witnesses cosigned, and the stored one, against the entries as they are.

    The longest head that agrees tells up to where nothing was changed.
    """
    heads, findings = list[tuple[str, Checkpoint]](), list[Finding]()
    with office.act() as tx:
        kept = [row for row in cosigned.heads(tx, which) if row.line]
    for row in kept:
        try:
            one = witnesses.said(row)
        except BadSignature as error:
            findings.append(Finding(which, -1, str(error), _ROWS, CHANGED))
            continue
        head = parse_checkpoint(split_note(one.note)[0])
        heads.append((f"witness {one.witness.name}", head))
    if which in stores:
        try:
            known = stores[which].known()
        except (BadFormat, BadSignature, LedgerError):
            known = None
        if known is not None:
            heads.append((_STORE, known))
        elif lines:
            what = "the store holds no head that this ledger signed"
            findings.append(Finding(which, -1, what, _STORE, STORE_LOST))
    roots = acts.roots_at([leaf_hash(line) for line in lines], (head.size for _, head in heads))
    good = [head.size for _, head in heads if roots.get(head.size) == head.root]
    for by, head in heads:
        if head.size > len(lines):
            what = f"its tail was dropped: {head.size} entries were shown, {len(lines)} are here"
            findings.append(Finding(which, len(lines), what, by, RESTORED))
        elif roots[head.size] != head.root:
            start = max((size for size in good if size < head.size), default=0)
            what = f"another history was shown, first in one of the entries {start} to"
            findings.append(Finding(which, start, f"{what} {head.size - 1}", by, CHANGED))
    return findings


def _gone(which: str, entries: Iterable[int]) -> list[Finding]:
    return [Finding(which, i, _GONE, listed.BY, CHANGED) for i in entries]


def _whose(
    mine: Sequence[Entry],
    origin: str,
    copied: Sequence[bytes],
    theirs: Sequence[bytes],
    index: int,
) -> str:
    """Which of the two was changed, by a head that the office's entries quoted at the time."""
    heads = [entry.other for entry in mine if entry.other is not None]
    past = [head for head in heads if head.origin == origin and index < head.size]
    for head in sorted(past, key=lambda one: one.size):
        kept, shown = (
            head.size <= len(lines)
            and root_of([leaf_hash(line) for line in lines[: head.size]]).hex() == head.root
            for lines in (copied, theirs)
        )
        if kept != shown:
            return "the copy is what was quoted" if kept else "the copy is not what was quoted"
    return "no head that was quoted tells which"


def _broken(ledger: str, error: str, by: str) -> Finding:
    """What does not verify; the entry that it names is the finding's number."""
    named = re.search(r"\bentry (\d+)\b", error)
    what = error.removeprefix(f"{named[0]}: ") if named else error
    return Finding(ledger, int(named[1]) if named else -1, what, by, CHANGED)


def _read(name: str, lines: Sequence[bytes], findings: list[Finding]) -> list[Entry]:
    """The entries of a ledger; what is none is a finding, not an end."""
    entries = []
    for i, line in enumerate(lines):
        try:
            entries.append(decode(line))
        except BadFormat as error:
            findings.append(Finding(name, i, str(error), _ROWS, CHANGED))
    return entries
