"""``azukari agreement review``: start, close, show at the office; answer elsewhere."""

from __future__ import annotations

from azukari.cli.lazy import Gathered

command = Gathered(
    "review",
    "Who may come near the data, reviewed once a period: start, answer, close, show.\n\n"
    "The city lists everybody enrolled for a processor, its officer says who pays each, and an "
    "officer of the city closes it: whoever should not be there no longer counts.",
    "Example: azukari agreement review show",
    {
        "start": "review_office",
        "answer": "review_answer",
        "close": "review_office",
        "show": "review_show",
    },
)
COMMANDS = {"review": command}
