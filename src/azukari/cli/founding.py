"""An office founded: its keys, its key service, its first officers, who enrol each other."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from azukari import settings
from azukari.cli import hands, seat, speech
from azukari.cli.call import Call
from azukari.cli.output import aligned, show
from azukari.desk import apart as desk
from azukari.desk import order as orders
from azukari.desk.office import KEYS, create_office, open_office
from azukari.errors import BadInput, Refused
from azukari.keys import service
from azukari.keys.keeper import Keeper
from azukari.keys.offer import fingerprint, read_offer
from azukari.keys.policy import Pinned
from azukari.keys.remote import over_http
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer
from azukari.shelf import files, keyring
from azukari.shelf.database import must_be_new
from azukari.vault import schema

FOUNDERS: Final = 3  # so that each is enrolled by two others
PIN: Final = "pin.json"
K = TypeVar("K", Keeper, desk.Unpinned)


@dataclass(frozen=True)
class City:
    """What an office is founded with."""

    name: str
    number: str
    origin: str
    people: tuple[str, ...]
    people_fd: int | None
    database: str


def beside(call: Call, city: City) -> None:
    """Set up an office with its key service beside it; the settings last."""
    home, keys = call.home, call.home.with_name(f"{call.home.name}-keys")
    store = call.home.with_name(f"{call.home.name}-store")
    for folder in (home, keys):
        settings.must_be_new(folder)
    written = _settings(call, city, store, keys_home=f"../{keys.name}")
    paths = {name: hands.key_file(name, [home, keys]) for name in city.people}
    passphrase = seat.passphrase_of_keys(call, twice=True)

    def make(enrol: Signer, order: Signer, founders: tuple[PublicKey, ...]) -> Keeper:
        pinned = Pinned(written.city, enrol.public, order.public, founders)
        service.create_keys(keys, passphrase, pinned, f"{city.origin}/keys")
        return service.open_keys(keys, passphrase, call.now, store)

    ids, _ = _found(call, written, city, paths, make)
    speech.say("one machine, no witness: every promise holds against outsiders only")
    value = {"home": str(home), "keys_home": str(keys), "city": written.city, "people": ids}
    rows = [("home", home), ("keys home", keys), ("city", written.city), *ids.items()]
    show(call, value, aligned(rows))


def apart(call: Call, city: City, offer: bytes, url: str, store: Path) -> None:
    """Set up an office whose key service is on another host, and the pin for it."""
    home = call.home
    over_http(url)  # an address that is none is refused before anything is made
    written = _settings(call, city, store, keys_url=url)
    paths = {name: hands.key_file(name, [home]) for name in city.people}
    known = read_offer(offer)

    def make(enrol: Signer, order: Signer, _: tuple[PublicKey, ...]) -> desk.Unpinned:
        ask = desk.introduce(home, offer)
        return desk.Unpinned(known, written.city, enrol, order, ask, call.now)

    ids, there = _found(call, written, city, paths, make)
    pin, path = there.pin(), home / PIN
    files.write_new(path, pin)
    offered, pinned = fingerprint(offer), fingerprint(pin)
    value = {"home": str(home), "city": written.city, "people": ids, "pin": str(path)}
    rows = [("home", str(home)), ("city", written.city), *ids.items(), ("pin", str(path))]
    rows += [("offer's fingerprint", offered), ("pin's fingerprint", pinned)]
    value |= {"offer_fingerprint": offered, "pin_fingerprint": pinned}
    show(call, value, aligned(rows))
    speech.say("compare the offer's fingerprint with the one that `init --site keys` showed")
    speech.hint(
        "there: `azukari keys pin FILE --matches` the pin's fingerprint, given by telephone"
    )


def _settings(
    call: Call, city: City, store: Path, *, keys_home: str = "", keys_url: str = ""
) -> settings.Settings:
    """The settings of a new office; `Conflict` where something lies there already."""
    if len(set(city.people)) < FOUNDERS:
        raise Refused("init", ("three_founders_needed",))
    for folder in (call.home, store):
        settings.must_be_new(folder)
    near = store.parent == call.home.parent
    written = settings.Settings(
        site="office",
        city=new_id(),
        call=city.number,
        origin=f"{city.origin}/office",
        checkpoint_store=f"../{store.name}" if near else str(store),
        language="ja" if call.language == "ja" else "en",
        keys_home=keys_home,
        keys_url=keys_url,
        database=city.database,
    )
    settings.check(call.home, written)
    if not city.name:
        raise BadInput("--city", "the city's name is expected")
    if city.database:
        must_be_new(city.database, schema.metadata)
    return written


def _found(
    call: Call,
    written: settings.Settings,
    city: City,
    paths: dict[str, Path],
    make: Callable[[Signer, Signer, tuple[PublicKey, ...]], K],
) -> tuple[dict[str, str], K]:
    """Make the office, enrol the city and its first officers; their ids.  The settings last."""
    ids = {name: new_id() for name in city.people}
    signers = {name: hands.make(path, city.people_fd, ids[name]) for name, path in paths.items()}
    founders = tuple(signer.public for signer in signers.values())
    create_office(call.home, founders, written.database)
    enrol, order = (
        keyring.signing_key(call.home / "keys" / f"{name}.key", KEYS[name])
        for name in ("enrol", "order")
    )
    store = settings.checkpoint_store(call.home, written)
    keeper = make(enrol, order, founders)
    opened = open_office(
        call.home,
        city=written.city,
        call=written.call,
        origin=written.origin,
        keys=keeper,
        now=call.now,
        store=store,
        database=written.database,
    )
    try:
        party = doc.Party(id=written.city, name=city.name, role="city")
        people = [_person(ids, name, signers, enrol, written.city, call.now()) for name in signers]
        orders.enrol(opened, doc.issue(party, enrol), *people)
    finally:
        opened.close()
        keeper.close()
    settings.write(call.home, written)
    return ids, keeper


def _person(
    ids: dict[str, str],
    name: str,
    signers: dict[str, Signer],
    enrol: Signer,
    city: str,
    at: int,
) -> bytes:
    """A first officer's entry: signed by the city, by the officer, and by two of the others."""
    others = [other for other in ids if other != name][:2]
    entry = doc.Person(
        id=ids[name],
        party=city,
        states_employer=city,
        public=base64.b64encode(signers[name].public.der).decode(),
        roles=["officer"],
        vouched_by=ids[others[0]],
        enrolled_by=sorted(ids[other] for other in others),
        enrolled_at=at,
    )
    return doc.issue(entry, enrol, signers[name], *(signers[other] for other in others))
