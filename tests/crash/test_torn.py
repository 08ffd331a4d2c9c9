"""A page of a database that was torn: no reader takes it for whole, and what is said names it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from azukari.desk.audit import audit
from azukari.errors import BadFormat, LedgerBroken

pytestmark = pytest.mark.real

PAGE: Final = 4096
SEED: Final = 4_096


@pytest.fixture
def closed(city: Any) -> Iterator[Any]:
    """The city at 17:00, both programs stopped: each database is one file."""
    city.close()
    yield city
    city.open()


def database(city: Any, which: str) -> Path:
    return Path(city.office_home if which == "office" else city.keys_home) / f"{which}.db"


def tear(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(bytes(PAGE))


def said(city: Any) -> str:
    """What the start or the audit says; nothing where all is well."""
    try:
        city.open()
    except (BadFormat, LedgerBroken) as error:
        return str(error)
    try:
        city.keeper.verify()
        return "; ".join(found.what for found in audit(city.office))
    except LedgerBroken as error:
        return str(error)
    finally:
        city.close()


@pytest.mark.parametrize("which", ["office", "keys"])
def test_a_torn_page_of_a_ledgers_entries_is_said(closed: Any, which: str) -> None:
    path = database(closed, which)
    whole = path.read_bytes()
    pages = [
        n for n in range(len(whole) // PAGE) if b'{"act":"' in whole[n * PAGE : (n + 1) * PAGE]
    ]

    assert pages
    for page in random.Random(SEED).sample(pages, min(4, len(pages))):
        tear(path, page)
        told = said(closed)
        path.write_bytes(whole)
        assert re.search("damaged|missing|entry", told), (page, told)

    assert "" == said(closed)


@pytest.mark.parametrize("which", ["office", "keys"])
def test_whatever_page_is_torn_no_error_of_the_database_gets_out(closed: Any, which: str) -> None:
    path = database(closed, which)
    whole = path.read_bytes()

    for page in random.Random(SEED).sample(range(len(whole) // PAGE), 10):
        tear(path, page)
        said(closed)
        path.write_bytes(whole)

    assert "" == said(closed)


@pytest.mark.parametrize("left", [0, 1, 100, PAGE, -PAGE])
@pytest.mark.parametrize("which", ["office", "keys"])
def test_a_database_that_was_cut_is_not_opened_or_is_said(
    closed: Any, which: str, left: int
) -> None:
    path = database(closed, which)
    whole = path.read_bytes()
    path.write_bytes(whole[:left])

    try:
        told = said(closed)
    finally:
        path.write_bytes(whole)

    assert told != ""
