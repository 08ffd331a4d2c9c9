"""The office: it opens what is there, and makes nothing in passing."""

from __future__ import annotations

from typing import Any

import pytest

from azukari.errors import NotFound


def test_a_home_whose_database_is_gone_is_no_empty_office(city: Any) -> None:
    """A read must not make an empty database that looks like a quiet office."""
    city.close()
    for path in city.office_home.glob("office.db*"):
        path.unlink()

    with pytest.raises(NotFound):
        city.open()

    assert [] == list(city.office_home.glob("office.db*"))
    city.keeper.close()
    city.close = lambda: None  # there is no office to close any more
