"""Seal carriers under an approved order: key, parts, binding, entry, and the envelope last.

A folder without a valid envelope is not a carrier; an id whose sealing broke off is never used
again (tick.py abandons it).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa

from azukari.carrier import counterfoil as foils
from azukari.carrier import manifest as manifests
from azukari.carrier.groups import Group, groups
from azukari.carrier.life import State
from azukari.carrier.tables import write_parquet
from azukari.desk import fit, media
from azukari.desk import order as orders
from azukari.desk.office import Office, new_act
from azukari.desk.take_in import open_roll, open_table
from azukari.keys.client import BoundPart, Sealed
from azukari.ledger.entry import counts
from azukari.names import label, new_id
from azukari.roll import select
from azukari.roll.ordinals import SEED_BYTES
from azukari.seal import documents as doc
from azukari.seal.envelope import canonical
from azukari.seal.stream import SealingWriter, part_key, seal_bytes
from azukari.shelf import busy, medium
from azukari.shelf.book import Draft
from azukari.shelf.folder import Folder
from azukari.vault import records, schema

CANARIES: Final = 8
TABLE: Final = "households"


@dataclass(frozen=True)
class Cargo:
    """What an order lets out, selected once for all its carriers."""

    order: doc.Order
    roll: str
    extract: select.Extract
    sets: dict[str, int]
    suppressed: int
    residents: int


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


def select_cargo(office: Office, order: str, roll: str, determination: str, by: str) -> Cargo:
    """Open the roll and the answers and make the least the purpose needs."""
    asked = orders.order_of(office, order)
    register = open_roll(office, roll, by).register
    answers = open_table(office, determination, "households", by)
    extract = select.eligibility_extract(register, answers)
    ordinals = register.column("ordinal").filter(register.column("suppressed"))
    return Cargo(
        asked,
        roll,
        extract,
        select.sets(extract),
        select.bitmap(ordinals),
        len(register),
    )


def seal(
    office: Office, cargo: Cargo, place: Path, by: str, tag: str | None = None
) -> SealedCarrier:
    """Seal one carrier onto an empty medium; durable and whole when it returns.

    ``tag``: the medium's, else it is known by its serial.  The order of writing: key (an entry of
    the keys' ledger) → parts, synced and read back → the key service binds the envelope's hash →
    the office's entry → envelope.json.  A medium that is refused gets no byte; one that fails
    meanwhile is `MediumFailed`: no carrier lies on it, and its id is burnt.
    """
    folder = Folder(place)
    with busy.at_work(office.home), folder.writing():
        tag = media.ready(office, cargo.order, place, tag)
        return _seal(office, _arrange(cargo), folder, by, tag)


def _seal(
    office: Office, content: _Content, folder: Folder, by: str, tag: str | None
) -> SealedCarrier:
    act, carrier, cargo = new_act(), new_id(), content.cargo
    least = fit.step_of_siblings(office, cargo.order.id)
    fit.check(folder.root, content.table, [group.columns for group in content.groups], least)
    folder.begin()
    name = _begin(office, act, carrier, cargo, folder.root, tag)
    office.keys.believe(orders.evidence(office, cargo.order.id))
    office.keys.create(act, by, carrier, cargo.order.id)
    key = office.keys.release_to_seal(act, by, carrier)
    work = _Work(carrier, name, tag, key, folder, content)
    work.write(least)
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
    sealed = Sealed(
        manifests.envelope_hash(envelope), tuple(work.bound), {TABLE: content.table.num_rows}
    )
    office.keys.bind(act, by, carrier, sealed)
    _record(office, act, by, work, envelope)
    folder.write_envelope(envelope)
    settled = medium.finish(folder.root)
    size = sum(part.bytes for part in parts)
    return SealedCarrier(
        carrier, name, envelope, size, work.content_bytes, tag, folder.from_medium, settled
    )


@dataclass(frozen=True)
class _Content:
    """What will be sealed, before there is a key for it."""

    cargo: Cargo
    table: pa.Table
    canaries: tuple[int, ...]  # places of rows
    seed: bytes  # of the order of rows
    groups: tuple[Group, ...]


def _arrange(cargo: Cargo) -> _Content:
    """The rows with canaries among them, in an order only the office can undo."""
    seed, real = secrets.token_bytes(SEED_BYTES), cargo.extract.table
    invented = select.canaries(CANARIES, secrets.token_bytes(SEED_BYTES), real)
    rows = pa.concat_tables([real, invented])
    order = select.shuffle_order(len(rows), seed)
    places = tuple(i for i, row in enumerate(order.to_pylist()) if row >= len(real))
    ordered = next(t for t in cargo.order.tables if t.table == TABLE)
    return _Content(cargo, rows.take(order), places, seed, groups(TABLE, ordered.columns))


@dataclass
class _Work:
    """One carrier being written."""

    carrier: str
    name: str
    tag: str | None
    key: bytes
    folder: Folder
    content: _Content
    parts: list[manifests.EnvelopePart] = field(default_factory=list)
    bound: list[BoundPart] = field(default_factory=list)
    content_bytes: dict[str, int] = field(default_factory=dict)

    def write(self, least: int) -> None:
        """All parts of a table end up at one size, so that several tell no more than one.

        ``least`` is the step of the carriers sealed under this order before; the first one gets
        two percent of room, so that its siblings, a little larger or smaller, fit the same step.
        """
        open_parts = [self._start(group) for group in self.content.groups]
        step = fit.step([writer.content_bytes for _, writer, _ in open_parts], least)
        for part, writer, file in open_parts:
            self.content_bytes[part] = writer.content_bytes
            writer.finish(step)
            self.folder.keep(file)
            self.parts.append(_line(part, writer))

    def _start(self, group: Group) -> tuple[str, SealingWriter, BinaryIO]:
        taken = {part.part for part in self.bound}
        part = next(p for p in iter(_digits, "") if p not in taken)
        self.bound.append(BoundPart(part, group.table, group.columns, group.roles))
        file = self.folder.new_part(part)
        writer = SealingWriter(file, part_key(self.key, self.carrier, part), self.carrier, part)
        write_parquet(self.content.table.select(list(group.columns)), writer, group.table)
        return part, writer, file


def _digits() -> str:
    """A part's random number: nothing about what it holds."""
    return f"{secrets.randbelow(10_000):04d}"


def _line(part: str, writer: SealingWriter) -> manifests.EnvelopePart:
    return manifests.EnvelopePart(
        part, writer.size, writer.sha256.hex(), writer.head.hex(), writer.commit.hex()
    )


def _manifest(office: Office, work: _Work) -> manifests.EnvelopePart:
    """Seal the part every grant opens: the other parts' digests, the terms, the ledger."""
    with office.act() as tx:
        head = office.book.head(tx)
    manifest = manifests.Manifest(
        1,
        work.carrier,
        [manifests.ManifestPart(part.id, part.sha256) for part in work.parts],
        work.content.cargo.order.expires_at,
        sorted({role for group in work.content.groups for role in group.roles}),
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
    office: Office, act: str, carrier: str, cargo: Cargo, place: Path, tag: str | None
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
                order_id=cargo.order.id,
                roll=cargo.roll,
                state=State.SEALING,
                medium=str(place.absolute()),
                tag=tag,
                begun_at=office.now(),
            )
        )
    return name


def _record(office: Office, act: str, by: str, work: _Work, envelope: bytes) -> None:
    sha256 = manifests.envelope_hash(envelope)
    foil = _counterfoil(office, work, sha256)
    encoded = foils.encode(foil)
    sealed = seal_bytes(encoded, office.counterfoil_key, work.carrier, "counterfoil")
    salt = secrets.token_bytes(32)
    rows = work.content.table.num_rows - CANARIES
    with office.act(permits=True) as tx:
        records.change_carrier(
            tx,
            work.carrier,
            state=State.SEALED,
            envelope=envelope,
            counterfoil=sealed,
            sealed_at=foil.sealed_at,
        )
        detail = {
            "envelope": sha256,
            "counterfoil": foils.commitment(salt, encoded).hex(),
            "salt": salt.hex(),
            "medium": work.tag or media.NETWORK,
        }
        refs = (work.carrier, work.content.cargo.order.id)
        other = office.keys_head(tx)
        draft = Draft(
            act, "carrier.sealed", by, refs, n=counts(rows=rows), detail=detail, other=other
        )
        office.write(tx, draft)


def _counterfoil(office: Office, work: _Work, sha256: str) -> foils.Counterfoil:
    content, cargo = work.content, work.content.cargo
    sizes = {part.id: part for part in work.parts}
    columns = tuple(
        foils.FoilColumn(
            column,
            select.COLUMNS[column].kind,
            # A suppressed household has no postal code, no answer and no reason on the carrier.
            "open" if column in ("postal_code", "answer", "reason") else "all",
        )
        for group in content.groups
        for column in group.columns
    )
    table = foils.FoilTable(
        TABLE,
        content.table.num_rows,
        columns,
        {key: foils.as_bytes(persons) for key, persons in cargo.sets.items()},
        content.canaries,
    )
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
        cargo.order.id,
        cargo.roll,
        office.now(),
        cargo.order.purpose,
        parts,
        (table,),
        content.seed.hex(),
        foils.as_bytes(cargo.suppressed),
        sha256,
    )


def carriers_of(office: Office) -> Sequence[Any]:
    """Every carrier this office knows, as rows."""
    with office.act() as tx:
        return records.carriers(tx)
