"""The seat at an office: its HOME opened for one call, and the person who sits there.

The key service is opened with its passphrase where a command needs keys, and stays locked where it
does not: a loss is declared and keys are revoked without it.  On another host it has its passphrase
there, or none.  ``--as`` asserts nothing; only the person's own key does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from azukari import settings
from azukari.cli import reasons, speech
from azukari.cli.call import Call, secret
from azukari.cli.hands import in_agent, key_file
from azukari.desk import apart, cosigning, people, witnesses
from azukari.desk import order as orders
from azukari.desk.office import REVIEW_DAYS, Office, open_office
from azukari.errors import AzukariError, BadSettings, BadSignature, Locked, Refused, Unreachable
from azukari.keys import service
from azukari.keys.keeper import Keeper
from azukari.keys.remote import RemoteKeys
from azukari.seal import documents as doc
from azukari.seal.envelope import PublicKey, Signer, Use, unbase64
from azukari.shelf import keyring
from azukari.vault import records


@contextmanager
def office(call: Call, *, unlock: bool = False) -> Iterator[Office]:
    """The office of HOME, with its key service here or elsewhere; closed at the end."""
    with both(call, unlock=unlock) as (opened, _):
        yield opened


@contextmanager
def both(
    call: Call, *, unlock: bool = False, compared: bool = True
) -> Iterator[tuple[Office, Keeper | RemoteKeys]]:
    """The office and its key service.

    ``compared`` is False for an audit: it opens what nobody may work with any more, and says why
    itself.
    """
    found = settings.load(call.home)
    if found.site != "office":
        raise BadSettings(f"{settings.FILE}: this HOME is a {found.site}, an office is needed")
    store = settings.checkpoint_store(call.home, found) if compared else None
    keeper = _keys(call, found, store, unlock=unlock)
    try:
        opened = open_office(
            call.home,
            city=found.city,
            call=found.call,
            origin=found.origin,
            keys=keeper,
            now=call.now,
            store=store,
            review_days=found.review_days or REVIEW_DAYS,
            enquiries=found.enquiries,
            database=found.database,
        )
        try:
            if isinstance(keeper, RemoteKeys):
                apart.join(opened, keeper, store)
            since = call.now()
            yield opened, keeper
            if not compared:
                return
            # Elsewhere it may be away: what was done here is done, the next call copies the rest.
            if isinstance(keeper, RemoteKeys):
                with suppress(Unreachable):
                    keeper.acknowledge()
            else:
                opened.follow_keys()
            _cosigned_at_once(call, opened, since)
        finally:
            opened.close()
    finally:
        keeper.close()


def _cosigned_at_once(call: Call, opened: Office, since_ms: int) -> None:
    """After everything was said: ask witnesses about a loss, a revocation or a release.

    It takes two seconds at most, and nothing of what was done hangs on it: the tick asks again.
    """
    with suppress(AzukariError):
        for one in cosigning.at_once(opened, since_ms):
            for why in set(one.why) - {witnesses.UNREACHABLE}:
                speech.say(f"{one.witness}, {one.which}: {reasons.sentence(why, call.language)}")


def keys_ledger(
    call: Call, opened: Office, keeper: Keeper | RemoteKeys
) -> Iterable[tuple[str, bytes]]:
    """The keys' ledger as files; from the office's copy where its service is away."""
    if isinstance(keeper, RemoteKeys):
        store = settings.checkpoint_store(call.home, settings.load(call.home))
        return apart.export(opened, keeper, store)
    return keeper.export()


def keys_home(call: Call) -> Path:
    """Where the key service lives: beside the office, or this HOME itself."""
    found = settings.load(call.home)
    if found.site == "keys":
        return call.home
    if not found.keys_home:
        raise BadSettings(f"{settings.FILE}: keys_home: the key service of this site is elsewhere")
    return settings.keys_home(call.home, found)


def passphrase_of_keys(call: Call, *, twice: bool = False) -> bytes:
    """The key service's passphrase, from a descriptor or the terminal; else `Locked`."""
    asked = "passphrase of the key service"
    return secret(call.passphrase_fd, asked, Locked(f"{asked}: nobody to ask"), twice=twice)


def _keys(
    call: Call, found: settings.Settings, store: Path | None, *, unlock: bool
) -> Keeper | RemoteKeys:
    """An office's key service: in this process, or where the settings say."""
    if found.keys_url:
        return apart.client(call.home, found.keys_url, call.now)
    given = unlock or call.passphrase_fd is not None
    passphrase = passphrase_of_keys(call) if given else None
    home = settings.keys_home(call.home, found)
    wait = found.release_after != "entry"
    return service.open_keys(home, passphrase, call.now, store, wait=wait)


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
    signer = own_key(call, name)
    for known in orders.people_of(opened):
        if PublicKey.load(Use.PERSON, unbase64(known.public)) == signer.public:
            if known.id in people.withdrawn(opened):
                raise Refused(f"--as {name}", ("person_left",))
            return known.id, signer
    raise BadSignature("the key is of nobody who is enrolled here")


def own_key(call: Call, name: str) -> Signer:
    """The key that somebody opens here with their passphrase, or that their ssh-agent holds."""
    path = key_file(name, [call.home, *_keys_homes(call.home)])
    signer = in_agent(path)
    if signer is None:
        if not path.is_file():
            raise BadSignature("the key of the person who is named is not at hand")
        without = BadSignature("the person's passphrase: nobody to ask, and no --person-fd")
        typed = secret(call.person_fd, f"passphrase of {name}", without)
        signer = keyring.signing_key(path, Use.PERSON, typed)
    return signer


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
    found = settings.load(home)
    return [settings.keys_home(home, found)] if found.keys_home else []
