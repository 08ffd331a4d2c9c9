"""The income rule of the benefit for every taxpayer of a city, beside OpenFisca on the same rule.

OpenFisca runs as a program in an environment of its own (``make bench-peers`` makes it), from a
file of numbers to a file of answers; it knows this one rule.  Ours is a running program, engine
start included.  The answers must be the same, or the bench stops.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from azukari.benefit import determine
from azukari.benefit.rules import Programme, load
from azukari.roll.columns import Roll
from azukari.vault.engine import Engine, decide
from benches import Row, timed
from benches.decide import invent

HOME: Final = Path(__file__).parent
PYTHON: Final = HOME.parent / ".venv-openfisca" / "bin" / "python"
SCRIPT: Final = HOME / "peers" / "openfisca.py"
GOAL: Final = "≥ 10×: ≤ 0.1×"


def run(residents: int, repeat: int) -> list[Row]:
    """Three rows: the rule beside the whole program and beside its calculation; the decision."""
    work = "the income rule for every taxpayer"
    if not PYTHON.exists():
        absent = "OpenFisca: not measured here, `make bench-peers` was not run"
        return [Row(work, "", (), absent, goal=GOAL)]
    roll, programme = invent(residents), load("fy2021")
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        taken, given = Path(folder) / "in.npz", Path(folder) / "out.npz"
        units = facts(roll)
        by_openfisca(units, taken, given)
        with np.load(given) as found:
            names, theirs = str(found["names"]), found["exempt"]
        if not np.array_equal(theirs, income_rule(roll, programme, units["ordinal"])):
            raise SystemExit("benches: openfisca: ours and OpenFisca disagree")
        rule_s, all_s, program_s, calculation_s = [], [], [], []
        for _ in range(repeat):
            rule_s.append(timed(lambda: income_rule(roll, programme, units["ordinal"])))
            all_s.append(timed(lambda: decide(roll, programme)))
            program_s.append(timed(lambda: by_openfisca(units, taken, given)))
            with np.load(given) as found:
                calculation_s.append(float(found["seconds"][1]))
    ours, program = "rule alone, engine start included", f"{names}: file to file"
    return [
        Row(work, ours, tuple(rule_s), program, tuple(program_s), GOAL),
        Row(work, ours, tuple(rule_s), "the same, without its start", tuple(calculation_s)),
        Row("decide a city", "every rule", tuple(all_s), f"{program}, one rule", tuple(program_s)),
    ]


def facts(roll: Roll) -> dict[str, np.ndarray[Any, Any]]:
    """Ordinal, income and dependants of everybody for whom all is known; nothing else leaves."""
    known = pc.and_(roll.tax["total_income_yen"].is_valid(), roll.tax["dependants"].is_valid())
    rows: pa.Table = roll.tax.filter(known)
    return {
        "ordinal": rows["ordinal"].to_numpy().astype(np.int64),
        "income": rows["total_income_yen"].to_numpy().astype(np.int64),
        "dependants": rows["dependants"].to_numpy().astype(np.int64),
    }


def income_rule(
    roll: Roll, programme: Programme, ordinals: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Whether each of those is exempt for their income alone, by our own expressions."""
    with Engine() as engine:
        register, tax, accounts = map(engine.table, (roll.register, roll.tax, roll.accounts))
        judged = determine.evidence(register, tax, accounts, programme)
        answers = engine.run(judged.select("ordinal", "low_income").order_by("ordinal"))
    low = answers["low_income"].fill_null(False).to_numpy()
    found: np.ndarray[Any, Any] = low[ordinals]
    return found


def by_openfisca(units: dict[str, np.ndarray[Any, Any]], taken: Path, given: Path) -> None:
    np.savez(taken, income=units["income"], dependants=units["dependants"])
    subprocess.run([PYTHON, SCRIPT, taken, given], check=True, capture_output=True)
