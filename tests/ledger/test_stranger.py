"""A second reader, written from the specification alone, agrees with ours about what is whole.

It shares no code with the package: Python's own JSON, base 64 and hashes, and a signature check.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from azukari.errors import AzukariError, NotFound
from azukari.ledger.audit import verify_export

VECTOR = json.loads((Path(__file__).parents[1] / "vectors/ledger/export-3.json").read_text("utf-8"))
FILES = {path: base64.b64decode(raw) for path, raw in VECTOR["files"].items()}


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise NotFound(path)
        return files[path]

    return read


def sha256(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"")
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\1" + root(hashes[:half]) + root(hashes[half:]))


def number(n: int) -> str:
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03}")
    return "/".join(groups)


def stranger(files: dict[str, bytes], vkey: str) -> list[bytes]:
    """Sections 2 to 7 of the specification; any exception means that the export is not whole."""
    name, key_id, public = vkey.split("+", 2)
    text, signatures = files["checkpoint"].decode().rsplit("\n\n", 1)
    found = re.fullmatch(f"— {re.escape(name)} (.*)\n", signatures)
    assert found is not None
    signed = base64.b64decode(found[1], validate=True)
    assert signed[:4].hex() == key_id
    Ed25519PublicKey.from_public_bytes(base64.b64decode(public)[1:]).verify(
        signed[4:], f"{text}\n".encode()
    )
    log, size, head = text.split("\n")
    assert log == name
    lines: list[bytes] = []
    while len(lines) < int(size):
        width = min(256, int(size) - len(lines))
        path = f"tile/entries/{number(len(lines) // 256)}" + (f".p/{width}" if width < 256 else "")
        bundle = files[path]
        for _ in range(width):
            length = int.from_bytes(bundle[:2], "big")
            assert len(bundle) >= 2 + length
            lines.append(bundle[2 : 2 + length])
            bundle = bundle[2 + length :]
        assert not bundle
    entries = [json.loads(line) for line in lines]
    assert all(entry["log"] == log for entry in entries)
    assert all(a["at"] <= b["at"] for a, b in pairwise(entries))
    assert len(set(lines)) == len(lines)
    level, hashes = 0, [sha256(b"\0" + line) for line in lines]
    assert base64.b64decode(head) == root(hashes)
    while hashes:
        for at in range(0, len(hashes), 256):
            tile = hashes[at : at + 256]
            part = f".p/{len(tile)}" if len(tile) < 256 else ""
            assert files[f"tile/{level}/{number(at // 256)}{part}"] == b"".join(tile)
        full = len(hashes) // 256
        level, hashes = level + 1, [root(hashes[256 * n : 256 * n + 256]) for n in range(full)]
    return lines


def test_a_stranger_reads_the_same_entries() -> None:
    assert VECTOR["lines"] == [line.decode() for line in stranger(FILES, VECTOR["vkey"])]


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_stranger_and_we_find_the_same_flips(path: str) -> None:
    for at in range(len(FILES[path])):
        raw = bytearray(FILES[path])
        raw[at] ^= 0x10
        files = FILES | {path: bytes(raw)}

        with pytest.raises(AzukariError):
            verify_export(reader(files), VECTOR["vkey"])
        with pytest.raises((AssertionError, InvalidSignature, ValueError, TypeError, KeyError)):
            stranger(files, VECTOR["vkey"])
