"""``azukari agreement``: offer, suspend and show at the office, sign at the processor's site."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "agreement",
    "What the city allows whom: offer, sign, suspend, show.\n\n"
    "The city signs its half at the office, an officer of the processor theirs where they sit; "
    "`azukari in` takes the whole one in.",
    "Example: azukari agreement show",
    {
        "offer": "agreement_office",
        "sign": "agreement_sign",
        "suspend": "agreement_office",
        "show": "agreement_show",
    },
)
