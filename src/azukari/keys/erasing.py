"""Details of the keys' ledger emptied: the key service's own judgement of a list, and the deed.

It believes the list because two independent persons of the city signed it, and looks itself whether
it is of this very ledger, by a rule, old enough, and about no carrier whose key it still keeps.
What the office holds back (incidents, requests of a committee) it cannot know.
"""

from __future__ import annotations

from sqlalchemy import Connection

from azukari.entrust import retention
from azukari.keys import register
from azukari.keys.policy import Believed
from azukari.ledger.entry import Entry, counts, decode
from azukari.seal.documents import Erasure, digest
from azukari.shelf import forget
from azukari.shelf.book import Book, Draft


def look(
    tx: Connection, book: Book, believed: Believed, envelope: bytes, at: int
) -> tuple[Erasure, list[str]]:
    """The list, and every reason why it is not emptied.  Raises `BadSignature`, `BadFormat`."""
    asked, reasons = believed.erasure(envelope, at)
    lines = book.entries(tx, 0, book.head(tx).size)
    mine = {i: lines[i] for i in asked.entries if i < len(lines)}
    reasons += retention.why_not(asked, book.origin, "keys", mine, at)
    if not reasons:
        named = [(i, decode(line)) for i, line in mine.items()]
        if retention.not_by_rule(asked, named):
            reasons.append("erasure_not_by_its_rule")
        if _key_kept(tx, [entry for _, entry in named]):
            reasons.append("carrier_not_accounted_for")
    return asked, reasons


def empty(tx: Connection, book: Book, asked: Erasure, act: str, by: str, at: int) -> Draft:
    """Empty the list in the caller's transaction; the entry that says so is the caller's to write.

    Whatever of the list was emptied before stays as it is.
    """
    forget.securely(tx)
    gone = book.erased(tx)
    for i in asked.entries:
        if i not in gone:
            book.erase_detail(tx, i, at=at)
    detail = {"entries": asked.entries, "rule": asked.rule, "sha256": digest(asked)}
    refs = tuple(dict.fromkeys((asked.id, asked.requester, by)))
    return Draft(act, "detail.erased", by, refs, counts(details=len(asked.entries)), detail=detail)


def _key_kept(tx: Connection, entries: list[Entry]) -> bool:
    rows = (register.find(tx, ref) for entry in entries for ref in entry.refs)
    return any(row is not None and row.wrapped is not None for row in rows)
