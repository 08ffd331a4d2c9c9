"""Files that are whole or not there: written beside, synced, renamed, the folder synced.

Everything is 0600 in folders of 0700.  When a function returns, what it wrote survives a power
cut, as far as the disk keeps its word.  A disk that is full, gone or not ours to write is
`Unreachable`: the system's own error would name paths, and nobody above could act on it.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from azukari.errors import BadFormat, Conflict, Unreachable
from azukari.shelf import machine

PRIVATE: Final = 0o600


@contextmanager
def own_errors(what: str) -> Iterator[None]:
    """Turn what the system says of a file into our error; ``what`` is a file's own name."""
    try:
        yield
    except FileExistsError:
        raise Conflict(f"{what} exists already") from None
    except OSError as error:
        why = errno.errorcode.get(error.errno or 0, "no reason given")
        raise Unreachable(f"{what} cannot be read or written: {why}") from None


def folder(path: Path) -> Path:
    """A folder of ours, made if missing, and those above it that are missing: nobody else's."""
    with own_errors(path.name):
        missing = [one for one in (path, *path.parents) if not one.exists()]
        # The library makes parents as everybody's: a home came with its first folder, and open.
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


def write_whole(path: Path, data: bytes) -> None:
    """Write or replace a file in one step; durable."""
    beside = path.with_name(f".{path.name}.new")
    with own_errors(path.name):
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    sync_folder(path.parent)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet; durable.

    What cannot be written whole is taken away again, so that it can be tried once more.
    """
    with own_errors(path.name):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def read_small(path: Path, limit: int) -> bytes:
    """A regular file's bytes; one that is longer, a link or no file is refused."""
    with own_errors(path.name):
        if path.is_symlink() or not path.is_file():
            raise BadFormat(f"{path.name} is missing or no regular file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    if len(data) > limit:
        raise BadFormat(f"{path.name} is longer than {limit} bytes")
    return data


def destroy(path: Path) -> None:
    """Overwrite and remove a small secret; durable, and safe to repeat.

    On flash an overwritten block may survive elsewhere; docs/security.md says so.
    """
    with own_errors(path.name):
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
    with own_errors(path.name):
        machine.sync_names(path)


def sha256_file(path: Path) -> tuple[str, int]:
    """Hex digest and size of a file, read in pieces."""
    with own_errors(path.name), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()
