"""What every reader of a carrier checks, on its device, before it reads a part.

Imports nothing that holds a vault: a call centre has the carrier, a grant and its own device.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from azukari.carrier import manifest as manifests
from azukari.desk.device import OpenDevice
from azukari.errors import BadFormat, Damaged, Refused
from azukari.seal import opening
from azukari.seal.envelope import Signer, Use, parse, unbase64
from azukari.seal.grant import GrantBody, open_grant, read_grant
from azukari.seal.stream import SealedReader
from azukari.shelf import files, keyring
from azukari.shelf.folder import Folder


@dataclass(frozen=True)
class Admitted:
    """A carrier that may be read on this device, within the grant's window."""

    device: OpenDevice
    one_time_key: str
    grant: GrantBody
    folder: Folder
    envelope: manifests.Envelope
    keys: dict[str, bytes]  # of every part the grant opens, the manifest's among them

    def __repr__(self) -> str:
        return f"<admitted to carrier {self.grant.carrier}>"

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that may be read, but for the manifest."""
        return tuple(part for part in self.keys if part != manifests.MANIFEST_PART)

    def must_be_inside(self) -> None:
        """`Refused` once the window has ended."""
        must_be_inside(self.device, self.one_time_key, self.grant, self.device.now())

    @contextmanager
    def part(self, part: str) -> Iterator[SealedReader]:
        """A part, readable from anywhere in it."""
        commit = bytes.fromhex(self.envelope.part(part).commit)
        with files.own_errors(f"part {part}"), self.folder.open_part(part) as file:
            yield SealedReader(file, self.keys[part], self.envelope.carrier, part, commit=commit)


def admit(device: OpenDevice, root: Path, document: bytes, hand: Signer) -> Admitted:
    """Check all that must hold before a part is read, and write down that it is opened.

    Checked in this order: the clock, the grant's signature, the one-time key, the device, the
    window, the person's own key, the envelope's signature and hash, every file of the folder, the
    manifest.  The opening is in the journal with the person's answer, durable, when this returns;
    so is another person's attempt.
    """
    now = device.now()
    device.journal.check_clock(now)
    outer = read_grant(document, device.trust.key(Use.GRANT, now))
    private = keyring.one_time_key(device.one_time_key(outer.key))
    grant = open_grant(outer, private)
    if grant.device != device.id:
        raise Refused("opening", ("grant_of_another_device",))
    must_be_inside(device, outer.key, grant, now)
    # The city quotes what it last saw of this journal: a copy set back and written on differs.
    known, seen = device.journal.chain, (grant.chain_length, grant.chain_head)
    if seen[0] > known.length or device.journal.head_at(seen[0]) != seen[1]:
        raise Refused("opening", ("device_rolled_back",))
    if hand.public.id != grant.person_key:
        device.journal.append([("refused", grant.carrier, grant.grant, "")], now)
        raise Refused("opening", ("grant_of_another_person",))
    folder = Folder(root)
    data = folder.envelope()
    envelope = manifests.read_envelope(
        data, {key.id: key for key in device.trust.believed(now)}.get
    )
    if manifests.envelope_hash(data) != grant.envelope or envelope.carrier != grant.carrier:
        raise Refused("opening", ("carrier_is_bound_to_another_content",))
    folder.check(envelope)
    keys = {line.part: unbase64(line.key) for line in grant.parts}
    admitted = Admitted(device, outer.key, grant, folder, envelope, keys)
    if now >= _manifest(admitted).expires_at:
        raise Refused("opening", ("order_expired",))
    device.journal.append(
        [("opened", grant.carrier, grant.grant, _asked(device, grant, hand))], now
    )
    return admitted


def must_be_inside(device: OpenDevice, key: str, grant: GrantBody, now: int) -> None:
    """Inside the window; its end once seen, the one-time key goes, whatever the clock says later.

    Written down as of the window's end: a clock that runs ahead must not lock the device's journal.
    """
    if now >= grant.not_after and device.one_time_key(key).exists():
        device.forget(key, grant.carrier, grant.grant, grant.not_after)
    if not grant.not_before <= now < grant.not_after:
        raise Refused("reading", ("window_outside_order",))


def _asked(device: OpenDevice, grant: GrantBody, hand: Signer) -> str:
    """The person's answer to a challenge of this moment; a key that will not sign opens nothing."""
    chain = device.journal.chain
    challenge = opening.Challenge(device.id, grant.grant, chain.length, chain.head)
    answered = opening.answer(challenge, hand)
    opening.verify(challenge, answered, hand.public)
    return answered


def _manifest(admitted: Admitted) -> manifests.Manifest:
    part, envelope = manifests.MANIFEST_PART, admitted.envelope
    if part not in admitted.keys:
        raise BadFormat("the grant does not open the manifest")
    with admitted.part(part) as reader:
        manifest = parse(reader.read(), manifests.Manifest)
    inside = {line.id: line.sha256 for line in manifest.parts}
    outside = {line.id: line.sha256 for line in envelope.parts if line.id != part}
    if manifest.v != 1:
        raise BadFormat("a manifest of another version")
    if manifest.carrier != envelope.carrier or inside != outside:
        raise Damaged("the manifest and the envelope name different parts")
    return manifest
