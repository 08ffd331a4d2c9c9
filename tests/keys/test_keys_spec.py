"""A second reader, from the specification alone: nothing of ours is imported to read with.

What it opens was written by the product; it opens nothing that was changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from azukari.keys import ceremony
from azukari.keys.backends import FileBackend, root_key
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import backup
from azukari.shelf.wrapped import Passphrase

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
WORDS = {"a": b"the first of three", "b": b"the second of three", "c": b"the third of three"}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hkdf(key: bytes, info: str, length: int = 32, salt: bytes | None = None) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info.encode()).derive(key)


def opened(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], bound)


def raw_id(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 32 + ALPHABET.index(letter)
    return number.to_bytes(16, "big")


def secret_of(rows: Sequence[str], identifier: str) -> bytes:
    found = b""
    for i, row in enumerate(rows):
        number = 0
        for letter in row.lower().replace("-", ""):
            number = number * 32 + ALPHABET.index(letter)
        raw = number.to_bytes(10, "big")
        said = b"azukari/sheet/1\0" + raw_id(identifier) + bytes([i]) + raw[:8]
        assert hashlib.sha256(said).digest()[:2] == raw[8:]
        found += raw[:8]
    return found


@pytest.fixture
def held(tmp_path: Path) -> tuple[Path, bytes, SigningKey, list[str]]:
    """A ceremony held by the product: its home, the roots, the sheet."""
    FileBackend.create(tmp_path, b"the service's passphrase")
    root, city = root_key(tmp_path, b"the service's passphrase"), SigningKey.generate(Use.ROOT)
    printed: list[str] = []

    def typed(_: str, rows: tuple[str, ...]) -> Sequence[str]:
        printed.extend(rows)
        return rows

    ceremony.hold(tmp_path, root, city, WORDS, typed, cost=1 << 4)
    return tmp_path, root, city, printed


def test_a_stranger_opens_the_root_key(held: tuple[Path, bytes, SigningKey, list[str]]) -> None:
    home, root, *_ = held
    raw = (home / "root.key").read_bytes()

    key = Scrypt(raw[:16], 32, 1 << 15, 8, 1).derive(b"the service's passphrase")

    assert 76 == len(raw)
    assert root == AESGCM(key).decrypt(raw[16:28], raw[28:], b"azukari/root/1")


@pytest.mark.parametrize(("pair", "first", "second"), [(0, 0, 1), (1, 0, 2), (2, 1, 2)])
def test_a_stranger_opens_the_ceremony_as_two_officers(
    held: tuple[Path, bytes, SigningKey, list[str]], pair: int, first: int, second: int
) -> None:
    home, root, city, rows = held
    written = (home / "ceremony.json").read_bytes()
    box = json.loads(written)
    said = box["public"]
    bound = b"azukari/ceremony/1\0" + hashlib.sha256(canonical(said)).digest()
    keys = [
        Scrypt(base64.b64decode(one["salt"]), 32, one["n"], 8, 1).derive(WORDS[one["name"]])
        for one in (said["officers"][first], said["officers"][second])
    ]

    key = hkdf(b"".join(keys), "azukari/ceremony/1|pair")
    secret = opened(key, base64.b64decode(box["pairs"][pair]), bound)
    contents = opened(
        hkdf(secret, "azukari/ceremony/1|contents"), base64.b64decode(box["contents"]), bound
    )

    assert written == canonical(box)
    assert secret == secret_of(rows, said["id"])
    assert root == contents[:32]
    assert city.private.private_bytes_raw() == contents[32:]
    assert Ed25519PrivateKey.from_private_bytes(contents[32:])


def test_a_stranger_derives_the_recovery_key(
    held: tuple[Path, bytes, SigningKey, list[str]],
) -> None:
    home, _, _, rows = held
    said = json.loads((home / "ceremony.json").read_bytes())["public"]
    secret = secret_of(rows, said["id"])

    wide = hkdf(secret, f"azukari/ceremony/1|recovery|{said['id']}", 48)
    private = ec.derive_private_key(int.from_bytes(wide, "big") % (ORDER - 1) + 1, ec.SECP256R1())

    der = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert said["recovery"] == base64.b64encode(der).decode()


def backed_up(folder: Path) -> tuple[bytes, dict[str, bytes]]:
    contents = {"a": b"some", "b/c": b"bytes" * 1000}
    found = []
    for name, content in contents.items():
        path = folder / name.replace("/", "-")
        path.write_bytes(content)
        found.append((name, path))
    lock = Passphrase(b"the backup's passphrase", 1 << 4)
    backup.write(folder / "x.backup", "keys", found, lock, size=7, at=5)
    return (folder / "x.backup").read_bytes(), contents


def read_backup(raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Of one stream of one segment, which is all this stranger needs."""
    line, _, stream = raw.partition(b"\n")
    header = json.loads(line)
    assert line == canonical(header)
    wrapped, identifier = header["key"], header["id"]
    salt, sealed = base64.b64decode(wrapped["salt"]), base64.b64decode(wrapped["sealed"])
    stretched = Scrypt(salt, 32, wrapped["n"], 8, 1).derive(b"the backup's passphrase")
    key = opened(stretched, sealed, f"azukari/backup/1|{identifier}|{header['kind']}".encode())
    context = f"azukari/part/1|{identifier}|backup-{header['kind']}-0000"
    stream_key = hkdf(hkdf(key, context), context, salt=stream[1:33])
    nonce = stream[33:40] + bytes(4) + b"\x01"
    plain = AESGCM(stream_key).decrypt(nonce, stream[40:], None)
    content = plain[: int.from_bytes(plain[-8:], "big")]
    end = 4 + int.from_bytes(content[:4], "big")
    index, at, files = json.loads(content[4:end]), end, {}
    for kept in index["files"]:
        files[kept["path"]] = content[at : at + kept["bytes"]]
        at += kept["bytes"]
    assert at == len(content)
    return index, files


def test_a_stranger_opens_a_backup(tmp_path: Path) -> None:
    raw, contents = backed_up(tmp_path)

    index, files = read_backup(raw)

    assert contents == files
    assert (7, 5, "keys", 1) == (index["size"], index["at"], index["kind"], index["v"])


def test_a_stranger_notices_another_kind_written_over_it(tmp_path: Path) -> None:
    raw, _ = backed_up(tmp_path)

    with pytest.raises(InvalidTag):
        read_backup(raw.replace(b'"kind":"keys"', b'"kind":"office"', 1))
