"""``azukari carrier``: everything that is done with one, gathered from the files beside.

What a call centre does lies in files of its own, which load no program for a database.
"""

from __future__ import annotations

import click

from azukari.cli.lazy import Gathered


class _Carrier(Gathered):
    """What is not in ``places`` is a command of an office, in carrier.py."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        # Late: only an office has what this needs.
        try:
            from azukari.cli import carrier
        except ModuleNotFoundError:
            return [*_OFFICE, *self.places]
        return [*carrier.command.list_commands(ctx), *self.places]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.places:
            return super().get_command(ctx, cmd_name)
        # Late: only an office has what this needs.
        from azukari.cli import carrier

        return carrier.command.get_command(ctx, cmd_name)


_OFFICE = ("seal", "list", "show", "inspect")
command = _Carrier(
    "carrier",
    "What travels: seal, send, hand over, receive, open, erase, return.\n\n"
    "LABEL is what stands on the finder's page of a carrier, such as C-7Q4M-2K, or its id.",
    "Example: azukari carrier list",
    {
        "send": "carrier_send",
        "hand-over": "custody",
        "receive": "custody",
        "open": "opening",
        "erase": "opening",
        "return": "custody",
    },
)
