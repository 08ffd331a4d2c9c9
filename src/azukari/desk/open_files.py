"""Open a carrier of files on a device: each is written back whole, or not at all.

What was interrupted goes on behind the last whole file.  Imports nothing that holds a vault.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azukari.carrier import files as cargo
from azukari.desk.admit import Admitted, admit
from azukari.desk.device import OpenDevice
from azukari.errors import BadFormat, BadInput, Damaged
from azukari.seal.envelope import Signer
from azukari.seal.stream import SealedReader
from azukari.shelf import files, tree

_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Opened:
    """What an opening brought: files written now, and files that were there from before."""

    written: int
    kept: int
    bytes: int


def open_files(device: OpenDevice, root: Path, document: bytes, out: Path, hand: Signer) -> Opened:
    """Write a carrier's files under ``out``, in order of name; each is durable.

    What lies there already of this carrier stays, so an interrupted opening goes on where it
    stopped; a file of the same name and another content is a `Conflict`, and is never replaced.
    The window of the grant is asked for before each file.  Raises what `admit` raises.
    """
    admitted = admit(device, root, document, hand)
    with ExitStack() as stack:
        readers = {part: stack.enter_context(admitted.part(part)) for part in admitted.parts}
        index = _index(readers)
        run = _Run([readers[part] for part in index.parts])
        if sum(line.size for line in index.files) != run.length:
            raise Damaged("the index and the parts hold different files")
        return _write(admitted, index, run, files.folder(out))


def _write(admitted: Admitted, index: cargo.Index, run: _Run, out: Path) -> Opened:
    written = kept = size = start = 0
    for line in index.files:
        admitted.must_be_inside()
        if tree.is_back(out, line):
            kept += 1
        else:
            tree.write_back(out, line, run.read(start, line.size))
            written, size = written + 1, size + line.size
        start += line.size
    return Opened(written, kept, size)


def _index(readers: dict[str, SealedReader]) -> cargo.Index:
    """The index among the parts; it names all the others, and only names that can be kept."""
    found = {part: reader.read(cargo.MARK_BYTES) for part, reader in readers.items()}
    indexes = [part for part, mark in found.items() if mark == cargo.INDEX]
    contents = {part for part, mark in found.items() if mark == cargo.CONTENT}
    if len(indexes) != 1 or len(contents) + 1 != len(readers):
        raise BadFormat("the opened parts hold no files")
    reader = readers[indexes[0]]
    if reader.length > cargo.MAX_INDEX:
        raise BadFormat("an index of files that is too long")
    reader.seek(0)
    index = cargo.decode(reader.readall())
    if set(index.parts) != contents:
        raise BadFormat("the index names other parts than were opened")
    try:
        tree.check_names(line.name for line in index.files)
    except BadInput as error:
        raise BadFormat(f"an index of files: {error.reason}") from None
    return index


class _Run:
    """All files one behind the other, over the parts they were cut into."""

    def __init__(self, readers: list[SealedReader]) -> None:
        self._readers = readers
        self._sizes = [reader.length - cargo.MARK_BYTES for reader in readers]
        self.length = sum(self._sizes)

    def read(self, start: int, size: int) -> Iterator[bytes]:
        """A stretch of the run, piece by piece, every byte authenticated."""
        for reader, held in zip(self._readers, self._sizes, strict=True):
            if size and start < held:
                take = min(size, held - start)
                reader.seek(cargo.MARK_BYTES + start)
                yield from _pieces(reader, take)
                start, size = start + take, size - take
            start -= held


def _pieces(reader: SealedReader, size: int) -> Iterator[bytes]:
    while size:
        piece = reader.read(min(size, _PIECE))
        if not piece:
            raise Damaged("a part ends before its files do")
        size -= len(piece)
        yield piece
