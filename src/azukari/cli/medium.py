"""``azukari medium``: sticks and disks that orders may name.  Looks at them, and clears them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, acts, reads, unlocks
from azukari.cli.output import aligned, instant, show
from azukari.desk import media as desk
from azukari.errors import NotFound, Refused
from azukari.shelf.filesystem import NOT_TOLD
from azukari.shelf.medium import Holds
from azukari.vault import media as rows

_TAG = click.argument("tag", metavar="TAG")
_MEDIUM = click.argument("medium", metavar="MEDIUM", type=FOLDER)


@click.group("medium", epilog="Example: azukari medium list")
def command() -> None:
    """Sticks and disks: register, list, check, discard, retire.

    TAG is the asset tag that stands on a medium, such as M-0001; MEDIUM is the folder where the
    system shows it.
    """


@command.command(
    "register", epilog="Example: azukari medium register M-0001 /media/stick --as officer"
)
@_TAG
@_MEDIUM
@acts
def register(call: Call, tag: str, medium: Path) -> None:
    """Register a medium, so that orders can name it by its tag.

    Its serial is kept where this system tells it.  A tag is given once, and never to another.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        seen = desk.register(office, tag, medium, by)
    found = [
        ("registered", tag.upper()),
        ("serial", seen.serial or NOT_TOLD),
        ("file system", seen.files.kind if seen.mounted else "a folder of this machine"),
    ]
    value = {
        "tag": tag.upper(),
        "serial": seen.serial,
        "file_system": seen.files.kind,
        "mounted": seen.mounted,
    }
    show(call, value, aligned(found))
    if seen.serial is None:
        speech.say("no serial is told: only the tag on it says which medium it is")


@command.command("list", epilog="Example: azukari medium list --json")
@reads
def list_(call: Call) -> None:
    """Every medium: its serial, since when, and what it carries as far as the office knows."""
    with seat.office(call) as office, office.act() as tx:
        found = [(row, rows.occupied(tx, row.tag)) for row in rows.media(tx)]
    value = [
        {
            "tag": row.tag,
            "serial": row.serial,
            "registered_at": row.registered_at,
            "retired_at": row.retired_at,
            "carries": None if on is None else on.label,
        }
        for row, on in found
    ]
    lines = [
        (
            row.tag,
            row.serial or NOT_TOLD,
            instant(row.registered_at),
            "retired" if row.retired_at else "-" if on is None else f"{on.label}, {on.state}",
        )
        for row, on in found
    ]
    head = ("tag", "serial", "registered", "carries")
    show(call, value, aligned([head, *lines]) if lines else ["no medium is registered"])


@command.command("check", epilog="Example: azukari medium check /media/stick")
@_MEDIUM
@reads
def check(call: Call, medium: Path) -> None:
    """What a medium is, what room it has and what lies on it; changes nothing.

    Parts without an envelope are an unfinished carrier, which is none and will never be one.
    """
    with seat.office(call) as office:
        looked = desk.look(office, medium)
    seen, row = looked.seen, looked.carrier
    value: dict[str, Any] = {
        "tag": looked.tag,
        "serial": seen.serial,
        "file_system": seen.files.kind,
        "mounted": seen.mounted,
        "writable": seen.files.writable,
        "free_bytes": seen.files.free_bytes,
        "holds": seen.holds,
        "carrier": None if row is None else row.label,
        "state": None if row is None else row.state,
    }
    found = [
        ("tag", looked.tag or NOT_TOLD),
        ("serial", seen.serial or NOT_TOLD),
        ("file system", seen.files.kind if seen.mounted else "a folder of this machine"),
        ("writable", "yes" if seen.files.writable else "NO"),
        ("free bytes", f"{seen.files.free_bytes:,}"),
        ("holds", seen.holds),
    ]
    if row is not None:
        found.append(("carrier", f"{row.label}, {row.state}"))
    show(call, value, aligned(found))
    if seen.holds is Holds.UNFINISHED:
        speech.say("this is not a carrier: it broke off before its envelope was written")
        speech.hint("`azukari tick` finishes what can be; `azukari medium discard` clears the rest")


@command.command("discard", epilog="Example: azukari medium discard /media/stick --as officer")
@_MEDIUM
@click.option("--yes", "typed", metavar="LABEL", help="The label again: scripts.")
@unlocks
@acts
def discard(call: Call, medium: Path, typed: str | None) -> None:
    """Clear a medium of an unfinished carrier, or of one that was returned.

    This cannot be undone: an unfinished carrier is abandoned and its key destroyed, before its
    files go.  Asks for its label.
    """
    with seat.office(call, unlock=True) as office:
        by, _ = seat.person(call, office)
        looked = desk.look(office, medium)
        if looked.carrier is None:
            raise NotFound("nothing lies there that this office knows")
        label: str = looked.carrier.label
        if typed is None:
            speech.say(f"{label} is {looked.carrier.state}, {looked.seen.holds}")
            speech.say(f"type its label to discard it: {label}")
            typed = sys.stdin.readline().strip()
        left = desk.discard(office, medium, typed, by)
    show(call, {"discarded": label, "foreign": left}, [f"discarded  {label}"])
    if left:
        speech.say(f"{left} foreign files are left on the medium")


@command.command("retire", epilog="Example: azukari medium retire M-0001 --as officer")
@_TAG
@click.option("--yes", "typed", metavar="TAG", help="The tag again: scripts.")
@acts
def retire(call: Call, tag: str, typed: str | None) -> None:
    """Take a medium out of use: broken, worn out, destroyed.

    This cannot be undone: no order can use it any more, and its tag is never given again.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        if typed is None:
            speech.say(f"type the tag again to retire it: {tag.upper()}")
            typed = sys.stdin.readline().strip()
        if typed.upper() != tag.upper():
            raise Refused("retiring", ("not_confirmed",))
        desk.retire(office, tag, by)
    show(call, {"retired": tag.upper()}, [f"retired  {tag.upper()}"])
