"""Who may, over verified documents, beside Cedar on the same policy and the same questions.

Cedar runs as a program in an environment of its own (``make bench-peers`` makes it), its policies
and entities parsed before the clock starts.  What its language cannot say, counting approvals and
whether a chain narrows, it is told as attributes.  The answers must be the same, or the bench
stops.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from azukari.entrust.may import may_open
from benches import Row, timed
from benches.peers.may_told import told
from benches.peers.may_world import World, invent

HOME: Final = Path(__file__).parent
PYTHON: Final = HOME.parent / ".venv-cedar" / "bin" / "python"
SCRIPT: Final = HOME / "peers" / "cedar.py"
GOAL: Final = "≥ 200,000 decisions/s"
QUESTIONS: Final = 50_000


def run(residents: int, repeat: int) -> list[Row]:  # noqa: ARG001  questions, not residents
    """Warm and cold beside nothing, warm beside Cedar with and without its binding."""
    world = invent(QUESTIONS)
    work = f"may: {QUESTIONS:,} openings"
    answers = answered(world)
    yes = f"{answers.count(True):,} yes"
    if not PYTHON.exists():
        ours_s = tuple(timed(lambda: answered(world)) for _ in range(repeat))
        absent = "Cedar: not measured here, `make bench-peers` was not run"
        return [Row(work, f"{rate(ours_s)}, {yes}", ours_s, absent, goal=GOAL), cold(world, repeat)]
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        taken, given = Path(folder) / "in.json", Path(folder) / "out.json"
        taken.write_text(json.dumps(told(world)))
        turns = [(timed(lambda: answered(world)), by_cedar(taken, given)) for _ in range(repeat)]
    if any(found["answers"] != answers for _, found in turns):
        raise SystemExit("benches: may: ours and Cedar disagree")
    ours_s = tuple(seconds for seconds, _ in turns)
    theirs_s = tuple(found["seconds"] for _, found in turns)
    engine_s = tuple(found["engine_seconds"] for _, found in turns)
    name = f"Cedar (cedarpy {turns[0][1]['version']})"
    ours = f"{rate(ours_s)}, {yes}, every reason why not"
    return [
        Row(work, ours, ours_s, f"{name}, in one batch: yes or no", theirs_s, GOAL),
        Row(work, ours, ours_s, f"{name}, its engine's own clock alone", engine_s),
        cold(world, repeat),
    ]


def cold(world: World, repeat: int) -> Row:
    """The same questions when nothing was asked before: laying out is in the time."""
    seconds = tuple(
        timed(lambda: answered(replace(world, known=replace(world.known)))) for _ in range(repeat)
    )
    work = f"may: {QUESTIONS:,} openings, documents just changed"
    return Row(work, f"{rate(seconds)}, laid out anew", seconds)


def rate(seconds: tuple[float, ...]) -> str:
    return f"{QUESTIONS / median(seconds):,.0f} decisions/s"


def answered(world: World) -> list[bool]:
    known = world.known
    return [not may_open(ask, known, at) for ask, at in world.questions]


def by_cedar(taken: Path, given: Path) -> dict[str, Any]:
    subprocess.run([PYTHON, SCRIPT, taken, given], check=True, capture_output=True)
    found: dict[str, Any] = json.loads(given.read_text())
    return found
