"""What a witness remembers: each ledger it was given and the newest head it cosigned.

One file, replaced as a whole, one writer at a time.  It is the worth of the witness: a witness that
forgot cosigns a second history.  So it is made at set-up and never again, and it is never put back
from a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from azukari.errors import BadFormat, BadSignature, Conflict, LedgerError, NotFound
from azukari.ledger.checkpoint import Checkpoint, Verifier, open_checkpoint, parse_vkey
from azukari.seal.envelope import Count, canonical
from azukari.shelf import busy, files

FILE: Final = "memory.json"
MAX_LOGS: Final = 256
_LIMIT: Final = 1 << 23


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ledger."""

    vkey: str
    added_at: Count  # ms UTC by the witness's clock, like every time here
    heartbeat: bool = True  # it promises to grow at least daily
    note: str = ""  # the newest head that was cosigned, as its ledger signed it; none before
    cosigned_at: Count = 0
    grown_at: Count = 0  # when a longer head was last cosigned
    unproven_at: Count = 0  # when a signed head came without a true proof, since the last cosigned
    forked_at: Count = 0  # when a second history was first shown; never forgotten

    @property
    def log(self) -> Verifier:
        return parse_vkey(self.vkey)

    def head(self) -> Checkpoint | None:
        """The newest head that was cosigned, its ledger's signature checked again.

        `LedgerError` where the memory was edited: the fault is here, and not the asker's.
        """
        try:
            return open_checkpoint(self.note.encode(), self.log) if self.note else None
        except (BadFormat, BadSignature):
            raise LedgerError(f"{FILE} holds a head that its ledger did not sign") from None


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything a witness remembers; a change is a new one."""

    v: int = 1
    logs: list[Known] = []

    def of(self, origin: str) -> Known:
        """The ledger of that name; `NotFound` where this witness was not given it."""
        for known in self.logs:
            if known.log.name == origin:
                return known
        raise NotFound("this witness was not given that ledger")

    def adding(self, known: Known) -> Memory:
        """With one ledger more; a second key under one name is another ledger: `Conflict`."""
        if any(known.log.name == other.log.name for other in self.logs):
            raise Conflict("a ledger of this name is known already")
        if len(self.logs) >= MAX_LOGS:
            raise Conflict(f"a witness remembers {MAX_LOGS} ledgers and no more")
        return replace(self, logs=[*self.logs, known])

    def with_changed(self, changed: Known) -> Memory:
        """With what is now known of one ledger."""
        logs = [changed if changed.vkey == one.vkey else one for one in self.logs]
        return replace(self, logs=logs)

    @property
    def newest_at(self) -> int:
        """The latest instant this witness ever signed."""
        return max((known.cosigned_at for known in self.logs), default=0)


def begin(home: Path) -> None:
    """The memory of a new witness, empty; durable.  Once: `Conflict` where there is one."""
    files.folder(home)
    files.write_new(home / FILE, canonical(Memory()))


def recall(home: Path) -> Memory:
    """What is remembered; without its memory, or with one that was edited, a witness is none.

    Raises `LedgerError` for both: no asker can mend it, and whoever has the home must not.
    """
    if not (home / FILE).exists():
        raise LedgerError(
            "the witness has lost its memory: it must not go on under this key;"
            " set up a new witness with a new one"
        )
    raw = files.read_small(home / FILE, _LIMIT)
    try:
        memory = msgspec.json.decode(raw, type=Memory)
        for known in memory.logs:
            parse_vkey(known.vkey)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, BadFormat):
        raise LedgerError(f"{FILE} is damaged: the witness must not go on under this key") from None
    if memory.v != 1:
        raise LedgerError(f"{FILE} is of another version")
    return memory


def keep(home: Path, memory: Memory) -> None:
    """Remember; durable when it returns."""
    files.write_whole(home / FILE, canonical(memory))


@contextmanager
def in_turn(home: Path) -> Iterator[Memory]:
    """What is remembered, while nobody else can change it."""
    with busy.in_turn(home, "the witness's memory"):
        yield recall(home)
