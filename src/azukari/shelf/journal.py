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
from azukari.errors import BadFormat, ClockBehind
from azukari.seal.envelope import canonical, parse
from azukari.shelf import files

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
    """The open journal of one device; one writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        files.folder(path.parent)
        self._lines = self._load()
        self.chain = follow(Chain(), self._lines)
        self._last_at = parse(self._lines[-1], Record).at if self._lines else 0
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, files.PRIVATE)
        files.sync_folder(path.parent)

    def append(self, records: Iterable[tuple[str, str, str, str]], at: int) -> None:
        """Append (kind, carrier, grant, subject) lines; durable when it returns."""
        self.check_clock(at)
        lines = [
            canonical(Record(self.chain.length + i, max(at, self._last_at), *record))
            for i, record in enumerate(records)
        ]
        os.write(self._handle, b"".join(line + b"\n" for line in lines))
        os.fsync(self._handle)
        self._lines += lines
        self.chain = follow(self.chain, lines)
        self._last_at = max(at, self._last_at)

    def check_clock(self, now: int) -> None:
        """A clock behind the journal is a clock that was set back."""
        if now < self._last_at - LATENESS_MS:
            raise ClockBehind("the device's clock stands behind its own journal")

    def since(self, first: int) -> list[bytes]:
        """The lines from a record on, as they were chained."""
        return self._lines[first:]

    def records(self) -> list[Record]:
        return [parse(line, Record) for line in self._lines]

    def close(self) -> None:
        os.close(self._handle)

    def _load(self) -> list[bytes]:
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) != len(data):  # a torn last line: written, never answered to
            files.write_whole(self._path, whole)
        lines = whole.split(b"\n")[:-1]
        for number, line in enumerate(lines):
            if parse(line, Record).seq != number:
                raise BadFormat(f"journal line {number + 1} is out of order")
        return lines
