"""``azukari init``: a new site.  This version sets up an office with its key service beside it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

import click

from azukari import settings
from azukari.cli import speech
from azukari.cli.call import Call, reads, secret, unlocks
from azukari.cli.output import aligned, show
from azukari.cli.seat import in_agent, key_file
from azukari.desk import order as orders
from azukari.desk.office import KEYS, create_office, open_office
from azukari.errors import BadInput, Conflict, Locked, Refused
from azukari.keys import service
from azukari.keys.policy import Pinned
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer, Use
from azukari.shelf import keyring

FOUNDERS: Final = 3  # so that each is enrolled by two others


@click.command(
    "init",
    epilog="Example: azukari init --site office --single-disk --city 架空市 --call 00-0000-0000 "
    "--origin azukari.example/kakuu --person hanako --person taro --person jiro",
)
@click.option(
    "--site", type=click.Choice(settings.SITES), required=True, help="What the machine is."
)
@click.option("--single-disk", is_flag=True, help="Accept that the keys lie on the same machine.")
@click.option("--city", metavar="NAME", default="", help="The city's name, for pages and papers.")
@click.option("--call", "number", metavar="TEXT", default="", help="Whom a finder calls.")
@click.option("--origin", metavar="NAME", default="", help="The name of the ledgers, for ever.")
@click.option(
    "--person", "people", metavar="NAME", multiple=True, help="A first officer; give three or more."
)
@click.option("--person-fd", "people_fd", type=int, metavar="N", help="Their passphrases, by line.")
@unlocks
@reads
def command(
    call: Call,
    site: str,
    single_disk: bool,
    city: str,
    number: str,
    origin: str,
    people: tuple[str, ...],
    people_fd: int | None,
) -> None:
    """Set up a site in an empty HOME.

    The key service goes beside HOME, into HOME-keys, the newest signed heads into HOME-store: on
    one machine without a witness every promise holds against outsiders only.  The first officers
    enrol each other; their keys go into the folder $AZUKARI_PERSON, never into HOME.
    """
    if site != "office":
        raise Refused("init", ("site_not_yet",))
    if not single_disk:
        raise Refused("init", ("single_disk_not_accepted",))
    if len(set(people)) < FOUNDERS:
        raise Refused("init", ("three_founders_needed",))
    home, keys = call.home, call.home.with_name(f"{call.home.name}-keys")
    store = call.home.with_name(f"{call.home.name}-store")
    _must_be_new(home, keys, store)
    written = settings.Settings(
        site="office",
        city=new_id(),
        call=number,
        origin=f"{origin}/office",
        keys_home=f"../{keys.name}",
        checkpoint_store=f"../{store.name}",
        language="ja" if call.language == "ja" else "en",
    )
    settings.check(home, written)
    if not city:
        raise BadInput("--city", "the city's name is expected")
    paths = {name: key_file(name, [home, keys]) for name in people}
    asked = "passphrase of the key service"
    passphrase = secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"), twice=True)
    signers = {name: _new_person(name, path, people_fd) for name, path in paths.items()}
    enrolled = _found(call, written, origin, passphrase, city, signers)
    settings.write(home, written)
    speech.say("one machine, no witness: every promise holds against outsiders only")
    value = {"home": str(home), "keys_home": str(keys), "city": written.city, "people": enrolled}
    rows = [("home", home), ("keys home", keys), ("city", written.city), *enrolled.items()]
    show(call, value, aligned(rows))


def _must_be_new(*folders: Path) -> None:
    for folder in folders:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Conflict(f"{folder.name} exists already and is not empty")


def _new_person(name: str, path: Path, fd: int | None) -> Signer:
    if (held := in_agent(path)) is not None:
        return held
    asked = f"passphrase of {name}"
    typed = secret(fd, asked, BadInput(name, "no terminal to ask for a passphrase at"), twice=True)
    return keyring.new_signing_key(path, Use.PERSON, typed)


def _found(
    call: Call,
    written: settings.Settings,
    origin: str,
    passphrase: bytes,
    city: str,
    signers: dict[str, Signer],
) -> dict[str, str]:
    """Make office and key service; enrol the city and its first officers; name -> id."""
    create_office(call.home)
    keys = settings.keys_home(call.home, written)
    enrol, order = (
        keyring.signing_key(call.home / "keys" / f"{name}.key", KEYS[name])
        for name in ("enrol", "order")
    )
    pinned = Pinned(written.city, enrol.public, order.public)
    service.create_keys(keys, passphrase, pinned, f"{origin}/keys")
    store = settings.checkpoint_store(call.home, written)
    keeper = service.open_keys(keys, passphrase, call.now, store)
    office = open_office(
        call.home,
        city=written.city,
        call=written.call,
        origin=written.origin,
        keys=keeper,
        now=call.now,
        store=store,
    )
    ids = {name: new_id() for name in signers}
    try:
        party = doc.Party(id=written.city, name=city, role="city")
        people = [
            _person(ids, name, signer, enrol, written.city, call.now())
            for name, signer in signers.items()
        ]
        orders.enrol(office, doc.issue(party, enrol), *people)
    finally:
        office.close()
        keeper.close()
    return ids


def _person(
    ids: dict[str, str], name: str, signer: Signer, enrol: Signer, city: str, at: int
) -> bytes:
    """A first officer's entry: signed by the city and by the officer, enrolled by the others."""
    entry = doc.Person(
        id=ids[name],
        party=city,
        states_employer=city,
        public=base64.b64encode(signer.public.der).decode(),
        roles=["officer"],
        enrolled_by=[other for other in ids.values() if other != ids[name]],
        enrolled_at=at,
    )
    return doc.issue(entry, enrol, signer)
