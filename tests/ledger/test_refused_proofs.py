"""Proofs that must be refused are refused twice: by our reader and by a stranger's."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from tests.ledger.exports import (
    COMMITTEE,
    FORGER,
    LINES,
    SIGNER,
    WHOLE,
    Stranger,
    bits_beyond,
    flip,
    line,
    note,
    text,
)

from azukari.errors import AzukariError
from azukari.ledger.proof import Proof, encode_proof, verify_proof
from azukari.ledger.tree import inclusion_proof, leaf_hash, root_of

pytestmark = pytest.mark.real


@cache
def node(level: int, index: int) -> bytes:
    return root_of([leaf_hash(one) for one in LINES[index << level : (index + 1) << level]])


def proved(index: int = 17, size: int = 300, path: list[bytes] | None = None) -> bytes:
    hashes = inclusion_proof(index, size, node) if path is None else path
    return encode_proof(Proof(index, tuple(hashes), note(text(size), COMMITTEE)))


PATH: Final = inclusion_proof(17, 300, node)
PROOF: Final = proved()
FIRST: Final = base64.b64encode(PATH[0])
PROOF_FAULTS: Final[dict[str, tuple[bytes, bytes]]] = {
    "of another entry": (PROOF, LINES[18]),
    "of an entry with a line feed": (PROOF, LINES[17] + b"\n"),
    "index of a neighbour": (PROOF.replace(b"index 17\n", b"index 18\n"), LINES[17]),
    "index not less than the size": (PROOF.replace(b"index 17\n", b"index 300\n"), LINES[17]),
    "index far beyond": (PROOF.replace(b"index 17\n", b"index 9007199254740991\n"), LINES[17]),
    "index beyond 2^53": (PROOF.replace(b"index 17\n", b"index 9007199254740992\n"), LINES[17]),
    "index with a leading zero": (PROOF.replace(b"index 17\n", b"index 017\n"), LINES[17]),
    "negative index": (PROOF.replace(b"index 17\n", b"index -17\n"), LINES[17]),
    "too long": (proved(path=[*PATH, PATH[0]]), LINES[17]),
    "too long by an empty line's worth": (proved(path=[*PATH, bytes(32)]), LINES[17]),
    "too short": (proved(path=PATH[:-1]), LINES[17]),
    "without its first hash": (proved(path=PATH[1:]), LINES[17]),
    "no path": (proved(path=[]), LINES[17]),
    "swapped siblings": (proved(path=[PATH[1], PATH[0], *PATH[2:]]), LINES[17]),
    "a hash altered": (proved(path=[flip(PATH[0]), *PATH[1:]]), LINES[17]),
    "a hash of 31 bytes": (
        PROOF.replace(FIRST, base64.b64encode(PATH[0][:-1])),
        LINES[17],
    ),
    "a hash in another spelling": (
        PROOF.replace(FIRST, bits_beyond(FIRST + b"\n")[:-1]),
        LINES[17],
    ),
    "64 hashes": (PROOF.replace(FIRST + b"\n", (FIRST + b"\n") * 64), LINES[17]),
    "under a head of another size": (
        PROOF.replace(PROOF[PROOF.index(b"\n\n") :], b"\n\n" + note(text(299))),
        LINES[17],
    ),
    "under a head by another key": (
        PROOF.replace(PROOF[PROOF.index(b"\n\n") :], b"\n\n" + note(text(300), signer=FORGER)),
        LINES[17],
    ),
    "an extra line": (PROOF.replace(b"index 17\n", b"extra AAAA\nindex 17\n"), LINES[17]),
    "another version": (PROOF.replace(b"proof@v1", b"proof@v2"), LINES[17]),
    "CRLF": (PROOF.replace(b"index 17\n", b"index 17\r\n"), LINES[17]),
    "no empty line": (PROOF.replace(b"\n\n", b"\n"), LINES[17]),
    "nothing": (b"", LINES[17]),
}


def test_a_proof_holds_to_both(stranger: Stranger, tmp_path: Path) -> None:
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(PROOF)
    given[1].write_bytes(LINES[17])

    assert (17, 300) == (verify_proof(PROOF, LINES[17], SIGNER.verifier())[0], 300)
    assert stranger.verify(WHOLE, "--proof", *given)["proofs"] == [
        {"file": str(given[0]), "index": 17, "size": 300}
    ]


@pytest.mark.parametrize("what", PROOF_FAULTS)
def test_a_proof_that_does_not_hold_is_refused_by_both(
    stranger: Stranger, tmp_path: Path, what: str
) -> None:
    proof, entry = PROOF_FAULTS[what]
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(proof)
    given[1].write_bytes(entry)

    with pytest.raises(AzukariError):
        verify_proof(proof, entry, SIGNER.verifier())
    assert stranger.verify(WHOLE, "--proof", *given)["error"].startswith(f"{given[0]}: ")


def test_a_proof_from_another_history_is_held_against_the_export(
    stranger: Stranger, tmp_path: Path
) -> None:
    """By itself it holds: the ledger signed it.  Beside the export it is a fork."""
    other = [*LINES[:17], line(17, at=1_016), *LINES[18:300]]
    hashes = [leaf_hash(one) for one in other]
    path = inclusion_proof(17, 300, lambda level, i: root_of(hashes[i << level : (i + 1) << level]))
    given = tmp_path / "17.tlog-proof", tmp_path / "17.entry"
    given[0].write_bytes(encode_proof(Proof(17, tuple(path), note(text(300, other)))))
    given[1].write_bytes(other[17])

    assert verify_proof(given[0].read_bytes(), other[17], SIGNER.verifier())[0] == 17
    assert "another history of 300 entries" in stranger.verify(WHOLE, "--proof", *given)["error"]
