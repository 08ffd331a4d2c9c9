"""Proofs of single entries for people outside, each under the head that says most for it.

And the evidence for one party: the entries that concern it and nobody else's, never a detail, never
the whole ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, select

from azukari.desk import people, witnesses
from azukari.desk.office import Office
from azukari.errors import BadInput, NotFound
from azukari.keys.client import GrantAsk
from azukari.keys.released import grant_id
from azukari.ledger.checkpoint import Checkpoint, parse_checkpoint, split_note
from azukari.ledger.cosign import Witness, cosignatures
from azukari.ledger.entry import decode
from azukari.ledger.proof import Proof, encode_proof
from azukari.ledger.tree import Hashes, inclusion_proof, leaf_hash, node_hash, verify_inclusion
from azukari.seal import documents as doc
from azukari.vault import records, schema

D = TypeVar("D", bound=doc.Document)


@dataclass(frozen=True)
class Proved:
    """One entry, the proof that it stands there, and who cosigned the head of that proof."""

    index: int
    line: bytes
    proof: bytes
    size: int
    cosigned: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What of one ledger concerns a party."""

    proved: tuple[Proved, ...]
    withheld: int  # entries that concern it and name another party's people or things, too


class Prover:
    """Makes proofs of one ledger, as it was when this was made."""

    def __init__(self, office: Office, which: witnesses.Which) -> None:
        own = {one.witness: one.own for one in witnesses.known(office)}
        self._heads = [_Head.of(witnesses.head(office, which), own)]
        self._heads += [_Head.of(note, own) for note in witnesses.notes(office, which)]
        if which == "keys":
            self.lines = office.keys.entries(0)
        else:
            with office.act() as tx:
                self.lines = office.book.entries(tx, 0, office.book.head(tx).size)
        self._hashes = _hashes([leaf_hash(line) for line in self.lines])

    def prove(self, index: int) -> Proved:
        """The proof of one entry under the head that most witnesses cosigned.

        Those outside the city count first, and of equal heads the newest; where no cosigned head
        reaches the entry yet, the newest head, which only the ledger itself signed.

        Raises:
            NotFound: there is no such entry.
            LedgerBroken: a signed head is not that of the entries.
        """
        fitting = [head for head in self._heads if head.checkpoint.size > index >= 0]
        if not fitting or index >= len(self.lines):
            raise NotFound(f"entry {index}: the ledger has {len(self.lines)}")
        head = max(fitting, key=lambda one: (one.outside, len(one.cosigned), one.checkpoint.size))
        size, line = head.checkpoint.size, self.lines[index]
        path = inclusion_proof(index, size, self._hashes)
        verify_inclusion(leaf_hash(line), index, size, path, head.checkpoint.root)
        proof = encode_proof(Proof(index, tuple(path), head.note))
        return Proved(index, line, proof, size, head.cosigned)


def evidence(office: Office, party: str) -> dict[witnesses.Which, Evidence]:
    """Proofs of exactly the entries of both ledgers that concern one party, by ids.

    Its people, devices, agreements, and the orders, carriers and grants that they have to do with.
    An entry that names another party's, too, is counted and not given: random ids of others stay
    with the city.

    Raises:
        NotFound: no such party.
        BadInput: the city itself, for which there is the whole export.
    """
    known = {one.id for one in people.parties_of(office)}
    if party not in known:
        raise NotFound("the office knows no such party")
    if party == office.city:
        raise BadInput("--party", "one that is not the city: for that there is the whole export")
    with office.act() as tx:
        mine = _belongings(tx, party)
        others = {ref for other in known - {party, office.city} for ref in _belongings(tx, other)}
    found: dict[witnesses.Which, Evidence] = {}
    for which in witnesses.WHICH:
        prover = Prover(office, which)
        proved, withheld = list[Proved](), 0
        for i, line in enumerate(prover.lines):
            entry = decode(line)
            named = {entry.by, *entry.refs}
            if named.isdisjoint(mine):
                continue
            if named.isdisjoint(others - mine):
                proved.append(prover.prove(i))
            else:
                withheld += 1
        found[which] = Evidence(tuple(proved), withheld)
    return found


@dataclass(frozen=True)
class _Head:
    """A signed head, with the lines of those who cosigned it."""

    note: bytes
    checkpoint: Checkpoint
    cosigned: tuple[str, ...]
    outside: int  # of these, how many are not the city's own

    @classmethod
    def of(cls, note: bytes, own: Mapping[Witness, bool]) -> _Head:
        found = [one.witness for one in cosignatures(note, own)]
        names, outside = tuple(one.name for one in found), sum(not own[one] for one in found)
        return cls(note, parse_checkpoint(split_note(note)[0]), names, outside)


def _hashes(leaves: Sequence[bytes]) -> Hashes:
    @cache
    def hashes(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return node_hash(hashes(level - 1, 2 * index), hashes(level - 1, 2 * index + 1))

    return hashes


def _belongings(tx: Connection, party: str) -> set[str]:
    """The ids of a party and of all that it has to do with."""
    devices = {one.id for one in _all(tx, doc.Device) if one.party == party}
    persons = {one.id for one in _all(tx, doc.Person) if one.party == party}
    agreements = {
        one.id for one in _all(tx, doc.Agreement) if party in (one.entrustor, one.processor)
    }
    mine = {party} | devices | persons | agreements
    named = {
        one.id
        for one in _all(tx, doc.Order)
        if not mine.isdisjoint(
            (one.agreement, one.holder, one.recipient, one.grant_by, one.device, one.device_holder)
        )
    }
    passed = {
        one.carrier for one in _all(tx, doc.HandOver) if not mine.isdisjoint((one.giver, one.taker))
    }
    carriers = {one.id for one in records.carriers(tx) if one.order_id in named} | passed
    rows = tx.execute(select(schema.grant.c.act, schema.grant.c.ask))
    asked = {row.act: msgspec.json.decode(row.ask, type=GrantAsk).opening for row in rows}
    acts = {act for act, one in asked.items() if not mine.isdisjoint((one.device, one.person))}
    return mine | named | carriers | acts | {grant_id(act) for act in acts}


def _all(tx: Connection, kind: type[D]) -> Iterator[D]:
    return (doc.unverified(envelope, kind) for envelope in records.documents(tx, kind))
