"""``azukari agreement``: ``narrow`` and ``sign`` at the parties' sites, the rest at the office."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "agreement",
    "What is entrusted to whom: offer, narrow, sign, approve, refuse, suspend, review, show.\n\n"
    "The city offers at the office, and an officer of the processor signs where they sit; "
    "`azukari in` takes the whole one in.  A link below is asked for by its entrustor, signed by "
    "its processor, and holds once the city approves it.",
    "Example: azukari agreement show",
    {
        "offer": "agreement_office",
        "narrow": "agreement_sign",
        "sign": "agreement_sign",
        "approve": "agreement_answer",
        "refuse": "agreement_answer",
        "suspend": "agreement_office",
        "review": "review",
        "show": "agreement_show",
    },
)
