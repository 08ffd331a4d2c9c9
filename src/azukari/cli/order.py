"""``azukari order``: request, refuse and show at the office; approve or decide again elsewhere."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "order",
    "Movement orders: request, approve, refuse, show, decide again.\n\n"
    "Nothing is carried without one: who carries what to whom, by when, and two approvers who are "
    "not the requester.",
    "Example: azukari order show",
    {
        "request": "order_office",
        "approve": "order_approval",
        "refuse": "order_office",
        "show": "order_show",
        "evidence": "order_why",
        "why": "order_why",
    },
)
