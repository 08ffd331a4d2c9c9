"""The income rule of the benefit by openfisca-japan: a program for its own environment.

``python openfisca.py IN.npz OUT.npz``, run by benches/openfisca.py with the Python of
``.venv-openfisca``.  openfisca-japan is AGPL: it is called as a program, with numbers in files, and
nothing of azukari imports it or is imported here.

A unit is one taxpayer, as a household whose highest income is theirs and whose size is one more
than their dependants: for that, and only for that, its household rule is the rule of the law.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np

DAY = "2021-06-01"


def main(taken: str, given: str) -> None:
    """Facts in, answers and the seconds of each stage out."""
    start = perf_counter()
    system: Any = import_module("openfisca_japan").CountryTaxBenefitSystem()
    builder: Any = import_module("openfisca_core.simulation_builder").SimulationBuilder()
    ready = perf_counter()
    facts = np.load(taken)
    simulation = builder.build_default_simulation(system, len(facts["income"]))
    simulation.set_input("世帯高所得", DAY, facts["income"])
    simulation.set_input("世帯人数", DAY, facts["dependants"] + 1)
    simulation.set_input("居住級地区分1", DAY, np.ones(len(facts["income"]), dtype=np.int64))
    exempt = simulation.calculate("住民税非課税世帯", DAY)
    done = perf_counter()
    names = f"openfisca-japan {version('openfisca-japan')}, core {version('openfisca-core')}"
    np.savez(given, exempt=exempt, seconds=np.array([ready - start, done - ready]), names=names)


if __name__ == "__main__":
    main(*sys.argv[1:])
