"""What somebody who found the stick can do, by real runs: our rehearsal's list beside others'.

Ours are taken from a rehearsal of 2,000 residents played in this run; the others are attacked on
two small tables sealed by each program.  *Opened* is what the attacker wants: content, or a
change that nobody is told of, be it one that leaves the content as it was.  Several programs never
promised what is tried here; the line is there because people rely on it all the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benches.peers.finder import LIST, Bag, Outcome
from benches.peers.parquet import ParquetEncryption
from benches.peers.tools import TOOLS, Tool

RESIDENTS: Final = 2000
KINDS: Final[tuple[type[Tool], ...]] = (*TOOLS, ParquetEncryption)


@dataclass(frozen=True)
class Line:
    """One attack and what became of it, by who was attacked."""

    name: str
    outcomes: dict[str, Outcome]


def section() -> str:
    """The table and the reasons, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        night = rehearse(Path(folder) / "night")
        with ExitStack() as stack:
            bags = []
            for kind in KINDS:
                if not kind.missing():
                    bag = Bag(kind, Path(folder) / kind.name)
                    stack.callback(bag.tool.close)
                    bags.append(bag)
            lines = [
                Line(
                    each.name,
                    {"azukari": ours(night, each.ours)}
                    | {bag.tool.version(): each.deed(bag) for bag in bags},
                )
                for each in LIST
            ]
    return page(lines, [f"{kind.name}: {kind.missing()}" for kind in KINDS if kind.missing()])


def rehearse(out: Path) -> dict[str, Any]:
    """Play the night; what its attacks and promises came to."""
    program = Path(sys.executable).parent / "azukari"
    play = [program, "rehearse", "--residents", str(RESIDENTS), "--out", out]
    done = subprocess.run([str(word) for word in play], capture_output=True, check=False)
    if not (out / "result.json").exists():
        raise SystemExit(f"benches: attacks: the rehearsal ended with {done.returncode}")
    found: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return found


def ours(night: dict[str, Any], wanted: str) -> Outcome:
    """The rehearsal's own outcome for an attack, or for something it checked."""
    kind, _, check = wanted.partition(": ")
    if kind in ("check", "shown"):
        kept = [p["state"] for p in night["promises"].values() if check in p["checked_by"]]
        if not kept or not kept[0].startswith("kept"):
            return Outcome("opened", f"not {kind}: {check}")
        return Outcome("refused" if kind == "check" else "shown", f"{kept[0]}: {check}")
    for attack in night["attacks"]:
        if attack["name"] == wanted:
            return Outcome(attack["outcome"], attack["reason"].partition("; see ")[0])
    return Outcome("not applicable", "" if not wanted else "not in this run")


def page(lines: list[Line], missing: list[str]) -> str:
    """A table of outcomes, how often each was opened, and every reason below."""
    who = list(lines[0].outcomes)
    rows = ["| attack | " + " | ".join(who) + " |", "|---" * (len(who) + 1) + "|"]
    for line in lines:
        words = (f"**{o.word}**" if o.word == "opened" else o.word for o in line.outcomes.values())
        rows.append(f"| {line.name} | {' | '.join(words)} |")
    tried = {n: [x for one in lines if (x := one.outcomes[n]).counts] for n in who}
    told = [tally(outcomes) for outcomes in tried.values()]
    rows.append(f"| *opened, of those that apply* | {' | '.join(told)} |")
    reasons = ["", "Why:", ""]
    for line in lines:
        said = [f"{n.split(' ')[0]}: {o.reason}" for n, o in line.outcomes.items() if o.reason]
        reasons.append(f"- {line.name}: {'; '.join(said)}.")
    head = [
        "## What somebody can do who found the stick",
        "",
        __doc__.partition("\n\n")[2].strip() if __doc__ else "",
        "",
        *(f"Not measured here: {one}." for one in missing),
    ]
    return "\n".join([*head, *rows, *reasons, ""])


def tally(outcomes: list[Outcome]) -> str:
    """How many were opened, and how many limits are known and said."""
    opened = sum(outcome.word == "opened" for outcome in outcomes)
    limits = sum(outcome.word == "known limit" for outcome in outcomes)
    return f"{opened} of {len(outcomes)}" + (f", {limits} known limit" if limits else "")
