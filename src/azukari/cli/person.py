"""``azukari person``: ``enrol`` and ``train`` run at any site, the rest at the office."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "person",
    "People who act: enrol, admit, train, leave, list.\n\n"
    "A person makes their key wherever they work and states who pays them; two persons of the city "
    "admit them at the office.",
    "Example: azukari person list",
    {
        "enrol": "enrolment",
        "admit": "admission",
        "train": "training",
        "leave": "admission",
        "list": "admission",
    },
)
