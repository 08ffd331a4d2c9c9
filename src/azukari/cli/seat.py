"""The seat at an office: its HOME opened for one call, and the person who sits there.

The key service is opened with its passphrase where a command needs keys, and stays locked where it
does not: a loss is declared and keys are revoked without it.  ``--as`` asserts nothing; only the
person's own key does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from azukari import settings
from azukari.cli.call import Call, secret
from azukari.cli.hands import in_agent, key_file
from azukari.desk import order as orders
from azukari.desk import people
from azukari.desk.office import Office, open_office
from azukari.errors import BadSettings, BadSignature, Locked, Refused
from azukari.keys import service
from azukari.keys.keeper import Keeper
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf import keyring
from azukari.vault import records


@contextmanager
def office(call: Call, *, unlock: bool = False) -> Iterator[Office]:
    """The office of HOME, with its key service in this process; closed at the end."""
    with both(call, unlock=unlock) as (opened, _):
        yield opened


@contextmanager
def both(call: Call, *, unlock: bool = False) -> Iterator[tuple[Office, Keeper]]:
    """The office and its key service."""
    found = settings.load(call.home)
    if found.site != "office":
        raise BadSettings(f"{settings.FILE}: this HOME is a {found.site}, an office is needed")
    passphrase = None
    if unlock or call.passphrase_fd is not None:
        asked = "passphrase of the key service"
        passphrase = secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"))
    store = settings.checkpoint_store(call.home, found)
    keeper = service.open_keys(settings.keys_home(call.home, found), passphrase, call.now, store)
    try:
        opened = open_office(
            call.home,
            city=found.city,
            call=found.call,
            origin=found.origin,
            keys=keeper,
            now=call.now,
            store=store,
        )
        try:
            yield opened, keeper
            opened.follow_keys()
        finally:
            opened.close()
    finally:
        keeper.close()


def keys_home(call: Call) -> Path:
    """Where the key service lives: beside the office, or this HOME itself."""
    found = settings.load(call.home)
    return call.home if found.site == "keys" else settings.keys_home(call.home, found)


def person(call: Call, opened: Office) -> tuple[str, Signer]:
    """Who acts: the id and key of the person whose key file was opened.

    The id comes from the entry that holds this very key, not from what was typed.
    """
    name = call.person or ""
    known, signer = hand(call, opened, name)
    if orders.person_of(opened, known).party != opened.city:
        raise Refused(f"--as {name}", ("person_not_of_city",))
    return known, signer


def hand(call: Call, opened: Office, name: str) -> tuple[str, Signer]:
    """The id and key of anybody who is enrolled and whose key file was opened here."""
    path = key_file(name, [call.home, *_keys_homes(call.home)])
    signer = in_agent(path)
    if signer is None:
        if not path.is_file():
            raise BadSignature("the key of the person who is named is not at hand")
        without = BadSignature("the person's passphrase: nobody to ask, and no --person-fd")
        typed = secret(call.person_fd, f"passphrase of {name}", without)
        signer = keyring.signing_key(path, Use.PERSON, typed)
    for known in orders.people_of(opened):
        if PublicKey.load(Use.PERSON, unbase64(known.public)) == signer.public:
            if known.id in people.withdrawn(opened):
                raise Refused(f"--as {name}", ("person_left",))
            return known.id, signer
    raise BadSignature("the key is of nobody who is enrolled here")


def names(opened: Office) -> dict[str, str]:
    """What to show for the ids of persons and parties: a party's name, and which of its people."""
    with opened.act() as tx:
        known = records.documents(tx, doc.Party)
    parties = {party.id: party.name for party in (doc.unverified(one, doc.Party) for one in known)}
    people = {
        found.id: f"{parties.get(found.party, '?')} ({found.id[:6]})"
        for found in orders.people_of(opened)
    }
    return parties | people


def _keys_homes(home: Path) -> list[Path]:
    return [settings.keys_home(home, settings.load(home))]
