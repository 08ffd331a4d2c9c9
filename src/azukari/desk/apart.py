"""A key service on another host: the office's copy of its entries, checked and acknowledged.

The office holds every entry of the keys' ledger.  Before a key leaves there, the office has copied
the entry that says so, has seen that the signed head is that of its whole copy, and keeps that
head: from then on neither site can tell another story alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from azukari.desk import witnesses
from azukari.desk.office import Office
from azukari.errors import AzukariError, LedgerBehind, LedgerFork, NotFound, Unreachable
from azukari.keys import wire
from azukari.keys.offer import Service, pin, read_offer
from azukari.keys.remote import RemoteKeys, files_of, over_http
from azukari.ledger.checkpoint import open_checkpoint, parse_vkey
from azukari.ledger.tiles import CHECKPOINT_PATH
from azukari.ledger.tree import leaf_hash, root_of
from azukari.seal.envelope import MAX_BYTES, Signer, SigningKey, Use
from azukari.shelf import files, keyring
from azukari.shelf.book import Head
from azukari.shelf.checkpoints import Store
from azukari.vault import records

ASK: Final = "ask.key"
OFFER: Final = "service.json"


def introduce(home: Path, offer: bytes) -> SigningKey:
    """Pin a key service at a new office, and make the key that asks it; durable."""
    ask = keyring.new_signing_key(home / "keys" / ASK, Use.ASK)
    files.write_new(home / "keys" / OFFER, offer)
    return ask


def service_of(home: Path) -> Service:
    """The key service that this office pinned at set-up."""
    return read_offer(files.read_small(home / "keys" / OFFER, MAX_BYTES))


def client(home: Path, url: str, now: Callable[[], int]) -> RemoteKeys:
    """The office's key service, from afar; asks nothing yet."""
    ask = keyring.signing_key(home / "keys" / ASK, Use.ASK)
    return RemoteKeys(service_of(home), ask, over_http(url), now)


def join(office: Office, keys: RemoteKeys, store: Path | None) -> None:
    """Let the office say from its first question on how much it holds, and acknowledge more
    whenever a key waits for it.

    So a key service that was put back from a backup is told so before it lets anything out.
    """
    kept = None if store is None else Store(store, keys.verifier)
    seen = None
    # Nothing about the store may hold a loss up: what was acknowledged is asked for again.
    with suppress(AzukariError):
        seen = _held(office, kept)
    keys.acknowledged_by(lambda: acknowledge(office, keys, kept), seen)


def acknowledge(office: Office, keys: RemoteKeys, store: Store | None) -> wire.Seen:
    """Copy what is new, which must lead from the copy to the signed head, and keep that; durable.

    Raises:
        LedgerBehind: the key service shows less than it showed before.
        LedgerFork: its signed head is not that of the entries the office holds.
    """
    with office.act() as tx:
        note = keys.checkpoint()  # in here, so that nobody else copies more meanwhile
        head = open_checkpoint(note, parse_vkey(keys.verifier))
        grown = office.copy.head(tx), Head(head.size, head.root)
        office.take_keys(tx, grown[1])
    if store is not None:
        store.advance(lambda: note, lambda size: _root_at(office, size, head.size), grown)
    return wire.Seen(head.root.hex(), head.size)


def export(office: Office, keys: RemoteKeys, store: Path | None) -> Iterator[tuple[str, bytes]]:
    """The keys' ledger as a static folder.

    Where its service does not answer, or is an older copy of itself: the office's copy of it, up to
    the newest signed head that is kept here.
    """
    try:
        yield from list(keys.export())
    except (Unreachable, LedgerBehind, LedgerFork):
        yield from _export_of_copy(office, keys, store)


def _export_of_copy(
    office: Office, keys: RemoteKeys, store: Path | None
) -> Iterator[tuple[str, bytes]]:
    kept = witnesses.notes(office, "keys")
    note = None if store is None else Store(store, keys.verifier).note()
    heads = [(open_checkpoint(one, parse_vkey(keys.verifier)), one) for one in (note, *kept) if one]
    if not heads:
        raise NotFound("no signed head of the keys' ledger is kept here")
    head, newest = max(heads, key=lambda one: one[0].size)
    with office.act() as tx:
        lines = records.keys_entries(tx)[: head.size]
    if root_of([leaf_hash(line) for line in lines]) != head.root:
        raise LedgerFork("the office's copy is not what was shown of the keys' ledger")
    yield from files_of(lines)
    yield CHECKPOINT_PATH, newest


def _root_at(office: Office, size: int, longest: int) -> bytes:
    with office.act() as tx:
        return office.copy.prove_growth(tx, size, longest)[0]


def _held(office: Office, store: Store | None) -> wire.Seen | None:
    """What was acknowledged before, as the store holds it; without a store, the whole copy."""
    if store is not None:
        known = store.known()
        return None if known is None else wire.Seen(known.root.hex(), known.size)
    with office.act() as tx:
        head = office.copy.head(tx)
    return wire.Seen(head.root.hex(), head.size)


class Unpinned(RemoteKeys):
    """The key service while an office is founded: nobody there knows the city yet.

    What it is to believe is gathered, and goes into the pin; nothing else can be asked.
    """

    def __init__(
        self,
        service: Service,
        city: str,
        enrol: Signer,
        order: Signer,
        ask: Signer,
        now: Callable[[], int],
    ) -> None:
        super().__init__(service, ask, _not_yet, now)
        self._pinned = city, service, enrol, order, ask
        self._documents: list[bytes] = []

    def believe(self, documents: Sequence[bytes]) -> None:
        self._documents += [each for each in documents if each not in self._documents]

    def pin(self) -> bytes:
        """What the key service is to believe, as one signed file."""
        return pin(*self._pinned, self._documents)


def _not_yet(_message: bytes) -> bytes:
    raise Unreachable("the key service has not pinned this city's keys yet")
