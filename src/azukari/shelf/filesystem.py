"""The file system of a medium: what it is, what room it has, which names and sizes it can keep.

Facts, as far as the machine tells them; what it does not tell is said to be not told.  Nothing we
write depends on what FAT32 lacks: modes, links, names that differ by case only, times finer than
two seconds, files of 4 GiB.  The same rules hold on every file system, so that a carrier can be
copied from any to any.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from azukari.errors import BadInput, MediumFailed, Unreachable
from azukari.shelf import files, machine

NOT_TOLD: Final = "not told"
LARGEST_FILE: Final = (1 << 32) - 1  # of FAT32
LONGEST_NAME: Final = 255  # UTF-16 units, of FAT32 and exFAT
#: Where a machine does not tell its blocks: the largest that is usual on a stick.
_LARGEST_BLOCK: Final = 1 << 17
#: Blocks for folders and their growth, beside those of the files.
_SPARE_BLOCKS: Final = 8
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]')
_RESERVED: Final = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])(\.|$)", re.IGNORECASE
)
#: What a file system says of a name it cannot keep, by one driver or another.
_NO_SUCH_NAME: Final = (errno.EINVAL, errno.EPERM, errno.EILSEQ, errno.ENAMETOOLONG, errno.ENOENT)


@dataclass(frozen=True)
class System:
    """Where a machine tells of its media; Linux does, in files."""

    mounts: Path = Path("/proc/self/mountinfo")
    sys: Path = Path("/sys")
    dev: Path = Path("/dev")


@dataclass(frozen=True)
class FileSystem:
    """One mounted file system."""

    kind: str  # as the machine calls it: vfat, exfat, ext4, …
    mounted_at: Path | None
    device: str  # major:minor
    writable: bool
    free_bytes: int
    block_bytes: int
    unicode_names: bool = True


@contextmanager
def own_errors(what: str = "the medium") -> Iterator[None]:
    """Whatever the system says of a medium is `MediumFailed`; ``what`` is a thing on it."""
    try:
        with files.own_errors(what):
            yield
    except Unreachable as error:
        # The sentence that a door puts before it says the same.
        raise MediumFailed(str(error).replace(" cannot be read or written", "")) from None


def of(folder: Path, system: System | None = None) -> FileSystem:
    """The file system that an existing folder lies on."""
    with own_errors():
        free, block = machine.room(folder)
        place = folder.resolve(strict=True)
    kind, at, device, options = _mount(place, (system or System()).mounts)
    return FileSystem(kind, at, device, "ro" not in options, free, block, _unicode(options))


def check_writable(found: FileSystem) -> None:
    """A medium that is mounted to be read only is refused."""
    if not found.writable:
        raise BadInput("the medium", "it is write-protected, or mounted to be read only")


def check_room(found: FileSystem, sizes: Sequence[int]) -> None:
    """Files of these sizes must fit, each rounded up to blocks, and none be too large."""
    if max(sizes, default=0) > LARGEST_FILE:
        raise BadInput("the medium", f"a file larger than {LARGEST_FILE:,} bytes fits no FAT32")
    needed = needed_bytes(found, sizes)
    if needed > found.free_bytes:
        raise BadInput(
            "the medium", f"{needed:,} bytes are needed and {found.free_bytes:,} are free"
        )


def needed_bytes(found: FileSystem, sizes: Sequence[int]) -> int:
    """The room that files of these sizes take, their folder included."""
    block = found.block_bytes or _LARGEST_BLOCK
    return block * (_SPARE_BLOCKS + sum(-(-size // block) for size in sizes))


def check_names(names: Iterable[str]) -> None:
    """Names must mean one file each on every file system: FAT32, exFAT, NTFS, ext4.

    `BadInput` says which rule is broken, not by which name.
    """
    seen: set[str] = set()
    for name in names:
        if why := _why_no_name(name):
            raise BadInput("a file name", why)
        if name.casefold() in seen:
            raise BadInput("a file name", "two names differ by case only")
        seen.add(name.casefold())


def check_keeps_names(folder: Path, names: Iterable[str], system: System | None = None) -> None:
    """Try every name in a folder, by an empty file that is taken away again.

    A FAT mounted without UTF-8 refuses a Japanese name, or keeps another one in its place; one
    mounted as Latin-1 gives every byte back, and every other machine reads another name.
    """
    reason = "it cannot keep a Japanese file name: mount it with UTF-8 names"
    if not of(folder, system).unicode_names:
        raise BadInput("the medium", reason)
    with own_errors():
        before = set(folder.iterdir())
        for name in names:
            try:
                (folder / name).touch(exist_ok=False)
            except OSError as error:
                if name.isascii() or error.errno not in _NO_SUCH_NAME:
                    raise
                # The same number may mean that the medium is gone: then no name works any more.
                (folder / "name.try").touch(exist_ok=False)
                (folder / "name.try").unlink(missing_ok=True)
            found = set(folder.iterdir()) - before
            for left in found:
                left.unlink()
            if found != {folder / name}:
                raise BadInput("the medium", reason)


def _why_no_name(name: str) -> str | None:
    if not name or name in (".", ".."):
        return "it is empty or names a folder"
    if len(name.encode("utf-16-le", "surrogatepass")) > 2 * LONGEST_NAME:
        return f"it is longer than {LONGEST_NAME} characters"
    if _FORBIDDEN.search(name):
        return "it holds a character that FAT32 cannot keep"
    if name[-1] in ". ":
        return "it ends in a dot or a space"
    if _RESERVED.match(name):
        return "it is reserved on Windows"
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return "it is no text"
    return None


def _mount(place: Path, mounts: Path) -> tuple[str, Path | None, str, frozenset[str]]:
    """Kind, mount point, device and options: of the mount that a place lies on."""
    best: tuple[str, Path | None, str, frozenset[str]] = (NOT_TOLD, None, NOT_TOLD, frozenset())
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return best
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, tail = before.split(" "), after.split(" ")
        if len(fields) < 6 or not tail[0]:
            continue
        at = Path(_unescaped(fields[4]))
        # Of mounts over one another the last one is seen.
        longer = best[1] is None or len(at.parts) >= len(best[1].parts)
        if longer and place.is_relative_to(at):
            options = frozenset(f"{fields[5]},{tail[-1]}".split(","))
            best = (tail[0], at, fields[2], options)
    return best


def _unicode(options: frozenset[str]) -> bool:
    """Does a mount read names as UTF-8?  One that says nothing of names keeps bytes as they are."""
    sets = {option for option in options if option.startswith("iocharset=")}
    return not sets or "iocharset=utf8" in sets or bool({"utf8", "utf8=1"} & options)


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
