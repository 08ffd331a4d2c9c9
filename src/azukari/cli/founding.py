"""An office founded: its keys, its key service, its first officers, who enrol each other."""

from __future__ import annotations

import base64
from typing import Final

from azukari import settings
from azukari.cli import hands, speech
from azukari.cli.call import Call, secret
from azukari.cli.output import aligned, show
from azukari.desk import order as orders
from azukari.desk.office import KEYS, create_office, open_office
from azukari.errors import BadInput, Locked, Refused
from azukari.keys import service
from azukari.keys.policy import Pinned
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import Signer
from azukari.shelf import keyring

FOUNDERS: Final = 3  # so that each is enrolled by two others


def office(
    call: Call, city: str, number: str, origin: str, people: tuple[str, ...], people_fd: int | None
) -> None:
    """Set up an office with its key service beside it; the settings last."""
    if len(set(people)) < FOUNDERS:
        raise Refused("init", ("three_founders_needed",))
    home, keys = call.home, call.home.with_name(f"{call.home.name}-keys")
    store = call.home.with_name(f"{call.home.name}-store")
    for folder in (home, keys, store):
        settings.must_be_new(folder)
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
    paths = {name: hands.key_file(name, [home, keys]) for name in people}
    asked = "passphrase of the key service"
    passphrase = secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"), twice=True)
    ids = {name: new_id() for name in people}
    signers = {name: hands.make(path, people_fd, ids[name]) for name, path in paths.items()}
    _found(call, written, origin, passphrase, city, ids, signers)
    settings.write(home, written)
    speech.say("one machine, no witness: every promise holds against outsiders only")
    value = {"home": str(home), "keys_home": str(keys), "city": written.city, "people": ids}
    rows = [("home", home), ("keys home", keys), ("city", written.city), *ids.items()]
    show(call, value, aligned(rows))


def _found(
    call: Call,
    written: settings.Settings,
    origin: str,
    passphrase: bytes,
    city: str,
    ids: dict[str, str],
    signers: dict[str, Signer],
) -> None:
    """Make office and key service; enrol the city and its first officers."""
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
    opened = open_office(
        call.home,
        city=written.city,
        call=written.call,
        origin=written.origin,
        keys=keeper,
        now=call.now,
        store=store,
    )
    try:
        party = doc.Party(id=written.city, name=city, role="city")
        people = [
            _person(ids, name, signer, enrol, written.city, call.now())
            for name, signer in signers.items()
        ]
        orders.enrol(opened, doc.issue(party, enrol), *people)
    finally:
        opened.close()
        keeper.close()


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
