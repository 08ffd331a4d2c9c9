"""The reference of the command line, made from the commands themselves.

``python -m azukari.cli.reference > docs/cli.md`` writes the page; a test compares.  Nothing is
said there that ``--help`` does not say.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from azukari.cli import exits, root, speech

_HEAD = """# The command line

Made from the commands themselves by `python -m azukari.cli.reference > docs/cli.md`.
A test compares.

Data goes to stdout, speech to stderr: `azukari: …`, and at most one `hint:`.
`--json` prints the same data for programs.
What acts takes `--as PERSON`, which says whose key is asked for and asserts nothing:
the key is the file `PERSON.key` in the folder `$AZUKARI_PERSON`, never inside a HOME;
where only `PERSON.pub` lies there, the ssh-agent of `$SSH_AUTH_SOCK` is asked to sign.
Passphrases are typed at a terminal or read from a file descriptor, a line each;
no option and no variable takes one, because other programs could read it there.
The key service's passphrase is read first where both come over one descriptor.
There is no option that skips a check.
"""


def page() -> str:
    """The whole page, Markdown."""
    return "\n".join([_HEAD, *_exits(), *(line for part in _commands() for line in part)])


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, groups before what is in them."""
    yield "azukari", root
    yield from _below("azukari", root)


def _below(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if found is None:
            continue
        yield f"{path} {name}", found
        if isinstance(found, click.Group):
            yield from _below(f"{path} {name}", found)


def _exits() -> Iterator[str]:
    yield "## Exit codes\n"
    yield "| code | what | what to do |"
    yield "|---|---|---|"
    yield "| 0 | done | |"
    yield "| 1 | done, and the answer is no: a finding, a broken promise, a changed carrier | |"
    yield f"| {exits.USAGE} | {speech.USAGE.en} | `--help` |"
    for kind, code in exits.CODES.items():
        said = speech.SPEECH[kind]
        yield f"| {code} | {said.sentence.en} (`{kind.__name__}`) | {said.remedy.en} |"
    yield f"| {exits.SYSTEM} | {speech.SYSTEM.en}: a full disk, no permission | |"
    yield f"| {exits.FAULT} | {speech.FAULT.en}; only its kind is shown | report it |"
    yield f"| {exits.MISSING} | {speech.MISSING.en} | install `azukari[decide]` |"
    yield f"| {exits.INTERRUPTED} | {speech.INTERRUPTED.en} | |"
    yield f"| {exits.BROKEN_PIPE} | whoever read the output has gone | |\n"


def _commands() -> Iterator[list[str]]:
    for name, command in commands():
        context = click.Context(command, info_name=name)
        usage = " ".join([name, *command.collect_usage_pieces(context)])
        text = inspect.cleandoc(command.help or "").replace("\f", "")
        lines = [f"## {name}\n", text, "", f"    {usage}", ""]
        options = [one for one in command.params if isinstance(one, click.Option)]
        if options:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [_option(option, context) for option in options]
            lines.append("")
        lines += [f"Example:\n\n    {(command.epilog or '').removeprefix('Example: ')}\n"]
        yield lines


def _option(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context) or (option.opts[0], "")
    left, right = (text.replace("|", "\\|").strip() for text in record)
    return f"| `{left}` | {right} |"


if __name__ == "__main__":
    click.echo(page(), nl=False)
