"""A device's journal: one chain over its whole life, durable before anything is answered.

Lines of canonical JSON in one file.  A line that was cut by a power failure was never answered to
and is dropped at the next opening; any other change breaks the chain against the head that the
city or the last receipt knows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from azukari.carrier.receipt import Chain, follow
from azukari.errors import BadFormat, ClockBehind, Conflict, Unreachable
from azukari.seal.envelope import canonical, parse
from azukari.shelf import files, machine

LATENESS_MS: Final = 120_000


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: what the device did, and for whom only the city can tell."""

    seq: int
    at: int  # ms UTC by the device's clock
    kind: str  # opened, refused, enquiry, erased
    carrier: str
    grant: str
    subject: str  # sealed to the city's journal key, base64; empty where nobody is meant


class Journal:
    """The open journal of one device; one writer, and a second one is refused."""

    def __init__(self, path: Path) -> None:
        self._path = path
        files.folder(path.parent)
        with files.own_errors("the journal"):
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | machine.BINARY
            self._handle = os.open(path, flags, files.PRIVATE)
        try:
            self._claim()
            self._lines = self._load()
            self.chain = follow(Chain(), self._lines)
            self._last_at = max((parse(line, Record).at for line in self._lines), default=0)
            self._size = sum(len(line) + 1 for line in self._lines)
            files.sync_folder(path.parent)
        except BaseException:
            os.close(self._handle)
            raise

    def append(self, records: Iterable[tuple[str, str, str, str]], at: int) -> None:
        """Append (kind, carrier, grant, subject) lines; durable when it returns.

        `ClockBehind` where the clock was set back, `Unreachable` where the disk will not keep
        them: then nothing was appended, and nothing may be answered.
        """
        self.check_clock(at)
        self._append(records, at)

    def append_late(self, records: Iterable[tuple[str, str, str, str]], at: int) -> None:
        """Append what lets nothing out, with whatever clock: nothing may hold an erasure up."""
        self._append(records, at)

    def check_clock(self, now: int) -> None:
        """A clock behind the journal is a clock that was set back."""
        if now < self._last_at - LATENESS_MS:
            raise ClockBehind("the device's clock stands behind its own journal")

    def since(self, first: int) -> list[bytes]:
        """The lines from a record on, as they were chained."""
        return self._lines[first:]

    def records(self) -> list[Record]:
        return [parse(line, Record) for line in self._lines]

    def head_at(self, length: int) -> str:
        """The chain's head after so many records, as the city may have seen it."""
        return follow(Chain(), self._lines[:length]).head

    def close(self) -> None:
        """Let another program have it; safe to repeat."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _append(self, records: Iterable[tuple[str, str, str, str]], at: int) -> None:
        at = max(at, self._last_at)
        lines = [
            canonical(Record(self.chain.length + i, at, *record))
            for i, record in enumerate(records)
        ]
        raw = b"".join(line + b"\n" for line in lines)
        try:
            written = 0
            while written < len(raw):
                written += os.write(self._handle, raw[written:])
            os.fsync(self._handle)
        except OSError:
            self._take_back()
            raise Unreachable("the journal cannot be written") from None
        self._lines += lines
        self._size += len(raw)
        self.chain = follow(self.chain, lines)
        self._last_at = at

    def _take_back(self) -> None:
        """Cut off what was not wholly written; if that fails too, nothing is written any more."""
        try:
            os.ftruncate(self._handle, self._size)
        except OSError:
            self.close()

    def _claim(self) -> None:
        # Two writers would fork the chain, and the city would then believe neither.
        if not machine.claim(self._handle):
            raise Conflict("another program holds this device's journal")

    def _load(self) -> list[bytes]:
        with files.own_errors("the journal"):
            data = self._path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) != len(data):  # a torn last line: written, never answered to
                os.ftruncate(self._handle, len(whole))
                os.fsync(self._handle)
        lines = whole.split(b"\n")[:-1]
        for number, line in enumerate(lines):
            if parse(line, Record).seq != number:
                raise BadFormat(f"journal line {number + 1} is out of order")
        return lines
