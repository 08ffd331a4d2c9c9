"""A ledger of ten million entries: how it grows, how long a proof takes, how long an audit.

``python -m benches.longer [--entries N]`` prints a table and writes ``LONG.md``.  It needs about
650 bytes of disk an entry, in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final, TypeVar

from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.proof import decode_proof, verify_proof
from azukari.ledger.tree import leaf_hash, verify_inclusion
from azukari.shelf.database import transaction
from benches.__main__ import machine
from benches.ledger import Store

ENTRIES: Final = 10_000_000
BATCH: Final = 1024
PROOFS: Final = 1000
SEED: Final = 1
R = TypeVar("R")


def main(arguments: list[str]) -> int:
    """Grow a ledger and measure it."""
    parser = argparse.ArgumentParser(prog="benches.longer", description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="azukari-long-") as folder:
        rows = measured(Path(folder) / "long.db", asked.entries)
    text = page(rows, asked.entries)
    print(text)
    (Path(__file__).parent / "LONG.md").write_text(text, encoding="utf-8")
    return 0


def measured(path: Path, entries: int) -> list[tuple[str, str, str]]:
    """Work, what was measured, and the goal."""
    store = Store(path)
    began = perf_counter()
    for start in range(0, entries, BATCH):
        store.add(min(BATCH, entries - start))
        if start % (BATCH * 1000) == 0:
            print(f"longer: {start:,} entries", file=sys.stderr, flush=True)
    grew = perf_counter() - began
    rows = [("append in batches of 1,024", f"{entries / grew:,.0f} entries/s", "≥ 50,000")]
    chosen = random.Random(SEED).sample(range(entries), min(PROOFS, entries))
    with transaction(store.engine) as tx:
        proofs, proved = timed(lambda i: store.book.prove(tx, i), chosen)
        lines = [store.book.entries(tx, i, i + 1)[0] for i in chosen]
        verifier = parse_vkey(store.book.verifier())
        read = [decode_proof(proof) for proof in proofs]
        head = open_checkpoint(read[0].checkpoint, verifier)
        pairs = list(zip(read, lines, strict=True))
        _, included = timed(
            lambda pair: verify_inclusion(
                leaf_hash(pair[1]), pair[0].index, head.size, pair[0].path, head.root
            ),
            pairs,
        )
        whole = list(zip(proofs, lines, strict=True))
        _, verified = timed(lambda pair: verify_proof(pair[0], pair[1], verifier), whole)
        began = perf_counter()
        store.book.verify(tx)
        checked = perf_counter() - began
    store.engine.dispose()
    size = sum(each.stat().st_size for each in path.parent.iterdir())
    return [
        *rows,
        ("prove one entry, with the signature", told(proved), "≤ 1 ms"),
        ("verify a path", told(included), "≤ 50 µs"),
        ("verify a proof, with the log's signature", told(verified), ""),
        ("derive everything again from the rows", f"{entries / checked:,.0f} entries/s", ""),
        ("database", f"{size / entries:.0f} bytes an entry", ""),
    ]


def timed(work: Callable[[Any], R], over: Sequence[Any]) -> tuple[list[R], list[float]]:
    """What came of each, and the seconds it took."""
    results: list[R] = []
    seconds: list[float] = []
    for one in over:
        began = perf_counter()
        results.append(work(one))
        seconds.append(perf_counter() - began)
    return results, seconds


def told(seconds: list[float]) -> str:
    """Median and the slowest hundredth, in microseconds."""
    slow = quantiles(seconds, n=100)[98]
    return f"median {median(seconds) * 1e6:,.0f} µs, p99 {slow * 1e6:,.0f} µs"


def page(rows: list[tuple[str, str, str]], entries: int) -> str:
    """The results as Markdown."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    lines = [
        "# A long ledger",
        "",
        f"Written by `make bench-long`, {day}: one ledger of {entries:,} entries in SQLite.",
        f"{machine()}.",
        "",
        "| work | measured | goal |",
        "|---|---|---|",
        *(f"| {work} | {result} | {goal or '–'} |" for work, result, goal in rows),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
