"""``azukari call-centre``: answer callers at a terminal, from a carrier open in memory."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import enquiries, speech
from azukari.cli.call import Call, acts
from azukari.cli.opening import GRANT, MEDIUM, opened
from azukari.errors import BadInput


@click.command(
    "call-centre",
    epilog="Example: azukari call-centre /media/stick --grant grant-7q4m2k.json --as mari",
)
@MEDIUM
@GRANT
@acts
def command(call: Call, medium: Path, grant: Path) -> None:
    """Answer callers: name, birth date, postal code, and the answer; an empty name ends it.

    The key of the person whom the grant names opens it, no other.  Every enquiry is in the device's
    journal before it is answered; the opened carrier lies in memory and nowhere else.
    *supervisor* means: put them through, whatever the reason.
    """
    with opened(call, medium, grant) as carrier:
        while name := _asked("name"):
            birth, postal_code = _asked("birth date (1950-01-31)"), _asked("postal code")
            try:
                asked = enquiries.enquiry(name, birth, postal_code)
            except BadInput as error:
                speech.say(error.reason)
                continue
            click.echo(carrier.answer([asked])[0])


def _asked(what: str) -> str:
    typed: str = click.prompt(what, default="", show_default=False, err=True)
    return typed.strip()
