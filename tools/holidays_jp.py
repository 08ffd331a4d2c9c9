"""Write the days of `src/azukari/incident/packs/holidays-jp.toml` from an installed `holidays`.

Not part of the package and not run by it: an office without a network counts its deadlines by the
table that was shipped, the same days on every machine and with every version of that library.
The head of the file (source, certainty, span) stays as it is; only its `[days]` are written anew.

    python -m venv scratch && scratch/bin/pip install holidays==0.108
    scratch/bin/python tools/holidays_jp.py 2022 2027
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src/azukari/incident/packs/holidays-jp.toml"


def days(first: int, last: int) -> list[str]:
    """One line a day, of whole years."""
    japan = importlib.import_module("holidays").country_holidays(
        "JP", years=range(first, last + 1), language="ja"
    )
    return [f'{day.isoformat()} = "{name}"' for day, name in sorted(japan.items())]


def written(text: str, lines: list[str], first: int, last: int) -> str:
    """The file with other days and their span."""
    head = text[: text.index("[days]\n")]
    head = re.sub(r"(?m)^from_on = .*$", f"from_on = {first}-01-01", head)
    head = re.sub(r"(?m)^to_on = .*$", f"to_on = {last}-12-31", head)
    return head + "[days]\n" + "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Years from and to, both included; the second is the last one that was announced."""
    first, last = map(int, sys.argv[1:])
    text = TABLE.read_text(encoding="utf-8")
    TABLE.write_text(written(text, days(first, last), first, last), encoding="utf-8")


if __name__ == "__main__":
    main()
