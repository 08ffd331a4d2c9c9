"""``azukari carrier open|erase``: at the call centre, on the device, without any database."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from azukari.carrier import statement
from azukari.carrier.manifest import claimed_carrier
from azukari.cli import enquiries, hands, papers, speech
from azukari.cli.call import FOLDER, Call, acts, reads
from azukari.cli.device_enrolment import must_be_a_call_centre
from azukari.cli.output import aligned, instant, show, working
from azukari.desk import device as devices
from azukari.desk import erase as erasing
from azukari.desk import post
from azukari.desk.enquire import Opened, open_carrier
from azukari.desk.open_files import open_files
from azukari.errors import BadFormat, BadInput
from azukari.seal import documents as doc
from azukari.shelf import files
from azukari.shelf.folder import Folder

MEDIUM = click.argument("medium", metavar="MEDIUM", type=FOLDER)
GRANT = click.option("--grant", required=True, metavar="FILE", type=FOLDER, help="The grant.")


@click.command(
    "open",
    epilog="Example: azukari carrier open /media/stick --grant grant-7q4m2k.json --as mari",
)
@MEDIUM
@GRANT
@click.option("--folder", type=FOLDER, metavar="OUT", help="Of files: write them there.")
@acts
def open_(call: Call, medium: Path, grant: Path, folder: Path | None) -> None:
    """Open a carrier into memory and answer enquiries from stdin, a line each; writes no plaintext.

    A line is {"name": …, "birth": "1950-01-31", "postal_code": …} or the three with commas.
    The key of the person whom the grant names opens it, no other.  Every enquiry is in the device's
    journal before it is answered.  *Not found* and *suppressed* are one answer: supervisor.  What
    was asked is not printed again.

    A carrier of files is written into OUT, each file whole or not at all; the same command again
    goes on where it was interrupted, and replaces nothing.
    """
    if folder is not None:
        _files(call, medium, grant, folder)
        return
    with opened(call, medium, grant) as carrier:
        asked = enquiries.read(sys.stdin)
        answers = carrier.answer(asked) if asked else []
    value = [{"line": n, "answer": answer} for n, answer in enumerate(answers, 1)]
    show(call, value, aligned(enumerate(answers, 1)))


def _files(call: Call, medium: Path, grant: Path, out: Path) -> None:
    document = _at_hand(call, medium, grant)
    hand = hands.key(call)
    device = devices.open_device(call.home, call.now)
    try:
        with working("opening"):
            found = open_files(device, medium, document, out, hand)
    finally:
        device.close()
    value = {"written": found.written, "there_before": found.kept, "bytes": found.bytes}
    rows = [("written", found.written), ("there before", found.kept), ("bytes", found.bytes)]
    show(call, value, aligned(rows))


@click.command(
    "erase", epilog="Example: azukari carrier erase /media/stick --grant grant-7q4m2k.json"
)
@MEDIUM
@click.option(
    "--grant", "grants", multiple=True, required=True, metavar="FILE", type=FOLDER, help="Each one."
)
@click.option(
    "--first", type=click.IntRange(min=0), metavar="N", help="The city knows records < N."
)
@papers.TO
@reads
def erase(call: Call, medium: Path, grants: tuple[Path, ...], first: int | None, to: Path) -> None:
    """Destroy the grants' one-time keys, then the parts on the medium; write the receipt.

    This cannot be undone, and needs nobody's leave.  The receipt, with the journal since the last
    one, goes to the office: `azukari in FILE`.
    """
    must_be_a_call_centre(call)
    documents = [_grant(path) for path in grants]
    if not medium.is_dir():
        raise BadInput("MEDIUM", "there is no such folder")
    carrier = claimed_carrier(Folder(medium).envelope())
    device = devices.open_device(call.home, call.now)
    try:
        begin = told(call.home) if first is None else first
        receipt, lines = erasing.erase(device, carrier, documents, medium=medium, first=begin)
    finally:
        device.close()
    written, said = keep(call.home, receipt, lines, to)
    value = {"carrier": carrier, "destroyed": said.one_time_keys_destroyed, "file": str(written)}
    rows = [
        ("erased", carrier),
        ("one-time keys destroyed", len(said.one_time_keys_destroyed)),
        ("answered", said.answered),
        ("receipt", written),
    ]
    show(call, value, aligned(rows))


@contextmanager
def opened(call: Call, medium: Path, grant: Path) -> Iterator[Opened]:
    """A carrier open in memory on this device; said on stderr, closed at the end."""
    document = _at_hand(call, medium, grant)
    hand = hands.key(call)
    device = devices.open_device(call.home, call.now)
    try:
        with working("opening"):
            carrier = open_carrier(device, medium, document, hand)
        role, until = carrier.grant.role, instant(carrier.grant.not_after)
        speech.say(f"opened as {role}, until {until}; every enquiry is journalled")
        yield carrier
    finally:
        device.close()


def _at_hand(call: Call, medium: Path, grant: Path) -> bytes:
    """This site has a device, the medium is there; the grant's document."""
    must_be_a_call_centre(call)
    document = _grant(grant)
    if not medium.is_dir():
        raise BadInput("MEDIUM", "there is no such folder")
    return document


def told(home: Path) -> int:
    """How far the receipts that were written here tell of this device's journal."""
    folder = home / "receipts"
    ends = [0]
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = post.open_post(files.read_small(path, post.MAX_POST))
        if isinstance(found.document, doc.Receipt):
            ends.append(found.document.length)
    return max(ends)


def keep(home: Path, receipt: bytes, lines: list[bytes], to: Path) -> tuple[Path, doc.Receipt]:
    """Write a receipt with its journal, and a copy that the next one continues."""
    data = statement.pack(receipt, lines)
    said = doc.unverified(receipt, doc.Receipt)
    written = papers.write(to, data)
    name = f"{said.length:09d}-{written.name}"
    files.write_new(files.folder(home / "receipts") / name, data)
    return written, said


def _grant(path: Path) -> bytes:
    found = papers.read(path)
    if found.word != post.GRANT:
        raise BadFormat(f"FILE is a {found.word}, expected is a grant")
    return found.envelope


COMMANDS = {"open": open_, "erase": erase}
