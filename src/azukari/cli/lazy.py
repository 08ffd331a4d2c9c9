"""A noun whose commands lie in several files, each loaded when it is asked for.

A call centre has no database and no program for one: what it runs must not load what only an
office can.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import click


class Gathered(click.Group):
    """A group of commands; ``places`` says in which module each is found."""

    def __init__(self, name: str, text: str, epilog: str, places: Mapping[str, str]) -> None:
        super().__init__(name, help=text, epilog=epilog)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(self.places)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in self.places:
            return None
        module = importlib.import_module(f"azukari.cli.{self.places[cmd_name]}")
        found: click.Command = module.COMMANDS[cmd_name]
        return found
