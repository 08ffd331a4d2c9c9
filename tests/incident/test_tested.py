"""A record of the tests says something of the very files it names, and of no others."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.errors import BadFormat, Refused
from azukari.incident import tested
from azukari.shelf import source

ROOT = Path(__file__).parents[2]
HERE = "ab" * 32
RIGHT: dict[str, Any] = {
    "v": 1,
    "version": "0.1.0",
    "source_sha256": HERE,
    "python": "3.11.7",
    "ended_at": 1_655_900_000_000,
    "passed": 3_000,
    "failed": 0,
    "skipped": 4,
    "left_out": 0,
}


def written(**changed: Any) -> bytes:
    return json.dumps(RIGHT | changed).encode()


def test_a_record_of_these_files_is_taken_with_its_own_digest() -> None:
    content = written()

    found = tested.taken(content, HERE)

    assert (3_000, 4) == (found.record.passed, found.record.skipped)
    assert hashlib.sha256(content).hexdigest() == found.sha256


def test_attack_a_record_of_other_files_is_refused() -> None:
    with pytest.raises(Refused, match="tests_of_another_source"):
        tested.taken(written(source_sha256="cd" * 32), HERE)


def test_a_record_in_which_nothing_was_tested_is_refused() -> None:
    with pytest.raises(Refused, match="tests_of_nothing"):
        tested.taken(written(passed=0), HERE)


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"passed": -1},
        {"passed": "3000"},
        {"version": "0.1.0\nrm"},
        {"source_sha256": "AB" * 32},
        {"signed": True},
    ],
)
def test_what_is_no_record_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadFormat):
        tested.taken(written(**changed), HERE)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused_by_us(content: bytes) -> None:
    with pytest.raises((BadFormat, Refused)):
        tested.taken(content, HERE)


@pytest.mark.real
def test_a_run_of_the_tests_writes_a_record_of_what_it_ran(tmp_path: Path) -> None:
    written_to = tmp_path / "record.json"
    options = ["-q", "-p", "no:cacheprovider", "--test-record", str(written_to)]

    subprocess.run(
        [sys.executable, "-m", "pytest", "tests/test_names.py", *options],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )

    found = tested.taken(written_to.read_bytes(), source.digest())
    assert found.record.passed > 0
    assert (0, 0) == (found.record.failed, found.record.left_out)
