"""``azukari grant``: issue at the office, show anywhere, receipts at the office and the device."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "grant",
    "Keys for one device, for a time: issue, show, receipts.\n\n"
    "A grant travels with another person or another way than the carrier.",
    "Example: azukari grant show grant-7q4m2k.json",
    {"issue": "grant_office", "show": "grant_show", "receipts": "grant_show"},
)
