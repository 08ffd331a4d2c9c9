"""Tables inside sealed parts: Parquet with zstd, one column group each, saying what it is itself.

The schema's metadata carries the table's name, so that no list on the carrier has to.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from azukari.errors import AzukariError, BadFormat
from azukari.seal.stream import SealedReader, SealingWriter

ROW_GROUP = 1 << 17
_NAME = b"azukari.table"
_FEW_VALUES = frozenset({"status", "answer", "reason", "relationship", "sex", "kind"})


def write_parquet(table: pa.Table, sink: SealingWriter, name: str = "") -> None:
    """Write a table into a sealing sink; the sink is not finished."""
    # A dictionary helps columns of few values; on names and numbers it is time lost.
    repeated = [field.name for field in table.schema if field.name in _FEW_VALUES]
    with pq.ParquetWriter(
        sink,
        table.schema.with_metadata({_NAME: name.encode()}),
        compression="zstd",
        compression_level=1,
        use_dictionary=repeated,
        write_statistics=False,
    ) as parquet:
        parquet.write_table(
            table.replace_schema_metadata({_NAME: name.encode()}), row_group_size=ROW_GROUP
        )


def read_parquet(file: SealedReader) -> pa.Table:
    """The table of a sealed part; `Damaged` from the reader passes, all else is `BadFormat`."""
    try:
        return pq.read_table(pa.PythonFile(file, mode="r"))
    except AzukariError:
        raise
    except Exception:  # noqa: BLE001  pyarrow raises several families, with values in them
        raise BadFormat("the sealed part holds no table") from None


def table_name(table: pa.Table) -> str:
    """The name a table was sealed under."""
    return (table.schema.metadata or {}).get(_NAME, b"").decode()
