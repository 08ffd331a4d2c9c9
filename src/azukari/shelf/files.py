"""Files that are whole or not there: written beside, synced, renamed, the folder synced.

Everything is 0600 in folders of 0700.  When a function returns, what it wrote survives a power
cut, as far as the disk keeps its word.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from azukari.errors import BadFormat, Conflict

PRIVATE: Final = 0o600


def folder(path: Path) -> Path:
    """A folder of ours, made if missing."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace a file in one step; durable."""
    beside = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet; durable."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        raise Conflict(f"{path.name} exists already") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def read_small(path: Path, limit: int) -> bytes:
    """A regular file's bytes; one that is longer, a link or no file is refused."""
    if path.is_symlink() or not path.is_file():
        raise BadFormat(f"{path.name} is missing or no regular file")
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise BadFormat(f"{path.name} is longer than {limit} bytes")
    return data


def destroy(path: Path) -> None:
    """Overwrite and remove a small secret; durable.

    On flash an overwritten block may survive elsewhere; docs/security.md says so.
    """
    if not path.exists():
        return
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_file(path: Path) -> tuple[str, int]:
    """Hex digest and size of a file, read in pieces."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
