"""A carrier's folder on a medium: written part by part, the envelope last, read back.

Knows names, order and durability, no keys.  A folder without a valid envelope is not a carrier.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from azukari.carrier.manifest import PAGES, Envelope
from azukari.errors import BadFormat, Conflict, Damaged, Unreachable
from azukari.shelf import files

INSIDE: Final = "azukari"
ENVELOPE: Final = "envelope.json"
MAX_ENVELOPE: Final = 1 << 20


class Folder:
    """The root of a medium that holds one carrier."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inside = root / INSIDE

    def begin(self) -> None:
        """Make the folder; a medium that is not empty is refused."""
        with files.own_errors("the medium"):
            if self.root.exists() and any(self.root.iterdir()):
                raise Conflict("the medium is not empty")
        files.folder(self.inside)

    def new_part(self, part: str) -> BinaryIO:
        """A new part file to write to; `keep` makes it durable."""
        with files.own_errors(f"part {part}"):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            handle = os.open(self.part(part), flags, files.PRIVATE)
            return os.fdopen(handle, "wb")  # the caller keeps it open while it seals

    def keep(self, file: BinaryIO) -> None:
        """Flush, sync and close a part."""
        with files.own_errors("a part"), file:
            file.flush()
            os.fsync(file.fileno())

    def read_back(self, part: str, sha256: str, size: int) -> None:
        """Read a part from the medium again; `Damaged` if it is not what was sealed."""
        if files.sha256_file(self.part(part)) != (sha256, size):
            raise Damaged(f"part {part} came back from the medium changed")

    def write_pages(self, pages: dict[str, bytes]) -> None:
        for name, text in pages.items():
            files.write_new(self.root / name, text)
        files.sync_folder(self.inside)

    def write_envelope(self, data: bytes) -> None:
        """The last file: from now on this folder is a carrier."""
        files.write_whole(self.inside / ENVELOPE, data)

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
        with files.own_errors("the medium"):
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
