"""The files of a folder: looked through before anything is sealed, read once, written back whole.

A file that is refused is told by its place among all files in order of name, as
``find . ! -type d | LC_ALL=C sort`` has them, and never by its name: that may be somebody's.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from azukari.carrier import files as cargo
from azukari.errors import BadInput, Conflict, Damaged
from azukari.shelf import files, filesystem, machine

FOLDER: Final = "the folder"
_PIECE: Final = 1 << 20


@dataclass(frozen=True)
class Source:
    """A file as it was when the folder was looked through."""

    path: Path
    name: str
    size: int
    mtime_ns: int
    identity: tuple[int, int]
    where: str  # its place among all files in order of name

    def __repr__(self) -> str:
        return f"<{self.where}>"


def look_through(folder: Path) -> tuple[Source, ...]:
    """Every file below a folder in order of name; `BadInput` at the first that is refused.

    Refused are links, special files, what cannot be read, and names that not every file system
    keeps.  Empty folders are left out.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise BadInput(FOLDER, "there is no such folder")
    paths = sorted(_walk(folder), key=lambda path: os.fsencode(_below(folder, path)))
    if not paths:
        raise BadInput(FOLDER, "there is no file in it")
    if len(paths) > cargo.MAX_FILES:
        raise BadInput(FOLDER, f"it holds more than {cargo.MAX_FILES:,} files")
    found = []
    for number, path in enumerate(paths, 1):
        where = f"file {number:,} of {len(paths):,} in order of name"
        with _about(where):
            found.append(_source(folder, path, where))
    check_names([source.name for source in found])
    return tuple(found)


def pieces(source: Source) -> Iterator[bytes]:
    """A file's bytes, piece by piece; `BadInput` if it is not the one that was looked at."""
    with _about(source.where), machine.open_plain(source.path) as file:
        _must_be(source, file)
        left = source.size
        while left:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise BadInput(source.where, "it changed since it was looked at")
            left -= len(piece)
            yield piece
        _must_be(source, file)


def check_names(names: Iterable[str]) -> None:
    """Paths that every file system keeps, no two of one folder alike; `BadInput` if not."""
    below: dict[str, set[tuple[str, bool]]] = {}
    for name in names:
        steps = name.split("/")
        for depth, step in enumerate(steps):
            folder = "/".join(steps[:depth])
            below.setdefault(folder, set()).add((step, depth < len(steps) - 1))
    for children in below.values():
        filesystem.check_names(step for step, _ in sorted(children))


def is_back(out: Path, line: cargo.FileLine) -> bool:
    """Was this file written back already, whole?  Another one of its name is a `Conflict`."""
    path = out / line.name
    with files.own_errors("a file"):
        if not path.is_symlink() and not path.exists():
            return False
        plain = not path.is_symlink() and path.is_file()
        if plain and path.stat().st_size == line.size:
            return _is(path, line)
    raise Conflict("a file of that name and another content is there already")


def write_back(out: Path, line: cargo.FileLine, content: Iterable[bytes]) -> None:
    """Write a file under ``out``; it gets its name when it is whole, checked and durable."""
    partial, path = out / cargo.UNFINISHED, out / line.name
    try:
        with files.own_errors("a file"):
            partial.unlink(missing_ok=True)
            _folders(out, path.parent)
            _write(partial, content, line.sha256)
            os.utime(partial, ns=(line.mtime * 1_000_000, line.mtime * 1_000_000))
            partial.rename(path)
    except BaseException:
        with suppress(OSError):  # half a file is nothing that anybody should find
            partial.unlink(missing_ok=True)
        raise
    files.sync_folder(path.parent)


def _write(path: Path, content: Iterable[bytes], sha256: str) -> None:
    """Write a new file, durable; `Damaged` where it is not of that digest."""
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE)
    with os.fdopen(handle, "wb") as file:
        for piece in content:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != sha256:
        raise Damaged("a file came out changed")


def _folders(out: Path, folder: Path) -> None:
    """The folders down to a file; a link in their place would lead out of ``out``."""
    for place in reversed([folder, *folder.parents]):
        if place != out and place.is_relative_to(out):
            if place.is_symlink():
                raise Conflict("a link is there in the place of a folder")
            place.mkdir(mode=0o700, exist_ok=True)


def _is(path: Path, line: cargo.FileLine) -> bool:
    if files.sha256_file(path)[0] != line.sha256:
        raise Conflict("a file of that name and another content is there already")
    return True


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder but folders; links are not followed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _walk(Path(entry.path))
                else:
                    yield Path(entry.path)
    except RecursionError:
        raise BadInput(FOLDER, "folders in it lie too deep") from None
    except OSError as error:
        raise BadInput(FOLDER, f"a folder in it cannot be read: {_why(error)}") from None


def _below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _source(folder: Path, path: Path, where: str) -> Source:
    name = _below(folder, path)
    if why := cargo.why_no_path(name):
        raise BadInput(where, why)
    for step in name.split("/"):
        try:
            filesystem.check_names([step])
        except BadInput as error:
            raise BadInput(where, f"its name cannot be kept: {error.reason}") from None
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise BadInput(where, "it is a link")
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(where, "it is no regular file")
    with machine.open_plain(path):  # it must be readable before anything is begun
        pass
    identity = (found.st_dev, found.st_ino)
    return Source(path, name, found.st_size, found.st_mtime_ns, identity, where)


def _must_be(source: Source, file: BinaryIO) -> None:
    """The open file is the one that was looked at, and nobody has written to it since."""
    now = os.fstat(file.fileno())
    seen = ((now.st_dev, now.st_ino), now.st_size, now.st_mtime_ns)
    if not stat.S_ISREG(now.st_mode) or seen != (source.identity, source.size, source.mtime_ns):
        raise BadInput(source.where, "it changed since it was looked at")


@contextmanager
def _about(where: str) -> Iterator[None]:
    """What the system says of a file, without its name."""
    try:
        yield
    except OSError as error:
        raise BadInput(where, f"it cannot be read: {_why(error)}") from None


def _why(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "no reason given")
