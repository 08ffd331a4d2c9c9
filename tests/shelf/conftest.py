"""Places for databases: what holds of a file holds of a server."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from azukari.shelf.database import Place


@pytest.fixture(params=["file", "server"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """Makes empty places, each its own."""
    if request.param == "file":
        numbers = count()
        return lambda: tmp_path / f"ledger-{next(numbers)}.db"
    made: Callable[[], Place] = request.getfixturevalue("new_database")
    return made
