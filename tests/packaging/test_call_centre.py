"""The machine at a call centre gets few packages, and they are enough for its evening."""

from __future__ import annotations

import json
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from tools import kit

from azukari.desk.enquire import open_carrier
from azukari.rehearse.clock import ms

pytestmark = pytest.mark.real

CHILD = Path(__file__).parent / "call_centre_child.py"
NEVER = {"sqlalchemy", "duckdb", "ibis", "numpy", "pandas", "sqlglot", "polars"}


@pytest.fixture(scope="session")
def packages(wheel: Path) -> set[str]:
    return kit.at_a_call_centre(wheel, "linux")


@pytest.fixture(scope="session")
def few(packages: set[str], only: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with these packages and nothing else."""
    found: Path = only(tmp_path_factory.mktemp("few") / "packages", packages)
    return found


def test_a_call_centre_gets_no_program_for_a_database(packages: set[str]) -> None:
    assert not NEVER & packages
    assert {"cryptography", "msgspec", "pyarrow", "click", "jinja2", "rich"} <= packages


def test_what_is_shown_to_the_child_is_that_set(few: Path, packages: set[str]) -> None:
    """Or else the next test would prove nothing."""
    shown = {path.name for path in few.iterdir()}

    assert not NEVER & shown
    owners = {name: owner for name, owner in packages_distributions().items() if name in shown}
    assert {o.lower() for owner in owners.values() for o in owner} <= packages


def test_the_program_starts_there(installed: Any, few: Path) -> None:
    said = installed.run("azukari", "--version", packages=few)
    missing = installed.run("python", "-c", "import sqlalchemy", packages=few)

    assert 0 == said.returncode, said.stderr
    assert "No module named 'sqlalchemy'" in missing.stderr


def test_a_carrier_is_opened_asked_and_erased_with_the_packages_of_a_call_centre(
    at_six: Any, installed: Any, few: Path, tmp_path: Path
) -> None:
    """Promise: that machine needs no database, so none is there to leave anything in."""
    grant = at_six.ask()
    (tmp_path / "grant").write_bytes(grant)
    device = at_six.open_device()
    opened = open_carrier(device, at_six.media[0], grant, at_six.cast.signer("operator"))
    line = next(
        line
        for line in opened.table.to_pylist()
        if line["postal_code"] and line["birth_dates"][0] is not None
    )
    caller = [line["name_forms"][0], str(line["birth_dates"][0]), line["postal_code"]]
    device.close()
    persons = at_six.cast.folder

    said = installed.run(
        "python",
        str(CHILD),
        str(at_six.device_home),
        str(at_six.media[0]),
        str(tmp_path / "grant"),
        str(ms("2022-06-21 18:10")),
        json.dumps(caller),
        json.dumps([str(persons / "operator.key"), at_six.cast.passphrases["operator"].decode()]),
        packages=few,
    )

    assert 0 == said.returncode, said.stderr
    told = json.loads(said.stdout)
    assert [line["answer"], "supervisor"] == told["answers"]
    assert told["lines"] >= 4
    assert not NEVER & set(told["loaded"])
    assert not list(at_six.media[0].rglob("*.azs"))
