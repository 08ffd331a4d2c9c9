"""Sealed tables that never leave the office: rolls as received, and determinations.

Each table is one sealed Parquet file; plaintext exists in memory only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from azukari.carrier.tables import read_parquet, write_parquet
from azukari.errors import NotFound
from azukari.names import raw_id
from azukari.seal.stream import SealedReader, SealingWriter, part_key
from azukari.shelf import files


def keep(home: Path, identifier: str, key: bytes, tables: Mapping[str, pa.Table]) -> None:
    """Seal tables into a new folder; durable when it returns."""
    folder = _folder(home, identifier)
    files.folder(folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name, table in tables.items():
        with files.own_errors(f"the sealed table {name}"):
            handle = os.open(folder / f"{name}.azs", flags, files.PRIVATE)
            with os.fdopen(handle, "wb") as file:
                writer = SealingWriter(file, part_key(key, identifier, name), identifier, name)
                write_parquet(table, writer)
                writer.finish()
                file.flush()
                os.fsync(file.fileno())
    files.sync_folder(folder)
    files.sync_folder(folder.parent)


def read(home: Path, identifier: str, key: bytes, name: str) -> pa.Table:
    """One table of a sealed roll."""
    path = _folder(home, identifier) / f"{name}.azs"
    if not path.is_file():
        raise NotFound(f"the sealed table {name} is not here")
    with files.own_errors(f"the sealed table {name}"), path.open("rb") as file:
        return read_parquet(SealedReader(file, part_key(key, identifier, name), identifier, name))


def discard(home: Path, identifier: str) -> None:
    """Remove the tables of a roll that nobody ever recorded; its key is what made them readable."""
    shutil.rmtree(_folder(home, identifier), ignore_errors=True)


def _folder(home: Path, identifier: str) -> Path:
    raw_id(identifier)
    return home / "rolls" / identifier
