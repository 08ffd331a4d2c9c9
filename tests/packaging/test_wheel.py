"""What is built holds everything and runs where no checkout is."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.real

CHECKOUT = Path(__file__).parent.parent.parent
CODE = CHECKOUT / "src"


def names(wheel: Path) -> dict[str, int]:
    """What a wheel installs beside its own papers: name -> CRC."""
    with zipfile.ZipFile(wheel) as file:
        return {i.filename: i.CRC for i in file.infolist() if ".dist-info/" not in i.filename}


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    """Programmes, packs, templates and the towns too: code alone would answer nobody."""
    here = [
        p for p in (CODE / "azukari").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    ]

    assert {path.relative_to(CODE).as_posix() for path in here} == set(names(wheel))


def test_a_wheel_from_the_sdist_is_the_wheel_from_the_checkout(
    wheel: Path, tmp_path: Path, build: Any
) -> None:
    with tarfile.open(build("sdist", tmp_path / "sdist")) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()

    again = build("wheel", tmp_path / "again", source)

    assert names(wheel) == names(again)
    for needed in ("Makefile", "requirements/run.txt", "tests/packaging", "docs/security.md"):
        assert (source / needed).exists(), needed


def test_the_same_source_makes_the_same_bytes(wheel: Path, tmp_path: Path, build: Any) -> None:
    """So that somebody else can build it too, and compare hashes."""
    assert wheel.read_bytes() == build("wheel", tmp_path / "again").read_bytes()


def test_the_installed_program_is_not_the_checkout(installed: Any, everything: Path) -> None:
    said = installed.run(
        "python", "-c", "import azukari; print(azukari.__file__)", packages=everything
    )

    assert said.stdout.startswith(str(installed.home))


def test_the_installed_program_says_its_version_and_helps(installed: Any, everything: Path) -> None:
    said = installed.run("azukari", "--version", packages=everything)
    helped = installed.run("azukari", "--help", packages=everything)

    assert f"azukari {version('azukari')}\n" == said.stdout
    assert "rehearse" in helped.stdout
    assert (0, 0) == (said.returncode, helped.returncode)


def test_the_night_is_played_from_the_wheel(
    installed: Any, everything: Path, tmp_path: Path
) -> None:
    out = tmp_path / "rehearsal"

    night = ("rehearse", "--residents", "300", "--out", str(out))
    played = installed.run("azukari", *night, packages=everything)

    assert 0 == played.returncode, played.stderr
    assert 300 == json.loads((out / "result.json").read_text("utf-8"))["residents"]


def test_git_keeps_nothing_of_what_is_built() -> None:
    line = ["git", "check-ignore", "-q", "dist/kit/SHA256SUMS"]
    if (CHECKOUT / ".git").exists():
        assert 0 == subprocess.run(line, cwd=CHECKOUT, check=False, env=os.environ).returncode
