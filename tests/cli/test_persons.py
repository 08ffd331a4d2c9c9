"""Who a person is at the keyboard: whoever's key it is, never whoever's name was typed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form

from azukari.cli import call, seat
from azukari.desk import order as orders
from azukari.desk.office import Office
from azukari.errors import BadSignature, Conflict, Unreachable, WrongKey
from azukari.rehearse.cast import PEOPLE
from azukari.seal.envelope import PublicKey, Use, unbase64
from azukari.shelf import keyring


@pytest.fixture
def at_the_keyboard(city: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Sit down as somebody, with the folder of keys and the passphrase that one person has."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    def sit(name: str, folder: Path, passphrase: bytes) -> Any:
        monkeypatch.setenv("AZUKARI_PERSON", str(folder))
        monkeypatch.setattr(seat, "secret", lambda *_, **__: passphrase)
        office: Office = city.office
        return seat.person(call.Call(office.home, person=name, now=city.clock.now), office)

    return sit


@pytest.fixture
def order(city: Any) -> Any:
    """An order that nobody has approved yet."""
    return city.new_order()


def approve(city: Any, order: Any, who: Any) -> bytes:
    return orders.approve(city.office, order.id, *who)


def folder_of(city: Any, tmp_path: Path, **files: str) -> Path:
    """A person's own folder: their name for a file -> whose key it is."""
    folder = tmp_path / "person"
    folder.mkdir()
    for name, whose in files.items():
        shutil.copy(city.out / "persons" / f"{whose}.key", folder / f"{name}.key")
    return folder


def test_one_person_at_the_keyboard_cannot_be_two_approvers(
    city: Any, order: Any, tmp_path: Path, at_the_keyboard: Callable[..., Any]
) -> None:
    """One person with one key and one passphrase tries every name there is."""
    mine = city.cast.passphrases["approver_1"]
    stolen = dict.fromkeys(PEOPLE, "approver_1") | {"approver_2": "approver_2"}
    folder = folder_of(city, tmp_path, **stolen)
    approve(city, order, at_the_keyboard("approver_1", folder, mine))

    for name in PEOPLE:
        with pytest.raises((WrongKey, Conflict, BadSignature)):
            approve(city, order, at_the_keyboard(name, folder, mine))

    assert [city.person("approver_1")] == [
        one.approver for one in orders.approvals_of(city.office, order.id)
    ]


def test_a_key_under_another_name_signs_as_its_own_person(
    city: Any, tmp_path: Path, at_the_keyboard: Callable[..., Any]
) -> None:
    folder = folder_of(city, tmp_path, approver_2="approver_1")

    person, signer = at_the_keyboard("approver_2", folder, city.cast.passphrases["approver_1"])

    assert city.person("approver_1") == person
    known = unbase64(orders.person_of(city.office, person).public)
    assert PublicKey.load(Use.PERSON, known) == signer.public


def test_a_key_of_nobody_is_nobody(
    city: Any, tmp_path: Path, at_the_keyboard: Callable[..., Any]
) -> None:
    keyring.new_signing_key(tmp_path / "approver_1.key", Use.PERSON, b"words")

    with pytest.raises(BadSignature, match="nobody who is enrolled"):
        at_the_keyboard("approver_1", tmp_path, b"words")


# --- with the real agent of the system


@pytest.fixture
def held(city: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An agent that holds the first approver's key; the folder has public halves only."""
    if shutil.which("ssh-agent") is None or shutil.which("ssh-keygen") is None:
        pytest.skip("no ssh-agent on this machine")
    with tempfile.TemporaryDirectory(prefix="az") as found:
        folder = Path(found)
        child = subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(folder / "agent")],
            stdout=subprocess.DEVNULL,
        )
        try:
            for _ in range(200):
                if (folder / "agent").exists():
                    break
                time.sleep(0.02)
            for name in ("approver_1", "approver_2"):
                _half(city, name, folder)
            monkeypatch.setenv("SSH_AUTH_SOCK", str(folder / "agent"))
            subprocess.run(
                ["ssh-add", "-q", str(folder / "approver_1.ssh")],
                check=True,
                timeout=20,
                capture_output=True,
            )
            yield folder
        finally:
            child.terminate()
            child.wait(10)


def _half(city: Any, name: str, folder: Path) -> None:
    private = city.cast.signer(name).private
    file = folder / f"{name}.ssh"
    file.write_bytes(
        private.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    )
    file.chmod(0o600)
    public = private.public_key()
    line = public.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    (folder / f"{name}.pub").write_bytes(line + b" nobody\n")


def test_an_approval_by_the_agent_counts(
    city: Any, order: Any, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = _sit(city, "approver_1", held, monkeypatch)
    approve(city, order, who)

    assert [city.person("approver_1")] == [
        one.approver for one in orders.approvals_of(city.office, order.id)
    ]


def test_one_agent_cannot_be_two_approvers(
    city: Any, order: Any, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(city, order, _sit(city, "approver_1", held, monkeypatch))

    with pytest.raises(BadSignature, match="does not hold"):
        _sit(city, "approver_2", held, monkeypatch)
    (held / "approver_2.pub").write_bytes((held / "approver_1.pub").read_bytes())
    with pytest.raises(Conflict):
        approve(city, order, _sit(city, "approver_2", held, monkeypatch))


def test_without_an_agent_nobody_signs(
    city: Any, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK")

    with pytest.raises(Unreachable):
        _sit(city, "approver_1", held, monkeypatch)


def _sit(city: Any, name: str, folder: Path, patch: pytest.MonkeyPatch) -> Any:
    patch.setenv("AZUKARI_PERSON", str(folder))
    office = city.office
    return seat.person(call.Call(office.home, person=name, now=city.clock.now), office)
