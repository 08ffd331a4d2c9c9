"""A shipment: a sealed carrier as files for any file service, with one signed list of them.

The list says nothing that the carrier's own folder does not say: names of parts, sizes, digests,
and the order in which they go.  It is signed by the office's carrier key; the files are the same
bytes in the same folder as on a medium, so both ways are one format.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from azukari.carrier.manifest import PAGES, Envelope, envelope_hash, read_envelope
from azukari.errors import BadFormat, BadInput, BadSignature, Conflict, Damaged
from azukari.names import raw_id
from azukari.seal.envelope import (
    MAX_BYTES,
    Count,
    PublicKey,
    Signer,
    Use,
    canonical,
    open_signed,
    parse,
    sign,
)
from azukari.shelf import files, machine
from azukari.shelf.folder import ENVELOPE, INSIDE, Folder

TYPE: Final = "application/vnd.azukari.shipment.v1+json"
LIST: Final = "shipment.json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PART: Final = re.compile(rf"{INSIDE}/(m|[0-9]{{4}})\.azs")
_LAST: Final = f"{INSIDE}/{ENVELOPE}"
_PIECE: Final = 1 << 20


class ShippedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file by its place in the carrier's folder."""

    name: str
    bytes: Count
    sha256: str


class Shipment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All files of one carrier in the order in which they go, the envelope last."""

    v: int
    carrier: str
    envelope_sha256: str
    files: list[ShippedFile]


@dataclass(frozen=True)
class Fetched:
    """How far a shipment has arrived."""

    shipment: Shipment
    arrived: int  # files that are here, whole
    waiting: tuple[str, ...]  # names of those that are not, or not whole yet

    @property
    def whole(self) -> bool:
        return not self.waiting


def shipment_of(envelope: Envelope, data: bytes, pages: dict[str, bytes]) -> Shipment:
    """The list for a carrier, from its envelope and the pages that lie with it."""
    found = [ShippedFile(page, len(pages[page]), envelope.pages[page]) for page in PAGES]
    # The manifest first among the parts: whoever sees m.azs has the pages already.
    parts = sorted(envelope.parts, key=lambda part: (part.id != "m", part.id))
    found += [ShippedFile(f"{INSIDE}/{p.id}.azs", p.bytes, p.sha256) for p in parts]
    found.append(ShippedFile(_LAST, len(data), envelope_hash(data)))
    return Shipment(1, envelope.carrier, envelope_hash(data), found)


def sign_shipment(shipment: Shipment, signer: Signer) -> bytes:
    """The bytes of ``shipment.json``."""
    if signer.public.use is not Use.CARRIER:
        raise BadSignature("only a carrier key signs shipments")
    return sign(canonical(shipment), TYPE, [signer])


def read_shipment(data: bytes, key_of: Callable[[str], PublicKey | None]) -> Shipment:
    """Verify and read a list; it names nothing but the files of a carrier, each once."""
    payload, keys = open_signed(
        data, TYPE, lambda key: k if (k := key_of(key)) and k.use is Use.CARRIER else None
    )
    if len(keys) != 1:
        raise BadSignature("a shipment has one signature")
    shipment = parse(payload, Shipment)
    raw_id(shipment.carrier)
    names = [file.name for file in shipment.files]
    # A name becomes a path: nothing but a carrier's own files may stand there.
    if len(set(names)) != len(names) or not all(_is_ours(name) for name in names):
        raise BadFormat("a shipment names a file that no carrier has")
    if not {*PAGES, f"{INSIDE}/m.azs"} <= set(names) or names[-1] != _LAST:
        raise BadFormat("a shipment names pages, manifest and parts, and the envelope last")
    digests = [file.sha256 for file in shipment.files]
    if shipment.v != 1 or not all(_SHA256.fullmatch(digest) for digest in digests):
        raise BadFormat("a shipment of another version")
    if shipment.envelope_sha256 != digests[-1]:
        raise BadFormat("a shipment of another envelope")
    return shipment


def prepare(source: Path, shipment: Shipment, signed: bytes, to: Path) -> int:
    """Copy a carrier's files to ``to`` in their order, the list last; durable.

    What is there already, whole, stays: a preparation that broke off goes on.  Returns the bytes.
    """
    apart(source, to)
    if differing := _copy(source, shipment.files, files.folder(to)):
        raise Damaged(f"{len(differing)} files of the carrier are missing or changed")
    if not (to / LIST).exists():
        files.write_new(to / LIST, signed)
    elif files.read_small(to / LIST, MAX_BYTES) != signed:
        raise Conflict(f"another {LIST} lies there")
    return sum(file.bytes for file in shipment.files)


def fetch(source: Path, into: Path, key_of: Callable[[str], PublicKey | None]) -> Fetched:
    """Take over what has arrived of a shipment, whole file by whole file; safe to repeat.

    A file whose size or digest differs counts as not arrived: it is looked at again next time.
    The envelope comes last, and only when everything else is there: before that, ``into`` is no
    carrier.  When it is whole, all of it is checked once more where it lies.
    """
    apart(source, into)
    shipment = read_shipment(files.read_small(source / LIST, MAX_BYTES), key_of)
    waiting = _copy(source, shipment.files[:-1], files.folder(into))
    waiting += [_LAST] if waiting else _copy(source, shipment.files[-1:], into)
    if not waiting:
        envelope = read_envelope((folder := Folder(into)).envelope(), key_of)
        if envelope.carrier != shipment.carrier:
            raise Damaged("the shipment's list and its envelope name different carriers")
        folder.check(envelope)
    return Fetched(shipment, len(shipment.files) - len(waiting), tuple(waiting))


def apart(source: Path, to: Path) -> None:
    """Refuse two folders that lie in one another: the copy would be a foreign file."""
    one, other = source.resolve(), to.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise BadInput("the folders", "they lie in one another")


def _copy(source: Path, wanted: Iterable[ShippedFile], to: Path) -> list[str]:
    """Copy what is not there yet; the names of those that the source does not have whole."""
    return [file.name for file in wanted if not (_is_there(to, file) or _take(source, to, file))]


def _is_there(to: Path, file: ShippedFile) -> bool:
    path = to / file.name
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise Conflict("something else lies in the place of a file")
    if not path.exists():
        return False
    if files.sha256_file(path) != (file.sha256, file.bytes):
        raise Conflict("another file lies in the place of one of the shipment's")
    return True


def _take(source: Path, to: Path, file: ShippedFile) -> bool:
    """Copy one file under its name, when it is whole; durable."""
    path, place = source / file.name, to / file.name
    beside = place.with_name(f".{place.name}.new")
    with files.own_errors("a file of the shipment"):
        if path.is_symlink() or not path.is_file() or path.stat().st_size != file.bytes:
            return False
        files.folder(place.parent)
        if _copied(path, beside, file.bytes) != file.sha256:
            beside.unlink()
            return False
        beside.rename(place)
    files.sync_folder(place.parent)
    return True


def _copied(path: Path, beside: Path, size: int) -> str:
    """Copy at most so many bytes, durable; the digest of what was written."""
    digest = hashlib.sha256()
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE)
    with machine.open_plain(path) as source, os.fdopen(handle, "wb") as target:
        while size and (piece := source.read(min(size, _PIECE))):
            digest.update(piece)
            target.write(piece)
            size -= len(piece)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _is_ours(name: str) -> bool:
    return name in PAGES or name == _LAST or bool(_PART.fullmatch(name))
