"""Cedar's half: answer every request of a file in one batch, and say how long it took.

``python cedar.py IN.json OUT.json``, run by benches/may.py with the Python of ``.venv-cedar``.
Reading the file and parsing policies and entities come before the clock starts; the answers are yes
or no.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter


def main(taken: str, given: str) -> None:
    cedarpy = import_module("cedarpy")
    asked = json.loads(Path(taken).read_text())
    policies = cedarpy.PolicySet.from_str(asked["policy"])
    entities = cedarpy.Entities.from_json_str(json.dumps(asked["entities"]))
    cedarpy.is_authorized_batch(asked["requests"][:100], policies, entities)
    start = perf_counter()
    results = cedarpy.is_authorized_batch(asked["requests"], policies, entities)
    answers = [result.allowed for result in results]
    seconds = perf_counter() - start
    told = {
        "answers": answers,
        "seconds": seconds,
        "engine_seconds": sum(r.metrics["authz_duration_micros"] for r in results) / 1e6,
        "version": version("cedarpy"),
    }
    Path(given).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
