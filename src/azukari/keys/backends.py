"""Where the keys that wrap carrier keys lie: a folder under a root key under a passphrase.

root (a file, scrypt and AES-256-GCM) → one key-encryption key per carrier, in a file of its own,
kept apart from the database and its backups → the carrier key, wrapped, in the database.  To shred
a carrier is to destroy its key-encryption key; on flash an old block may survive, and the receipt
says *file backend*.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from azukari.errors import BadFormat, Conflict, Damaged, NotFound, WrongKey
from azukari.names import raw_id
from azukari.shelf import files

_SALT: Final = 16
_NONCE: Final = 12
_SCRYPT_N: Final = 1 << 15  # 32 MiB, about 80 ms here: once at start


class Backend(Protocol):
    """What wraps carrier keys."""

    name: str

    def wrap_new(self, carrier: str, key: bytes) -> bytes: ...
    def unwrap(self, carrier: str, wrapped: bytes) -> bytes: ...
    def shred(self, carrier: str) -> None: ...


class FileBackend:
    """Key-encryption keys as files; open while the program runs."""

    name = "file backend"

    def __init__(self, home: Path, root: bytes) -> None:
        self._folder = files.folder(home / "wrapping")
        self._root = AESGCM(root)

    @classmethod
    def create(cls, home: Path, passphrase: bytes) -> FileBackend:
        """Make a root key under a passphrase."""
        files.folder(home)
        root = os.urandom(32)
        files.write_new(home / "root.key", _hidden(root, passphrase))
        return cls(home, root)

    @classmethod
    def open(cls, home: Path, passphrase: bytes) -> FileBackend:
        """Open with the passphrase; `WrongKey` if it is another."""
        return cls(home, root_key(home, passphrase))

    def wrap_new(self, carrier: str, key: bytes) -> bytes:
        """Wrap a new carrier's key; its key-encryption key is durable when this returns."""
        path = self._path(carrier)
        if path.exists():
            raise Conflict("this carrier has a key already")
        wrapping, nonce = os.urandom(32), os.urandom(_NONCE)
        kept = nonce + self._root.encrypt(nonce, wrapping, _context("wrap", carrier))
        files.write_whole(path, kept)
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(wrapping).encrypt(nonce, key, _context("key", carrier))

    def unwrap(self, carrier: str, wrapped: bytes) -> bytes:
        path = self._path(carrier)
        if not path.exists():
            raise NotFound("the key of this carrier is destroyed")
        kept = files.read_small(path, 1024)
        try:
            wrapping = self._root.decrypt(kept[:_NONCE], kept[_NONCE:], _context("wrap", carrier))
            return AESGCM(wrapping).decrypt(
                wrapped[:_NONCE], wrapped[_NONCE:], _context("key", carrier)
            )
        except (InvalidTag, ValueError):
            raise Damaged("the wrapped key of this carrier was changed") from None

    def shred(self, carrier: str) -> None:
        """Destroy the key-encryption key, as far as a file can be; safe to repeat."""
        files.destroy(self._path(carrier))

    def _path(self, carrier: str) -> Path:
        raw_id(carrier)
        return self._folder / carrier


def root_key(home: Path, passphrase: bytes) -> bytes:
    """The root key itself, for the ceremony; `WrongKey` if the passphrase is another."""
    raw = files.read_small(home / "root.key", 1024)
    salt, nonce, hidden = raw[:_SALT], raw[_SALT : _SALT + _NONCE], raw[_SALT + _NONCE :]
    try:
        return AESGCM(_stretch(passphrase, salt)).decrypt(nonce, hidden, b"azukari/root/1")
    except (InvalidTag, ValueError):
        raise WrongKey("the passphrase does not open the root key") from None


def new_passphrase(home: Path, root: bytes, passphrase: bytes) -> None:
    """Put the same root key under another passphrase; durable, in one step."""
    files.write_whole(home / "root.key", _hidden(root, passphrase))


def _hidden(root: bytes, passphrase: bytes) -> bytes:
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    stretched = AESGCM(_stretch(passphrase, salt))
    return salt + nonce + stretched.encrypt(nonce, root, b"azukari/root/1")


def _stretch(passphrase: bytes, salt: bytes) -> bytes:
    if not passphrase:
        raise BadFormat("an empty passphrase protects nothing")
    return Scrypt(salt, 32, _SCRYPT_N, 8, 1).derive(passphrase)


def _context(use: str, carrier: str) -> bytes:
    return f"azukari/{use}/1|{carrier}".encode()
