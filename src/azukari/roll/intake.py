"""Taking in a city's export: three files become a roll, and every row is kept or refused.

A refusal says file, line, column and reason, never what stood there.  Names stay as received,
private-use characters included; search forms stand beside them.  The original bytes are hashed
and not kept; who sealed them and where is not known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from azukari.errors import BadInput
from azukari.roll.checks import REASONS, check, flag_counts, flag_words
from azukari.roll.columns import (
    ACCOUNTS_SCHEMA,
    FILES,
    REGISTER_SCHEMA,
    TAX_SCHEMA,
    Roll,
)
from azukari.roll.ordinals import bitmap
from azukari.roll.rows import read_rows

_FLAGGED: Final = ("relationship", "name", "kana", "address")
_RESIDENT: Final = "住民番号"
_PAYER: Final = "扶養者"


@dataclass(frozen=True)
class Refusal:
    """One row that was not kept: where, and a reason out of ``checks.REASONS``."""

    file: str
    line: int  # the physical line on which the row begins, the header's is 1
    column: str | None  # our header of the cell to blame; None where it is the whole row
    reason: str

    @property
    def sentence(self) -> str:
        return REASONS[self.reason]

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        where = where if self.column is None else f"{where}: {self.column}"
        return f"{where}: {self.reason}: {self.sentence}"


@dataclass(frozen=True)
class FileReport:
    """What became of one file; ``rows_read`` = ``rows_kept`` + ``rows_refused``."""

    name: str
    sha256: str  # of the bytes as received, hex
    size_bytes: int
    encoding: str
    how: str  # what the encoding was told by
    rows_read: int
    rows_kept: int
    rows_refused: int
    blank_lines: int  # at the end of the file; a blank line elsewhere is a refused row
    flags: Mapping[str, int]  # rows kept that carry each flag; the register's only
    refusals: tuple[Refusal, ...]  # by line


@dataclass(frozen=True)
class Report:
    """What became of the three files, in the order register, tax, accounts."""

    files: Mapping[str, FileReport]

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return tuple(refusal for file in self.files.values() for refusal in file.refusals)


@dataclass(frozen=True)
class Intake:
    """A roll, its report, and the residents about whom something was refused."""

    roll: Roll
    report: Report
    # Bitmap of ordinals: whose own tax or account row was refused, or a row of whose household.
    # For them the absence of a row proves nothing, and nobody is decided by default.
    unsettled: int


def take_in(files: Mapping[str, BinaryIO]) -> Intake:
    """Read the three files of an export, ``register``, ``tax`` and ``accounts``.

    The files are UTF-8 or CP932, each told by its own header; columns may stand in any order.
    Tables come in file order.  The files are read to their end and left open.

    Raises:
        BadInput: a file is missing, is in no known encoding, or has other columns.
    """
    if set(files) != set(FILES):
        raise BadInput("export", f"the files {', '.join(FILES)} are expected, and no other")
    register, register_report, no_row = _take_register(_Sheet("register", files["register"]))
    tax, tax_report, no_tax = _take_facts(_Sheet("tax", files["tax"]), register, TAX_SCHEMA)
    accounts, accounts_report, no_accounts = _take_facts(
        _Sheet("accounts", files["accounts"]), register, ACCOUNTS_SCHEMA
    )
    reports = {"register": register_report, "tax": tax_report, "accounts": accounts_report}
    return Intake(
        Roll(register, tax, accounts), Report(reports), bitmap(no_row | no_tax | no_accounts)
    )


class _Sheet:
    """One file while it is taken in: checked values, and for each row at fault its first fault."""

    def __init__(self, file: str, stream: BinaryIO) -> None:
        self.file = file
        try:
            raw = stream.read()
        except OSError:
            raise BadInput(file, "the file cannot be read") from None
        columns = FILES[file]
        self.sha256, self.size_bytes = hashlib.sha256(raw).hexdigest(), len(raw)
        self.rows = read_rows(file, raw, [column.header for column in columns])
        self.lines = self.rows.lines.combine_chunks()
        self.values: dict[str, pa.Array] = {}
        self.faults: dict[int, tuple[str, str]] = {}
        for column in columns:
            checked = check(column, self.rows.columns.pop(column.header).combine_chunks())
            self.values |= checked.values
            for reason, mask in checked.faults:
                self.refuse(mask, column.header, reason)

    def refuse(self, mask: pa.Array, header: str, reason: str) -> None:
        """Refuse the rows where the mask is true, unless something was wrong with them before."""
        for row in pc.indices_nonzero(mask).to_pylist():
            self.faults.setdefault(row, (header, reason))

    def refuse_repeated(self) -> None:
        """Refuse every row of a resident but the first that is not at fault itself."""
        residents = self.values["resident"]
        if pc.count_distinct(residents).as_py() == len(residents):
            return
        seen: set[str] = set()
        for row, resident in enumerate(residents.to_pylist()):
            if row not in self.faults and resident in seen:
                self.faults[row] = (_RESIDENT, "duplicate")
            elif row not in self.faults:
                seen.add(resident)

    def numbers_in_refused_rows(self) -> list[str]:
        """Ten-digit numbers in rows that could not be split: perhaps whom they were about."""
        return [number for fault in self.rows.faults for number in fault.numbers]

    def kept(self, schema: pa.Schema, more: Mapping[str, pa.Array]) -> pa.Table:
        """The rows without fault, in file order, as the schema wants them."""
        values = {"line": self.lines, **self.values, **more}
        if self.faults:
            at_fault = pa.array(self.faults.keys(), pa.int32())
            rows = pa.array(range(len(self.lines)), pa.int32())
            keep = pc.invert(pc.is_in(rows, at_fault))
            values = {name: array.filter(keep) for name, array in values.items()}
        if "ordinal" not in values:
            values["ordinal"] = pa.array(range(len(values["line"])), pa.int32())
        return pa.Table.from_arrays([values[name] for name in schema.names], schema=schema)

    def report(self, kept: int, flagged: Mapping[str, int]) -> FileReport:
        rows = self.rows
        refusals = [Refusal(self.file, f.line, f.header, f.reason) for f in rows.faults]
        refusals += [
            Refusal(self.file, self.lines[row].as_py(), header, reason)
            for row, (header, reason) in self.faults.items()
        ]
        return FileReport(
            name=self.file,
            sha256=self.sha256,
            size_bytes=self.size_bytes,
            encoding=rows.encoding,
            how=rows.how,
            rows_read=len(self.lines) + len(rows.faults),
            rows_kept=kept,
            rows_refused=len(refusals),
            blank_lines=rows.blank_lines,
            flags=flagged,
            refusals=tuple(sorted(refusals, key=lambda refusal: refusal.line)),
        )


def _take_register(sheet: _Sheet) -> tuple[pa.Table, FileReport, set[int]]:
    """The register, and the ordinals of those who live with somebody whose row was refused."""
    sheet.refuse_repeated()
    values = sheet.values
    flagged = flag_words(values[name] for name in _FLAGGED)
    register = sheet.kept(REGISTER_SCHEMA, {"flags": flagged})
    at_fault = pa.array(sheet.faults.keys(), pa.int32())
    lost = pa.array(
        [*values["household"].take(at_fault).to_pylist(), *sheet.numbers_in_refused_rows()],
        pa.string(),
    )
    unsettled = register.column("ordinal").filter(pc.is_in(register.column("household"), lost))
    report = sheet.report(len(register), flag_counts(register.column("flags")))
    return register, report, set(unsettled.to_pylist())


def _take_facts(
    sheet: _Sheet, register: pa.Table, schema: pa.Schema
) -> tuple[pa.Table, FileReport, set[int]]:
    """Tax facts or accounts of residents in the register, and the ordinals of refused rows."""
    residents = register.column("resident")
    values = sheet.values
    ordinals = pc.index_in(values["resident"], residents)
    sheet.refuse(pc.is_null(ordinals), _RESIDENT, "not-in-register")
    if "dependant_of" in values:
        payer = values["dependant_of"]
        stranger = pc.and_(pc.is_valid(payer), pc.is_null(pc.index_in(payer, residents)))
        sheet.refuse(stranger, _PAYER, "payer-not-in-register")
        own = pc.fill_null(pc.equal(payer, values["resident"]), False)
        sheet.refuse(own, _PAYER, "own-dependant")
        sheet.refuse_repeated()
    numbers = sheet.numbers_in_refused_rows()
    unsettled = {
        *ordinals.take(pa.array(sheet.faults.keys(), pa.int32())).to_pylist(),
        *pc.index_in(pa.array(numbers, pa.string()), residents).to_pylist(),
    } - {None}
    facts = sheet.kept(schema, {"ordinal": ordinals})
    return facts, sheet.report(len(facts), {}), unsettled
