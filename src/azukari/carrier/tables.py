"""Tables inside sealed parts: Parquet with zstd, one column group each, saying what it is itself.

The schema's metadata carries the table's name, so that no list on the carrier has to.
"""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from azukari.errors import AzukariError, BadFormat
from azukari.seal.stream import SealedReader

ROW_GROUP = 1 << 17
_NAME = b"azukari.table"
_FEW_VALUES = frozenset({"status", "answer", "reason", "relationship", "sex", "kind"})


def write_parquet(table: pa.Table, sink: io.RawIOBase, name: str = "") -> None:
    """Write a table into a sealing sink; the sink is not finished.

    What the sink raises passes (our errors, and the medium's own); all else is `BadFormat`.
    """
    # A dictionary helps columns of few values; on names and numbers it is time lost.
    repeated = [field.name for field in table.schema if field.name in _FEW_VALUES]
    named = table.replace_schema_metadata({_NAME: name.encode()})
    try:
        with pq.ParquetWriter(
            sink,
            named.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=repeated,
            write_statistics=False,
        ) as parquet:
            parquet.write_table(named, row_group_size=ROW_GROUP)
    except pa.ArrowException as error:
        raise BadFormat(f"a table that cannot be written: {type(error).__name__}") from None


def read_parquet(file: SealedReader) -> pa.Table:
    """The table of a sealed part; `Damaged` from the reader passes, all else is `BadFormat`."""
    try:
        # One buffer: the whole part is wanted, and many small reads cost more than the copy.
        return pq.read_table(pa.BufferReader(pa.py_buffer(file.readall())))
    except AzukariError:
        raise
    except Exception:  # noqa: BLE001  pyarrow raises several families, with values in them
        raise BadFormat("the sealed part holds no table") from None


def table_name(table: pa.Table) -> str:
    """The name a table was sealed under."""
    name: bytes = (table.schema.metadata or {}).get(_NAME, b"")
    return name.decode(errors="replace")
