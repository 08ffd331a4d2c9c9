"""The key a kit is signed with: as OpenSSH or PKCS#8 keeps it, and nothing else."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from tools import sshsig

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OPEN, HIDDEN = NoEncryption(), BestAvailableEncryption(b"right")


@pytest.mark.parametrize("way", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_key_is_read_as_either_keeps_it(tmp_path: Path, way: PrivateFormat) -> None:
    (tmp_path / "key").write_bytes(KEY.private_bytes(Encoding.PEM, way, OPEN))

    assert sshsig.fingerprint(KEY) == sshsig.fingerprint(sshsig.load_key(tmp_path / "key"))


def test_a_passphrase_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, HIDDEN)
    (tmp_path / "key").write_bytes(hidden)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "right")

    assert sshsig.fingerprint(KEY) == sshsig.fingerprint(sshsig.load_key(tmp_path / "key"))


def test_another_passphrase_does_not_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, HIDDEN)
    (tmp_path / "key").write_bytes(hidden)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "wrong")

    with pytest.raises(SystemExit, match="the passphrase is another"):
        sshsig.load_key(tmp_path / "key")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, OPEN))

    with pytest.raises(SystemExit, match="no Ed25519 key"):
        sshsig.load_key(tmp_path / "key")


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"-----BEGIN PRIVATE KEY-----\nnone\n")

    with pytest.raises(SystemExit, match="is no key"):
        sshsig.load_key(tmp_path / "key")
