"""Policies (C2SP tlog-policy): whose cosignatures must stand under a head before it is believed.

A policy is chosen by whoever verifies; one that came with what it judges proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from azukari.errors import BadFormat
from azukari.ledger.checkpoint import Verifier, parse_vkey
from azukari.ledger.cosign import Witness, parse_witness

MAX_POLICY_BYTES: Final = 1 << 16
MAX_LINES: Final = 512
NONE: Final = "none"


@dataclass(frozen=True)
class Group:
    """Enough of its members, witnesses or groups by name, must have cosigned."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """Known ledgers, known witnesses, and which of them are enough together."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Witness]  # by the name they have in the policy
    groups: Mapping[str, Group]  # in their order in the policy: members before groups
    quorum: str  # a witness, a group, or `NONE`

    def satisfied(self, cosigned: Collection[Witness]) -> bool:
        """Are these witnesses enough?"""
        counts = {NONE: True} | {name: one in cosigned for name, one in self.witnesses.items()}
        for name, group in self.groups.items():  # a member stands before its group
            counts[name] = sum(counts[member] for member in group.members) >= group.needed
        return counts[self.quorum]

    def fewest_beside(self, own: Collection[Witness]) -> int:
        """How many witnesses that are not among ``own`` must cosign: 0, 1, or 2 for two or more."""
        if self.satisfied(own):
            return 0
        return 1 if any(self.satisfied([*own, one]) for one in self.witnesses.values()) else 2

    def reach(self, sizes: Mapping[Witness, int]) -> int | None:
        """The largest size that witnesses enough vouch for, each for what it saw and before.

        A witness that cosigned 12 entries vouches for the first 10 too, once the tree of 12 is
        known to begin with them.  None where they are not enough for any, or where nobody is asked:
        the word of somebody who is not needed vouches for nothing.
        """
        if self.quorum == NONE:
            return None
        for size in sorted(set(sizes.values()), reverse=True):
            if self.satisfied([witness for witness, seen in sizes.items() if seen >= size]):
                return size
        return None


def parse_policy(raw: bytes) -> Policy:
    """Read a policy; any bytes are one or `BadFormat`."""
    if len(raw) > MAX_POLICY_BYTES:
        raise BadFormat(f"policy: more than {MAX_POLICY_BYTES} bytes")
    # Octets above ASCII are opaque in names: two that look alike are two.
    text = raw.decode("latin-1")
    if re.search(r"[^\t\n\x20-\x7e\x80-\xff]", text) or (text and not text.endswith("\n")):
        raise BadFormat("policy: lines ended by line feeds, no other control characters")
    if text.count("\n") > MAX_LINES:
        raise BadFormat(f"policy: more than {MAX_LINES} lines")
    reading = _Reading()
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split(r"[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            reading.line(number, words)
    return reading.policy()


class _Reading:
    """What was read so far; a name means only what stood before."""

    def __init__(self) -> None:
        self._logs: list[Verifier] = []
        self._witnesses: dict[str, Witness] = {}
        self._groups: dict[str, Group] = {}
        self._members: set[str] = set()
        self._keys: set[bytes] = set()
        self._quorum: str | None = None

    def line(self, number: int, words: list[str]) -> None:
        match words:
            case ["log", vkey] | ["log", vkey, _]:
                self._log(number, vkey)
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._witness(number, name, vkey)
            case ["group", name, needed, *members] if members:
                self._group(number, name, needed, members)
            case ["quorum", name] if self._quorum is None:
                if name != NONE and not self._defined(name):
                    raise self._wrong(number, "a quorum of nobody who stands above")
                self._quorum = name
            case _:
                raise self._wrong(number, "not a log, witness, group or the one quorum")

    def policy(self) -> Policy:
        if self._quorum is None:
            raise BadFormat("policy: it has no quorum")
        return Policy(tuple(self._logs), self._witnesses, self._groups, self._quorum)

    def _log(self, number: int, vkey: str) -> None:
        log = parse_vkey(_utf8(number, vkey))
        self._new_key(number, log.public)
        self._logs.append(log)

    def _witness(self, number: int, name: str, vkey: str) -> None:
        self._new_name(number, name)
        witness = parse_witness(_utf8(number, vkey))
        self._new_key(number, witness.public)
        self._witnesses[name] = witness

    def _group(self, number: int, name: str, needed: str, members: list[str]) -> None:
        self._new_name(number, name)
        for member in members:
            # Counted in two places, one witness would be two.
            if not self._defined(member) or member in self._members:
                raise self._wrong(number, "a member is unknown, or a member already")
            self._members.add(member)
        count = {"all": len(members), "any": 1}.get(needed)
        if count is None:
            if not re.fullmatch("[1-9][0-9]{0,3}", needed) or int(needed) > len(members):
                raise self._wrong(number, "a group needs all, any, or as many as it has")
            count = int(needed)
        self._groups[name] = Group(count, tuple(members))

    def _defined(self, name: str) -> bool:
        return name in self._witnesses or name in self._groups

    def _new_name(self, number: int, name: str) -> None:
        if name == NONE or self._defined(name):
            raise self._wrong(number, "a name that is taken")

    def _new_key(self, number: int, public: bytes) -> None:
        """One key, one line: neither a second witness nor a ledger that vouches for itself."""
        if public in self._keys:
            raise self._wrong(number, "a key that stands in another line")
        self._keys.add(public)

    @staticmethod
    def _wrong(number: int, what: str) -> BadFormat:
        return BadFormat(f"policy: line {number}: {what}")


def _utf8(number: int, word: str) -> str:
    try:
        return word.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        raise BadFormat(f"policy: line {number}: a key's name is not UTF-8") from None
