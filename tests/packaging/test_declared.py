"""What the package says it needs is what its code imports, no less and no more."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import azukari

HOME = Path(azukari.__file__).parent
PROJECT = tomllib.loads((HOME.parent.parent / "pyproject.toml").read_text("utf-8"))["project"]
IMPORTED_AS = {
    "fonttools": "fontTools",
    "ibis-framework": "ibis",
    "noto-cjk-sans-jp-bold": "noto_cjk_sans_jp_bold",
    "noto-cjk-sans-jp-regular": "noto_cjk_sans_jp_regular",
}
#: Needed without an import of ours: Python's own `zoneinfo` reads it, where there is one.
READ_BY_OTHERS = {"tzdata"}
#: Not declared: the type checker's own, and what jinja2 is made of.
BROUGHT = {"_typeshed", "markupsafe"}


def declared(lines: list[str]) -> set[str]:
    names = {re.split(r"[\[<>=; ]", line)[0] for line in lines}
    return {IMPORTED_AS.get(name, name) for name in names}


def imported(path: Path) -> set[str]:
    """Packages of others that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"azukari"}


IMPORTED = {path.relative_to(HOME).as_posix(): imported(path) for path in HOME.rglob("*.py")}
CORE = declared(PROJECT["dependencies"])
EXTRAS = {name: declared(lines) for name, lines in PROJECT["optional-dependencies"].items()}


def test_all_that_is_imported_is_declared() -> None:
    everything = CORE.union(BROUGHT, *EXTRAS.values())

    assert not {file: found - everything for file, found in IMPORTED.items() if found - everything}


def test_all_that_is_declared_is_imported() -> None:
    used = set().union(*IMPORTED.values()) | READ_BY_OTHERS

    assert not CORE - used


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_declared_when_code_uses_it_and_not_before(extra: str) -> None:
    used = set().union(*IMPORTED.values())

    assert EXTRAS[extra] <= used
    assert not EXTRAS[extra] & CORE


def test_the_core_stands_without_the_extra() -> None:
    """Only these rooms decide or rehearse; sealing, keys and ledgers never need the engine."""
    rooms = {file.partition("/")[0] for file, found in IMPORTED.items() if found & EXTRAS["decide"]}

    assert {"benefit", "rehearse", "vault"} == rooms
