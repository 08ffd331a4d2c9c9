"""The command line: parse, call, render; the door at which every error becomes speech.

A noun is a file beside this one, loaded when it is asked for.  What a command does, the rooms below
do; nothing is decided here.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from azukari.cli import exits, speech
from azukari.cli.call import language_of
from azukari.errors import AzukariError

_PACKAGE: Final = Path(__file__).parent.parent
#: noun -> what it is, one line; `azukari --help` shows them without loading any.
NOUNS: Final = {
    "rehearse": "Play the bad night on an invented city.",
    "init": "Set up a site: an office, a call centre, a witness.",
    "roll": "A register as received: invent, take in, list, show.",
    "benefit": "Decide who is eligible, and explain one household.",
    "party": "City, contractor, sub-contractor: add, list.",
    "person": "People who act: enrol, admit, train, leave, list.",
    "device": "Machines that open carriers: enrol, admit, suspend, list.",
    "agreement": "What the city allows whom: offer, sign, suspend, show.",
    "supervise": "Checks of a processor: plan, draw, record, follow up, show.",
    "order": "Movement orders: request, approve, refuse, show.",
    "trust": "Which of the city's keys other sites believe.",
    "carrier": "What travels: seal, hand over, open, erase, return.",
    "grant": "Keys for one device, for a time: issue, show, receipts.",
    "call-centre": "Answer callers from a carrier that is open in memory.",
    "out": "A document as a file or a QR code for another site.",
    "in": "Take in one file from another site.",
    "medium": "Sticks and disks: register, check, discard.",
    "incident": "Declare a loss; see where it stands.",
    "alarm": "What is late: list it, answer it.",
    "ledger": "What was done and when: show, export, verify, audit.",
    "witness": "Remember how long a ledger was, and sign that it only grew.",
    "keys": "The roots of all keys: the ceremony, and recovery.",
    "backup": "One encrypted file of the office or of the keys.",
    "restore": "Bring a backup, entries or a signed head back.",
    "serve": "Give carriers by network to their recipients' devices.",
    "tick": "Raise what is late, finish what a crash left.",
}
#: Nouns whose file is called otherwise.
_FILES: Final = {"carrier": "travel", "call-centre": "call_centre", "in": "post"}


class _Nouns(click.Group):
    """The commands by name, each from its own file."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(NOUNS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in NOUNS:
            return None
        module = importlib.import_module(f"azukari.cli.{_FILES.get(cmd_name, cmd_name)}")
        found: click.Command = module.command
        return found

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(NOUNS.items()))


@click.group(
    cls=_Nouns,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: azukari rehearse --residents 2000",
)
@click.version_option(package_name="azukari", message="%(package)s %(version)s")
def root() -> None:
    """Custody of personal data that someone entrusted to someone else (預かり).

    What is asked for goes to stdout, what is said about it to stderr.
    """


def main(arguments: Sequence[str] | None = None, now: Callable[[], int] | None = None) -> int:
    """Run the program; returns its exit code.

    Args:
        arguments: the command line without the program's name; that of the process if not given.
        now: the clock, ms UTC; a story brings its own.
    """
    line = list(sys.argv[1:] if arguments is None else arguments)
    language = _language(line)
    if isinstance(sys.stdin, io.TextIOWrapper):
        # What a scanner or another terminal types may be no text of ours: refused, and no fault.
        sys.stdin.reconfigure(errors="surrogateescape")
    try:
        with root.make_context("azukari", line, obj=now) as context:
            root.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _usage(error, language)
    except click.ClickException as error:
        speech.say(f"{speech.USAGE.said(language)}: {type(error).__name__}")
        return exits.USAGE
    except (click.Abort, EOFError, KeyboardInterrupt):
        speech.say(speech.INTERRUPTED.said(language))
        return exits.INTERRUPTED
    except AzukariError as error:
        speech.tell(error, language)
        return exits.code_of(error)
    except BrokenPipeError:
        _quiet_end()
        return exits.BROKEN_PIPE
    except ModuleNotFoundError as error:
        speech.say(f"{speech.MISSING.said(language)}: {error.name}")
        return exits.MISSING
    except OSError as error:
        return _system(error, language)
    except Exception as error:  # noqa: BLE001  the door: a fault of ours shows no values, only its kind
        speech.say(f"{speech.FAULT.said(language)}: {type(error).__name__}{_place(error)}")
        return exits.FAULT
    return exits.DONE


def _language(line: Sequence[str]) -> str:
    """What was asked for, before the line is parsed: parsing may fail and must be told."""
    for i, word in enumerate(line):
        chosen = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if word == "--lang":
            chosen = "".join(line[i + 1 : i + 2])
        if chosen in ("ja", "en"):
            return chosen
    return language_of(os.environ)


def _usage(error: click.UsageError, language: str) -> int:
    """Say what is wrong with the line, and never what stood in it: it may be somebody's."""
    speech.say(f"{speech.USAGE.said(language)}: {_fact(error)}")
    if error.ctx is not None:
        speech.hint(f"`{error.ctx.command_path} --help`")
    return exits.USAGE


def _fact(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return "an option is unknown"
    if isinstance(error, click.MissingParameter):
        return f"{_name(error.param)} is missing"
    if isinstance(error, click.BadParameter):
        return f"{_name(error.param)} is not what it must be"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return "a command is missing"
    return "a word is unknown, or one too many"


def _name(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return "a word"
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.make_metavar(click.Context(root)).strip("[].")


def _system(error: OSError, language: str) -> int:
    """Say what the system said, without the path: that is the caller's to know."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    fact = os.strerror(error.errno).lower() if error.errno else type(error).__name__
    speech.say(f"{speech.SYSTEM.said(language)}: {name}: {fact}")
    return exits.SYSTEM


def _place(error: BaseException) -> str:
    """The last line of ours that the error came through; a place in the source tells no value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return ""
    return f" at {Path(ours[-1].filename).relative_to(_PACKAGE).as_posix()}:{ours[-1].lineno}"


def _quiet_end() -> None:
    """Whoever read our output has gone; let the interpreter's own last flush not complain."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
