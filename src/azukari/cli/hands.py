"""The hand of a person at any site: their key file, and the id that stands beside it.

A key is the file NAME.key in the folder ``$AZUKARI_PERSON`` under the person's passphrase, or an
ssh-agent's key whose public half is NAME.pub.  NAME.id says who the key was made for; it is no
secret and proves nothing.  Imports nothing that holds a vault: a call centre has none.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from azukari.cli.call import Call, secret
from azukari.errors import BadInput, BadSignature, Refused
from azukari.names import raw_id
from azukari.seal.envelope import Signer, Use
from azukari.shelf import agent, files, keyring

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def own(call: Call) -> tuple[str, Signer]:
    """The id and key of the person who acts, at a site that knows no people."""
    signer = key(call)
    return identity(key_file(call.person or "", [call.home])), signer


def key(call: Call) -> Signer:
    """The key of the person who acts; whose it is, somebody else must say."""
    name = call.person or ""
    path = key_file(name, [call.home])
    signer = in_agent(path)
    if signer is None:
        if not path.is_file():
            raise BadSignature("the key of the person who is named is not at hand")
        without = BadSignature("the person's passphrase: nobody to ask, and no --person-fd")
        typed = secret(call.person_fd, f"passphrase of {name}", without)
        signer = keyring.signing_key(path, Use.PERSON, typed)
    return signer


def make(path: Path, fd: int | None, person: str) -> Signer:
    """A new person's key, or the one their ssh-agent holds; NAME.id is written beside it."""
    name = path.stem
    signer = in_agent(path)
    if signer is None:
        asked = f"passphrase of {name}"
        without = BadInput(name, "no terminal to ask for a passphrase at")
        signer = keyring.new_signing_key(path, Use.PERSON, secret(fd, asked, without, twice=True))
    files.write_new(path.with_suffix(".id"), person.encode())
    return signer


def identity(path: Path) -> str:
    """Whom a key was made for, as NAME.id says."""
    found = path.with_suffix(".id")
    if not found.is_file():
        raise BadSignature(f"{found.name} is missing: it says whom the key was made for")
    text = files.read_small(found, 64).decode("ascii", "replace").strip()
    raw_id(text)
    return text


def in_agent(path: Path) -> Signer | None:
    """The ssh-agent's key, where only its public half, NAME.pub, lies in the person's folder."""
    half = path.with_suffix(".pub")
    if path.exists() or not half.is_file():
        return None
    return agent.find(os.environ.get("SSH_AUTH_SOCK", ""), agent.read_public(half, Use.PERSON))


def key_file(name: str, homes: list[Path]) -> Path:
    """Where a person's key lies: in the folder ``$AZUKARI_PERSON``, never in a HOME."""
    folder = os.environ.get("AZUKARI_PERSON")
    if not _NAME.fullmatch(name):
        raise BadInput("PERSON", "letters, digits, dots and dashes are expected")
    if not folder:
        raise BadSignature("no key of a person is at hand: AZUKARI_PERSON names no folder")
    path = (Path(folder) / f"{name}.key").resolve()
    if any(path.is_relative_to(home.resolve()) for home in homes):
        # Whoever copies a HOME must not carry a person's signature away with it.
        raise Refused(f"--as {name}", ("person_key_in_home",))
    return path
