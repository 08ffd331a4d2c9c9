"""``azukari device``: enrol and vouch at the device, the rest at the office."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "device",
    "Machines that open carriers: enrol, vouch, more keys, admit, suspend, list.\n\n"
    "The device signs its own public keys; an officer of its party vouches for it, and two persons "
    "of the city admit it.",
    "Example: azukari device list",
    {
        "enrol": "device_enrolment",
        "vouch": "device_enrolment",
        "more-keys": "device_enrolment",
        "admit": "device_admission",
        "suspend": "device_admission",
        "list": "device_admission",
    },
)
