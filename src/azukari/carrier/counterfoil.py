"""The counterfoil (控え): what the office keeps of a carrier so that it can count without it.

It is the full list of parts, and for every column the exact set of persons it tells something
about.  It is not the manifest that travels (that one says nothing about what a role may not see),
and it holds no resident's value: persons are ordinals of the roll, in bitmaps.

A bitmap is the little-endian bytes of an integer whose bit *i* stands for ordinal *i*.  Canaries
are invented rows: they have a place in a table and no ordinal, so they are in no set.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Final

import msgspec

from azukari.carrier import homes
from azukari.errors import BadFormat
from azukari.personal import Kind

VERSION: Final = 1
DOMAIN: Final = b"azukari/counterfoil/1\0"
#: The name of the set of a column about whose persons nobody knows: it is empty, and is not *none*.
NOT_KNOWN: Final = "not known"
MAX_BYTES: Final = 256 << 20  # thirty times a city; more is not a counterfoil of ours

Hex64 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Hex = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{2})+$")]
Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]


class FoilColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column of a table: its kind, and the name of the set of persons it tells about."""

    name: str
    kind: Kind
    persons: str


class FoilTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table: ``rows`` counts canaries too, ``canaries`` are row positions from 0."""

    name: str
    rows: Count
    columns: tuple[FoilColumn, ...]
    sets: dict[str, bytes]
    canaries: tuple[Count, ...] = ()

    @property
    def not_counted(self) -> bool:
        """Does any column tell something about nobody knows whom?"""
        return any(column.persons == NOT_KNOWN for column in self.columns)


class FoilPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sealed file: which columns of which table it holds, and who may open it."""

    id: str
    table: str
    group: str
    columns: tuple[str, ...]
    roles: tuple[str, ...]
    bytes: Count
    sha256: Hex64


class Counterfoil(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything the office must remember of one carrier; ``sealed_at`` in ms since 1970, UTC.

    ``households`` says who lives together, as ``homes`` lays it out; empty: not kept.
    """

    v: int
    carrier: str
    label: str
    order: str
    roll: str
    sealed_at: Count
    purpose: str
    parts: tuple[FoilPart, ...]
    tables: tuple[FoilTable, ...]
    order_seed: Hex
    suppressed: bytes
    envelope_sha256: Hex64
    households: bytes = b""

    def part(self, identifier: str) -> FoilPart | None:
        """The part of that id, or nothing."""
        return next((part for part in self.parts if part.id == identifier), None)

    @property
    def not_counted(self) -> int:
        """Files and rows that tell something about nobody knows whom."""
        return sum(table.rows for table in self.tables if table.not_counted)

    def table(self, name: str) -> FoilTable | None:
        """The table of that name, or nothing."""
        return next((table for table in self.tables if table.name == name), None)


def bitmap(ordinals: Iterable[int]) -> bytes:
    """The little-endian bitmap of some ordinals, in any order; as short as it can be."""
    wanted = set(ordinals)
    if not wanted:
        return b""
    if min(wanted) < 0:
        raise BadFormat("an ordinal is never negative")
    found = bytearray((max(wanted) >> 3) + 1)
    for ordinal in wanted:
        found[ordinal >> 3] |= 1 << (ordinal & 7)
    return bytes(found)


def as_int(raw: bytes) -> int:
    """The bitmap as one integer, for exact set operations."""
    return int.from_bytes(raw, "little")


def as_bytes(persons: int) -> bytes:
    """The integer as a bitmap; as short as it can be."""
    return persons.to_bytes((persons.bit_length() + 7) >> 3, "little")


def ordinals(persons: int) -> Iterator[int]:
    """The ordinals of a set, ascending."""
    for position, byte in enumerate(as_bytes(persons)):
        while byte:
            lowest = byte & -byte
            yield (position << 3) + lowest.bit_length() - 1
            byte ^= lowest


def persons_of(foil: Counterfoil, part: FoilPart) -> int:
    """The set of persons about whom this part tells something, as far as that is known."""
    table = foil.table(part.table)
    if table is None:
        raise BadFormat(f"counterfoil: part {part.id} is of a table that is not there")
    found = 0
    for column in table.columns:
        if column.name in part.columns:
            found |= as_int(table.sets[column.persons])
    return found


def encode(foil: Counterfoil) -> bytes:
    """The one spelling of a counterfoil: JSON in UTF-8, keys sorted, bitmaps in base64."""
    _check(foil)
    return msgspec.json.encode(foil, order="sorted")


def decode(raw: bytes) -> Counterfoil:
    """The counterfoil in these bytes; any other spelling of the same value is refused."""
    if len(raw) > MAX_BYTES:
        raise BadFormat(f"counterfoil: {len(raw)} bytes, at most {MAX_BYTES} are expected")
    try:
        foil = msgspec.json.decode(raw, type=Counterfoil)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadFormat("counterfoil: not the JSON of a counterfoil") from None
    if encode(foil) != raw:
        raise BadFormat("counterfoil: another spelling than the one that is written")
    return foil


def commitment(salt: bytes, encoded: bytes) -> bytes:
    """What the ledger holds of a counterfoil: HMAC-SHA256 keyed by a salt of 32 random bytes."""
    if len(salt) != 32:
        raise BadFormat(f"a salt is 32 bytes, not {len(salt)}")
    return hmac.new(salt, DOMAIN + encoded, hashlib.sha256).digest()


def _check(foil: Counterfoil) -> None:
    """Refuse a counterfoil whose parts, tables and sets do not belong together."""
    if foil.v != VERSION:
        raise BadFormat(f"counterfoil: version {foil.v}, {VERSION} is expected")
    _once("part", (part.id for part in foil.parts))
    _once("table", (table.name for table in foil.tables))
    for table in foil.tables:
        _once(f"column of table {table.name}", (column.name for column in table.columns))
        _once(f"canary of table {table.name}", (str(row) for row in table.canaries))
        if any(row >= table.rows for row in table.canaries):
            raise BadFormat(f"counterfoil: table {table.name} has a canary after its last row")
        for column in table.columns:
            if column.persons not in table.sets:
                raise BadFormat(f"counterfoil: {table.name}.{column.name} names no set of persons")
        if table.sets.get(NOT_KNOWN):
            raise BadFormat(f"counterfoil: table {table.name} knows persons that are not known")
    if foil.households and len(homes.decode(foil.households)) < _highest(foil):
        raise BadFormat("counterfoil: a set has persons whose household is not there")
    for part in foil.parts:
        owner = foil.table(part.table)
        names = {column.name for column in owner.columns} if owner else set()
        if owner is None or not names.issuperset(part.columns):
            raise BadFormat(f"counterfoil: part {part.id} holds what no table has")


def _highest(foil: Counterfoil) -> int:
    """One more than the highest ordinal in any set."""
    every = [raw for table in foil.tables for raw in table.sets.values()]
    return max((as_int(raw).bit_length() for raw in every), default=0)


def _once(what: str, names: Iterable[str]) -> None:
    if any(count > 1 for count in Counter(names).values()):
        raise BadFormat(f"counterfoil: the same {what} stands there twice")
