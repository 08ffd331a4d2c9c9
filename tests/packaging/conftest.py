"""The package as it travels: built offline, and installed outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent.parent
SITE = Path(sysconfig.get_path("purelib"))


def built(kind: str, folder: Path, source: Path = CHECKOUT) -> Path:
    """The sdist or the wheel, without an index: the builder is in the lock."""
    line = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(line, cwd=source, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


@dataclass(frozen=True)
class Installed:
    """An environment of its own, in which only the package is installed from a file."""

    home: Path

    def run(
        self, *line: str, packages: Path, environ: Mapping[str, str] = os.environ
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs in a folder that is not the checkout."""
        kept = {k: v for k, v in environ.items() if not k.startswith(("PYTHON", "AZUKARI"))}
        return subprocess.run(
            [str(self.home / "bin" / line[0]), *line[1:]],
            env=kept | {"PYTHONPATH": str(packages), "LANG": "C.UTF-8"},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )


def show_only(folder: Path, packages: Iterable[str]) -> Path:
    """A folder that shows these installed packages and nothing else."""
    folder.mkdir()
    for package in packages:
        for file in distribution(package).files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (folder / top).exists():
                (folder / top).symlink_to(SITE / top)
    return folder


@pytest.fixture(scope="session")
def build() -> Callable[..., Path]:
    return built


@pytest.fixture(scope="session")
def only() -> Callable[..., Path]:
    return show_only


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    line = [sys.executable, "-m", "pip", "-q", "--python", str(home / "bin" / "python"), "install"]
    subprocess.run([*line, "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True)
    return Installed(home)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every package of this environment but ours."""
    folder = tmp_path_factory.mktemp("packages")
    for path in SITE.iterdir():
        if "azukari" not in path.name.lower() and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    assert shutil.which("azukari", path=str(folder)) is None
    return folder
