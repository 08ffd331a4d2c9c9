"""Signing keys as files: PKCS#8, 0600, with or without a passphrase.

A person's key has a passphrase and never lies in a HOME; a program's key lies in its own HOME
and is as safe as that machine's account.  docs/operate.md says what each is trusted for.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from azukari.errors import BadFormat, WrongKey
from azukari.seal.envelope import SigningKey, Use
from azukari.shelf import files

_LIMIT = 1 << 14


def new_signing_key(path: Path, use: Use, passphrase: bytes | None = None) -> SigningKey:
    """Make a signing key and keep it in a new file."""
    key = SigningKey.generate(use)
    _keep(path, key.private, passphrase)
    return key


def signing_key(path: Path, use: Use, passphrase: bytes | None = None) -> SigningKey:
    """The signing key of a file; `WrongKey` where the passphrase does not open it."""
    private = _load(path, passphrase)
    if not isinstance(private, Ed25519PrivateKey):
        raise BadFormat(f"{path.name} holds no signing key")
    return SigningKey.of(use, private)


def new_one_time_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key for one grant and keep it in a new file."""
    private = ec.generate_private_key(ec.SECP256R1())
    _keep(path, private, None)
    return private


def one_time_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The P-256 key of a file; `WrongKey` where it was destroyed."""
    if not path.exists():
        raise WrongKey("the one-time key is not on this device: destroyed, or never here")
    private = _load(path, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise BadFormat(f"{path.name} holds no one-time key")
    return private


def _keep(
    path: Path, private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes | None
) -> None:
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    files.folder(path.parent)
    files.write_new(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))


def _load(path: Path, passphrase: bytes | None) -> object:
    data = files.read_small(path, _LIMIT)
    try:
        return load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongKey(f"{path.name}: the passphrase does not open it") from None
