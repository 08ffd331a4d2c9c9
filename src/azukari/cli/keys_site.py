"""``azukari keys pin|serve``, and a new key service on a host of its own.

Such a site has no office, no roll and no person's key.  It starts with a passphrase, or locked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from azukari import settings
from azukari.cli import seat, speech
from azukari.cli.call import FOLDER, Call, reads, unlocks
from azukari.cli.output import aligned, show
from azukari.errors import BadInput, BadSettings
from azukari.keys import register, service
from azukari.keys.door import Door
from azukari.keys.keeper import Keeper
from azukari.keys.offer import fingerprint, read_pin
from azukari.seal.envelope import MAX_BYTES
from azukari.shelf import files
from azukari.shelf.database import must_be_new

OFFER: Final = "offer.json"


def create(call: Call, origin: str, store: Path, database: str) -> None:
    """A key service that believes no city yet, and its offer; the settings last."""
    for folder in (call.home, store):
        settings.must_be_new(folder)
    near = store.parent == call.home.parent
    written = settings.Settings(
        site="keys",
        origin=f"{origin}/keys",
        checkpoint_store=f"../{store.name}" if near else str(store),
        database=database,
        language="ja" if call.language == "ja" else "en",
    )
    if not origin:
        raise BadInput("--origin", "the name of the ledgers is expected, as the office's will be")
    settings.check(call.home, written)
    if database:
        must_be_new(database, register.metadata)
    passphrase = seat.passphrase_of_keys(call, twice=True)
    offer = service.create_apart(call.home, passphrase, written.origin, database)
    files.write_new(call.home / OFFER, offer)
    settings.write(call.home, written)
    path, said = str(call.home / OFFER), fingerprint(offer)
    value = {"home": str(call.home), "offer": path, "offer_fingerprint": said}
    rows = [("home", str(call.home)), ("offer", path), ("offer's fingerprint", said)]
    show(call, value, aligned(rows))
    speech.hint("take the offer to the office: `azukari init --site office --keys FILE`")


@click.command("pin", epilog="Example: azukari keys pin pin.json --matches 4D0W…")
@click.argument("file", metavar="FILE", type=FOLDER)
@click.option("--matches", metavar="TEXT", help="The pin's fingerprint, as the office read it out.")
@reads
def pin(call: Call, file: Path, matches: str | None) -> None:
    """Show a city's keys from the office's pin; with --matches believe them, for ever.

    The file proves only that its writer has these keys: the fingerprint comes by telephone or on
    paper.  Afterwards the city's first officers are believed too.
    """
    site = _site(call)
    if not file.is_file():
        raise BadInput("FILE", "there is no such file")
    found = files.read_small(file, MAX_BYTES)
    city, said = read_pin(found, service.answer_key(call.home).public), fingerprint(found)
    rows = [("city", city.city), ("enrol", city.enrol.id), ("order", city.order.id)]
    rows += [("ask", city.ask.id), ("documents", str(len(city.documents))), ("fingerprint", said)]
    if matches is not None:
        if matches.replace("-", "").lower() != said:
            raise BadInput("--matches", "this is not the fingerprint of the file")
        service.pin(call.home, site.origin, city)
        keeper = open_here(call, locked=True)
        try:
            keeper.believe(city.documents)
        finally:
            keeper.close()
    show(call, dict(rows) | {"pinned": matches is not None}, aligned(rows))
    if matches is None:
        speech.hint("nothing was pinned; --matches takes the fingerprint that the office reads out")


@click.command("serve", epilog="Example: azukari keys serve --port 8443 --passphrase-fd 3")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Else only this machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Else any that is free."
)
@click.option("--locked", is_flag=True, help="Without a passphrase: revoke and answer, no more.")
@unlocks
@reads
def serve(call: Call, host: str, port: int, locked: bool) -> None:
    """Answer the office on another host, until it is ended; with a passphrase or --locked.

    Every question is signed by the pinned office, every answer sealed to its one-time key: the line
    needs no trust.  Speaks no TLS: for other machines a reverse proxy with a certificate stands
    before it.  Needs the extra `web`.
    """
    listen(call, host, port, locked=locked)


def listen(call: Call, host: str, port: int, *, locked: bool) -> None:
    """Answer at an address until the program is ended."""
    # Late: a site that never serves needs none of this installed.
    from azukari.web import keys, serve

    site = _site(call)
    keeper = open_here(call, locked=locked)
    try:
        door = Door(
            keeper,
            service.answer_key(call.home),
            service.asked_by(call.home),
            call.now,
            cosigned=site.release_after in ("", "cosigned"),
            lost=keeper.lost,
        )
        port = serve.free_port(host, port)
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        app = keys.api(door.answer, speech.say)

        def started(_stop: Callable[[], None]) -> None:
            state = "locked" if locked else "unlocked"
            rows = [("listens", address), ("state", state)]
            show(call, {"address": address, "port": port, "state": state}, aligned(rows))

        serve.serve(app, host, port, started)
    finally:
        keeper.close()


def open_here(call: Call, *, locked: bool) -> Keeper:
    """The key service of this HOME."""
    site = _site(call)
    passphrase = None if locked else seat.passphrase_of_keys(call)
    store = settings.checkpoint_store(call.home, site)
    wait = site.release_after != "entry"
    return service.open_keys(
        call.home, passphrase, call.now, store, wait=wait, database=site.database
    )


def _site(call: Call) -> settings.Settings:
    found = settings.load(call.home)
    if found.site != "keys":
        raise BadSettings(f"{settings.FILE}: this HOME is a {found.site}, a keys site is needed")
    return found


COMMANDS = {"pin": pin, "serve": serve}
