"""``azukari keys revoke|restore|shred``: at the key service itself, whether an office is up or not.

Each is the act that an office asks for, written in the keys' ledger first; the office takes the
entries in with its next tick.  Who acts is a person of the city, by their own key.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from azukari import settings
from azukari.cli import keys_site, seat, speech
from azukari.cli.call import FOLDER, Call, acts, may_act, unlocks, who_acts
from azukari.cli.output import aligned, show
from azukari.desk import restored
from azukari.desk.office import new_act
from azukari.errors import BadInput, BadSignature, NotFound, Refused
from azukari.keys.client import Keys
from azukari.keys.keeper import Keeper
from azukari.ledger.entry import decode
from azukari.names import new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import MAX_BYTES, Signer
from azukari.shelf import files
from azukari.vault import records

_CARRIER = click.argument("carrier", metavar="CARRIER")
_YES = click.option("--yes", "typed", metavar="CARRIER", help="The carrier again: scripts.")


@click.command("revoke", epilog="Example: azukari keys revoke 4f1c… --as hanako")
@click.argument("carriers", metavar="[CARRIER...]", nargs=-1)
@click.option("--loss", type=FOLDER, metavar="FILE", help="What somebody signed elsewhere.")
@may_act
def revoke(call: Call, carriers: tuple[str, ...], loss: Path | None) -> None:
    """Release nothing for these carriers from now on; where the office cannot, this can.

    Needs no passphrase of the key service.  CARRIER is the id; an office knows labels too.  With
    --loss the signature in the file is enough, of the city or of a party in the carrier's chain.
    Two persons can undo it.  With its next tick the office records a loss of them.
    """
    if bool(carriers) == (loss is not None):
        raise BadInput("CARRIER", "either carriers or, with --loss, what somebody signed")
    if loss is not None:
        _declared(call, files.read_small(loss, MAX_BYTES))
        return
    who_acts(call)
    act = new_act()
    with _service(call, unlock=False) as at:
        found = [at.id_of(carrier) for carrier in carriers]
        at.keys.revoke(act, at.by, found, None)
    lines = [f"{carrier}: revoked" for carrier in found]
    show(call, {"act": act, "revoked": found}, lines)
    speech.hint("`azukari incident declare` at the office says when and how they were lost")


def _declared(call: Call, envelope: bytes) -> None:
    """A declaration that somebody brought to the key service's own host."""
    keeper = keys_site.open_here(call, locked=True)
    try:
        taken = keeper.lost(envelope)
    finally:
        keeper.close()
    lines = [f"{carrier}: revoked" for carrier in taken.revoked]
    lines += [f"{word}: NOT REVOKED, only the office can look it up" for word in taken.left]
    value = {"act": taken.loss, "revoked": list(taken.revoked), "left": list(taken.left)}
    show(call, value, lines)
    speech.hint("bring the same file to the office: `azukari in` records the loss")


@click.command(
    "restore",
    epilog="Example: azukari keys restore 4f1c… --as hanako --with taro --passphrase-fd 3",
)
@_CARRIER
@click.option("--with", "other", required=True, metavar="PERSON", help="The second of the two.")
@unlocks
@acts
def restore(call: Call, carrier: str, other: str) -> None:
    """Let a revoked carrier be opened again: on the signed words of --as and --with.

    Both are persons of the city, enrolled a day ago or more, neither by the other of late.
    """
    act = new_act()
    with _service(call, unlock=True) as at:
        found = at.id_of(carrier)
        hands = [(at.by, at.signer), at.hand(other)]
        revocation = _revocation(at.keys, found)
        words = [_word(call, found, revocation, *hand) for hand in hands]
        at.keys.restore(act, at.by, found, words)
        at.follow()
    value = {"act": act, "restored": found, "by": [person for person, _ in hands]}
    show(call, value, [f"{found}: restored"])


@click.command("shred", epilog="Example: azukari keys shred 4f1c… --as hanako --passphrase-fd 3")
@_CARRIER
@_YES
@unlocks
@acts
def shred(call: Call, carrier: str, typed: str | None) -> None:
    """Destroy a carrier's key, as far as what keeps it can; says what kept it.

    This cannot be undone: nobody opens that carrier again, whoever asks.
    """
    act = new_act()
    with _service(call, unlock=True) as at:
        found = at.id_of(carrier)
        if typed is None:
            speech.say(f"nobody will open it again; type the carrier again: {carrier}")
            typed = sys.stdin.readline().strip()
        if typed.lower() != carrier.lower():
            raise Refused("destroying a key", ("not_confirmed",))
        backend = at.keys.shred(act, at.by, found)
    rows = [("destroyed", found), ("kept by", backend)]
    show(call, {"act": act, "shredded": found, "backend": backend}, aligned(rows))


@dataclass(frozen=True)
class _Seat:
    """A key service, who acts there, and how persons and carriers are called."""

    keys: Keys
    by: str
    signer: Signer
    hand: Callable[[str], tuple[str, Signer]]
    id_of: Callable[[str], str]
    follow: Callable[[], object]  # the office, where there is one here, takes in what was done


@contextmanager
def _service(call: Call, *, unlock: bool) -> Iterator[_Seat]:
    """The key service of this HOME, or of the office that this is."""
    if settings.load(call.home).site != "keys":
        with seat.both(call, unlock=unlock) as (office, keys):
            by, signer = seat.person(call, office)

            def of_office(name: str) -> str:
                with office.act() as tx:
                    found: str = records.carrier(tx, name).id
                return found

            yield _Seat(
                keys,
                by,
                signer,
                lambda name: seat.hand(call, office, name),
                of_office,
                lambda: restored.follow(office),
            )
        return
    keeper = keys_site.open_here(call, locked=not unlock)
    try:
        by, signer = _believed(call, keeper, call.person or "")
        hand = partial(_believed, call, keeper)
        yield _Seat(keeper, by, signer, hand, str.lower, lambda: None)
    finally:
        keeper.close()


def _believed(call: Call, keeper: Keeper, name: str) -> tuple[str, Signer]:
    """A person of the city whom the key service believes, by the key that was opened here."""
    signer, known = seat.own_key(call, name), keeper.believed
    person = known.owner_of(signer.public)
    if person is None:
        raise BadSignature("the key is of nobody whom the key service believes")
    if person.id in known.negative:
        raise Refused(f"--as {name}", ("person_left",))
    if person.party != known.pinned.city:
        raise Refused(f"--as {name}", ("person_not_of_city",))
    return person.id, signer


def _revocation(keys: Keys, carrier: str) -> str:
    """The newest act that revoked a carrier."""
    for line in reversed(keys.entries(0)):
        entry = decode(line)
        if entry.type == "carrier.revoked" and carrier in entry.refs:
            return entry.act
    raise NotFound("no revocation of this carrier stands in the keys' ledger")


def _word(call: Call, carrier: str, revocation: str, person: str, signer: Signer) -> bytes:
    said = doc.Restoration(
        id=new_id(), carrier=carrier, person=person, revocation=revocation, at=call.now()
    )
    return doc.issue(said, signer)


COMMANDS = {"revoke": revoke, "restore": restore, "shred": shred}
