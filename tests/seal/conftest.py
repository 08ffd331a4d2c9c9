"""The vectors of the sealing formats and the second writer that made them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "seal"
FILES = ("ids", "keys", "stream", "envelope", "carrier", "trust", "grant", "papers", "published")


@pytest.fixture(scope="session")
def generator(second_writer: ModuleType) -> ModuleType:
    """``generate.py``, which writes the vectors."""
    return import_module("tests.vectors.seal.generate")


@pytest.fixture(scope="session")
def second_writer() -> Iterator[ModuleType]:
    """The writer that knows none of our code; the repository is on the path while it is used."""
    sys.path.insert(0, str(ROOT))
    try:
        yield import_module("tests.vectors.seal.second_writer")
    finally:
        sys.path.remove(str(ROOT))


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
