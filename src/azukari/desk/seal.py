"""Seal a table: select the least the purpose needs, its rows among canaries, in column groups.

How a carrier is sealed stands in sealing.py; here is what its parts hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from azukari.carrier import counterfoil as foils
from azukari.carrier import homes
from azukari.carrier.groups import Group, groups
from azukari.carrier.tables import write_parquet
from azukari.desk import fit, sealing
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.desk.sealing import SealedCarrier, Work
from azukari.desk.take_in import open_roll, open_table
from azukari.errors import BadInput
from azukari.roll import select
from azukari.roll.ordinals import SEED_BYTES
from azukari.seal import documents as doc
from azukari.vault import records

__all__ = ["CANARIES", "TABLE", "Cargo", "SealedCarrier", "carriers_of", "seal", "select_cargo"]

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
    households: bytes  # who lives together, for the counterfoils


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
        homes.encode(select.first_members(extract)),
    )


def seal(
    office: Office, cargo: Cargo, place: Path, by: str, tag: str | None = None
) -> SealedCarrier:
    """Seal one carrier onto an empty medium; durable and whole when it returns.

    ``tag``: the medium's, else it is known by its serial.
    """
    return sealing.seal(office, _arrange(cargo), place, by, tag)


@dataclass(frozen=True)
class _Content:
    """What will be sealed, before there is a key for it."""

    cargo: Cargo
    table: pa.Table
    canaries: tuple[int, ...]  # places of rows
    seed: bytes  # of the order of rows
    groups: tuple[Group, ...]

    @property
    def order(self) -> doc.Order:
        return self.cargo.order

    @property
    def roll(self) -> str:
        return self.cargo.roll

    @property
    def suppressed(self) -> int:
        return self.cargo.suppressed

    @property
    def households(self) -> bytes:
        return self.cargo.households

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(role for group in self.groups for role in group.roles)

    @property
    def rows(self) -> Mapping[str, int]:
        return {TABLE: self.table.num_rows}

    @property
    def real_rows(self) -> int:
        rows: int = self.table.num_rows - CANARIES
        return rows

    def check(self, place: Path, least: int) -> None:
        fit.check(place, self.table, [group.columns for group in self.groups], least)

    def write(self, work: Work, least: int) -> None:
        """All parts of a table end up at one size, so that several tell no more than one."""
        open_parts = []
        for group in self.groups:
            part, writer, file = work.start(group)
            write_parquet(self.table.select(list(group.columns)), writer, group.table)
            open_parts.append((part, writer, file))
        step = fit.step([writer.content_bytes for _, writer, _ in open_parts], least)
        for part, writer, file in open_parts:
            work.finish(part, writer, file, step)

    def tables(self) -> tuple[foils.FoilTable, ...]:
        columns = tuple(
            foils.FoilColumn(
                column,
                select.COLUMNS[column].kind,
                # A suppressed household has no postal code, no answer and no reason on the carrier.
                "open" if column in ("postal_code", "answer", "reason") else "all",
            )
            for group in self.groups
            for column in group.columns
        )
        sets = {key: foils.as_bytes(persons) for key, persons in self.cargo.sets.items()}
        return (foils.FoilTable(TABLE, self.table.num_rows, columns, sets, self.canaries),)


def _arrange(cargo: Cargo) -> _Content:
    """The rows with canaries among them, in an order only the office can undo."""
    ordered = next((t for t in cargo.order.tables if t.table == TABLE), None)
    if ordered is None:
        raise BadInput("order", "it lets out no households")
    seed, real = secrets.token_bytes(SEED_BYTES), cargo.extract.table
    invented = select.canaries(CANARIES, secrets.token_bytes(SEED_BYTES), real)
    rows = pa.concat_tables([real, invented])
    order = select.shuffle_order(len(rows), seed)
    places = tuple(i for i, row in enumerate(order.to_pylist()) if row >= len(real))
    return _Content(cargo, rows.take(order), places, seed, groups(TABLE, ordered.columns))


def carriers_of(office: Office) -> Sequence[Any]:
    """Every carrier this office knows, as rows."""
    with office.act() as tx:
        return records.carriers(tx)
