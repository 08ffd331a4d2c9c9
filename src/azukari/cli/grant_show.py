"""``azukari grant show|receipts``: what a grant shows outside, and what devices stated."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from azukari import settings
from azukari.cli import opening, papers
from azukari.cli.call import Call, reads
from azukari.cli.device_enrolment import must_be_a_call_centre
from azukari.cli.output import aligned, instant, show
from azukari.desk import device as devices
from azukari.desk import erase, post
from azukari.errors import BadFormat, BadInput
from azukari.names import raw_id
from azukari.seal import grant as grants
from azukari.shelf import keyring


@click.command("show", epilog="Example: azukari grant show grant-7q4m2k.json")
@papers.FILE
@click.option("--qr", default="", metavar="FILE.svg|-", help="Draw it as one QR code instead.")
@reads
def show_(call: Call, file: Path, qr: str) -> None:
    """What a grant shows: outside to everybody, inside on the device whose key opens it.

    With --qr: one QR code whose bytes are the file's; - draws it on the terminal.  A scanner types
    it into `azukari in -` at the device.  Needs the extra `press`.
    """
    found = papers.read(file)
    if found.word != post.GRANT:
        raise BadFormat(f"FILE is a {found.word}, expected is a grant")
    if qr:
        # Late: a site that draws none needs nothing to draw with.
        from azukari.cli import qr as drawing

        drawing.draw(found.envelope, qr)
        return
    outer = grants.unverified_outside(found.envelope)
    rows = [("grant", outer.grant), ("one-time key", outer.key), ("suite", outer.suite)]
    value = {"grant": outer.grant, "one_time_key": outer.key, "suite": outer.suite}
    key = call.home / "one-time" / f"{outer.key}.key"
    if key.is_file():
        inside = grants.open_grant(outer, keyring.one_time_key(key))
        rows += [
            ("carrier", inside.carrier),
            ("person", inside.person),
            ("role", inside.role),
            ("from", instant(inside.not_before)),
            ("until", instant(inside.not_after)),
        ]
        value |= {"carrier": inside.carrier, "person": inside.person, "role": inside.role}
    else:
        rows.append(("inside", "sealed: the key that opens it is not here"))
    show(call, value, aligned(rows))


@click.command("receipts", epilog="Example: azukari grant receipts C-7Q4M-2K")
@click.argument("label", metavar="[LABEL]", default="")
@click.option(
    "--first", type=click.IntRange(min=0), metavar="N", help="The city knows records < N."
)
@papers.TO
@reads
def receipts(call: Call, label: str, first: int | None, to: Path) -> None:
    """At the office: what devices stated of a carrier.  At a device: a receipt anew.

    LABEL is the carrier; at a device its id.  A device writes one over its journal since --first,
    or since its last receipt: after a carrier that was not erased here, or where one was lost.
    """
    if settings.load(call.home).site == "office":
        _stated(call, label)
        return
    must_be_a_call_centre(call)
    try:
        raw_id(label)
    except BadFormat:
        raise BadInput("LABEL", "at a device the carrier's id is expected") from None
    device = devices.open_device(call.home, call.now)
    try:
        begin = opening.told(call.home) if first is None else first
        receipt, lines = erase.receipt(device, label, [], begin)
    finally:
        device.close()
    written, said = opening.keep(call.home, receipt, lines, to)
    value = {"file": str(written), "first": said.first, "length": said.length}
    show(call, value, aligned([("receipt", written), ("records", len(lines))]))


def _stated(call: Call, label: str) -> None:
    # Late: only an office has what this needs.
    from azukari.cli import seat
    from azukari.desk.receipts import receipts_of
    from azukari.vault import records

    with seat.office(call) as office:
        with office.act() as tx:
            row = records.carrier(tx, label)
        found = receipts_of(office, row.id)
    rows = [
        (
            instant(one.at),
            f"device {one.device[:6]}",
            f"records {one.first} to {one.length}",
            f"{one.answered} answered",
            f"{len(one.one_time_keys_destroyed)} one-time keys destroyed",
        )
        for one in found
    ]
    value = [msgspec.to_builtins(one) for one in found]
    show(call, value, aligned(rows) if rows else ["no receipt came back"])


COMMANDS = {"show": show_, "receipts": receipts}
