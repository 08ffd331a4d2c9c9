"""A medium as the machine sees it: its file system, its serial where that is told, what lies on it.

It knows no asset tags and no office.  A serial is told for a mounted medium only: a folder is on
some disk of the machine, and that disk's serial is not the folder's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from azukari.carrier.manifest import PAGES
from azukari.errors import BadFormat, Conflict, Unreachable
from azukari.shelf import files, machine
from azukari.shelf.filesystem import NOT_TOLD, FileSystem, System, of, own_errors
from azukari.shelf.folder import ENVELOPE, INSIDE, Folder, is_empty

_SERIAL: Final = re.compile(r"[\x21-\x7e][\x20-\x7e]{2,62}[\x21-\x7e]")
_BY_ID: Final = re.compile(r"(?:usb|mmc|ata|nvme|scsi)-.*?([A-Za-z0-9]{4,64})(?:-\d+:\d+)?")
_LEVELS: Final = 8  # from a disk up to the device on the bus that has a serial
_LABEL: Final = re.compile(r"\b(C-[0-9A-Z]{4}-[0-9A-Z]{2,})\b")
_OURS: Final = re.compile(r"(?:[0-9]{4}|m)\.azs|\.?envelope\.json(?:\.new)?")
_MAX_PAGE: Final = 1 << 14
_PAGE: Final = next(page for page in PAGES if page.isascii())


class Holds(StrEnum):
    """What lies on a medium."""

    NOTHING = "nothing"
    CARRIER = "carrier"  # there is an envelope; whether it is a good one, inspect tells
    UNFINISHED = "unfinished carrier"  # parts without an envelope: not a carrier, and never will be
    OTHER = "other files"


@dataclass(frozen=True)
class Seen:
    """A medium at one moment."""

    root: Path
    files: FileSystem
    mounted: bool  # it is a file system of its own, and not a folder of the machine
    serial: str | None  # None: not told
    holds: Holds
    label: str | None  # of the carrier, as the finder's page has it; nobody has signed that


def look(root: Path, system: System | None = None) -> Seen:
    """Look at a medium; nothing is written."""
    told = system or System()
    found = of(root, told)
    place = root.resolve()
    own = found.mounted_at == place != Path(place.anchor)
    serial = serial_of(found.device, told) if own else None
    return Seen(root, found, own, serial, holds(root), label_on(root))


def holds(root: Path) -> Holds:
    """What lies on a medium, by names alone."""
    with own_errors():
        if is_empty(root):
            return Holds.NOTHING
        inside = root / INSIDE
        if (inside / ENVELOPE).is_file():
            return Holds.CARRIER
        return Holds.UNFINISHED if inside.is_dir() else Holds.OTHER


def label_on(root: Path) -> str | None:
    """The label that the finder's page names, where there is one."""
    try:
        page = files.read_small(root / _PAGE, _MAX_PAGE)
    except (BadFormat, Unreachable):
        return None
    found = _LABEL.search(page.decode("ascii", "replace"))
    return None if found is None else found[1]


def serial_of(device: str, system: System) -> str | None:
    """The serial of the stick or disk behind a device number; None where it is not told.

    Of a USB stick it stands at the device on the bus, some levels above the disk; of a card or an
    NVMe disk beside it.  A serial of zeros is that of every stick of its make: not told.
    """
    if device == NOT_TOLD:
        return None
    try:
        disk = (system.sys / "dev" / "block" / device).resolve(strict=True)
        if (disk / "partition").exists():
            disk = disk.parent
        for place in _above(disk):
            if (serial := _serial(place / "serial")) is not None:
                return serial
        return _by_id(disk.name, system.dev / "disk" / "by-id")
    except OSError:
        return None


def finish(root: Path) -> bool:
    """Write out everything that is kept back for a medium: then it may be pulled out.

    False where the system has its own word for that, and only that may be believed.
    """
    with own_errors():
        return machine.sync_file_system(root)


def clear(root: Path) -> int:
    """Remove a carrier, finished or not, from a medium; durable.  Returns what is not ours.

    Deleting leaves blocks on flash: what counts is that the key is destroyed, before this.
    """
    folder = Folder(root)
    with own_errors():
        if folder.inside.is_symlink() or root.is_symlink():
            raise Conflict("the medium holds a link in the place of a carrier's folder")
        # The envelope first: whatever is left of a carrier is then none.
        for path in [*_envelopes(folder), *_parts(folder), *(root / page for page in PAGES)]:
            path.unlink(missing_ok=True)
        if folder.inside.is_dir() and not any(folder.inside.iterdir()):
            folder.inside.rmdir()
        left = [p for p in root.rglob("*") if p.is_symlink() or not p.is_dir()]
        files.sync_folder(root)
    finish(root)
    return len(left)


def _envelopes(folder: Folder) -> Iterator[Path]:
    yield folder.inside / ENVELOPE
    yield folder.inside / f".{ENVELOPE}.new"


def _parts(folder: Folder) -> list[Path]:
    if not folder.inside.is_dir():
        return []
    return sorted(path for path in folder.inside.iterdir() if _OURS.fullmatch(path.name))


def _above(disk: Path) -> Iterator[Path]:
    """A disk's folder in the machine's tree, the device behind it, and those it hangs on."""
    yield disk
    place = disk / "device"
    if place.exists():
        place = place.resolve()
        for _ in range(_LEVELS):
            yield place
            place = place.parent


def _serial(path: Path) -> str | None:
    try:
        told = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    return told if _SERIAL.fullmatch(told) and set(told) - set("0 -") else None


def _by_id(disk: str, links: Path) -> str | None:
    """The serial in the name that the system gave a disk, such as usb-Maker_Model_123456-0:0."""
    if not links.is_dir():
        return None
    for link in sorted(links.iterdir()):
        found = _BY_ID.fullmatch(link.name)
        if found and link.resolve().name == disk and set(found[1]) - {"0"}:
            return found[1]
    return None
