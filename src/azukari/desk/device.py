"""A device outside the city: its keys, its journal, whom it believes.

The site *call-centre* has no network and no database of the office; everything it knows lies in
its own home.  The identity key signs receipts; numbered one-time keys each open one grant and are
destroyed at erasing or when the window has passed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from azukari.errors import ClockBehind
from azukari.names import new_id, raw_id
from azukari.seal.documents import Device, OneTimeKey, OneTimeKeys, issue
from azukari.seal.envelope import PublicKey, SigningKey, Use, base64_of
from azukari.seal.grant import p256_der
from azukari.seal.trust import TrustBundle, read_bundle
from azukari.shelf import files, keyring
from azukari.shelf.journal import Journal

MAX_BUNDLE = 1 << 20


@dataclass(frozen=True)
class OpenDevice:
    """A device at work; one program at a time holds its journal."""

    home: Path
    id: str
    identity: SigningKey
    trust: TrustBundle
    journal: Journal
    now: Callable[[], int]

    def one_time_key(self, key: str) -> Path:
        return _one_time(self.home, key)

    def forget(self, key: str, carrier: str, grant: str, at: int) -> None:
        """Destroy a one-time key, then write that down; nothing may hold it up."""
        files.destroy(self.one_time_key(key))
        self.journal.append_late([("erased", carrier, grant, "")], at)

    def has_forgotten(self, grant: str) -> bool:
        """Does the journal say that this grant's one-time key was destroyed here?"""
        return any(r.kind == "erased" and r.grant == grant for r in self.journal.records())

    def close(self) -> None:
        self.journal.close()


def create_device(home: Path, root: PublicKey, bundle: bytes, one_time_keys: int) -> str:
    """Make a device's keys and pin the city's root; returns its id."""
    read_bundle(bundle, root)
    identifier = new_id()
    files.folder(home / "one-time")
    keyring.new_signing_key(home / "identity.key", Use.RECEIPT)
    for _ in range(one_time_keys):
        keyring.new_one_time_key(_one_time(home, new_id()))
    files.write_new(home / "root.pub", root.der)
    files.write_new(home / "trust.json", bundle)
    files.write_new(home / "device", identifier.encode())
    return identifier


def public_part(
    home: Path, party: str, vouched_by: str, enrolled_by: Sequence[str], at: int
) -> tuple[Device, SigningKey]:
    """What the device hands in to be enrolled, and the key it signs that with.

    It names who will sign beside it: an officer of its party, and two persons of the city.
    """
    identity = keyring.signing_key(home / "identity.key", Use.RECEIPT)
    with files.own_errors("one-time"):
        paths = sorted((home / "one-time").iterdir())
    keys = [_handed_in(path.stem, keyring.one_time_key(path)) for path in paths]
    device = Device(
        id=_id(home),
        party=party,
        public=base64_of(identity.public.der),
        one_time_keys=keys,
        vouched_by=vouched_by,
        enrolled_by=list(dict.fromkeys(enrolled_by)),
        enrolled_at=at,
    )
    return device, identity


def more_keys(home: Path, count: int, at: int) -> bytes:
    """Make more one-time keys; the document that hands them in, signed by the device.

    The private halves are durable before it is signed.  A document that gets lost costs its keys:
    nobody can be given a grant to them, and another batch is made.
    """
    identity = keyring.signing_key(home / "identity.key", Use.RECEIPT)
    numbers = [new_id() for _ in range(count)]
    keys = [
        _handed_in(number, keyring.new_one_time_key(_one_time(home, number))) for number in numbers
    ]
    return issue(OneTimeKeys(id=new_id(), device=_id(home), keys=keys, at=at), identity)


def open_device(home: Path, now: Callable[[], int]) -> OpenDevice:
    """Open a device's home; its clock must not stand behind its own journal."""
    root = PublicKey.load(Use.ROOT, files.read_small(home / "root.pub", 1024))
    trust = read_bundle(files.read_small(home / "trust.json", MAX_BUNDLE), root)
    identity = keyring.signing_key(home / "identity.key", Use.RECEIPT)
    identifier = _id(home)
    journal = Journal(home / "journal.jsonl")
    try:
        journal.check_clock(now())
    except ClockBehind:
        journal.close()
        raise
    return OpenDevice(home, identifier, identity, trust, journal, now)


def _id(home: Path) -> str:
    identifier = files.read_small(home / "device", 64).decode("ascii", "replace")
    raw_id(identifier)
    return identifier


def _handed_in(number: str, private: ec.EllipticCurvePrivateKey) -> OneTimeKey:
    return OneTimeKey(number, base64_of(p256_der(private.public_key())))


def _one_time(home: Path, key: str) -> Path:
    raw_id(key)  # it becomes a file name
    return home / "one-time" / f"{key}.key"
