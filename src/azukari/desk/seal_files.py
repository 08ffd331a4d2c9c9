"""Seal a folder of any files: streamed through once, never whole in memory, nothing outside named.

How a carrier is sealed stands in sealing.py, how files lie in its parts in carrier/files.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from azukari.carrier import counterfoil as foils
from azukari.carrier import files as cargo
from azukari.carrier.groups import Group, groups
from azukari.desk import fit, sealing
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.desk.sealing import SealedCarrier, Work
from azukari.errors import BadInput, Refused
from azukari.personal import Kind
from azukari.seal import documents as doc
from azukari.seal.stream import LENGTH_BYTES, SealingWriter, size_step
from azukari.shelf import tree


@dataclass(frozen=True)
class Cargo:
    """The files of a folder, looked through once for all carriers of an order."""

    order: doc.Order
    folder: Path
    files: tuple[tree.Source, ...]
    group: Group

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


def select_files(office: Office, order: str, folder: Path) -> Cargo:
    """Look through a folder; every file in it must be one that can be sealed, or none is.

    Links, special files, unreadable ones and names that not every file system keeps are refused;
    empty folders are not carried.
    """
    asked = orders.order_of(office, order)
    ordered = next((t for t in asked.tables if t.table == cargo.TABLE), None)
    if ordered is None or set(ordered.columns) != {cargo.COLUMN}:
        raise BadInput("order", "it lets out no files")
    found = tree.look_through(folder)
    if len(found) > ordered.rows:
        raise Refused("sealing files", ("more_rows_than_approved",))
    (group,) = groups(cargo.TABLE, ordered.columns)
    return Cargo(asked, folder, found, group)


def seal_files(
    office: Office, content: Cargo, place: Path, by: str, tag: str | None = None
) -> SealedCarrier:
    """Seal a folder's files onto an empty medium; durable and whole when it returns.

    A file that changed since it was looked at breaks the sealing off: no carrier lies there.
    """
    inner, outer = place.absolute(), content.folder.absolute()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise BadInput(tree.FOLDER, "it and the medium lie in one another")
    return sealing.seal(office, _Content(content), place, by, tag)


@dataclass
class _Content:
    """What will be sealed, before there is a key for it."""

    chosen: Cargo
    roll: str = ""
    suppressed: int = 0
    households: bytes = b""
    seed: bytes = b"\0"  # files stand in order of name, not in a secret one
    lines: list[cargo.FileLine] = field(default_factory=list)

    @property
    def order(self) -> doc.Order:
        return self.chosen.order

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.chosen.group.roles)

    @property
    def rows(self) -> Mapping[str, int]:
        return {cargo.TABLE: self.real_rows}

    @property
    def real_rows(self) -> int:
        return len(self.chosen.files)

    def check(self, place: Path, least: int) -> None:
        step, parts = cargo.step_and_parts(self.chosen.size, least)
        # The index is not known yet; digests and numbers take at most this much of a line.
        most = sum(2 * len(file.name.encode()) + 160 for file in self.chosen.files) + (1 << 13)
        fit.check_steps(place, [step] * parts + [size_step(most)])

    def write(self, work: Work, least: int) -> None:
        """The files as one run of bytes, cut into parts, then the index."""
        step, _ = cargo.step_and_parts(self.chosen.size, least)
        run = _Run(work, self.chosen.group, step)
        for file in self.chosen.files:
            digest = hashlib.sha256()
            for piece in tree.pieces(file):
                digest.update(piece)
                run.write(piece)
            mtime = min(max(0, file.mtime_ns // 1_000_000), cargo.LATEST)
            self.lines.append(cargo.FileLine(file.name, file.size, mtime, digest.hexdigest()))
        index = cargo.encode(cargo.Index(cargo.VERSION, run.end(), self.lines))
        part, writer, target = work.start(self.chosen.group)
        writer.write(index)
        work.finish(part, writer, target, size_step(len(index)))

    def tables(self) -> tuple[foils.FoilTable, ...]:
        # Whose data the files hold nobody has counted, and the counterfoil says so.
        column = foils.FoilColumn(cargo.COLUMN, Kind.FILE, foils.NOT_KNOWN)
        sets = {foils.NOT_KNOWN: b""}
        return (foils.FoilTable(cargo.TABLE, self.real_rows, (column,), sets),)


class _Run:
    """The bytes of all files, one behind the other, as full parts of one step; one is open."""

    def __init__(self, work: Work, group: Group, step: int) -> None:
        self._work, self._group, self._step = work, group, step
        self._room = step - LENGTH_BYTES
        self._parts: list[str] = []
        self._open = self._next()

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            room = self._room - self._open[1].content_bytes
            if not room:
                self._work.finish(*self._open, self._step)
                self._open = self._next()
                room = self._room - cargo.MARK_BYTES
            self._open[1].write(view[:room])
            view = view[room:]

    def end(self) -> list[str]:
        """Seal the last part; the parts in order."""
        self._work.finish(*self._open, self._step)
        return self._parts

    def _next(self) -> tuple[str, SealingWriter, BinaryIO]:
        opened = self._work.start(self._group)
        opened[1].write(cargo.CONTENT)
        self._parts.append(opened[0])
        return opened
