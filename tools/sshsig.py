"""Ed25519 signatures as OpenSSH keeps them, because `ssh-keygen` is where nothing else is.

Framing only: the signature itself is the library's.  Not part of the package, and not how
azukari's own documents are signed.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import struct
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


def signature(key: Ed25519PrivateKey, message: bytes, who: str) -> str:
    """A signature that `ssh-keygen -Y verify` reads; ``who`` is its one use, too.

    Source: OpenSSH, PROTOCOL.sshsig.
    """
    hashed = _field(hashlib.sha512(message).digest())
    use = _field(who.encode()) + _field(b"") + _field(b"sha512")
    signed = key.sign(b"SSHSIG" + use + hashed)
    blob = b"SSHSIG" + struct.pack(">I", 1) + _field(_blob(key)) + use
    blob += _field(_field(b"ssh-ed25519") + _field(signed))
    text = base64.b64encode(blob).decode()
    lines = [text[i : i + 70] for i in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def signer(key: Ed25519PrivateKey, who: str) -> str:
    """The line by which `ssh-keygen` knows whose signature it is, and that it signs this only."""
    return f'{who} namespaces="{who}" ssh-ed25519 {base64.b64encode(_blob(key)).decode()}\n'


def fingerprint(key: Ed25519PrivateKey) -> str:
    """How OpenSSH calls a public key, and a person reads it out."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(_blob(key)).digest()).decode().rstrip("=")


def load_key(path: Path) -> Ed25519PrivateKey:
    """An Ed25519 key as OpenSSH or as PKCS#8 keeps it; a passphrase is asked for."""
    data = path.read_bytes()
    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in data else load_pem_private_key
    try:
        try:
            key = load(data, None)
        except TypeError:  # it has a passphrase
            key = load(data, getpass.getpass(f"passphrase of {path.name}: ").encode())
    except UnsupportedAlgorithm:
        # OpenSSH's own way needs a library that nothing else here needs.
        raise SystemExit(f"{path.name}: a key with a passphrase is read as PKCS#8 only") from None
    except ValueError:
        raise SystemExit(f"{path.name} is no key, or the passphrase is another") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{path.name} is no Ed25519 key")
    return key


def _field(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _blob(key: Ed25519PrivateKey) -> bytes:
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return _field(b"ssh-ed25519") + _field(public)
