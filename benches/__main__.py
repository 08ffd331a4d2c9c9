"""Run the benches and write ``RESULTS.md``.

``python -m benches [--residents N] [--repeat K] [NAME …]``; with names only
those are run, and the table is printed but not kept.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from types import ModuleType

import benches
from benches import Row

RESIDENTS = 465_177
LIBRARIES = ("cryptography", "duckdb", "ibis-framework", "polars", "pyarrow", "sqlalchemy")


def main(arguments: list[str]) -> int:
    """Run what was asked for; 2 where a name is not a bench."""
    parser = argparse.ArgumentParser(prog="benches", description=__doc__)
    parser.add_argument("--residents", type=int, default=RESIDENTS)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("names", nargs="*", metavar="NAME")
    asked = parser.parse_args(arguments)
    found = discover()
    unknown = sorted(set(asked.names) - set(found))
    if unknown:
        print(f"benches: no such bench: {', '.join(unknown)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    sections: list[str] = []
    for name in asked.names or sorted(found):
        print(f"benches: {name}", file=sys.stderr, flush=True)
        if hasattr(found[name], "run"):
            rows += found[name].run(asked.residents, asked.repeat)
        if hasattr(found[name], "section"):
            sections.append(found[name].section())
    text = "\n".join([page(rows, asked.residents, asked.repeat), *sections])
    print(text)
    if not asked.names:
        (Path(__file__).parent / "RESULTS.md").write_text(text, encoding="utf-8")
    return 0


def discover() -> dict[str, ModuleType]:
    """Every module of this package that has rows or a section to tell, by name."""
    names = (module.name for module in pkgutil.iter_modules(benches.__path__))
    modules = {n: importlib.import_module(f"benches.{n}") for n in names if n != "__main__"}
    return {
        name: module for name, module in modules.items() if {"run", "section"} & set(dir(module))
    }


def page(rows: list[Row], residents: int, repeat: int) -> str:
    """The results as Markdown, with the machine and the day."""
    head = [
        "# Results",
        "",
        "Written by `make bench`; seconds are median (fastest–slowest), a ratio is the median of",
        "ours over theirs, repeat by repeat in one run.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {residents:,} residents, {repeat} repeats. {machine()}.",
        f"Load over the last quarter of an hour when this was written: {os.getloadavg()[2]:.1f};",
        "above the number of cores, other work took part of every second here.",
        "",
        "| work | ours | s | against | s | ratio | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(line(row) for row in rows), ""])


def line(row: Row) -> str:
    """One row of the table."""
    ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
    cells = (row.work, row.ours, spread(row.ours_s), row.against, spread(row.against_s), ratio)
    return f"| {' | '.join(cell or '–' for cell in (*cells, row.goal))} |"


def spread(seconds: tuple[float, ...]) -> str:
    """Median, fastest and slowest."""
    if not seconds:
        return ""
    return f"{median(seconds):.3f} ({min(seconds):.3f}–{max(seconds):.3f})"


def machine() -> str:
    """Cores, memory and versions; no name and no path of this machine."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {memory_gib:.0f} GiB, {system}, {python}, {', '.join(libraries())}"


def libraries() -> list[str]:
    """Those that do the heavy work, with their versions."""
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
