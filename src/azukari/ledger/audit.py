"""The audit of an exported ledger: from its files and its verifier alone, trusting nobody's rows.

It opens no file itself; ``files`` hands it the bytes under a path.  It says that a history is whole
and signed, never that it is the only one: for that there are witnesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from azukari.errors import (
    BadFormat,
    BadSignature,
    LedgerBehind,
    LedgerBroken,
    LedgerFork,
    NotFound,
)
from azukari.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint, parse_vkey, split_note
from azukari.ledger.entry import Entry, decode
from azukari.ledger.tiles import (
    CHECKPOINT_PATH,
    COSIGNED,
    WIDTH,
    Tower,
    bundle_path,
    bundles_of,
    decode_bundle,
    encode_bundle,
    tile_path,
)
from azukari.ledger.tree import EMPTY_ROOT, HASH_BYTES, Frontier, leaf_hashes

Files = Callable[[str], bytes]

MAX_COSIGNED: Final = 256  # heads in an export
_LIMIT: Final = 1 << 40  # entries; beyond it a signed size is a slip, not a ledger


def verify_export(files: Files, vkey: str) -> list[Entry]:
    """Every entry of an exported ledger, after everything about it was derived again.

    Args:
        files: the bytes under a path of the export; raises ``NotFound`` where there is none.
        vkey: the log's verifier, received by another way than the export.

    Raises:
        BadSignature: the checkpoint is not signed by that log.
        BadFormat: the verifier or the checkpoint is not one.
        LedgerBroken: names the first file or entry that differs.
        LedgerBehind: a cosigned head beside it has more entries.
        LedgerFork: a cosigned head beside it, signed by that log too, is of another history.
    """
    log = parse_vkey(vkey)
    checkpoint = open_checkpoint(_file(files, CHECKPOINT_PATH), log)
    older = list(_cosigned(files, log, checkpoint.size))
    profile = Profile(checkpoint.origin)
    entries: list[Entry] = []
    for lines in _bundles(files, checkpoint, older):
        entries.extend(profile.check(lines))
    return entries


def roots_of(files: Files, size: int, sizes: Iterable[int]) -> dict[int, bytes]:
    """The roots that an export of ``size`` entries, verified before, had at smaller sizes."""
    wanted = sorted({one for one in sizes if 0 <= one <= size}, reverse=True)
    frontier, found = Frontier(), dict[int, bytes]()
    for n, width in bundles_of(size):
        leaves = leaf_hashes(_bundle(files, n, width))
        start = n * WIDTH
        while wanted and wanted[-1] <= start + len(leaves):
            frontier.extend(leaves[frontier.size - start : wanted[-1] - start])
            found[wanted.pop()] = frontier.root()
        frontier.extend(leaves[frontier.size - start :])
    return found | dict.fromkeys(wanted, EMPTY_ROOT)  # only size 0 of an empty ledger is left


def must_continue(files: Files, size: int, kept: Checkpoint) -> None:
    """An export of ``size`` entries, verified before, begins with a signed head that was kept.

    Raises:
        LedgerBehind: the head that was kept has more entries.
        LedgerFork: the export had another root at that size.
    """
    if kept.size > size:
        raise LedgerBehind(
            f"{kept.origin}: its tail was dropped: {size} entries are here,"
            f" and the head that was kept has {kept.size}"
        )
    if roots_of(files, size, [kept.size])[kept.size] != kept.root:
        raise LedgerFork(
            f"{kept.origin}: another history: the head that was kept,"
            f" of {kept.size} entries, is not the beginning of this one"
        )


def verify_tree(files: Files, checkpoint: Checkpoint) -> None:
    """Only that files and tree agree with a checkpoint whose signature was verified before.

    Several times faster than ``verify_export``, for whoever read the entries already.
    """
    for _ in _bundles(files, checkpoint):
        pass


class Profile:
    """What holds from entry to entry of one ledger, kept while its lines go by in order."""

    def __init__(self, log: str) -> None:
        self.size = 0
        self.last_at = 0
        self._log = log
        self._instant: set[bytes] = set()  # the lines of the newest instant

    def check(self, lines: Iterable[bytes]) -> list[Entry]:
        """The entries of the next lines; raises ``LedgerBroken`` at the first that is wrong."""
        log, last_at, instant = self._log, self.last_at, self._instant
        entries: list[Entry] = []
        for i, line in enumerate(lines, self.size):
            try:
                entry = decode(line)
            except BadFormat as wrong:
                reason = str(wrong).removeprefix("entry: ")
                raise LedgerBroken(f"entry {i}: {reason}") from None
            if entry.log != log:
                raise LedgerBroken(f"entry {i}: it belongs to another log")
            if entry.at != last_at:
                if entry.at < last_at:
                    raise LedgerBroken(f"entry {i}: it is older than the entry before")
                last_at = entry.at
                instant.clear()
            # The same bytes have the same instant, and instants never go back: looking among the
            # entries of one instant finds every repetition.
            elif line in instant:
                raise LedgerBroken(f"entry {i}: it repeats an earlier entry")
            instant.add(line)
            entries.append(entry)
        self.size, self.last_at = self.size + len(entries), last_at
        return entries


def _file(files: Files, path: str) -> bytes:
    try:
        return files(path)
    except NotFound:
        raise LedgerBroken(f"{path}: it is missing") from None


def _cosigned(files: Files, log: Verifier, size: int) -> Iterator[_Older]:
    """The heads that stand beside an export: signed by the log, and none longer than it is."""
    for n in range(MAX_COSIGNED + 1):
        path = f"{COSIGNED}/{n}"
        try:
            note = files(path)
        except NotFound:
            return
        if n == MAX_COSIGNED:
            raise LedgerBroken(f"{path}: at most {MAX_COSIGNED} heads are expected")
        try:
            head = open_checkpoint(note, log)
        except BadFormat as wrong:
            raise BadFormat(f"{path}: {wrong}") from None
        except BadSignature as wrong:
            raise BadSignature(f"{path}: {wrong}") from None
        # Whose names they are nobody verified here: a policy does.
        names = [name for name, _ in split_note(note)[1] if name != log.name]
        if head.size > size:
            signed = _signed(names)
            raise LedgerBehind(f"{path}: {head.size} entries, {signed}, and {size} are here")
        yield _Older(path, head, names)


@dataclass(frozen=True)
class _Older:
    """A cosigned head of an export, before it was held against the entries."""

    path: str
    head: Checkpoint
    names: list[str]  # who is said to have cosigned

    def check(self, files: Files, tower: Tower, lines: Sequence[bytes]) -> bool:
        """Partial tiles and partial bundle of its size; ``lines`` are the bundle's so far.

        Is its root that of the entries?  A head of another history convicts the ledger only once
        the entries are known to be those of the signed root: see ``fork``.
        """
        for level, number, hashes in tower.partial():
            _compare(files, level, number, hashes)
        if 0 < len(lines) < WIDTH:
            path = bundle_path(self.head.size // WIDTH, len(lines))
            if _file(files, path) != encode_bundle(lines):
                raise LedgerBroken(f"{path}: it is not the beginning of its bundle")
        return tower.frontier().root() == self.head.root

    def fork(self) -> LedgerFork:
        """Two histories, both signed."""
        return LedgerFork(self.told(": another history of"))

    def told(self, of: str = ", of") -> str:
        return f"{self.path}{of} {self.head.size} entries, {_signed(self.names)}"


def _signed(names: Sequence[str]) -> str:
    signed = "signed by this ledger"
    return f"{signed} and in the name of {', '.join(names)}" if names else signed


def _bundles(
    files: Files, checkpoint: Checkpoint, older: Iterable[_Older] = ()
) -> Iterator[list[bytes]]:
    """The lines of every bundle; once the last was taken, tiles and roots were derived again."""
    if checkpoint.size > _LIMIT:
        raise LedgerBroken(f"checkpoint: a size of {checkpoint.size} entries is impossible")
    tower = Tower()
    waiting = sorted(older, key=lambda one: one.head.size, reverse=True)
    others: list[_Older] = []

    def grow(leaves: Sequence[bytes]) -> None:
        for level, number, hashes in tower.extend(leaves):
            _compare(files, level, number, hashes)

    for n, width in bundles_of(checkpoint.size):
        lines = _bundle(files, n, width)
        yield lines
        leaves, start = leaf_hashes(lines), n * WIDTH
        while waiting and waiting[-1].head.size <= start + width:
            one = waiting.pop()
            grow(leaves[tower.size - start : one.head.size - start])
            if not one.check(files, tower, lines[: one.head.size - start]):
                others.append(one)
        grow(leaves[tower.size - start :])
    for level, number, hashes in tower.partial():
        _compare(files, level, number, hashes)
    if tower.frontier().root() != checkpoint.root:
        nor = f", nor is that of {others[0].told()}" if others else ""
        raise LedgerBroken(f"checkpoint: its root is not that of the entries{nor}")
    others += [one for one in waiting if one.head.root != EMPTY_ROOT]  # beside a ledger of none
    if others:
        raise others[0].fork()


def _bundle(files: Files, n: int, width: int) -> list[bytes]:
    path = bundle_path(n, width)
    try:
        return decode_bundle(_file(files, path), width)
    except BadFormat as wrong:
        raise LedgerBroken(f"{path}: {wrong}") from None


def _compare(files: Files, level: int, n: int, hashes: bytes) -> None:
    width = len(hashes) // HASH_BYTES
    path = tile_path(level, n, width)
    found = _file(files, path)
    if found == hashes:
        return
    if len(found) != len(hashes):
        raise LedgerBroken(f"{path}: {len(found)} bytes, {len(hashes)} are expected")
    raise LedgerBroken(f"{path}: {first_difference(found, hashes, level, n)}")


def first_difference(found: bytes, hashes: bytes, level: int, n: int) -> str:
    """Which hash of a tile is not the one derived, and of what; both are as long."""
    at = next(at for at in range(len(found)) if found[at] != hashes[at]) // HASH_BYTES
    below = f"entry {n * WIDTH + at}" if level == 0 else f"tile {level - 1}/{n * WIDTH + at}"
    return f"hash {at} is not that of {below}"
