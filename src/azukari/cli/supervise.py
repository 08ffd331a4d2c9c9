"""``azukari supervise``: what the city planned and did to check a processor, at the office."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "supervise",
    "Checks of a processor: plan, draw a sample, record what was found, follow up, show.\n\n"
    "A check is a visit, a review of logs or a sample of carriers.  What was planned and not "
    "recorded by its day raises the alarm (`azukari tick`).",
    "Example: azukari supervise show AGREEMENT --html supervision.html",
    {
        "plan": "supervise_acts",
        "draw": "supervise_acts",
        "done": "supervise_acts",
        "follow-up": "supervise_acts",
        "show": "supervise_show",
    },
)
