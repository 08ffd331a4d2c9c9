"""A program at work on a ledger; run by itself, it appends acts and tells of them.

PLACE, its first number, how many acts: each prints its number once it is durable.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, MetaData

from azukari.names import id_of
from azukari.shelf import book as books
from azukari.shelf.book import Book, Draft
from azukari.shelf.database import Place, open_database, transaction

ORIGIN: Final = "ledger.kakuu.example/contract"
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
METADATA: Final = MetaData()
TABLES: Final = books.tables(METADATA)


def an_id(number: int) -> str:
    return id_of(number.to_bytes(16, "big"))


class Program:
    """A ledger and its database, as one program has them open."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine = open_database(place, METADATA)
        self.book = Book(ORIGIN, KEY, TABLES)

    def act(self, *numbers: int, at: int = 1_000, **more: Any) -> None:
        """One act: an entry for each number."""
        with transaction(self.engine) as tx:
            self.append(tx, *numbers, at=at, **more)

    def append(self, tx: Connection, *numbers: int, at: int = 1_000, **more: Any) -> None:
        drafts = [Draft(an_id(n), "roll.taken_in", an_id(1), **more) for n in numbers]
        self.book.append(tx, drafts, at=at)

    def ask(self, question: Callable[[Connection], Any]) -> Any:
        with transaction(self.engine) as tx:
            return question(tx)

    def size(self) -> int:
        """How many entries there are, after everything was derived again."""
        self.ask(self.book.verify)
        return int(self.ask(self.book.head).size)

    def close(self) -> None:
        self.engine.dispose()


def main(place: str, first: str, many: str) -> None:
    program = Program(place if place.startswith("postgresql:") else Path(place))
    for number in range(int(first), int(first) + int(many)):
        drafts = [Draft(an_id(number), word, an_id(1)) for word in ("key.created", "key.bound")]
        with transaction(program.engine) as tx:
            program.book.append(tx, drafts, at=1_000)
        print(number, flush=True)  # noqa: T201  whoever started it reads what was acknowledged
    program.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
