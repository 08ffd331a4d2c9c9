"""Vouching: an officer's hand under the entry of a person or a device, at the party's own site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from azukari.cli import hands, papers, speech
from azukari.cli.call import Call
from azukari.cli.output import aligned, show
from azukari.desk import enrol


def vouch(call: Call, file: Path, party: str, to: Path, kind: type[Any], word: str) -> None:
    """Say what the entry says, set the officer's hand under it, write it for the office."""
    half = papers.read(file)
    entry = papers.whole(half, kind)
    papers.lay_before(entry)
    officer, signer = hands.own(call)
    vouched = enrol.vouch(half.envelope, party, officer, signer)
    path = papers.write(to, vouched)
    value = {word: entry.id, "file": str(path)}
    show(call, value, aligned([*papers.lines(entry), ("vouched", path)]))
    speech.hint(f"two persons of the city are next: `azukari {word} admit FILE`")
