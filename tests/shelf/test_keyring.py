"""Signing keys as files: private, under a passphrase where a person owns them."""

from __future__ import annotations

from pathlib import Path

import pytest

from azukari.errors import AzukariError, BadFormat, Conflict, WrongKey
from azukari.seal.envelope import Use
from azukari.shelf import keyring


def test_a_persons_key_opens_with_their_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "person.key"
    made = keyring.new_signing_key(path, Use.PERSON, b"right")

    assert made.public == keyring.signing_key(path, Use.PERSON, b"right").public
    for wrong in (b"wrong", None):
        with pytest.raises(WrongKey):
            keyring.signing_key(path, Use.PERSON, wrong)


def test_a_programs_key_has_no_passphrase_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    made = keyring.new_signing_key(path, Use.LOG_OFFICE)

    assert made.public == keyring.signing_key(path, Use.LOG_OFFICE).public
    assert 0o600 == path.stat().st_mode & 0o777


def test_one_key_file_under_two_uses_is_two_key_ids(tmp_path: Path) -> None:
    keyring.new_signing_key(tmp_path / "a.key", Use.ENROL)

    used = {keyring.signing_key(tmp_path / "a.key", use).public.id for use in Use}

    assert len(Use) == len(used)


def test_a_key_is_never_made_over_another(tmp_path: Path) -> None:
    made = keyring.new_signing_key(tmp_path / "a.key", Use.ENROL)

    with pytest.raises(Conflict):
        keyring.new_signing_key(tmp_path / "a.key", Use.ENROL)

    assert made.public == keyring.signing_key(tmp_path / "a.key", Use.ENROL).public


def test_a_key_of_the_other_family_is_refused(tmp_path: Path) -> None:
    keyring.new_one_time_key(tmp_path / "once.key")
    keyring.new_signing_key(tmp_path / "sign.key", Use.RECEIPT)

    with pytest.raises(BadFormat):
        keyring.signing_key(tmp_path / "once.key", Use.RECEIPT)
    with pytest.raises(BadFormat):
        keyring.one_time_key(tmp_path / "sign.key")


def test_a_one_time_key_that_was_destroyed_is_a_wrong_key(tmp_path: Path) -> None:
    with pytest.raises(WrongKey, match="not on this device"):
        keyring.one_time_key(tmp_path / "gone.key")


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_any_bytes_that_are_no_key_end_in_our_error(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.key").write_bytes(raw)

    with pytest.raises(AzukariError):
        keyring.signing_key(tmp_path / "a.key", Use.ENROL)
    with pytest.raises(AzukariError):
        keyring.one_time_key(tmp_path / "a.key")
