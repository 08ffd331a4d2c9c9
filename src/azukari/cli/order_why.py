"""``azukari order evidence|why``: the documents of a decision, and the decision again from them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from azukari.cli import exits, reasons, speech
from azukari.cli.call import FOLDER, Call, reads, speaks
from azukari.cli.dates import moment
from azukari.cli.output import aligned, instant, show
from azukari.entrust.may import Opening, may_open, may_seal
from azukari.errors import BadInput, NotFound
from azukari.keys import again
from azukari.keys.policy import Believed
from azukari.seal.documents import Device
from azukari.seal.envelope import MAX_BYTES
from azukari.shelf import files

MOST_FILES: Final = 100_000


@click.command("evidence", epilog="Example: azukari order evidence ID --to evidence")
@click.argument("order", metavar="ID")
@click.option("--to", type=FOLDER, required=True, metavar="DIR", help="A new folder.")
@reads
def evidence(call: Call, order: str, to: Path) -> None:
    """Write every signed document that a decision under an order rests on into DIR.

    Everybody enrolled is among them, no resident.  Whoever has the city's keys from elsewhere
    decides again from these alone: `azukari order why`.
    """
    # Late: whoever decides again has no office to load.
    from azukari.cli import seat
    from azukari.desk.evidence import gather

    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise BadInput("--to", "a folder that is empty, or not there yet, is expected")
    with seat.office(call) as office:
        found = gather(office, order)
    files.folder(to)
    for name, content in found.items():
        files.write_new(to / name, content)
    value = {"order": order, "folder": str(to), "documents": len(found) - 1}
    show(call, value, aligned([("written", to), ("documents", len(found) - 1)]))


@click.command(
    "why",
    epilog="Example: azukari order why ID --documents evidence --person ID --role operator",
)
@click.argument("order", metavar="ID")
@click.option(
    "--documents", "folder", type=FOLDER, required=True, metavar="DIR", help="Of the envelopes."
)
@click.option(
    "--pinned", type=FOLDER, metavar="FILE", help="The city's keys; else DIR/pinned.json."
)
@click.option(
    "--person", "opener", metavar="ID", default="", help="Who opens; else: may it be sealed?"
)
@click.option("--role", metavar="ROLE", default="", help="As what they open.")
@click.option("--device", metavar="ID", default="", help="Else the device of the order.")
@click.option("--one-time-key", "key", metavar="ID", default="", help="Else the device's first.")
@click.option("--at", "time", metavar="TIME", default="", help="An instant in Japan; else now.")
@speaks
def why(
    call: Call,
    order: str,
    folder: Path,
    pinned: Path | None,
    opener: str,
    role: str,
    device: str,
    key: str,
    time: str,
) -> None:
    """Decide again from documents alone: may it be sealed or opened, or every reason why not.

    Needs no HOME, no office, no key service.  Compare the ids of the keys with what the city gave
    you another way.  Exits 1 for a no.
    """
    if bool(opener) != bool(role):
        raise BadInput("--person", "who opens and as what, or neither")
    keys = again.pinned(files.read_small(pinned or folder / again.PINNED, MAX_BYTES))
    believed, refused = again.believe(keys, _envelopes(folder))
    at = moment("--at", time) if time else call.now()
    found = _answer(believed, order, opener, role, device, key, at)
    answer = "no" if found else "yes"
    value = {
        "answer": answer,
        "reasons": list(found),
        "at": at,
        "city": keys.city,
        "enrol_key": keys.enrol.id,
        "order_key": keys.order.id,
        "first_officers": [one.id for one in keys.founders],
        "not_believed": refused,
    }
    rows: list[tuple[str, object]] = [
        ("city", keys.city),
        ("enrol key", keys.enrol.id),
        ("order key", keys.order.id),
        *(("first officer", one.id) for one in keys.founders),
        ("at", instant(at)),
        ("not believed", len(refused)),
        ("answer", answer),
    ]
    said = [f"  {code}: {reasons.sentence(code, call.language)}" for code in found]
    show(call, value, [*aligned(rows), *said])
    for name, reason in refused.items():
        speech.say(f"not believed: {name}: {reason}")
    if found:
        raise click.exceptions.Exit(exits.NO)


def _answer(
    believed: Believed, order: str, person: str, role: str, device: str, key: str, at: int
) -> tuple[str, ...]:
    asked, known = believed.orders.get(order), believed.known()
    if not person:
        return may_seal(asked, known, at)
    device = device or ("" if asked is None else asked.device)
    key = key or _first(known.devices.get(device), known.negative)
    until = at if asked is None else asked.return_by
    return may_open(Opening(asked, person, role, device, key, at, until), known, at)


def _first(device: Device | None, negative: frozenset[str]) -> str:
    keys = () if device is None else device.one_time_keys
    return next((key.id for key in keys if key.id not in negative), "")


def _envelopes(folder: Path) -> dict[str, bytes]:
    """Every file of the folder that may be a document; in the order of their names."""
    if not folder.is_dir():
        raise NotFound("--documents: there is no such folder")
    names = sorted(path.name for path in folder.iterdir() if path.suffix == ".json")
    if len(names) > MOST_FILES:
        raise BadInput("--documents", f"at most {MOST_FILES:,} files are expected")
    return {
        name: files.read_small(folder / name, MAX_BYTES) for name in names if name != again.PINNED
    }


COMMANDS = {"evidence": evidence, "why": why}
