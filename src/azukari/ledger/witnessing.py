"""What a ledger asks a witness, and what the witness must find before it cosigns (tlog-witness).

One request is one text, the same bytes in the body of a POST and in a file on a stick.  `judge`
decides; who remembers, signs and answers is the witness program.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from azukari.errors import BadFormat, Conflict, LedgerBehind, LedgerBroken, LedgerFork
from azukari.ledger.checkpoint import (
    Checkpoint,
    Verifier,
    base64_of,
    bytes_of_base64,
    open_checkpoint,
    parse_checkpoint,
    split_note,
)
from azukari.ledger.entry import MAX_NUMBER
from azukari.ledger.tree import EMPTY_ROOT, HASH_BYTES, verify_consistency

MAX_REQUEST_BYTES: Final = 1 << 16
MAX_PROOF: Final = 63
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True)
class Request:
    """A head to be cosigned, and the proof that it continues the one of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: bytes  # a signed note

    def claimed(self) -> Checkpoint:
        """What the note says; its signature is **not** verified."""
        return parse_checkpoint(split_note(self.checkpoint)[0])


def encode_request(old: int, proof: Sequence[bytes], checkpoint: bytes) -> bytes:
    """The text of a request."""
    if len(proof) > MAX_PROOF:
        raise BadFormat(f"request: a proof of more than {MAX_PROOF} hashes")
    lines = [f"old {old}", *(base64_of(node) for node in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + checkpoint


def decode_request(text: bytes) -> Request:
    """Read a request; whether it may be granted says `judge`."""
    if len(text) > MAX_REQUEST_BYTES:
        raise BadFormat(f"request: more than {MAX_REQUEST_BYTES} bytes")
    head, divider, checkpoint = text.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadFormat("request: not ASCII before its checkpoint") from None
    old = _OLD.fullmatch(lines[0])
    if not divider or old is None or int(old[1]) > MAX_NUMBER:
        raise BadFormat("request: old size, proof, an empty line and a checkpoint are expected")
    if len(lines) - 1 > MAX_PROOF:
        raise BadFormat(f"request: a proof of more than {MAX_PROOF} hashes")
    proof = tuple(bytes_of_base64(line, "request") for line in lines[1:])
    if any(len(node) != HASH_BYTES for node in proof):
        raise BadFormat(f"request: a hash of the proof is not {HASH_BYTES} bytes")
    request = Request(int(old[1]), proof, checkpoint)
    if request.old > request.claimed().size:
        raise BadFormat("request: its old size is larger than that of its checkpoint")
    return request


def judge(request: Request, log: Verifier, known: Checkpoint | None) -> Checkpoint:
    """The head a witness may cosign, after everything about it was checked.

    Args:
        request: what was asked.
        log: the ledger's verifier, as the witness was given it.
        known: the newest head of that ledger that the witness cosigned; None before the first.

    Raises:
        BadSignature: not signed by that ledger.
        LedgerFork: signed by that ledger, as long as the known one, and another: two histories.
        Conflict: it does not begin at the known size; the asker must ask again from there.
        LedgerBroken: the proof does not show that it continues the known one.
    """
    new = open_checkpoint(request.checkpoint, log)
    old = Checkpoint(new.origin, 0, EMPTY_ROOT) if known is None else known
    # Looked at before anything that a careless asker may get wrong: this one is no mistake.
    if known is not None and new.size == old.size and new.root != old.root:
        raise LedgerFork(f"{new.origin}: two histories of {new.size} entries, both signed")
    if request.old != old.size:
        raise Conflict(f"{new.origin}: {old.size} entries were cosigned before")
    try:
        verify_consistency(old.size, old.root, new.size, new.root, request.proof)
    except (LedgerBehind, LedgerFork):
        raise LedgerBroken(
            f"{new.origin}: no proof that {new.size} entries continue the {old.size} cosigned"
        ) from None
    return new
