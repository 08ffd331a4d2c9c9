"""One call of the program: where, who, in which language and form, by which clock.

Every command takes ``--home``, ``--json`` and ``--lang``; what acts takes ``--as``; what needs the
keys takes ``--passphrase-fd``.  A secret comes from a terminal or a file descriptor, never from the
command line or the environment, where every program of the machine could read it.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from azukari import settings
from azukari.errors import AzukariError, BadInput

Command = Callable[..., None]
Option = Callable[[Command], Command]
MAX_SECRET: Final = 1024


def wall_clock() -> int:
    """The machine's clock, ms UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Call:
    """What every command knows."""

    home: Path
    json: bool = False
    language: str = "en"  # of what is said
    chosen: str | None = None  # what --lang said
    now: Callable[[], int] = wall_clock
    person: str | None = None
    person_fd: int | None = None
    passphrase_fd: int | None = None


def speaks(command: Command) -> Command:
    """Give a command that needs no HOME the options that all have, and hand it a `Call`."""

    @functools.wraps(command)
    @click.pass_context
    def called(context: click.Context, /, **options: Any) -> None:
        known = ("home", "person", "person_fd", "passphrase_fd")
        taken = {name: options.pop(name, None) for name in known}
        taken["home"] = (taken["home"] or settings.default_home(os.environ)).absolute()
        call = Call(
            json=options.pop("as_json"),
            chosen=(chosen := options.pop("lang")),
            language=chosen or language_of(os.environ),
            now=context.obj or wall_clock,
            **taken,
        )
        command(call, **options)

    return _JSON(_LANG(called))


def reads(command: Command) -> Command:
    """As `speaks`, and the command works on a site: ``--home DIR``."""
    return _HOME(speaks(command))


def acts(command: Command) -> Command:
    """As `reads`, and somebody acts: ``--as PERSON``."""
    return _AS(_PERSON_FD(reads(command)))


def may_act(command: Command) -> Command:
    """As `acts`, for a command that a signature in a file can speak for: then nobody else acts."""
    return _MAY_AS(_PERSON_FD(reads(command)))


def who_acts(call: Call) -> str:
    """The person who acts, where a command may go without one and here does not."""
    if not call.person:
        raise BadInput("--as", "who acts is expected")
    return call.person


def unlocks(command: Command) -> Command:
    """The command may need the key service's passphrase; stands above `reads` or `acts`."""
    return _PASSPHRASE_FD(command)


def language_of(environ: Mapping[str, str]) -> str:
    """The language a caller's locale asks for."""
    locale = next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), "")
    return "ja" if locale.startswith("ja") else "en"


def page_language(call: Call) -> settings.Language:
    """The language of what a site puts on a page: what --lang said, else that of the site."""
    if call.chosen is not None:
        return "ja" if call.chosen == "ja" else "en"
    return settings.load(call.home).language


def secret(fd: int | None, prompt: str, without: AzukariError, *, twice: bool = False) -> bytes:
    """A passphrase: one line of a file descriptor, or typed at the terminal.

    Several secrets may come over one descriptor, a line each: nothing is read ahead.  Where there
    is neither, ``without`` is raised.
    """
    if fd is not None:
        return _line(fd)
    if not sys.stdin.isatty():
        raise without
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return typed.encode()


def _line(fd: int) -> bytes:
    line = bytearray()
    try:
        while (letter := os.read(fd, 1)) not in (b"", b"\n"):
            line += letter
            if len(line) > MAX_SECRET:
                raise BadInput(f"descriptor {fd}", f"a secret of at most {MAX_SECRET} bytes")
    except OSError:
        raise BadInput(f"descriptor {fd}", "it is not open for reading") from None
    if not line:
        raise BadInput(f"descriptor {fd}", "a line with the passphrase is expected")
    return bytes(line).removesuffix(b"\r")


FOLDER: Final = click.Path(path_type=Path)
_HOME: Final[Option] = click.option(
    "--home",
    type=FOLDER,
    metavar="DIR",
    help="The site's HOME; else $AZUKARI_HOME, else the platform's data folder.",
)
_JSON: Final[Option] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LANG: Final[Option] = click.option(
    "--lang", type=click.Choice(["ja", "en"]), help="Language of what is said; else of LANG."
)
_AS: Final[Option] = click.option(
    "--as",
    "person",
    metavar="PERSON",
    required=True,
    help="Whose key is asked for: PERSON.key in the folder $AZUKARI_PERSON.",
)
_MAY_AS: Final[Option] = click.option(
    "--as",
    "person",
    metavar="PERSON",
    help="Whose key is asked for, where no signed file speaks: PERSON.key in $AZUKARI_PERSON.",
)
_PERSON_FD: Final[Option] = click.option(
    "--person-fd",
    type=int,
    metavar="N",
    help="Read the person's passphrase from this file descriptor.",
)
_PASSPHRASE_FD: Final[Option] = click.option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    help="Read the key service's passphrase from this file descriptor.",
)
