"""A witness at work: looks, remembers, then signs; never in another order.

It knows nothing of what the ledgers say, trusts no asker, and gives its cosignature to whoever
brings a head that its ledger signed and that continues the newest one it saw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from azukari.errors import AzukariError, ClockBehind, Conflict, LedgerBroken, LedgerFork
from azukari.ledger.checkpoint import Checkpoint, checked_name, parse_vkey
from azukari.ledger.cosign import Cosigner, Witness, cosign
from azukari.ledger.witnessing import decode_request, judge
from azukari.seal.envelope import Use
from azukari.shelf import files, keyring
from azukari.witness import memory
from azukari.witness.memory import Known, Memory

KEY: Final = "witness.key"
EVIDENCE: Final = "evidence"
LATENESS_MS: Final = 120_000
MAX_EVIDENCE: Final = 64  # of a ledger; one that goes on showing others adds nothing new


@dataclass(frozen=True)
class Cosigned:
    """What was signed, and the line to send back."""

    head: Checkpoint
    at_s: int
    lines: bytes


@dataclass(frozen=True)
class Site:
    """A witness's home, its key and its clock (ms UTC)."""

    home: Path
    cosigner: Cosigner
    now: Callable[[], int]

    @property
    def witness(self) -> Witness:
        return self.cosigner.witness()

    def cosign(self, body: bytes) -> Cosigned:
        """The cosignature for a request; what it says is remembered, durably, before it is made.

        Raises what `decode_request` and `judge` raise; `NotFound` for a ledger it was not given,
        `ClockBehind` where its own clock stands behind what it signed.
        """
        request = decode_request(body)
        with memory.in_turn(self.home) as held:
            known = held.of(request.claimed().origin)
            before = known.head()
            try:
                head = judge(request, known.log, before)
            except (LedgerFork, LedgerBroken) as error:
                self._note_quarrel(held, known, body, error)
                raise
            at = self._time(held)
            grown = at if before is None or head.size > before.size else known.grown_at
            note = request.checkpoint.decode()
            changed = replace(known, note=note, cosigned_at=at, grown_at=grown, unproven_at=0)
            # Remembered first: a power cut here costs a repetition, the other order a fork.
            memory.keep(self.home, held.with_changed(changed))
            line = cosign(self.cosigner, head.text(), at // 1000)
        return Cosigned(head, at // 1000, f"{line}\n".encode())

    def size(self, body: bytes) -> int:
        """How many entries of a request's ledger were cosigned: from there one must ask."""
        head = memory.recall(self.home).of(decode_request(body).claimed().origin).head()
        return 0 if head is None else head.size

    def add_log(self, vkey: str, *, heartbeat: bool = True) -> str:
        """Remember a ledger from now on; durable.  Returns its name."""
        log = parse_vkey(vkey)
        if log.public == self.witness.public:
            raise Conflict("this is the witness's own key: one key, one use")
        with memory.in_turn(self.home) as held:
            memory.keep(self.home, held.adding(Known(vkey, self.now(), heartbeat)))
        return log.name

    def memory(self) -> Memory:
        """What is remembered now."""
        return memory.recall(self.home)

    def _time(self, held: Memory) -> int:
        now = self.now()
        if now < held.newest_at - LATENESS_MS:
            raise ClockBehind("the witness's clock stands behind what it signed")
        return max(now, held.newest_at)

    def _note_quarrel(self, held: Memory, known: Known, body: bytes, error: AzukariError) -> None:
        """A head that its ledger signed and that does not continue: said by the status for good."""
        if isinstance(error, LedgerFork):
            self._keep_evidence(known, body)
            changed = replace(known, forked_at=known.forked_at or self.now())
        else:
            changed = replace(known, unproven_at=known.unproven_at or self.now())
        if changed != known:
            memory.keep(self.home, held.with_changed(changed))

    def _keep_evidence(self, known: Known, body: bytes) -> None:
        """Two heads of one size, both signed by their ledger, convict it before anybody.

        Both are kept: the one that was cosigned is forgotten as soon as the ledger grows.
        """
        folder = files.folder(self.home / EVIDENCE)
        of_this = f"{known.log.key_id.hex()}-"
        name = of_this + hashlib.sha256(body).hexdigest()[:32]
        with files.own_errors(EVIDENCE):
            full = len(list(folder.glob(f"{of_this}*.request"))) >= MAX_EVIDENCE
            if full or (folder / f"{name}.request").exists():
                return
        # The request last: where it stands, its other half does.
        files.write_whole(folder / f"{name}.cosigned", known.note.encode())
        files.write_new(folder / f"{name}.request", body)


def create(home: Path, name: str) -> Witness:
    """A new witness: its key and its empty memory; durable."""
    checked_name(name)
    key = keyring.new_signing_key(home / "keys" / KEY, Use.WITNESS)
    memory.begin(home)
    return Cosigner(name, key.private).witness()


def open_site(home: Path, name: str, now: Callable[[], int]) -> Site:
    """A witness that was set up; its memory must be there."""
    key = keyring.signing_key(home / "keys" / KEY, Use.WITNESS)
    memory.recall(home)
    return Site(home, Cosigner(name, key.private), now)
