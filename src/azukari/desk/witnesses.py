"""The office and its witnesses: whom it asks, what it shows them, what they signed.

It asks for both ledgers, because the office is the one that has a network or a stick; the key
service's head is that service's own.  Whether cosignatures are enough is never for the office to
say: see `vouching`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, Row

from azukari.desk.office import LATENESS_MS, Office, new_act
from azukari.errors import BadFormat, BadSignature, Conflict, LedgerBehind, LedgerFork
from azukari.ledger.checkpoint import parse_checkpoint, split_note
from azukari.ledger.cosign import (
    Cosignature,
    Witness,
    find_cosignature,
    parse_witness,
    with_cosignatures,
)
from azukari.ledger.policy import parse_policy
from azukari.ledger.tiles import COSIGNED, earlier
from azukari.ledger.witnessing import encode_request
from azukari.shelf import asking
from azukari.shelf.book import Draft, Head
from azukari.vault import cosigned as rows

Which = Literal["office", "keys"]
WHICH: Final[tuple[Which, ...]] = get_args(Which)
#: What asking by network may come to.
UNREACHABLE: Final = "witness_unreachable"
AHEAD: Final = "witness_ahead"
ANOTHER: Final = "witness_of_another_history"
WRONG: Final = "witness_answer_wrong"
REFUSES: Final = "witness_refuses"
EARLIER: Final = "clock_behind_witness"  # its cosignature is of a time that has not come here


@dataclass(frozen=True)
class Known:
    """A witness this office asks."""

    witness: Witness
    url: str  # empty: reached by stick
    own: bool  # run by the city itself: it never makes a quorum


@dataclass(frozen=True)
class Seen:
    """The newest head of one ledger that a witness cosigned."""

    witness: Witness
    size: int
    note: bytes  # as its ledger signed it
    cosignature: Cosignature


@dataclass(frozen=True)
class Told:
    """What came of asking one witness for one ledger; ``why`` is empty where it cosigned.

    ``ahead_ms`` is how far its clock was ahead of ours just now; 0 within two minutes.
    """

    witness: str
    which: Which
    size: int
    why: tuple[str, ...] = ()
    ahead_ms: int = 0


def add(office: Office, vkey: str, url: str, own: bool, by: str) -> Witness:
    """Ask this witness from now on; one entry.  Its line came by another way than its address.

    `Conflict` where no policy could name it beside the others: a key that is known already, another
    witness's or this ledger's own, or a name that means something else there.
    """
    witness = parse_witness(vkey)
    if url:
        url = asking.checked_url(url)
    with office.act() as tx:
        rows.add(tx, vkey, witness.name, url, own, by, office.now())
        every = [replace(_known(row), own=False) for row in rows.witnesses(tx)]
        _must_be_nameable(_policy_of(every, office.book.origin, [office.book.verifier()]))
        detail = {"vkey": vkey, "url": url, "own": own}
        office.write(tx, Draft(new_act(), "witness.added", by, detail=detail))
    return witness


def remove(office: Office, name: str, by: str, why: str) -> None:
    """Ask this witness no more, and believe nothing that it says now; one entry.

    What it cosigned stays, with everybody who has it.
    """
    with office.act() as tx:
        row = rows.remove(tx, name)
        detail = {"vkey": row.vkey, "why": why}
        office.write(tx, Draft(new_act(), "witness.removed", by, detail=detail))


def known(office: Office) -> list[Known]:
    """Every witness, oldest first."""
    with office.act() as tx:
        return [_known(row) for row in rows.witnesses(tx)]


def request(office: Office, name: str, which: Which, old: int | None = None) -> bytes:
    """The request to one witness for one ledger's newest head; remembered until it is answered.

    ``old``: how many entries it cosigned last, where it says otherwise than the office remembers.
    """
    with office.act() as tx:
        vkey = rows.witness(tx, name).vkey
        if old is None:
            old = next((row.size for row in rows.heads(tx, which) if row.vkey == vkey), 0)
    note, proof = _grown(office, which, old, name)
    with office.act() as tx:
        rows.asked(tx, which, vkey, note)
    return encode_request(old, proof, note)


def take(office: Office, lines: bytes) -> list[Told]:
    """Keep what a witness answered, for every ledger it is true of; durable.

    `BadSignature` where no line is a known witness's word on a head that it was asked about, or its
    time has not come yet.
    """
    taken = []
    with office.act() as tx:
        for which in WHICH:
            for row in rows.heads(tx, which):
                if row.asked is None:
                    continue
                found = _found(lines, bytes(row.asked), parse_witness(row.vkey))
                if found is not None:
                    taken.append(_keep(tx, office.now(), which, row, found))
    if not taken:
        raise BadSignature("no known witness's word on a head that it was asked about")
    return taken


def said_at(office: Office, witness: Witness, which: Which, lines: bytes) -> int:
    """When this witness says that it cosigned what it was asked about, in ms UTC by its clock.

    `BadSignature` where the lines do not hold its word on that head.
    """
    with office.act() as tx:
        vkey = witness.vkey()
        asked = [
            bytes(row.asked) for row in rows.heads(tx, which) if row.vkey == vkey and row.asked
        ]
    for note in asked:
        return find_cosignature(lines, split_note(note)[0], witness).at_s * 1000
    raise BadSignature("this witness was not asked")


def seen(office: Office, which: Which) -> list[Seen]:
    """What each witness cosigned of a ledger, longest first, each cosignature verified again."""
    with office.act() as tx:
        return [said(row) for row in rows.heads(tx, which) if row.line]


def said(row: Row[Any]) -> Seen:
    """What a row keeps of a witness, its cosignature verified again; `BadSignature` names whose."""
    witness, note = parse_witness(row.vkey), bytes(row.note)
    try:
        text, _ = split_note(note)
        found = find_cosignature(f"{row.line}\n".encode(), text, witness)
        return Seen(witness, parse_checkpoint(text).size, note, found)
    except (BadFormat, BadSignature):
        raise BadSignature(f"what is kept of {witness.name} is not what it cosigned") from None


def notes(office: Office, which: Which) -> list[bytes]:
    """The cosigned heads of a ledger, longest first, each once with everybody who signed it."""
    whole: dict[bytes, bytes] = {}
    for one in seen(office, which):
        before = whole.get(one.note, one.note)
        whole[one.note] = with_cosignatures(before, [one.cosignature])
    return list(whole.values())


def cosigned_head(office: Office, which: Which, note: bytes) -> bytes:
    """A head with the lines of those who cosigned this very one."""
    same = [one.cosignature for one in seen(office, which) if one.note == note]
    return with_cosignatures(note, same)


def published(
    office: Office, which: Which, exported: Iterable[tuple[str, bytes]]
) -> list[tuple[str, bytes]]:
    """An export with the heads that witnesses cosigned, and every file such a head asks for.

    Args:
        exported: path and bytes, ``checkpoint`` the last; in the answer it is the last, too.
    """
    found = dict(exported)
    path, note = found.popitem()
    size = _size(note)
    heads = [one for one in notes(office, which) if _size(one) <= size]
    found |= earlier(found, size, {_size(one) for one in heads})
    found |= {f"{COSIGNED}/{n}": one for n, one in enumerate(heads)}
    return [*found.items(), (path, cosigned_head(office, which, note))]


def policy_text(office: Office, logs: list[str]) -> str | None:
    """The policy this office proposes to others; None where every witness is the city's own."""
    every = known(office)
    if all(each.own for each in every):
        return None
    return _policy_of(every, office.book.origin, logs)


def head(office: Office, which: Which) -> bytes:
    """The newest signed head of a ledger, as it is durable."""
    if which == "keys":
        return office.keys.checkpoint()
    with office.act() as tx:
        return office.book.checkpoint(tx)


def root_at(office: Office, which: Which, size: int) -> bytes | None:
    """The root a ledger had at a size; None where it is not that long."""
    with office.act() as tx:
        if which == "keys":
            office.keys_head(tx)
            longest = office.copy.head(tx).size
            return office.copy.prove_growth(tx, size, longest)[0] if size <= longest else None
        if size > office.book.head(tx).size:
            return None
        return office.book.prove_growth(tx, size)[0]


def must_continue(office: Office, which: Which, one: Seen) -> None:
    """The ledger as it is here must begin with a head that a witness cosigned; `LedgerBehind` where
    it is shorter, `LedgerFork` where it had another root at that size.
    """
    head, name = parse_checkpoint(split_note(one.note)[0]), one.witness.name
    with office.act() as tx:
        size = (office.book if which == "office" else office.copy).head(tx).size
        _must_reach(size, head.size, which, name)
        if which == "office":
            root = office.book.prove_growth(tx, head.size)[0]
        else:
            root = office.copy.prove_growth(tx, head.size, size)[0]
    if root != head.root:
        raise LedgerFork(
            f"{name} cosigned another history of the ledger {which}, of {head.size} entries"
        )


def _policy_of(every: Sequence[Known], origin: str, logs: Sequence[str]) -> str:
    lines = [f"# {origin}", *(f"log {vkey}" for vkey in logs)]
    lines += [f"witness {one.witness.name} {one.witness.vkey()}" for one in every]
    lines.append("group outside any " + " ".join(o.witness.name for o in every if not o.own))
    return "\n".join([*lines, "quorum outside", ""])


def _must_be_nameable(policy: str) -> None:
    try:
        parse_policy(policy.encode())
    except BadFormat:
        raise Conflict("no policy can name this witness: its key or its name is taken") from None


def _grown(office: Office, which: Which, old: int, name: str) -> tuple[bytes, list[bytes]]:
    """The newest signed head, and the proof that it continues one of ``old`` entries."""
    if which == "office":
        with office.act() as tx:
            note = office.book.checkpoint(tx)
            _must_reach(office.book.head(tx).size, old, which, name)
            return note, office.book.prove_growth(tx, old)[1]
    with office.act() as tx:
        note = office.keys.checkpoint()
        head = parse_checkpoint(split_note(note)[0])
        office.take_keys(tx, Head(head.size, head.root))
        _must_reach(head.size, old, which, name)
        return note, office.copy.prove_growth(tx, old, head.size)[1]


def _must_reach(size: int, old: int, which: Which, name: str) -> None:
    if size < old:
        raise LedgerBehind(f"{name} cosigned {old} entries of the ledger {which}, here are {size}")


def _found(lines: bytes, note: bytes, witness: Witness) -> Cosignature | None:
    """The witness's word on that very head, if it is among the lines."""
    try:
        return find_cosignature(lines, split_note(note)[0], witness)
    except BadSignature:  # of another head, or another witness: the next one is tried
        return None


def _keep(tx: Connection, now: int, which: Which, row: Row[Any], found: Cosignature) -> Told:
    if found.at_s * 1000 > now + LATENESS_MS:
        raise BadSignature(
            "a cosignature from a time that has not come: one of two clocks is wrong"
        )
    note = bytes(row.asked)
    size = parse_checkpoint(split_note(note)[0]).size
    if (size, found.at_s) >= (row.size, row.at_s):
        rows.answered(tx, which, row.vkey, size, found.at_s, note, found.line)
    return Told(found.witness.name, which, size)


def _known(row: Row[Any]) -> Known:
    return Known(parse_witness(row.vkey), row.url, bool(row.own))


def _size(note: bytes) -> int:
    """How many entries a head of our own says."""
    return parse_checkpoint(split_note(note)[0]).size
