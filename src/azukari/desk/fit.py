"""Whether a carrier fits its medium: the sizes of its files before the first byte is written.

What compresses has no size before it is compressed.  So a bound is asked first, and only where that
does not fit is the table written once for nothing, to know the size.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from azukari.carrier import manifest as manifests
from azukari.carrier.tables import write_parquet
from azukari.desk.office import Office
from azukari.errors import BadFormat, BadInput
from azukari.seal.stream import SMALLEST_STEP, sealed_size, size_step, step_of
from azukari.shelf import filesystem
from azukari.vault import records

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

#: Envelope and pages: what they have at most, but for the lines of parts.
_PAPERS: Final = (1 << 12, 1 << 12, 1 << 12)
_LINE_BYTES: Final = 512
_OVERHEAD: Final = 1 << 16  # of Parquet, for headers of pages and its footer


def check(place: Path, table: pa.Table, groups: Sequence[Sequence[str]], least: int = 0) -> None:
    """Refuse a medium that has no room for a table in column groups; writes nothing."""
    found = filesystem.of(place)
    with suppress(BadInput, BadFormat):  # BadFormat: the bound is larger than any part
        filesystem.check_room(found, sizes([_bound(table, group) for group in groups], least))
        return
    filesystem.check_room(found, sizes([_exact(table, group) for group in groups], least))


def check_steps(place: Path, steps: Sequence[int]) -> None:
    """Refuse a medium that has no room for parts of these size steps; writes nothing."""
    papers = [size + _LINE_BYTES * len(steps) for size in _PAPERS]
    parts = [sealed_size(step) for step in steps]
    manifest = sealed_size(size_step(_LINE_BYTES * (1 + len(steps))))
    filesystem.check_room(filesystem.of(place), [*parts, manifest, *papers])


def step(content_bytes: Sequence[int], least: int) -> int:
    """The size step that all parts of a table share.

    ``least`` is the step of the carriers sealed under the order before; the first one gets two
    percent of room, so that its siblings, a little larger or smaller, fit the same step.
    """
    most = max(content_bytes)
    return max(least, size_step(most if least else most * 51 // 50))


def step_of_siblings(office: Office, order: str) -> int:
    """The size step of the parts already sealed under an order; 0 for the first carrier."""
    key = office.signers["carrier"].public
    steps = [0]
    with office.act() as tx:
        known = records.carriers(tx)
    for row in known:
        if row.order_id == order and row.envelope is not None:
            envelope = manifests.read_envelope(row.envelope, {key.id: key}.get)
            sealed = [part.bytes for part in envelope.parts if part.id != manifests.MANIFEST_PART]
            steps += [step_of(size) or 0 for size in sealed]
    return max(steps)


def sizes(content_bytes: Sequence[int], least: int) -> list[int]:
    """The files of a carrier whose parts have this much content, manifest and papers included."""
    part = sealed_size(step(content_bytes, least))
    papers = [size + _LINE_BYTES * len(content_bytes) for size in _PAPERS]
    return [part] * len(content_bytes) + [sealed_size(SMALLEST_STEP), *papers]


def _bound(table: pa.Table, group: Sequence[str]) -> int:
    """More bytes than these columns take: as they lie in memory, and what Parquet adds."""
    columns = table.select(list(group))
    size: int = columns.nbytes * 51 // 50 + _OVERHEAD * (1 + columns.num_columns)
    return size


def _exact(table: pa.Table, group: Sequence[str]) -> int:
    sink = _Counted()
    write_parquet(table.select(list(group)), sink)
    return sink.bytes + _OVERHEAD // 16  # the table's name and the like


class _Counted(io.RawIOBase):
    """A sink that keeps nothing."""

    bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        taken = memoryview(data).nbytes
        self.bytes += taken
        return taken

    def tell(self) -> int:
        return self.bytes
