"""Any files inside sealed parts: one behind the other, cut into parts, and an index of them.

Which files there are, how large and from when, stands in the index, which is sealed like them;
outside nobody learns more than how many parts there are and their size step.  What a file holds
is nobody's business here: whose data it is, is not known.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import BinaryIO, Final

import msgspec

from azukari.errors import BadFormat
from azukari.seal.envelope import Count, canonical
from azukari.seal.stream import LARGEST_STEP, LENGTH_BYTES, size_step

TABLE: Final = "files"
COLUMN: Final = "content"
VERSION: Final = 1
#: The first eight bytes of every part say what it is: a file that looks like an index is none.
INDEX: Final = b"azfiles\x01"
CONTENT: Final = b"azfiles\x02"
MARK_BYTES: Final = 8
PART_BYTES: Final = LARGEST_STEP - LENGTH_BYTES - MARK_BYTES  # of files, in one part
MAX_FILES: Final = 100_000
MAX_PARTS: Final = 1_000  # two terabytes; each takes a line of the envelope and of the grant
MAX_INDEX: Final = 64 << 20
MAX_NAME: Final = 1_024  # bytes of a path
MAX_DEPTH: Final = 32
LATEST: Final = 253_402_300_799_999  # the end of the year 9999: later no file system can say
UNFINISHED: Final = ".azukari-unfinished"  # what a reader calls a file before it is whole
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class FileLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its path below the folder, ``/`` between; ``mtime`` in ms since 1970, UTC."""

    name: str
    size: Count
    mtime: Count
    sha256: str

    def __repr__(self) -> str:
        return "<file>"


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All files in order of name, and the parts their contents lie in, in order."""

    v: int
    parts: list[str]
    files: list[FileLine]

    def __repr__(self) -> str:
        return f"<index of {len(self.files)} files>"


def step_and_parts(size_bytes: int, least: int) -> tuple[int, int]:
    """The size step that all parts of so much content share, and how many parts there are."""
    step = max(least, size_step(min(size_bytes, PART_BYTES) + MARK_BYTES))
    room = step - LENGTH_BYTES - MARK_BYTES
    parts = max(1, -(-size_bytes // room))
    if parts > MAX_PARTS:
        raise BadFormat(f"files of {size_bytes:,} bytes are more than {MAX_PARTS} parts hold")
    return step, parts


def encode(index: Index) -> bytes:
    """What the index's part holds; refused where `decode` would refuse it."""
    _check(index)
    data = INDEX + canonical(index)
    if len(data) > MAX_INDEX:
        raise BadFormat(f"an index of files of more than {MAX_INDEX:,} bytes")
    return data


def decode(data: bytes) -> Index:
    """The index in these bytes; any other spelling of it is refused."""
    if len(data) > MAX_INDEX or data[:MARK_BYTES] != INDEX:
        raise BadFormat("not an index of files")
    try:
        index = msgspec.json.decode(data[MARK_BYTES:], type=Index)
        same = canonical(index) == data[MARK_BYTES:]
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadFormat("not an index of files") from None
    if not same:
        raise BadFormat("an index of files in another spelling than the canonical one")
    _check(index)
    return index


def mark_of(file: BinaryIO) -> bytes:
    """The first bytes of a part; the file stands behind them."""
    file.seek(0)
    return file.read(MARK_BYTES)


def why_no_path(name: str) -> str | None:
    """Why this is not the path of a file below a folder; None: it is.

    What a file system cannot keep is not asked here.
    """
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "its name holds a control character"
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return "its name is no text"
    steps = name.split("/")
    if "\\" in name or any(step in ("", ".", "..") for step in steps):
        return "its name leads elsewhere"
    if steps[0].casefold() == UNFINISHED:
        return "its name is what a reader calls an unfinished file"
    if len(name.encode()) > MAX_NAME or len(steps) > MAX_DEPTH:
        return f"its path is longer than {MAX_NAME:,} bytes or {MAX_DEPTH} folders"
    return None


def _check(index: Index) -> None:
    if index.v != VERSION:
        raise BadFormat(f"an index of files of version {index.v}, {VERSION} is expected")
    if not 1 <= len(index.files) <= MAX_FILES or not 1 <= len(index.parts) <= MAX_PARTS:
        raise BadFormat("an index of no files, or of too many")
    if len(set(index.parts)) != len(index.parts):
        raise BadFormat("an index of files names a part twice")
    names = [line.name for line in index.files]
    if any(earlier >= later for earlier, later in itertools.pairwise(names)):
        raise BadFormat("an index names each file once, in order of name")
    if any(why_no_path(name) for name in names):
        raise BadFormat("an index names a file outside its folder")
    if not all(_SHA256.fullmatch(f.sha256) and f.mtime <= LATEST for f in index.files):
        raise BadFormat("an index's line of a file is not one")
