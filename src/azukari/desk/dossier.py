"""The evidence about the encryption of what was lost, from the office's records and both ledgers.

Reads only.  Each entry that speaks of a lost carrier comes with a proof that stands without us.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

from cryptography.hazmat.backends.openssl import backend
from sqlalchemy import Connection

from azukari.desk.office import Office
from azukari.desk.respond import Response, instant
from azukari.errors import LedgerBroken, Unreachable
from azukari.incident import selftest, tested
from azukari.incident.dossier import Dossier, Proved, Revoked
from azukari.ledger.checkpoint import Checkpoint, parse_checkpoint, split_note
from azukari.ledger.entry import Entry, decode
from azukari.ledger.proof import Proof, encode_proof
from azukari.ledger.tree import Hashes, inclusion_proof, leaf_hash, node_hash, root_of
from azukari.shelf import source
from azukari.vault import records


def dossier(office: Office, found: Response, record: bytes | None = None) -> Dossier:
    """Gather everything; without the keys' proofs where the key service does not answer.

    The known answers are asked for now.  ``record``: of a run of the tests, as it was handed in.

    Raises:
        LedgerBroken: the head that the key service signs is not that of the office's copy.
        Refused: the record is of other files than those of this program.
    """
    files = source.digest()
    tests = None if record is None else tested.taken(record, files)
    carriers = [foil.carrier for foil in found.foils]
    try:
        note = office.keys.checkpoint()
        office.follow_keys()
    except Unreachable:
        note = None
    with office.act() as tx:
        keys = records.keys_entries(tx)
        own = _own(office, tx, carriers)
    theirs = [] if note is None else _theirs(note, keys, carriers)
    return Dossier(
        incident=found.case.label,
        drafted_at=instant(office.now()),
        labels={foil.carrier: foil.label for foil in found.foils},
        states=found.states,
        then=found.then,
        readers=found.readers,
        revoked=tuple(_revoked(foil.carrier, foil.label, keys) for foil in found.foils),
        proved=(*theirs, *own),
        keys_proved=note is not None,
        software=_software(),
        source_sha256=files,
        self_test=selftest.run(),
        tests=tests,
        points=found.case.evidence,
    )


def _own(office: Office, tx: Connection, carriers: Sequence[str]) -> list[Proved]:
    lines = office.book.entries(tx, 0, office.book.head(tx).size)
    return [
        _proved(office.book.origin, i, len(lines), lines[i], office.book.prove(tx, i))
        for i, _ in _about(lines, carriers)
    ]


def _theirs(note: bytes, lines: Sequence[bytes], carriers: Sequence[str]) -> list[Proved]:
    """Proofs of the keys' entries, made from the office's copy under the head they signed."""
    head = _head(note)
    lines = lines[: head.size]
    leaves = [leaf_hash(line) for line in lines]
    if len(leaves) != head.size or root_of(leaves) != head.root:
        raise LedgerBroken("the keys' ledger is not the one that the office has a copy of")
    hashes = _hashes(leaves)
    found = []
    for i, _ in _about(lines, carriers):
        path = tuple(inclusion_proof(i, head.size, hashes))
        proof = encode_proof(Proof(i, path, note))
        found.append(_proved(head.origin, i, head.size, lines[i], proof))
    return found


def _head(note: bytes) -> Checkpoint:
    text, _ = split_note(note)
    return parse_checkpoint(text)


def _hashes(leaves: Sequence[bytes]) -> Hashes:
    @cache
    def hashes(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(hashes(level - 1, 2 * index), hashes(level - 1, 2 * index + 1))

    return hashes


def _about(lines: Sequence[bytes], carriers: Sequence[str]) -> list[tuple[int, Entry]]:
    wanted = frozenset(carriers)
    entries = enumerate(map(decode, lines))
    return [(i, entry) for i, entry in entries if not wanted.isdisjoint(entry.refs)]


def _proved(log: str, index: int, size: int, line: bytes, proof: bytes) -> Proved:
    kind = decode(line).type
    return Proved(log, index, size, kind, line.decode("ascii"), proof.decode("utf-8"))


def _revoked(carrier: str, label: str, keys: Sequence[bytes]) -> Revoked:
    """The revocation that stands: a restoration since takes it back."""
    at = index = shredded = None
    for i, entry in _about(keys, [carrier]):
        if entry.type == "carrier.revoked":
            at, index = instant(entry.at), i
        elif entry.type == "carrier.restored":
            at = index = None
        elif entry.type == "key.shredded":
            shredded = i
    return Revoked(label, at, index, len(keys), shredded)


def _software() -> dict[str, str]:
    return {
        "azukari": version("azukari"),
        "cryptography": version("cryptography"),
        "OpenSSL": backend.openssl_version_text().removeprefix("OpenSSL "),
        "Python": platform.python_version(),
    }
