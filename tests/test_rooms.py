"""The stairs: imports go down only, late ones included, and pure rooms open nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import azukari

HOME = Path(azukari.__file__).parent
STEPS = (
    "errors personal names promises settings words",
    "seal ledger",
    "roll entrust",
    "carrier",
    "benefit incident watch",
    "shelf",
    "vault keys press witness field",
    "desk",
    "web",
    "rehearse",
    "cli",
)
STEP = {room: step for step, rooms in enumerate(STEPS) for room in rooms.split()}
PURE = {room for room, step in STEP.items() if 1 <= step <= 4}
CLOSED = frozenset(
    """asyncio ctypes fcntl getpass glob http logging mmap multiprocessing os pathlib platform
    random requests secrets select shutil signal smtplib socket sqlite3 sqlalchemy ssl subprocess
    sys tempfile threading time urllib uuid""".split()  # noqa: SIM905  a list of words reads best
)
OPENING = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__", "import_module"}
CLOCK = {"now", "utcnow", "today"}
#: What a pure room may take from a closed module, and where: sealing needs fresh salts.
EXCEPTIONS = {"seal/stream.py": {"os.urandom", "os.SEEK_SET", "os.SEEK_CUR", "os.SEEK_END"}}
FILES = sorted(HOME.rglob("*.py"))
AT_A_CALL_CENTRE = ["desk/admit.py", "desk/enquire.py", "desk/erase.py", "desk/open_files.py"]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module a file names in an import anywhere, with the names taken from it."""
    found: list[str] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = ("azukari", *path.relative_to(HOME).parts[:-1])
            start = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (start, node.module) if part)
            found += [module, *(f"{module}.{alias.name}" for alias in node.names)]
    return tuple(found)


def room(module: str) -> str | None:
    """The room of a module of ours, none for a module of others."""
    first, _, rest = module.partition(".")
    return rest.partition(".")[0] if first == "azukari" and rest else None


def file_of(module: str) -> Path | None:
    stem = HOME.joinpath(*module.split(".")[1:])
    found = (stem.with_suffix(".py"), stem / "__init__.py")
    ours = module.startswith("azukari.")
    return next((path for path in found if ours and path.is_file()), None)


def reached(path: Path, seen: set[Path] | None = None) -> set[Path]:
    """The file and every file of ours that importing it brings along."""
    seen = set() if seen is None else seen
    if path not in seen:
        seen.add(path)
        for module in imports(path):
            parts = module.split(".")
            for end in range(2, len(parts) + 1):  # importing a.b.c runs a.b first
                if found := file_of(".".join(parts[:end])):
                    reached(found, seen)
    return seen


def name(path: Path) -> str:
    return path.relative_to(HOME).as_posix()


def openings(path: Path) -> Iterator[str]:
    """Everything in a file that opens something or asks a clock."""
    allowed = EXCEPTIONS.get(name(path), set())
    closed = {m for m in imports(path) if m.partition(".")[0] in CLOSED}
    yield from sorted(closed - allowed - {use.partition(".")[0] for use in allowed})
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name) and node.id in OPENING:
            yield node.id
        if isinstance(node, ast.Attribute) and node.attr in CLOCK | {"import_module"}:
            yield node.attr
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in CLOSED
            and f"{node.value.id}.{node.attr}" not in allowed
        ):
            yield f"{node.value.id}.{node.attr}"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_go_down_only(path: Path) -> None:
    own = name(path).partition("/")[0].removesuffix(".py")
    if own == "__init__":
        assert not {room(module) for module in imports(path)} - {None}
        return

    for module in imports(path):
        other = room(module)
        if other is not None and other != own and own != "cli":
            assert other in STEP, f"{name(path)} imports {module}, which is no room"
            # Step 0 is no room but single files, which may know each other.
            assert STEP[other] < (STEP[own] or 1), (
                f"{name(path)} imports {module}: not down the stairs"
            )


def test_every_room_stands_on_a_step() -> None:
    rooms = {name(path).partition("/")[0].removesuffix(".py") for path in FILES}

    assert rooms - {"__init__", "__main__", "py.typed"} <= set(STEP)


@pytest.mark.parametrize("path", [p for p in FILES if name(p).partition("/")[0] in PURE], ids=name)
def test_a_pure_room_opens_nothing_and_asks_no_clock(path: Path) -> None:
    assert not list(openings(path))


def test_the_client_of_the_key_service_never_imports_the_keeper() -> None:
    brought = {name(path) for path in reached(HOME / "keys/client.py")}

    assert not brought & {"keys/keeper.py", "keys/service.py"}


@pytest.mark.parametrize("file", AT_A_CALL_CENTRE)
def test_what_runs_at_a_call_centre_holds_no_vault(file: str) -> None:
    """The machine there has no database of the office, and must not need one."""
    brought = {name(path) for path in reached(HOME / file)}

    assert not {path for path in brought if path.startswith("vault/")}
    others = {module for path in reached(HOME / file) for module in imports(path)}
    assert not {module for module in others if module.partition(".")[0] == "sqlalchemy"}


# --- the test itself would notice


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from os import urandom",
        "def f():\n    import socket",
        "from pathlib import Path",
        "open('x')",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
        "import importlib\nimportlib.import_module('os')",
    ],
)
def test_a_file_that_opens_something_is_noticed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "HOME", tmp_path)
    path = tmp_path / "seal" / "bad.py"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    assert list(openings(path))


@pytest.mark.parametrize(
    "text",
    [
        "import azukari.vault.records",
        "from azukari import vault",
        "from azukari.vault import records",
        "def f():\n    from azukari.vault.records import keep",
        "from ..vault import records",
        "if True:\n    import azukari.ledger.tree",
    ],
)
def test_an_import_up_or_across_the_stairs_is_noticed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "HOME", tmp_path)
    path = tmp_path / "seal" / "bad.py"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AssertionError):
        test_imports_go_down_only(path)
