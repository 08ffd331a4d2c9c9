"""The vectors of the sealing formats and the second writer that made them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

VECTORS = Path(__file__).parents[1] / "vectors" / "seal"
FILES = ("ids", "keys", "stream", "envelope", "carrier", "trust", "grant", "published")


@pytest.fixture(scope="session")
def generator() -> Iterator[ModuleType]:
    """``generate.py`` as a module, its folder on the path only while it is used."""
    sys.path.insert(0, str(VECTORS))
    try:
        yield import_module("generate")
    finally:
        sys.path.remove(str(VECTORS))


@pytest.fixture(scope="session")
def second_writer(generator: ModuleType) -> ModuleType:
    """The writer that knows none of our code."""
    return sys.modules[generator.dsse.__module__]


@pytest.fixture
def vectors_folder() -> Path:
    return VECTORS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for ``<file>_vector`` runs once for every vector of that file.

    With ``right_`` before it, only for those that must be accepted.
    """
    for asked in metafunc.fixturenames:
        name = asked.removeprefix("right_").removesuffix("_vector")
        if asked.endswith("_vector") and name in FILES:
            found = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
            if asked.startswith("right_"):
                found = [one for one in found if one["expect"] == "ok"]
            metafunc.parametrize(asked, found, ids=[one["name"] for one in found])
