"""``azukari device``: enrol at the device, admit and list at the office."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "device",
    "Machines that open carriers: enrol, more keys, admit, suspend, list.\n\n"
    "The device signs its own public keys; the city admits it at the office.",
    "Example: azukari device list",
    {
        "enrol": "device_enrolment",
        "more-keys": "device_enrolment",
        "admit": "device_admission",
        "suspend": "device_admission",
        "list": "device_admission",
    },
)
