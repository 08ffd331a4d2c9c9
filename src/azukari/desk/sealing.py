"""The procedure of sealing, whatever is sealed: key, parts, binding, entry, the envelope last.

A folder without a valid envelope is not a carrier; an id whose sealing broke off is never used
again (tick.py abandons it).  What the parts hold is told by a `Content`: a table (seal.py) or
files (seal_files.py).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from azukari.carrier import counterfoil as foils
from azukari.carrier import manifest as manifests
from azukari.carrier.groups import Group
from azukari.carrier.life import State
from azukari.desk import fit, media
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.entrust.order import NETWORK
from azukari.keys.client import BoundPart, Sealed
from azukari.ledger.entry import counts
from azukari.names import label, new_id
from azukari.seal import documents as doc
from azukari.seal.envelope import canonical
from azukari.seal.stream import SealingWriter, part_key, seal_bytes
from azukari.shelf import busy, medium
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.vault import records, schema


class Content(Protocol):
    """What will be sealed, before there is a key for it."""

    @property
    def order(self) -> doc.Order: ...

    @property
    def roll(self) -> str:
        """The roll whose ordinals the sets of persons speak of; empty where there is none."""

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows of each table, as they are bound and must not exceed the order's."""

    @property
    def real_rows(self) -> int:
        """Rows that are not invented, for the ledger."""

    @property
    def seed(self) -> bytes:
        """Of the order of rows."""

    @property
    def suppressed(self) -> int: ...

    @property
    def households(self) -> bytes:
        """Who of the roll lives together, as `carrier.homes` lays it out; empty: not known."""

    def check(self, place: Path, least: int) -> None:
        """Refuse a medium that has no room; writes nothing."""

    def write(self, work: Work, least: int) -> None:
        """Seal every part; ``least`` is the size step of the order's carriers before."""

    def tables(self) -> tuple[foils.FoilTable, ...]:
        """What the counterfoil says of each table, once it is written."""


@dataclass(frozen=True)
class SealedCarrier:
    """A carrier as it lies on its medium."""

    carrier: str
    label: str
    envelope: bytes
    bytes: int
    content_bytes: dict[str, int]  # part -> bytes before padding; told to nobody
    tag: str | None = None  # the asset tag of its medium; none: it is sent by network
    from_medium: bool = True  # False: this machine may have read back what it remembered
    settled: bool = True  # False: only the system's own word says that it may be pulled out


def seal(
    office: Office, content: Content, place: Path, by: str, tag: str | None = None
) -> SealedCarrier:
    """Seal one carrier onto an empty medium; durable and whole when it returns.

    ``tag``: the medium's, else it is known by its serial.  The order of writing: key (an entry of
    the keys' ledger) → parts, synced and read back → the key service binds the envelope's hash →
    the office's entry → envelope.json.  A medium that is refused gets no byte; one that fails
    meanwhile is `MediumFailed`: no carrier lies on it, and its id is burnt.
    """
    folder = Folder(place)
    with busy.at_work(office.home), folder.writing():
        tag = media.ready(office, content.order, place, tag)
        return _seal(office, content, folder, by, tag)


def _seal(
    office: Office, content: Content, folder: Folder, by: str, tag: str | None
) -> SealedCarrier:
    act, carrier, order = new_act(), new_id(), content.order.id
    least = fit.step_of_siblings(office, order)
    content.check(folder.root, least)
    folder.begin()
    name = _begin(office, act, carrier, content, folder.root, tag)
    office.keys.believe(orders.evidence(office, order))
    office.keys.create(act, by, carrier, order)
    key = office.keys.release_to_seal(act, by, carrier)
    work = Work(carrier, name, tag, key, folder, content)
    content.write(work, least)
    pages = manifests.finder_pages(name, office.call)
    parts = [*work.parts, _manifest(office, work)]
    folder.write_pages(pages)
    for part in parts:
        folder.read_back(part.id, part.sha256, part.bytes)
    envelope = manifests.seal_envelope(
        manifests.Envelope(
            1,
            carrier,
            name,
            manifests.SUITE,
            sorted(parts, key=lambda part: part.id),
            {page: hashlib.sha256(text).hexdigest() for page, text in pages.items()},
        ),
        office.signers["carrier"],
    )
    sealed = Sealed(manifests.envelope_hash(envelope), tuple(work.bound), dict(content.rows))
    office.keys.bind(act, by, carrier, sealed)
    _record(office, act, by, work, envelope)
    folder.write_envelope(envelope)
    settled = medium.finish(folder.root)
    size = sum(part.bytes for part in parts)
    return SealedCarrier(
        carrier, name, envelope, size, work.content_bytes, tag, folder.from_medium, settled
    )


@dataclass
class Work:
    """One carrier being written."""

    carrier: str
    name: str
    tag: str | None
    key: bytes
    folder: Folder
    content: Content
    parts: list[manifests.EnvelopePart] = field(default_factory=list)
    bound: list[BoundPart] = field(default_factory=list)
    content_bytes: dict[str, int] = field(default_factory=dict)

    def start(self, group: Group) -> tuple[str, SealingWriter, BinaryIO]:
        """A new part under a random number, its sealing writer and its file."""
        taken = {part.part for part in self.bound}
        part = next(p for p in iter(_digits, "") if p not in taken)
        self.bound.append(BoundPart(part, group.table, group.columns, group.roles))
        file = self.folder.new_part(part)
        writer = SealingWriter(file, part_key(self.key, self.carrier, part), self.carrier, part)
        return part, writer, file

    def finish(self, part: str, writer: SealingWriter, file: BinaryIO, step: int) -> None:
        """Pad a part to its step; durable."""
        self.content_bytes[part] = writer.content_bytes
        writer.finish(step)
        self.folder.keep(file)
        self.parts.append(_line(part, writer))


def _digits() -> str:
    """A part's random number: nothing about what it holds."""
    return f"{secrets.randbelow(10_000):04d}"


def _line(part: str, writer: SealingWriter) -> manifests.EnvelopePart:
    return manifests.EnvelopePart(
        part, writer.size, writer.sha256.hex(), writer.head.hex(), writer.commit.hex()
    )


def _manifest(office: Office, work: Work) -> manifests.EnvelopePart:
    """Seal the part every grant opens: the other parts' digests, the terms, the ledger."""
    with office.act() as tx:
        head = office.book.head(tx)
    manifest = manifests.Manifest(
        1,
        work.carrier,
        [manifests.ManifestPart(part.id, part.sha256) for part in work.parts],
        work.content.order.expires_at,
        sorted(work.content.roles),
        manifests.Position(office.book.origin, head.size, head.root.hex()),
    )
    part = manifests.MANIFEST_PART
    file = work.folder.new_part(part)
    writer = SealingWriter(file, part_key(work.key, work.carrier, part), work.carrier, part)
    writer.write(canonical(manifest))
    writer.finish()
    work.folder.keep(file)
    return _line(part, writer)


def _begin(
    office: Office, act: str, carrier: str, content: Content, place: Path, tag: str | None
) -> str:
    with office.act(permits=True) as tx:
        media.take(tx, tag)
        known = records.carriers(tx)
        name = label("C", carrier, taken=frozenset(row.label for row in known))
        tx.execute(
            schema.carrier.insert().values(
                id=carrier,
                label=name,
                act=act,
                order_id=content.order.id,
                roll=content.roll,
                state=State.SEALING,
                medium=str(place.absolute()),
                tag=tag,
                begun_at=office.now(),
            )
        )
    return name


def _record(office: Office, act: str, by: str, work: Work, envelope: bytes) -> None:
    sha256 = manifests.envelope_hash(envelope)
    foil = _counterfoil(office, work, sha256)
    encoded = foils.encode(foil)
    sealed = seal_bytes(encoded, office.counterfoil_key, work.carrier, "counterfoil")
    salt = secrets.token_bytes(32)
    rows = work.content.real_rows
    with office.act(permits=True) as tx:
        records.change_carrier(
            tx,
            work.carrier,
            state=State.SEALED,
            envelope=envelope,
            counterfoil=sealed,
            sealed_at=foil.sealed_at,
        )
        records.settle(tx, work.content.order.id, office.now(), "unused")
        # From here on: what lies forgotten in a drawer is not received by its due time either.
        records.set_due(tx, work.carrier, "receive", work.content.order.receive_by, who=by)
        detail = {
            "envelope": sha256,
            "counterfoil": foils.commitment(salt, encoded).hex(),
            "salt": salt.hex(),
            "medium": work.tag or NETWORK,
        }
        refs = (work.carrier, work.content.order.id)
        other = office.keys_head(tx)
        draft = Draft(
            act, "carrier.sealed", by, refs, n=counts(rows=rows), detail=detail, other=other
        )
        office.write(tx, draft)


def _counterfoil(office: Office, work: Work, sha256: str) -> foils.Counterfoil:
    content = work.content
    sizes = {part.id: part for part in work.parts}
    parts = tuple(
        foils.FoilPart(
            bound.part,
            bound.table,
            str(number),
            bound.columns,
            bound.roles,
            sizes[bound.part].bytes,
            sizes[bound.part].sha256,
        )
        for number, bound in enumerate(work.bound)
    )
    return foils.Counterfoil(
        1,
        work.carrier,
        work.name,
        content.order.id,
        content.roll,
        office.now(),
        content.order.purpose,
        parts,
        content.tables(),
        content.seed.hex(),
        foils.as_bytes(content.suppressed),
        sha256,
        content.households,
    )
