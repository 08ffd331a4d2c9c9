"""The proof that one entry stands in a ledger, as a C2SP tlog-proof that travels as one text.

With the entry's bytes and the log's verifier it is checked offline.  The format's ``extra`` line is
refused, because nobody signs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from azukari.errors import BadFormat
from azukari.ledger.checkpoint import (
    Checkpoint,
    Verifier,
    base64_of,
    bytes_of_base64,
    open_checkpoint,
)
from azukari.ledger.entry import MAX_NUMBER
from azukari.ledger.tree import HASH_BYTES, leaf_hash, verify_inclusion

EXTENSION: Final = ".tlog-proof"
_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MAX_PATH: Final = 63


@dataclass(frozen=True)
class Proof:
    """Where an entry stands, the path to the root, and the signed checkpoint of that root."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def encode_proof(proof: Proof) -> bytes:
    """The text of a proof."""
    path = "".join(f"{base64_of(node)}\n" for node in proof.path)
    return f"{_HEADER}\nindex {proof.index}\n{path}\n".encode() + proof.checkpoint


def decode_proof(text: bytes) -> Proof:
    """Read a proof; whether it is true says ``verify_proof``."""
    head, divider, checkpoint = text.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadFormat("proof: not ASCII before its checkpoint") from None
    if not divider or len(lines) < 2 or lines[0] != _HEADER:
        raise BadFormat("proof: the first line of a tlog-proof is expected")
    match = re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines[1])
    if match is None or int(match[1]) > MAX_NUMBER:
        raise BadFormat("proof: an index is expected in line 2")
    if len(lines) - 2 > _MAX_PATH:
        raise BadFormat(f"proof: more than {_MAX_PATH} hashes")
    path = tuple(bytes_of_base64(line, "proof") for line in lines[2:])
    if any(len(node) != HASH_BYTES for node in path):
        raise BadFormat(f"proof: a hash is {HASH_BYTES} bytes")
    return Proof(int(match[1]), path, checkpoint)


def verify_proof(text: bytes, entry: bytes, verifier: Verifier) -> tuple[int, Checkpoint]:
    """The entry's number and the signed checkpoint it stands under, or an error.

    Raises:
        BadFormat: not a proof.
        BadSignature: the checkpoint is not signed by that log.
        LedgerBroken: the entry does not stand there.
    """
    proof = decode_proof(text)
    checkpoint = open_checkpoint(proof.checkpoint, verifier)
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return proof.index, checkpoint
