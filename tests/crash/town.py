"""The small house of the crash tests with its checkpoint store; records are files or a server's.

Not a test.  Opened by a program that works in it, and by another that looks at what it left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.desk.crash_house import NOW, ORIGIN, House

from azukari.desk.office import open_office
from azukari.keys import service
from azukari.ledger.entry import decode
from azukari.rehearse.cast import Cast
from azukari.rehearse.clock import StoryClock


class Running(StoryClock):
    """A story's clock that goes on while the program works."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self._since = time.monotonic()

    def now(self) -> int:
        return self.at + int((time.monotonic() - self._since) * 1000)


@contextmanager
def opened(home: Path, office_on: str = "", keys_on: str = "") -> Iterator[House]:
    """The house as a program finds it that starts again; its clock stands behind no entry."""
    story: dict[str, Any] = json.loads((home / "story.json").read_bytes())
    clock, store = Running(), home / "stores"
    passphrases = {name: text.encode() for name, text in story["passphrases"].items()}
    cast = Cast(home / "persons", story["parties"], story["people"], passphrases)
    keeper = service.open_keys(
        home / "sites" / "keys",
        story["passphrase"].encode(),
        lambda: clock.now(),
        store,
        database=keys_on,
    )
    office = open_office(
        home / "sites" / "office",
        city=cast.parties["city"],
        call="架空市",
        origin=f"{ORIGIN}/office",
        keys=keeper,
        now=lambda: clock.now(),
        store=store,
        database=office_on,
    )
    house = House(home, story, clock, cast, keeper, office)
    with office.act() as tx:
        clock.at = max(clock.at, office.book.last_at(tx))
    newest = keeper.entries(keeper.head().size - 1)
    clock.at = max(clock.at, *(decode(line).at for line in newest))
    try:
        yield house
    finally:
        house.close()
