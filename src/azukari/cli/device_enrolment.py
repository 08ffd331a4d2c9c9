"""``azukari device enrol|vouch|more-keys``: what the device says of itself, and its officer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from azukari import settings
from azukari.cli import enrolment, papers, speech, vouching
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, show
from azukari.desk import device as devices
from azukari.errors import BadSettings
from azukari.seal import documents as doc

MOST: Final = 1000  # of one batch: its document stays below a mebibyte


@click.command(
    "enrol",
    epilog="Example: azukari device enrol --party ID --vouched-by ID --admitted-by ID "
    "--admitted-by ID",
)
@click.option("--party", required=True, metavar="ID", help="Whose machine it is.")
@enrolment.vouched_by
@enrolment.admitted_by
@papers.TO
@reads
def enrol(call: Call, party: str, vouched_by: str, officers: tuple[str, ...], to: Path) -> None:
    """Write this device's public keys, signed by itself, for an officer of its party.

    The private keys stay here: one signs receipts, each of the others opens one grant.
    """
    must_be_a_call_centre(call)
    enrolment.must_be_id("--party", party)
    enrolment.must_be_hands(vouched_by, officers)
    named = (party, vouched_by, officers)
    device, identity = devices.public_part(call.home, *named, call.now())
    path = papers.write(to, doc.start(device, identity))
    value = {"device": device.id, "one_time_keys": len(device.one_time_keys), "file": str(path)}
    rows = [("device", device.id), ("one-time keys", len(device.one_time_keys)), ("half", path)]
    show(call, value, aligned(rows))
    speech.hint("an officer of the party is next: `azukari device vouch FILE`")


@click.command(
    "vouch", epilog="Example: azukari device vouch device-7q4m2k-1of5.json --party ID --as jiro"
)
@papers.FILE
@click.option("--party", required=True, metavar="ID", help="Whose machine it is, in your word.")
@papers.TO
@acts
def vouch(call: Call, file: Path, party: str, to: Path) -> None:
    """Vouch for a machine of your party; the file with your hand under it goes to the office."""
    vouching.vouch(call, file, party, to, doc.Device, "device")


@click.command("more-keys", epilog="Example: azukari device more-keys --count 20 --to out")
@click.option(
    "--count",
    type=click.IntRange(1, MOST),
    default=4,
    show_default=True,
    help="How many; each opens one grant.",
)
@papers.TO
@reads
def more_keys(call: Call, count: int, to: Path) -> None:
    """Make more one-time keys for this enrolled device, and write the paper that hands them in.

    The private keys stay here.  The paper is signed by the device and needs no other hand: at the
    office `azukari in FILE` takes it in, once.
    """
    must_be_a_call_centre(call)
    path = papers.write(to, devices.more_keys(call.home, count, call.now()))
    rows = [("one-time keys", count), ("handed in by", path)]
    show(call, {"one_time_keys": count, "file": str(path)}, aligned(rows))
    speech.hint("bring the file to the office: `azukari in FILE`")


def must_be_a_call_centre(call: Call) -> None:
    """Raise `BadSettings` at any other site."""
    site = settings.load(call.home).site
    if site != "call-centre":
        raise BadSettings(f"{settings.FILE}: this HOME is a {site}, a call-centre is needed")


COMMANDS = {"enrol": enrol, "vouch": vouch, "more-keys": more_keys}
