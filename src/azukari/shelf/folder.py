"""A carrier's folder on a medium: written part by part, the envelope last, read back.

Knows names, order and durability, no keys.  A folder without a valid envelope is not a carrier.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from azukari.carrier.manifest import PAGES, Envelope
from azukari.errors import AzukariError, BadFormat, Conflict, Damaged, MediumFailed, Unreachable
from azukari.shelf import files, filesystem, machine

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

INSIDE: Final = "azukari"
ENVELOPE: Final = "envelope.json"
MAX_ENVELOPE: Final = 1 << 20
#: What a file system keeps in its root by itself; empty, it is no file of anybody.
_OF_THE_SYSTEM: Final = "lost+found"


def is_empty(root: Path) -> bool:
    """Does nothing lie in a folder, but what its file system keeps there by itself?"""
    ours = [p for p in root.iterdir() if p.name != _OF_THE_SYSTEM or p.is_symlink()]
    own = root / _OF_THE_SYSTEM
    with suppress(PermissionError):  # it belongs to the system's own account
        return not ours and not (own.is_dir() and any(own.iterdir()))
    return not ours


class Folder:
    """The root of a medium that holds one carrier.

    Attributes: ``from_medium``: what was read back came from the medium itself, as far as the
    machine can be asked for that.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inside = root / INSIDE
        self.from_medium = True
        self._open: list[BinaryIO] = []
        self._failed: MediumFailed | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """While a carrier is written: however it ends, no file stays open on the medium.

        `MediumFailed` if the medium failed, whatever that made others say.
        """
        try:
            yield
        except AzukariError as error:
            raise (self._failed or error) from None
        finally:
            for file in self._open:
                with suppress(OSError, AzukariError):
                    file.close()
            self._open.clear()

    def begin(self) -> None:
        """Make the folder; a medium that is not empty is refused."""
        with self._at("the medium"):
            if self.root.exists() and not is_empty(self.root):
                raise Conflict("the medium is not empty")
            files.folder(self.inside)

    def new_part(self, part: str) -> BinaryIO:
        """A new part file to write to; `keep` makes it durable."""
        with self._at(f"part {part}"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            file = _Part(io.FileIO(os.open(self.part(part), flags, files.PRIVATE), "wb"), self._at)
            self._open.append(file)
            return file

    def keep(self, file: BinaryIO) -> None:
        """Flush, sync and close a part."""
        with self._at("a part"), file:
            file.flush()
            os.fsync(file.fileno())

    def read_back(self, part: str, sha256: str, size: int) -> None:
        """Read a part from the medium again; `Damaged` if it is not what was sealed."""
        with self._at(f"part {part}"):
            found = self._read(self.part(part))
        if found != (sha256, size):
            raise Damaged(f"part {part} came back from the medium changed")

    def write_pages(self, pages: dict[str, bytes]) -> None:
        """The finder's pages, read back too."""
        for number, (name, text) in enumerate(pages.items()):
            with self._at(f"page {number}"):
                files.write_new(self.root / name, text)
                found = self._read(self.root / name)
            if found != (hashlib.sha256(text).hexdigest(), len(text)):
                raise Damaged(f"page {number} came back from the medium changed")
        with self._at("the medium"):
            files.sync_folder(self.inside)

    def write_envelope(self, data: bytes) -> None:
        """The last file: from now on this folder is a carrier."""
        with self._at(ENVELOPE):
            files.write_whole(self.inside / ENVELOPE, data)
            found = self._read(self.inside / ENVELOPE)
        if found != (hashlib.sha256(data).hexdigest(), len(data)):
            raise Damaged(f"{ENVELOPE} came back from the medium changed")

    def envelope(self) -> bytes:
        """The bytes of the envelope; `BadFormat` where there is none."""
        return files.read_small(self.inside / ENVELOPE, MAX_ENVELOPE)

    def part(self, part: str) -> Path:
        return self.inside / f"{part}.azs"

    def open_part(self, part: str) -> BinaryIO:
        """A part for reading; a link or anything but a regular file is refused."""
        path = self.part(part)
        with files.own_errors(f"part {part}"):
            if path.is_symlink() or not path.is_file():
                raise BadFormat(f"part {part} is missing or no regular file")
            return path.open("rb")

    def empty(self) -> None:
        """Remove every sealed part; durable.  Blocks of flash may survive: no key to them does."""
        with self._at("the medium"):
            for path in sorted(self.inside.glob("*.azs")):
                path.unlink()
            files.sync_folder(self.inside)

    def check(self, envelope: Envelope) -> None:
        """Every part and page there, whole and unchanged, and nothing else; `Damaged` if not."""
        for name, state in self.compare(envelope).items():
            if state != "unchanged":
                raise Damaged(f"{name} is {state}")
        if foreign := self.foreign(envelope):
            raise Damaged(f"{len(foreign)} foreign files lie on the carrier")

    def compare(self, envelope: Envelope) -> dict[str, str]:
        """Per part and page: unchanged, changed or missing."""
        wanted = {f"part {p.id}": (self.part(p.id), p.sha256) for p in envelope.parts}
        wanted |= {f"page {i}": (self.root / p, envelope.pages[p]) for i, p in enumerate(PAGES)}
        found = {}
        for name, (path, sha256) in wanted.items():
            if path.is_symlink() or not path.is_file():
                found[name] = "missing"
            else:
                # What the medium will not give back is not what was sealed.
                found[name] = "changed"
                with suppress(Unreachable):
                    if files.sha256_file(path)[0] == sha256:
                        found[name] = "unchanged"
        return found

    def foreign(self, envelope: Envelope) -> list[Path]:
        """Files that no carrier of ours has; names are the caller's to show or not."""
        ours = {self.part(p.id) for p in envelope.parts} | {self.inside / ENVELOPE}
        ours |= {self.root / page for page in PAGES}
        with files.own_errors("the medium"):
            found = [p for p in self.root.rglob("*") if p.is_symlink() or not p.is_dir()]
        return sorted(p for p in found if p not in ours)

    def newest_ms(self) -> int:
        """The newest file time in the folder, ms."""
        with files.own_errors("the medium"):
            times = [p.lstat().st_mtime_ns for p in self.root.rglob("*") if not p.is_dir()]
        return max(times, default=0) // 1_000_000

    def _read(self, path: Path) -> tuple[str, int]:
        """Digest and size of a file as the medium has it, not as the machine remembers it."""
        with path.open("rb") as file:
            self.from_medium &= machine.forget(file.fileno())
            return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()

    @contextmanager
    def _at(self, what: str) -> Iterator[None]:
        """Whatever the medium does wrong is `MediumFailed`, and the first of it is remembered."""
        try:
            with filesystem.own_errors(what):
                yield
        except MediumFailed as error:
            self._failed = self._failed or error
            raise


class _Part(io.BufferedWriter):
    """A part's file; a medium that fails under it says so in our own words."""

    def __init__(self, raw: io.FileIO, at: Callable[[str], AbstractContextManager[None]]) -> None:
        super().__init__(raw)
        self._at = at

    def write(self, data: ReadableBuffer, /) -> int:
        with self._at("a part"):
            return super().write(data)
