"""``azukari person``: ``enrol``, ``vouch``, ``state`` and ``train`` at any site, the rest at the
office.
"""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "person",
    "People who act: enrol, vouch, admit, train, state, contact, leave, list.\n\n"
    "A person makes their key wherever they work and states who pays them; an officer of their "
    "party says the same apart from them, and two persons of the city admit them.",
    "Example: azukari person list",
    {
        "enrol": "enrolment",
        "vouch": "enrolment",
        "admit": "admission",
        "train": "training",
        "state": "enrolment",
        "contact": "contact",
        "leave": "admission",
        "list": "admission",
    },
)
