"""The reference is made from the commands, and every command helps."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import click
import pytest

from azukari.cli import NOUNS, main
from azukari.cli.reference import commands, page

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = dict(commands())
LINES = 40  # of a screen


def test_the_page_is_what_the_commands_say() -> None:
    """Write it anew with ``python -m azukari.cli.reference > docs/cli.md``."""
    assert page() == (DOCS / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_an_example_and_a_section(name: str, run: Any) -> None:
    command = COMMANDS[name]

    ran = run(*name.split()[1:], "--help")

    assert ran.code == 0
    assert command.help
    assert command.epilog
    assert command.epilog.startswith("Example: azukari")
    assert "Example: azukari" in ran.out
    assert f"\n## {name}\n" in page()
    assert len(ran.out.splitlines()) <= LINES


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_can_be_typed(name: str) -> None:
    """It is parsed as far as the command itself: a renamed option would be noticed."""
    words = shlex.split((COMMANDS[name].epilog or "").removeprefix("Example: azukari "))
    command: click.Command = COMMANDS["azukari"]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found

    command.make_context(name, words)


@pytest.mark.parametrize("name", [name for name in COMMANDS if len(name.split()) > 1])
def test_every_option_says_what_it_means(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]}"


@pytest.mark.parametrize("name", [n for n in COMMANDS if not isinstance(COMMANDS[n], click.Group)])
def test_every_command_has_json_and_a_language(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}

    assert {"--json", "--lang"} <= options
    assert "--force" not in options
    assert "--now" not in options


def test_what_the_first_page_lists_is_what_there_is() -> None:
    for name, words in NOUNS.items():
        assert COMMANDS[f"azukari {name}"].name == name
        assert words.endswith(".")


def test_a_word_alone_asks_for_a_command(run: Any) -> None:
    assert 2 == run().code
    assert 2 == run("roll").code
    assert 0 == main(["--version"])
