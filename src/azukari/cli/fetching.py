"""Fetching a shipment at the site that receives it; needs no office and no database."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from azukari.cli import exits, speech
from azukari.cli.call import Call
from azukari.cli.output import working
from azukari.desk import device as devices
from azukari.desk import post
from azukari.errors import BadInput
from azukari.shelf import download, shipment


def fetched(call: Call, source: Path, into: Path) -> None:
    """Take over what has arrived; ends the program with *no* where something is still missing."""
    if not source.is_dir():
        raise BadInput("--from", "there is no such folder")
    keys = {key.id: key for key in post.trust_of(call.home).believed(call.now())}
    with working("fetching and checking"):
        found = shipment.fetch(source, into, keys.get)
    count = len(found.shipment.files)
    if not found.whole:
        speech.say(f"{found.arrived} of {count} files have arrived whole; nothing is signed yet")
        speech.hint("the same command again, when more has arrived")
        raise click.exceptions.Exit(exits.NO)
    speech.say(f"all {count} files have arrived and are as they were sealed")


def downloaded(call: Call, url: str, carrier: str, into: Path) -> None:
    """Fetch a carrier from the office's API with this device's key, then as `fetched`.

    Beside ``into`` lies what has arrived, until it is whole; the same call goes on from there.
    """
    arriving = into.with_name(f"{into.name}.arriving")
    device = devices.open_device(call.home, call.now)
    try:
        keys = {key.id: key for key in device.trust.believed(call.now())}
        source = download.Source(url, device.id, device.identity, call.now)
        with working("fetching"):
            download.download(source, carrier, arriving, keys.get)
    finally:
        device.close()
    fetched(call, arriving, into)
    shutil.rmtree(arriving)
