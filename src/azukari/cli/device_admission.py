"""``azukari device admit|suspend|list``: the city's half, at the office."""

from __future__ import annotations

from pathlib import Path

import click

from azukari.cli import admission, papers, seat
from azukari.cli.call import Call, acts, reads
from azukari.cli.output import aligned, instant, show
from azukari.desk import one_time, people
from azukari.seal import documents as doc


@click.command(
    "admit", epilog="Example: azukari device admit device-7q4m2k-2of5.json --as hanako --with taro"
)
@papers.FILE
@admission.WITH
@papers.TO
@acts
def admit(call: Call, file: Path, other: str | None, to: Path) -> None:
    """Admit a device with its one-time keys: two persons of the city, each with their own key.

    Both at one keyboard, with --with, or one after the other: the first writes the file for the
    second, who completes it.  Writes the whole entry for other sites.
    """
    half = papers.read(file)
    papers.lay_before(papers.whole(half, doc.Device))
    with seat.office(call) as office:
        hands = [seat.person(call, office), *([seat.hand(call, office, other)] if other else [])]
        entry = people.admit(office, half.envelope, "", hands)
    device = doc.unverified(entry, doc.Device)
    path = papers.write(to, entry)
    done = "signed" if doc.is_half(entry) else "admitted"
    rows = [(done, device.id), ("one-time keys", len(device.one_time_keys)), ("entry", path)]
    show(
        call,
        {"device": device.id, "file": str(path), "admitted": done == "admitted"},
        aligned(rows),
    )


@click.command("suspend", epilog="Example: azukari device suspend ID --as hanako")
@click.argument("device", metavar="ID")
@papers.TO
@acts
def suspend(call: Call, device: str, to: Path) -> None:
    """Say that a device gets no grant any more: lost, sold, or not believed.

    What it has opened already it can pass on.  Writes the city's status statement for other sites.
    """
    with seat.office(call) as office:
        by, _ = seat.person(call, office)
        word = people.suspend_device(office, device, by)
    path = papers.write(to, word)
    show(call, {"device": device, "file": str(path)}, aligned([("suspended", device)]))


@click.command("list", epilog="Example: azukari device list --json")
@reads
def list_(call: Call) -> None:
    """Every device: its party, how many of its one-time keys are free, and since when."""
    with seat.office(call) as office:
        found = people.devices_of(office)
        parties = {party.id: party.name for party in people.parties_of(office)}
        free = one_time.free(office)
        gone = people.withdrawn(office)
    rows = [
        (
            device.id,
            parties.get(device.party, "?"),
            len(free[device.id]),
            instant(device.enrolled_at),
            "no longer" if device.id in gone else "",
        )
        for device in found
    ]
    value = [
        {"device": one.id, "party": one.party, "free_keys": len(free[one.id])} for one in found
    ]
    show(call, value, aligned([("device", "party", "free keys", "since", ""), *rows]))


COMMANDS = {"admit": admit, "suspend": suspend, "list": list_}
