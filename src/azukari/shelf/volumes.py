"""A long content as several sealed streams, one behind the other in one file.

Each is full but the last, so nothing has to say where one ends; each has its own part key, so
their order is fixed.  Where in the file they begin, and what the content is, the caller knows.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from azukari.seal.stream import (
    LENGTH_BYTES,
    SealedReader,
    SealingWriter,
    part_key,
    sealed_size,
)

VOLUME: Final = 1 << 30  # plaintext of every stream but the last
_PIECE: Final = 1 << 20


class VolumeWriter:
    """Bytes go in, streams come out one behind the other, each full but the last."""

    def __init__(self, sink: BinaryIO, key: bytes, name: str, kind: str) -> None:
        self._sink, self._key, self._name, self._kind = sink, key, name, kind
        self._number = 0
        self._stream = self._next()

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            room = VOLUME - LENGTH_BYTES - self._stream.content_bytes
            if not room:
                self._stream.finish(VOLUME)
                self._number += 1
                self._stream = self._next()
                room = VOLUME - LENGTH_BYTES
            self._stream.write(view[:room])
            view = view[room:]

    def finish(self) -> None:
        self._stream.finish()

    def _next(self) -> SealingWriter:
        part = _part(self._kind, self._number)
        return SealingWriter(self._sink, part_key(self._key, self._name, part), self._name, part)


def contents(file: BinaryIO, start: int, key: bytes, name: str, kind: str) -> Iterator[bytes]:
    """The plaintext from ``start`` of a file to its end, piece by piece, authenticated.

    Streams that were taken away from the end are noticed only by what was written in them.
    """
    end, full, number = file.seek(0, os.SEEK_END), sealed_size(VOLUME), 0
    while True:
        part = _part(kind, number)
        window = _Window(file, start, min(full, end - start))
        stream = SealedReader(io.BufferedReader(window), part_key(key, name, part), name, part)
        while piece := stream.read(_PIECE):
            yield piece
        start, number = start + full, number + 1
        if start >= end:
            return


class _Window(io.RawIOBase):
    """A stretch of a file, as a file."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        super().__init__()
        self._file, self._start, self._length, self._at = file, start, length, 0

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence]
        self._at = base + offset
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # any buffer
        view = memoryview(buffer).cast("B")[: max(0, self._length - self._at)]
        self._file.seek(self._start + self._at)
        found = self._file.read(len(view))
        view[: len(found)] = found
        self._at += len(found)
        return len(found)


def _part(kind: str, number: int) -> str:
    return f"{kind}-{number:04d}"
