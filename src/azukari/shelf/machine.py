"""What one kind of machine calls otherwise than another: locks, folders on disk, memory, links.

The only file that may use what POSIX has and Windows lacks; a test looks through all others.
Every function holds on both, and says where it promises less on one.  The Windows branches are
written from its documentation and tried against a stand-in, never on such a machine.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import time
from pathlib import Path
from typing import BinaryIO, Final

from azukari.errors import Unreachable

#: To be given to `os.open` wherever bytes are written to the handle itself: Windows would write
#: two bytes for every end of line.  A file object in binary mode needs nothing.
BINARY: Final[int] = getattr(os, "O_BINARY", 0)

# Windows locks bytes, and nobody else may then read those: these lie where no file of ours ends.
# Its C library counts in 31 bits.
_FIRST_PLACE: Final = 0x7FFF_0000
_PLACES: Final = 64
_PAUSE_S: Final = 0.05


def claim(handle: int) -> bool:
    """Lock an open file alone, until it is closed; False, at once, where anybody holds it."""
    if sys.platform == "win32":
        return _claimed(handle, _FIRST_PLACE, _PLACES)
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        raise _no_locks() from None
    return True


def share(handle: int) -> None:
    """Lock an open file together with others, until it is closed; waits while one has it alone.

    On Windows at most 64 share a file; whoever comes later waits for one of them.
    """
    if sys.platform == "win32":
        # A lock on bytes is never shared there: everybody takes a byte, and *alone* is all bytes.
        while not any(_claimed(handle, _FIRST_PLACE + place, 1) for place in range(_PLACES)):
            time.sleep(_PAUSE_S)
        return
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
    except OSError:
        raise _no_locks() from None


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading without following a link at its end, or waiting for a pipe.

    Windows has neither flag: there the caller's look at what was opened must do.
    """
    wanted = os.O_RDONLY | BINARY
    wanted |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    return os.fdopen(os.open(path, wanted), "rb")


def sync_names(folder: Path) -> None:
    """Make the names in a folder durable.

    Nothing on Windows: it opens no folders, and NTFS keeps a journal of names by itself.  Some
    drivers of FAT and exFAT sync no folder alone; `sync_file_system` reaches what they keep back.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def sync_file_system(folder: Path) -> bool:
    """Write out all that is kept back for the file system of a folder; raises what went wrong.

    False where the machine offers nothing of the kind: there its own *eject* must be used.
    """
    if sys.platform == "win32":
        return False
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Only Linux has the call for one file system, and it alone tells what went wrong.
        one = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if one is None:
            os.sync()
        elif one(handle) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(handle)
    return True


def forget(handle: int) -> bool:
    """Ask the machine to drop what it remembers of a synced file, so that the medium is read.

    False where it cannot be asked: then what is read back may come from memory.
    """
    if sys.platform == "linux":
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        return True
    return False


def room(folder: Path) -> tuple[int, int]:
    """Bytes free for us where a folder lies, and the size of the blocks it is given out in.

    The size is 0 where the machine does not tell; of the free bytes a driver may say nothing: 0.
    """
    if sys.platform == "win32":
        return shutil.disk_usage(folder).free, 0
    told = os.statvfs(folder)
    return told.f_bavail * told.f_frsize, told.f_frsize


def link_or_copy(source: str, target: str) -> None:
    """A second name for a file, or a copy where the file system has no links (FAT, exFAT)."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(source, target)


def peak_mib() -> int | None:
    """The most memory this program has held, MiB; None where the machine does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)  # bytes there, KiB elsewhere


def _no_locks() -> Unreachable:
    return Unreachable("files cannot be locked here: the file system does not offer it")


def _claimed(handle: int, place: int, length: int) -> bool:
    """Take bytes of a file on Windows, from a place on, whether or not the file has them."""
    if sys.platform != "win32":
        raise NotImplementedError
    import msvcrt

    before = os.lseek(handle, 0, os.SEEK_CUR)
    os.lseek(handle, place, os.SEEK_SET)
    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, length)
    except OSError:
        return False
    finally:
        os.lseek(handle, before, os.SEEK_SET)
    return True
