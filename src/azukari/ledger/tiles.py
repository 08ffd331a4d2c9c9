"""Tiles and entry bundles: how a ledger lies in files, as C2SP tlog-tiles names them.

It says which files there are, what they are called and what stands in them; it opens none.
A tile's hash ``k`` at level ``l`` is the root over ``256**l`` entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from azukari.errors import BadFormat, LedgerBroken
from azukari.ledger.entry import MAX_ENTRY_BYTES
from azukari.ledger.tree import HASH_BYTES, Frontier, root_of

WIDTH: Final = 256  # hashes in a full tile, entries in a full bundle
TILE_BYTES: Final = WIDTH * HASH_BYTES
CHECKPOINT_PATH: Final = "checkpoint"
COSIGNED: Final = "cosigned"  # a folder of an export: earlier heads that witnesses cosigned

_LEVEL_BITS: Final = 8

# tile(level, n, width) gives the first ``width`` hashes of a tile.
Tile = Callable[[int, int, int], bytes]


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """Where a tile lies, ``tile/0/x001/067`` or ``tile/0/000.p/17``."""
    return f"tile/{level}/{_number(n)}{_partial(width)}"


def bundle_path(n: int, width: int = WIDTH) -> str:
    """Where a bundle of entries lies, ``tile/entries/005`` or ``tile/entries/005.p/17``."""
    return f"tile/entries/{_number(n)}{_partial(width)}"


def parse_path(path: str) -> tuple[int | None, int, int]:
    """Level (``None`` for a bundle), number and width of a path; no other spelling is accepted."""
    match = re.fullmatch(
        r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", path
    )
    if match is None:
        raise BadFormat("tile: not the path of a tile")
    level = None if match[1] == "entries" else int(match[1])
    n = int(match[2].replace("x", "").replace("/", ""))
    width = int(match[3] or WIDTH)
    again = bundle_path(n, width) if level is None else tile_path(level, n, width)
    if again != path:
        raise BadFormat("tile: not the one spelling of a tile's path")
    return level, n, width


def bundles_of(size: int) -> Iterator[tuple[int, int]]:
    """Number and width of every bundle of a ledger of that size, in order."""
    yield from _row(size)


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of a ledger of that size, in order."""
    level = 0
    while count := size >> _LEVEL_BITS * level:
        for n, width in _row(count):
            yield level, n, width
        level += 1


def partials_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of that size that is not full."""
    level = 0
    while count := size >> _LEVEL_BITS * level:
        n, width = divmod(count, WIDTH)
        if width:
            yield level, n, width
        level += 1


def earlier(files: Mapping[str, bytes], size: int, sizes: Iterable[int]) -> dict[str, bytes]:
    """The partial tiles and bundles a ledger had at smaller sizes, cut from its files of ``size``.

    Whoever was shown a signed head of such a size finds under it what that head asks for.
    """
    found: dict[str, bytes] = {}
    for level, n, width in {tile for old in sizes for tile in partials_of(old)}:
        now = min(WIDTH, (size >> _LEVEL_BITS * level) - n * WIDTH)
        if width == now:
            continue
        found[tile_path(level, n, width)] = files[tile_path(level, n, now)][: width * HASH_BYTES]
        if level == 0:
            lines = decode_bundle(files[bundle_path(n, now)], now)[:width]
            found[bundle_path(n, width)] = encode_bundle(lines)
    return dict(sorted(found.items()))


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each with its length before it as two bytes, big end first."""
    if not 1 <= len(entries) <= WIDTH:
        raise BadFormat(f"bundle: 1 to {WIDTH} entries are expected, not {len(entries)}")
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise BadFormat(f"bundle: an entry is longer than {MAX_ENTRY_BYTES} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(bundle: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle; nothing may be missing and nothing may follow."""
    entries: list[bytes] = []
    start, end = 2, len(bundle)
    while start <= end:
        stop = start + (bundle[start - 2] << 8 | bundle[start - 1])
        entries.append(bundle[start:stop])
        start = stop + 2
    if start != end + 2:
        raise BadFormat("bundle: cut off inside an entry")
    if len(entries) != width:
        raise BadFormat(f"bundle: {width} entries are expected, not {len(entries)}")
    return entries


def split_tile(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


class Nodes:
    """Any node of a tree of ``size`` leaves, read through its tiles; each tile is read once."""

    def __init__(self, size: int, tile: Tile) -> None:
        self._size, self._tile = size, tile
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of ``2**level`` leaves with that index."""
        tile_level, inside = divmod(level, _LEVEL_BITS)
        first = index << inside
        n, start = divmod(first, WIDTH)
        hashes = self._hashes(tile_level, n)[start : start + (1 << inside)]
        if len(hashes) != 1 << inside:
            raise LedgerBroken(f"tile {tile_level}/{n}: a tree of {self._size} ends before it")
        return root_of(hashes)

    def _hashes(self, level: int, n: int) -> list[bytes]:
        if (level, n) not in self._read:
            width = min(WIDTH, (self._size >> _LEVEL_BITS * level) - n * WIDTH)
            hashes = split_tile(self._tile(level, n, width)) if width > 0 else []
            if len(hashes) != max(width, 0) or (hashes and len(hashes[-1]) != HASH_BYTES):
                raise LedgerBroken(f"tile {level}/{n}: its length is not that of {width} hashes")
            self._read[level, n] = hashes
        return self._read[level, n]


class Tower:
    """All tiles of a tree, built from its leaf hashes in order, holding one open tile a level."""

    def __init__(self) -> None:
        self.size = 0
        self._open: list[list[bytes]] = [[]]

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Take in leaf hashes; gives level, number and bytes of the tiles that became full."""
        full: list[tuple[int, int, bytes]] = []
        at = 0
        while at < len(leaves):
            taken = leaves[at : at + WIDTH - len(self._open[0])]
            self._open[0].extend(taken)
            at += len(taken)
            self.size += len(taken)
            self._raise(full)
        return full

    def partial(self) -> Iterator[tuple[int, int, bytes]]:
        """Level, number and bytes of each tile that is not full and not empty."""
        for level, hashes in enumerate(self._open):
            if hashes:
                yield level, self.size >> _LEVEL_BITS * (level + 1), b"".join(hashes)

    def frontier(self) -> Frontier:
        """The complete subtrees the tree is made of."""
        subtrees: list[bytes] = []
        for hashes in reversed(self._open):  # higher levels stand further left
            at = 0
            while at < len(hashes):
                count = 1 << (len(hashes) - at).bit_length() - 1
                subtrees.append(root_of(hashes[at : at + count]))
                at += count
        return Frontier(self.size, subtrees)

    def _raise(self, full: list[tuple[int, int, bytes]]) -> None:
        """Put away each tile that is full and raise its root to the level above."""
        level = 0
        while len(self._open[level]) == WIDTH:
            hashes = self._open[level]
            full.append((level, (self.size >> _LEVEL_BITS * (level + 1)) - 1, b"".join(hashes)))
            self._open[level] = []
            level += 1
            if level == len(self._open):
                self._open.append([])
            self._open[level].append(root_of(hashes))


def _row(count: int) -> Iterator[tuple[int, int]]:
    full, rest = divmod(count, WIDTH)
    for n in range(full):
        yield n, WIDTH
    if rest:
        yield full, rest


def _number(n: int) -> str:
    if n < 0:
        raise BadFormat("tile: a number is not negative")
    last = f"{n % 1000:03}"
    while n := n // 1000:
        last = f"x{n % 1000:03}/{last}"
    return last


def _partial(width: int) -> str:
    if not 1 <= width <= WIDTH:
        raise BadFormat(f"tile: a width is 1 to {WIDTH}, not {width}")
    return "" if width == WIDTH else f".p/{width}"
