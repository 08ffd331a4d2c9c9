"""Open a carrier on a device and answer enquiries from memory, journalled before answered.

Imports nothing that holds a vault: a call centre has the carrier, a grant and its own device, no
more.  *Not found* and *suppressed* are one answer: the supervisor.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from azukari.carrier.tables import read_parquet, table_name
from azukari.desk.admit import admit, must_be_inside
from azukari.desk.device import OpenDevice
from azukari.errors import BadFormat
from azukari.roll.fold import fold_kana, fold_name
from azukari.seal.envelope import Signer, unbase64
from azukari.seal.grant import GrantBody, seal_subject

SUPERVISOR = "supervisor"
NOBODY = -1
_BETWEEN = "\x1f"  # stands in no name


@dataclass(frozen=True)
class Enquiry:
    """What a caller says: a name or its kana, a birth date, a postal code."""

    name: str
    birth: date
    postal_code: str

    def __repr__(self) -> str:
        return "<enquiry>"


class Opened:
    """An opened carrier: the columns the role may see, in memory, and the device's journal."""

    def __init__(
        self, device: OpenDevice, one_time_key: str, grant: GrantBody, table: pa.Table
    ) -> None:
        self._device, self._one_time_key = device, one_time_key
        self.grant, self.table = grant, table
        self._journal_key = unbase64(grant.journal_key)
        self._answers = table.column("answer").to_pylist()
        self._postal = table.column("postal_code").to_pylist()

    def answer(self, enquiries: Sequence[Enquiry]) -> list[str]:
        """One answer each, in order; every one journalled and durable before any is returned."""
        now = self._device.now()
        must_be_inside(self._device, self._one_time_key, self.grant, now)
        rows = [self._find(enquiry) for enquiry in enquiries]
        grant, carrier = self.grant.grant, self.grant.carrier
        lines = []
        for row in rows:
            sealed = seal_subject(row, self._journal_key, grant)
            lines.append(("enquiry", carrier, grant, base64.b64encode(sealed).decode()))
        self._device.journal.append(lines, now)
        return [SUPERVISOR if row == NOBODY else self._answers[row] for row in rows]

    @cached_property
    def _rows(self) -> dict[str, tuple[int, ...]]:
        """Made when the first caller asks: a second for a city."""
        return _index(self.table)

    def _find(self, enquiry: Enquiry) -> int:
        found: set[int] = set()
        for form in {fold_name(enquiry.name), fold_kana(enquiry.name)}:
            found.update(self._rows.get(f"{form}{_BETWEEN}{enquiry.birth.isoformat()}", ()))
        # A suppressed household has no postal code here, and what it says would be refused:
        # it is found by nobody, which is the same answer.
        said = enquiry.postal_code
        sure = [row for row in found if said and self._postal[row] == said]
        return sure[0] if len(sure) == 1 else NOBODY


def open_carrier(device: OpenDevice, root: Path, document: bytes, hand: Signer) -> Opened:
    """Open a carrier on its grant's device, with its person's key; all that `admit` checks."""
    admitted = admit(device, root, document, hand)
    tables = []
    for part in admitted.parts:
        with admitted.part(part) as file:
            tables.append(read_parquet(file))
    return Opened(device, admitted.one_time_key, admitted.grant, _joined(tables))


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    """The groups a role may see, side by side: all parts of a table share one row order."""
    if not tables or len({(table_name(t), len(t)) for t in tables}) != 1:
        raise BadFormat("the opened parts do not belong to one table")
    columns = {name: table.column(name) for table in tables for name in table.column_names}
    if not {"name_forms", "kana_forms", "birth_dates", "postal_code", "answer"} <= set(columns):
        raise BadFormat("the opened parts do not answer enquiries")
    return pa.table(columns)


def _index(table: pa.Table) -> dict[str, tuple[int, ...]]:
    """Search form and birth date -> rows; columns at a time, because a city has a million keys."""
    rows = pc.list_parent_indices(table.column("birth_dates")).combine_chunks()
    born = pc.list_flatten(table.column("birth_dates")).combine_chunks().cast(pa.string())
    keys: list[str] = []
    places: list[int] = []
    for column in ("name_forms", "kana_forms"):
        forms = pc.list_flatten(table.column(column)).combine_chunks()
        # Null where either is missing: such a member cannot be found by it.
        joined = pc.binary_join_element_wise(forms, born, _BETWEEN)
        known = pc.and_(pc.is_valid(joined), pc.not_equal(forms, ""))
        keys += joined.filter(known).to_pylist()
        places += rows.filter(known).to_pylist()
    last = dict(zip(keys, places, strict=True))
    first = dict(zip(reversed(keys), reversed(places), strict=True))
    shared = {key for key, row in last.items() if first[key] != row}
    found = {key: (row,) for key, row in last.items()}
    several: dict[str, set[int]] = {key: set() for key in shared}
    if shared:
        for key, row in zip(keys, places, strict=True):
            if key in shared:
                several[key].add(row)
    return found | {key: tuple(sorted(at)) for key, at in several.items()}
