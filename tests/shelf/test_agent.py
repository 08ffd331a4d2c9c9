"""A key in the real ssh-agent of the system, and agents that lie."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azukari.errors import AzukariError, BadFormat, BadSignature, Unreachable
from azukari.seal.envelope import SigningKey, Use, open_signed, sign
from azukari.shelf import agent

MISSING = "no ssh-agent on this machine"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A short path: a socket's name has at most about a hundred bytes."""
    with tempfile.TemporaryDirectory(prefix="az") as found:
        yield Path(found)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[str]:
    """The path of a real agent with two Ed25519 keys and one of another kind."""
    program = shutil.which("ssh-agent")
    if program is None or shutil.which("ssh-keygen") is None:
        pytest.skip(MISSING)
    path = str(folder / "agent")
    child = subprocess.Popen([program, "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if Path(path).exists():
                break
            time.sleep(0.02)
        for name, kind in (("mine", "ed25519"), ("other", "ed25519"), ("rsa", "ecdsa")):
            key = folder / name
            _run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "nobody", "-f", str(key))
            _run("ssh-add", "-q", str(key), path=path)
        yield path
    finally:
        child.terminate()
        child.wait(10)


def _run(*words: str, path: str = "") -> None:
    environ = {"PATH": "/usr/bin:/bin", "SSH_AUTH_SOCK": path}
    subprocess.run(words, check=True, env=environ, capture_output=True, timeout=20)


def test_the_agent_signs_as_a_key_file_would(running: str, folder: Path) -> None:
    public = agent.read_public(folder / "mine.pub", Use.PERSON)
    signer = agent.find(running, public)

    envelope = sign(b'{"a":1}', "application/x", [signer])

    payload, _ = open_signed(
        envelope, "application/x", lambda k: public if k == public.id else None
    )
    assert b'{"a":1}' == payload


def test_keys_of_another_kind_are_passed_over(running: str) -> None:
    assert 2 == len(agent.keys(running, Use.PERSON))


def test_a_key_the_agent_does_not_hold_does_not_sign(running: str) -> None:
    with pytest.raises(BadSignature):
        agent.find(running, SigningKey.generate(Use.PERSON).public)


def test_an_agent_that_lost_its_keys_does_not_sign(running: str, folder: Path) -> None:
    signer = agent.find(running, agent.read_public(folder / "other.pub", Use.PERSON))
    _run("ssh-add", "-q", "-d", str(folder / "other"), path=running)

    with pytest.raises(BadSignature, match="did not sign"):
        signer.sign(b"x")


def test_an_agent_that_refuses_does_not_sign(running: str, folder: Path) -> None:
    signer = agent.find(running, agent.read_public(folder / "mine.pub", Use.PERSON))
    gone = agent.AgentKey(signer.public, b"\0\0\0\0", running)

    with pytest.raises(BadSignature, match="did not sign"):
        gone.sign(b"x")


@pytest.mark.parametrize("path", ["", "nowhere/at/all"])
def test_no_agent_is_unreachable(path: str) -> None:
    with pytest.raises(Unreachable):
        agent.keys(path, Use.PERSON)


def test_a_public_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    for line in (
        b"",
        b"ssh-rsa AAAA x",
        b"ssh-ed25519 ???? x",
        b"ssh-ed25519 AAAA x",
        b"ssh-ed25519",
    ):
        (tmp_path / "a.pub").write_bytes(line)
        with pytest.raises(BadFormat):
            agent.read_public(tmp_path / "a.pub", Use.PERSON)


class Liar:
    """Something on a socket that answers each connection with the same bytes."""

    def __init__(self, path: Path) -> None:
        self.path, self.answer = str(path), b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(self.path)
        self.socket.listen()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            with line:
                line.recv(1 << 16)
                line.sendall(self.answer)

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)


@pytest.fixture(scope="module")
def liar(folder: Path) -> Iterator[Liar]:
    made = Liar(folder / "liar")
    yield made
    made.close()


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def test_an_agent_that_signs_something_else_is_noticed(liar: Liar) -> None:
    key = SigningKey.generate(Use.PERSON)
    signature = _string(_string(agent.KIND) + _string(key.sign(b"another message")))
    liar.answer = _string(bytes([14]) + signature)

    with pytest.raises(BadSignature):
        agent.AgentKey(key.public, b"", liar.path).sign(b"the message")


@given(st.binary(max_size=60), st.sampled_from([12, 14, 5]))
def test_any_answer_of_an_agent_is_a_key_or_an_error_of_ours(
    liar: Liar, answer: bytes, kind: int
) -> None:
    key = SigningKey.generate(Use.PERSON)
    for said in (_string(bytes([kind]) + answer), answer):
        liar.answer = said
        for ask in (
            lambda: agent.keys(liar.path, Use.PERSON),
            lambda: agent.AgentKey(key.public, b"", liar.path).sign(b"x"),
        ):
            try:
                ask()
            except AzukariError:
                continue
