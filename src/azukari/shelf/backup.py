"""A backup: many files of one home in one encrypted file, whole or not there.

One line of JSON says what it is and holds its key, wrapped under a passphrase or to the recovery
key; after it stand sealed streams one behind the other, in them an index and the files' bytes.
docs/spec/keys-v1.md specifies it.  Which files, and what a restored home must still learn, is for
the rooms above.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from azukari.errors import BadFormat, BadInput, Conflict, Damaged, Unreachable
from azukari.names import new_id, raw_id
from azukari.seal.envelope import Count, canonical, parse
from azukari.seal.stream import KEY_BYTES
from azukari.shelf import files
from azukari.shelf.volumes import VolumeWriter, contents
from azukari.shelf.wrapped import Passphrase, Recovery, Wrapped

KINDS: Final = ("office", "keys", "wrapping")
_HEADER_BYTES: Final = 1 << 12
_INDEX_BYTES: Final = 1 << 26
_PIECE: Final = 1 << 20


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said in the clear: no name, no count, no date."""

    id: str
    key: Wrapped
    kind: str
    v: int


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the home: its path below it, and how long it is."""

    path: str
    bytes: Count


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is in a backup; the files' bytes follow in this order."""

    at: Count
    files: list[Kept]
    kind: str
    size: Count  # entries of the ledger; 0 for what has none
    v: int


def write(
    target: Path,
    kind: str,
    found: Sequence[tuple[str, Path]],
    lock: Passphrase | Recovery,
    *,
    size: int,
    at: int,
) -> Index:
    """Write a new backup file; durable and whole when this returns, else there is none."""
    key, identifier = os.urandom(KEY_BYTES), new_id()
    header = Header(identifier, lock.wrap(key, _context(identifier, kind)), kind, 1)
    with files.own_errors(target.name):
        lengths = [Kept(path, source.stat().st_size) for path, source in found]
    index = Index(at, lengths, kind, size, 1)
    partial = target.with_name(f".{target.name}.new")
    if target.exists():
        raise Conflict(f"{target.name} exists already")
    try:
        with files.own_errors(target.name), _new(partial) as sink:
            sink.write(canonical(header) + b"\n")
            sealing = VolumeWriter(sink, key, identifier, f"backup-{kind}")
            body = canonical(index)
            sealing.write(len(body).to_bytes(4, "big") + body)
            for kept, (_, source) in zip(lengths, found, strict=True):
                _copy_in(sealing, source, kept)
            sealing.finish()
            sink.flush()
            os.fsync(sink.fileno())
        with files.own_errors(target.name):
            partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    files.sync_folder(target.parent)
    return index


def header_of(source: Path) -> Header:
    """What a backup says of itself in the clear; nothing is verified."""
    with files.own_errors(source.name), source.open("rb") as file:
        line = file.readline(_HEADER_BYTES)
    header = parse(line.removesuffix(b"\n"), Header)
    raw_id(header.id)
    if header.v != 1 or header.kind not in KINDS or not line.endswith(b"\n"):
        raise BadFormat("not a backup of this version")
    return header


def restore(source: Path, lock: Passphrase | Recovery, into: Path) -> Index:
    """Unpack into a folder that is not there or empty; whole and durable, or nothing.

    Raises `WrongKey` before anything is written, `Damaged` where bytes were changed or are missing.
    """
    header = header_of(source)
    key = lock.unwrap(header.key, _context(header.id, header.kind))
    beside = into.with_name(f".{into.name}.restoring")
    with files.own_errors(into.name):
        if into.exists() and (not into.is_dir() or any(into.iterdir())):
            raise Conflict(f"{into.name} exists already and is not empty")
        shutil.rmtree(beside, ignore_errors=True)  # what an earlier try left
    files.folder(beside)
    try:
        with files.own_errors(source.name), source.open("rb") as file:
            start = len(file.readline(_HEADER_BYTES))
            pieces = contents(file, start, key, header.id, f"backup-{header.kind}")
            index = _unpack(pieces, header, beside)
        with files.own_errors(into.name):
            if into.exists():
                into.rmdir()
            beside.rename(into)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    files.sync_folder(into.parent)
    return index


@contextmanager
def snapshot(database: Path) -> Iterator[tuple[Path, int]]:
    """A consistent copy of a program's database while it runs, beside it, and its ledger's size."""
    copy = database.with_name(f".{database.name}.snapshot")
    copy.unlink(missing_ok=True)
    try:
        with files.own_errors(database.name):
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, files.PRIVATE))
            source_path = database.resolve(strict=True)
        try:
            with (
                closing(sqlite3.connect(f"file:{source_path}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # so that it is one file
                row = target.execute("SELECT size FROM head WHERE id = 1").fetchone()
        except sqlite3.DatabaseError:
            raise Unreachable(f"{database.name} cannot be copied") from None
        yield copy, 0 if row is None else int(row[0])
    finally:
        copy.unlink(missing_ok=True)


def _unpack(pieces: Iterator[bytes], header: Header, into: Path) -> Index:
    held = bytearray()

    def take(count: int) -> bytes:
        while len(held) < count:
            piece = next(pieces, None)
            if piece is None:
                raise Damaged("the backup ends before its files do")
            held.extend(piece)
        taken = bytes(held[:count])
        del held[:count]
        return taken

    length = int.from_bytes(take(4), "big")
    if length > _INDEX_BYTES:
        raise BadFormat("the backup's index is too long")
    index = _index(take(length))
    if index.v != 1 or index.kind != header.kind:
        raise Damaged("the backup's index is of another kind")
    paths = [_checked(kept.path) for kept in index.files]
    if len(set(paths)) != len(paths):
        raise BadFormat("the backup names a file twice")
    for kept, path in zip(index.files, paths, strict=True):
        files.folder((into / path).parent)
        with files.own_errors(path), _new(into / path) as sink:
            left = kept.bytes
            while left:
                left -= sink.write(take(min(left, _PIECE)))
            sink.flush()
            os.fsync(sink.fileno())
    if held or next(pieces, None) is not None:
        raise Damaged("the backup goes on after its last file")
    return index


def _index(data: bytes) -> Index:
    try:
        return msgspec.json.decode(data, type=Index)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadFormat("the backup's index is none") from None


def _copy_in(sealing: VolumeWriter, source: Path, kept: Kept) -> None:
    left = kept.bytes
    with files.own_errors(kept.path), source.open("rb") as file:
        while piece := file.read(min(_PIECE, left)):
            sealing.write(piece)
            left -= len(piece)
        if left or file.read(1):
            raise BadInput(kept.path, "it changed while it was copied")


def _checked(path: str) -> str:
    """A path below the home and nothing else."""
    parts = path.split("/")
    if not all(part.strip(".") and "\\" not in part and part.isprintable() for part in parts):
        raise BadFormat("the backup names a file outside its home")
    if ":" in path or len(path) > 1000:
        raise BadFormat("the backup names a file outside its home")
    return path


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE), "wb")


def _context(identifier: str, kind: str) -> bytes:
    return f"azukari/backup/1|{identifier}|{kind}".encode()
