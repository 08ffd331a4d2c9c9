"""Sealing and opening any file beside the programs a user would pick, and beside ``cp``.

Each is a program of its own, from its start to its end, in turns on one disk; the source lies warm
in the page cache and is what nothing compresses.  Where *on the disk* is said, the time includes
``fsync`` of what was written; else nobody waits for the disk.
"""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from azukari.seal.stream import LENGTH_BYTES
from benches import Row, timed
from benches.peers.tools import TOOLS, Refused, Tool

SIZES: Final = (1 << 28, 1 << 30)
FEW: Final = 3  # repeats of the large file
OURS: Final = "azukari"
Work = Callable[[], object]


def run(residents: int, repeat: int) -> list[Row]:  # noqa: ARG001  files, not residents
    """Rows for two sizes: seal, seal on the disk, open, each beside every program."""
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
            rows += of_size(size, repeat if size < SIZES[-1] else min(repeat, FEW), Path(folder))
    return rows


def of_size(size: int, repeat: int, folder: Path) -> list[Row]:
    """A file that just fills its size step: what one pays for padding is another row's matter."""
    source = folder / "source"
    source.write_bytes(np.random.default_rng(size).bytes(size - LENGTH_BYTES))
    with ExitStack() as stack:
        tools = {}
        for kind in TOOLS:
            if not kind.missing():
                tool = tools[kind] = kind(folder / kind.name)
                stack.callback(tool.close)
                stack.enter_context(tool.ready())
        seals, opens = works(source, folder, list(tools.values()))
        rows = []
        name = f"a file of {size >> 20} MiB"
        rows += beside(f"seal {name}", seals, repeat)
        for back in folder.glob("*.back"):
            back.unlink()
        opened = beside(f"open {name}", opens, repeat)
        wrong = [b.name for b in folder.glob("*.back") if not filecmp.cmp(source, b, shallow=False)]
        if wrong:
            raise SystemExit(f"benches: files: did not come back as they were: {wrong}")
        synced: dict[str, Work] = {
            who: partial(on_disk, work, folder, who) for who, work in seals.items()
        }
        rows += beside(f"seal {name}, on the disk", synced, repeat)
    return [*rows, *opened]


def works(source: Path, folder: Path, tools: list[Tool]) -> tuple[dict[str, Work], dict[str, Work]]:
    """Who seals and who opens, by name; whoever is not here is missing."""
    key = folder / "key"
    key.write_bytes(os.urandom(32))
    ours = [sys.executable, "-m", "benches.peers.stream"]
    sealed, copy = folder / f"{OURS}.sealed", folder / "cp.sealed"
    seals: dict[str, Work] = {
        OURS: partial(run_program, *ours, "seal", key, source, sealed),
        "cp": partial(run_program, "cp", "--reflink=never", source, copy),
    }
    opens: dict[str, Work] = {
        OURS: partial(run_program, *ours, "open", key, sealed, folder / f"{OURS}.back"),
        "cp": partial(run_program, "cp", "--reflink=never", copy, folder / "cp.back"),
    }
    for tool in tools:
        target = folder / f"{tool.name}.sealed"
        seals[tool.version()] = partial(tool.seal, source, target)
        opens[tool.version()] = partial(open_again, tool, target, folder)
    return seals, opens


def open_again(tool: Tool, target: Path, folder: Path) -> None:
    sealed = tool.sealed_file(target)
    tool.open(sealed, folder / f"{tool.name}.back")


def beside(work: str, works: dict[str, Work], repeat: int) -> list[Row]:
    """Ours against each of the others, all taken in turns."""
    for each in works.values():
        each()
    seconds: dict[str, list[float]] = {who: [] for who in works}
    for _ in range(repeat):
        for who, each in works.items():
            seconds[who].append(timed(each))
    ours = tuple(seconds.pop(OURS))
    goals = {"cp": "0.6 of cp: ≤ 1.67×" if work.startswith("seal") else ""}
    rows = [
        Row(work, "the stream, as a program", ours, who, tuple(theirs), goals.get(who, "< 1×"))
        for who, theirs in seconds.items()
    ]
    absent = [f"{k.name}: not measured here, {k.missing()}" for k in TOOLS if k.missing()]
    return [*rows, *(Row(work, "", (), one) for one in absent)]


def on_disk(work: Work, folder: Path, who: str) -> None:
    """The same, and then until the disk has it."""
    work()
    name = who.partition(" ")[0]
    for root in (folder, folder / name / "cipher"):
        for path in root.glob(f"{name}.sealed" if root == folder else "*"):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def run_program(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], capture_output=True, check=False)
    if done.returncode:
        raise Refused(f"{command[0]} ended with {done.returncode}")
