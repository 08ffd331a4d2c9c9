"""What a run of tests left behind, each content looked at once for residents' values.

Nothing is passed over by its name: the bytes of every file are searched as they stand.  A database
is read by cell as well, with what its log adds, because its pages cut long texts in two; what is
compressed or packed (Parquet, gzip, zip, tar) is opened as well.  Not read: the text of a PDF or a
picture, and what a sealed part holds; their bytes and names are searched, and the count says how
much they are.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sqlite3
import tarfile
import zipfile
import zlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, Final

APART: Final = bytes(16)  # no value holds so many zero bytes, in UTF-16 neither
TOGETHER: Final = 8 << 20  # bytes that are searched at once
LARGE: Final = 1 << 20  # of a file; from there on it is looked at page by page, like a database
PAGE: Final = 4096
EDGE: Final = 512  # bytes of the page beside it; no value is longer
MOST_BYTES: Final = 256 << 20  # of one file; a larger one is found fault with
DATABASE: Final = b"SQLite format 3\0"
LOG: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
LOG_HEADER: Final = 32
FRAME_HEADER: Final = 24
CLOSED: Final = (b"%PDF-", b"\x89PNG")
BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, NotImplementedError)
SOURCE: Final = ("src", "tests", "docs", "benches", "tools")

Found = tuple[str, str, tuple[str, ...]]  # place, way out, kinds


class Sweep:
    """Searches what it is given, together where it is small; `found` is whole after `finish`."""

    def __init__(self, values: Any) -> None:
        self.bytes: Counter[str] = Counter()
        self._values = values
        self._kinds: dict[tuple[str, str], set[str]] = {}
        self._seen: set[bytes] = set()
        self._together = bytearray()
        self._at: list[int] = []
        self._places: list[tuple[str, str]] = []

    def knows(self, checkout: Path) -> None:
        """What stands in the checkout itself is nobody's: its copies are not looked at."""
        folders = (_walk(checkout / name) for name in SOURCE)
        for path in (*checkout.glob("*.*"), *chain.from_iterable(folders)):
            if path.is_file():
                self._new(path.read_bytes(), _ending(path.name))

    def folder(self, root: Path, spared: Callable[[str], bool]) -> None:
        """Every file under it and every name; the content of a spared place is not looked at."""
        names: set[str] = set()
        for path in _walk(root):
            place = path.relative_to(root).as_posix()
            if path.name not in names:
                names.add(path.name)
                for hit in self._values.search_name(path.name):
                    self._hit((place, "name"), hit.kind)
            if path.is_symlink() or not path.is_file() or spared(place):
                continue
            self.file(path, place)

    def file(self, path: Path, place: str) -> None:
        """One file, if its content is new."""
        try:
            if path.stat().st_size > MOST_BYTES:
                self._hit((place, "content"), f"more than {MOST_BYTES >> 20} MiB, not looked at")
                return
            data = path.read_bytes()
        except FileNotFoundError:
            return  # a program that a test left running took it away
        log = path.with_name(path.name + "-wal")
        self.bytes["written"] += len(data)
        self.content(place, path.name, data, log.read_bytes() if log.exists() else b"")

    def content(self, place: str, name: str, data: bytes, log: bytes = b"") -> None:
        """Some bytes of that name, and what they hold; ``log`` belongs to a database."""
        if not self._new(data, _ending(name)):
            return
        self.bytes["sealed"] += len(data) if _is_sealed(data) else 0
        self.bytes["closed"] += len(data) if data.startswith(CLOSED) else 0
        for run in self._new_runs(data):
            self.say((place, "content"), run)
        if data.startswith(DATABASE):
            new = [cell for cell in cells(data, log) if self._new(cell, b"a cell")]
            self.content(place, "cells.log", b"\n".join(new))
        elif inside := list(opened(name, data)):
            for member in inside:
                self.content(place, *member)
        else:
            for hit in self._values.search_fields(data, name, limit=20):
                self._hit((place, "content"), hit.kind)

    def say(self, place: tuple[str, str], content: bytes) -> None:
        """Some bytes that left by one way; they are searched with others."""
        self.bytes["searched"] += len(content)
        self._at.append(len(self._together))
        self._places.append(place)
        self._together += content + APART
        if len(self._together) >= TOGETHER:
            self._search()

    def finish(self) -> list[Found]:
        """Every place and way by which a value left, of which kinds; in order."""
        self._search()
        return sorted((*place, tuple(sorted(kinds))) for place, kinds in self._kinds.items())

    def _search(self) -> None:
        for hit in self._values.search(bytes(self._together)):
            self._hit(self._places[bisect_right(self._at, hit.offset) - 1], hit.kind)
        self._together, self._at, self._places = bytearray(), [], []

    def _hit(self, place: tuple[str, str], kind: str) -> None:
        self._kinds.setdefault(place, set()).add(kind)

    def _new_runs(self, data: bytes) -> Iterator[bytes]:
        """What no file before had, page by page, with the ends of the pages beside it."""
        pages, size = _pages(data)
        begin = end = -1
        for at in (*pages, -1):
            if at >= 0 and self._new(data[at : at + size], b"a page"):
                begin, end = at if begin < 0 else begin, at + size
            elif begin >= 0:
                yield data[max(0, begin - EDGE) : end + EDGE]
                begin = -1

    def _new(self, data: bytes, what: bytes) -> bool:
        known = hashlib.blake2b(data, digest_size=16, key=what).digest()
        if known in self._seen:
            return False
        self._seen.add(known)
        return True


def _ending(name: str) -> bytes:
    """By which a file's fields are told: what was looked at as a table is new as a page."""
    return b"named " + PurePath(name).suffix.encode()[:32]


def _pages(data: bytes) -> tuple[range, int]:
    """Where the pages of these bytes begin, and how large each is."""
    if data.startswith(DATABASE):
        said = int.from_bytes(data[16:18], "big")
        size = 65536 if said == 1 else max(said, 512)
        return range(0, len(data), size), size
    if data.startswith(LOG):
        size = max(int.from_bytes(data[8:12], "big"), 512)
        return range(LOG_HEADER + FRAME_HEADER, len(data), FRAME_HEADER + size), size
    size = len(data) if len(data) < LARGE else PAGE
    return range(0, len(data), size or 1), size


def cells(data: bytes, log: bytes) -> Iterator[bytes]:
    """Every cell of a database, with what its log adds."""
    whole = bytearray(data)
    _apply(whole, log)
    whole[18:20] = b"\x01\x01"  # it needs no log any more
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.text_factory = bytes
        try:
            opened.deserialize(bytes(whole))
            tables = opened.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
            for (table,) in tables:
                for row in opened.execute(f'SELECT * FROM "{table.decode()}"'):  # noqa: S608
                    for cell in row:
                        if isinstance(cell, bytes | int):
                            yield cell if isinstance(cell, bytes) else b"%d" % cell
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return  # a test damaged it; its pages are searched all the same


def _apply(whole: bytearray, log: bytes) -> None:
    """Write the pages of a log over those of its database."""
    size = int.from_bytes(log[8:12], "big")
    for at in range(LOG_HEADER, len(log) - size - FRAME_HEADER + 1, FRAME_HEADER + size):
        if log[at + 8 : at + 16] != log[16:24]:
            return  # what follows is of an older log
        page = int.from_bytes(log[at : at + 4], "big")
        if page * size > len(whole):
            whole += bytes(page * size - len(whole))
        whole[(page - 1) * size : page * size] = log[at + FRAME_HEADER :][:size]


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """What compressed bytes say; nothing for those that are none, or broken."""
    try:
        if data[:4] == data[-4:] == b"PAR1":
            yield name, _columns(data)
        elif data.startswith(b"\x1f\x8b"):
            yield name.removesuffix(".gz"), gzip.decompress(data)
        elif data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as members:
                for member in members.namelist():
                    yield member, members.read(member)
        elif data[257:262] == b"ustar":
            with tarfile.open(fileobj=io.BytesIO(data)) as packed:
                for entry in packed:
                    if (file := packed.extractfile(entry)) is not None:
                        yield entry.name, file.read()
    except (OSError, EOFError, zlib.error, *BROKEN):
        return  # cut short or bent by a test; its bytes are searched all the same


def _columns(data: bytes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowException:
        return b""
    found = (str(cell).encode() for column in table.columns for cell in column.unique().to_pylist())
    return b"\n".join(found)


def _is_sealed(data: bytes) -> bool:
    from azukari.seal.stream import HEADER_BYTES, step_of

    return data[:1] == bytes([HEADER_BYTES]) and step_of(len(data)) is not None


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(where, name)
