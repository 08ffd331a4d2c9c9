"""Details of a ledger that are gone, held against its entries: which did no list name?

A detail goes by a list that two persons signed, which its own entry commits to for good.  Any other
was emptied by hand, or lost with a database that was put back: here the two look the same.
"""

from __future__ import annotations

from sqlalchemy import Connection

from azukari.errors import BadFormat, LedgerError, NotFound
from azukari.ledger.entry import decode
from azukari.shelf.book import Book


def unlisted(book: Book, tx: Connection) -> list[int]:
    """The entries whose detail is gone though no list names them, in order."""
    gone = book.erased(tx).keys()
    if not gone:
        return []
    named: set[int] = set()
    for i, line in enumerate(book.entries(tx, 0, book.head(tx).size)):
        try:
            if decode(line).type == "detail.erased":
                named.update(_named(book, tx, i))
        except BadFormat:  # what is no entry is named where the ledger itself is read
            continue
    return sorted(gone - named)


def _named(book: Book, tx: Connection, i: int) -> list[int]:
    """What the list of this entry names of this very ledger; a list that is gone names nothing."""
    try:
        detail = book.detail(tx, i) or {}
    except (LedgerError, NotFound):
        return []
    entries: list[int] = detail.get("entries", [])
    return entries if detail.get("ledger", book.origin) == book.origin else []
